"""The fixed words of a dispute case: what its data and facts may say."""

SIDES = ("applicant", "respondent")
PARTY_KINDS = ("resident", "vendor", "committee")
CLASSES = ("general", "complex", "major")
"""In the order of the tiers that handle them (R-DIS-13)."""
GRADES = ("low", "medium", "high")
COURT_CHANNEL = "fee_arrears"
"""The type of dispute that need not run through all tiers (R-DIS-17)."""

REFUSALS = (
    "not_property_matter",
    "general_mediation_excluded",
    "reserved_to_authority",
    "already_in_court_or_arbitration",
    "already_decided_by_authority",
    "in_petition_channel",
    "party_refuses",
    "same_matter_no_new_facts",
    "not_identified",
    "outside_territory",
)
SESSION_TYPES = ("mediation", "council", "talk", "joint_meeting")
MEDIATOR_CAUSES = ("conflict", "request")
AWAITED = ("expert_evaluation", "survey")
ENDINGS = ("no_agreement", "parties_stop")
FORMS = ("written", "oral")
OBLIGATIONS = ("payment", "repair", "rectification", "other")
COURT_ANSWERS = ("accepted", "extended")
CONFIRMATIONS = ("confirmed", "not_confirmed")
LEGAL_WAYS = ("court", "arbitration", "authority")
ENFORCEMENTS = ("enforcement", "suit")
COURT_WAYS = ("court", *ENFORCEMENTS)
CALLS = ("reached", "no_answer")
OPINIONS = ("satisfied", "basically_satisfied", "unsatisfied")
APPEAL_DECISIONS = ("overturned", "upheld")
PROOFS = ("id_card", "licence", "certificate", "known_to_body")

PARTY_ITEMS = ("power_of_attorney", "evidence", "performance")
"""What a party may add to the file itself."""
ADDED_ITEMS = (*PARTY_ITEMS, "inquiry", "minutes", "court", "statement")
