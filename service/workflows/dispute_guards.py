"""Guards of a dispute case: who acts, intake, mediators. The name of each is its code.

What is refused is a fact about the world; the shape of the data is settled before. Sessions
and tiers stand in `session_guards.py`, what follows the agreement in `agreement_guards.py`.
"""

from service.core.actors import Actor, Role
from service.core.parties import stands_for
from service.core.refs import AccountRef
from service.core.workflow import Situation
from service.workflows.dispute_facts import PARTY_ROLES, Entry, concerned, of, own_party
from service.workflows.dispute_intake import known_by, named_parties, on_both_sides, self_named
from service.workflows.dispute_words import COURT_CHANNEL, PARTY_ITEMS
from service.workflows.table import newest_clock, ticket_of

# ── who ──────────────────────────────────────────────────────────────────────


def not_a_party(s: Situation) -> str | None:
    """Require a party where parties act; other roles have their own right."""
    if s.actor.role not in PARTY_ROLES or own_party(s) is not None:
        return None
    return "not_a_party"


def not_applicant(s: Situation) -> str | None:
    """Only who applied may take the application back."""
    own = own_party(s)
    return None if own is not None and own["side"] == "applicant" else "not_applicant"


def applies_for_others(s: Situation) -> str | None:
    """Let a party file in its own name; desks and offices may write for others."""
    if s.actor.role not in PARTY_ROLES or self_named(s) is not None:
        return None
    return "applies_for_others"


def both_sides_yours(s: Situation) -> str | None:
    """Let nobody act for both sides: who files is one party, and no side is also the other."""
    own, named = self_named(s), named_parties(s)
    second = any(stands_for(s.actor, party) for party in named if party["n"] != own)
    twice = own is not None and second
    return "both_sides_yours" if twice or on_both_sides(named) else None


def on_other_side(s: Situation) -> str | None:
    """Identify no party by what the other side is known by."""
    case = of(s)
    found = case.party(s.data["party"])
    if found is None:
        return None
    against = [known_by(party) for party in case.parties if party["side"] != found["side"]]
    return "on_other_side" if not known_by(s.data).isdisjoint(set().union(*against)) else None


def not_my_tier(s: Situation) -> str | None:
    """Keep a mediator to cases of its own tier."""
    if s.actor.role is not Role.MEDIATOR or s.actor.tier == of(s).tier:
        return None
    return "not_my_tier"


def mediator_conflicted(s: Situation) -> str | None:
    """Keep out a mediator who was replaced for a conflict, or is near to a party (R-DIS-29)."""
    if s.actor.role is not Role.MEDIATOR:
        return None
    case, ident = of(s), str(s.actor.id)
    near = any(_related(s.actor, ident, party) for party in case.parties)
    return "mediator_conflicted" if near or ident in case.conflicted else None


def not_a_mediator_of_case(s: Situation) -> str | None:
    """Leave what binds the body to the mediators named for the case and the tier's lead."""
    if s.actor.role is not Role.MEDIATOR or s.actor.is_lead:
        return None
    named = {one["account"] for one in of(s).mediators}
    return None if str(s.actor.id) in named else "not_a_mediator_of_case"


def not_lead(s: Situation) -> str | None:
    """Leave to the lead of a body what is the lead's."""
    return "not_lead" if s.actor.role is Role.MEDIATOR and not s.actor.is_lead else None


def unknown_party(s: Situation) -> str | None:
    """Require a party of this case; a party may name only itself."""
    found = concerned(s)
    wanted = s.data.get("party")
    known = found is not None and wanted in (None, found["n"])
    return None if known else "unknown_party"


def unknown_parties(s: Situation) -> str | None:
    """Every party that the data lists is one of this case."""
    known = {party["n"] for party in of(s).parties}
    listed = (
        *s.data.get("invited", ()),
        *s.data.get("attendance", ()),
        *s.data.get("consents", ()),
        *s.data.get("agreed_by", ()),
        *(one["who"] for one in s.data.get("obligations", ())),
    )
    return None if known.issuperset(listed) else "unknown_party"


# ── intake ───────────────────────────────────────────────────────────────────


def party_not_identified(s: Situation) -> str | None:
    """Every party is known by something (DOMAIN 3B.5): a committee is by its compound."""
    known = (
        any(party.get(name) for name in ("account", "place", "vendor", "person"))
        or party["kind"] == "committee"
        for party in named_parties(s)
    )
    return None if all(known) else "party_not_identified"


def source_reserved(s: Situation) -> str | None:
    """Only the service says which ticket became this case."""
    given = s.facts.get("source") is not None
    return "source_reserved" if given and s.actor.role is not Role.SYSTEM else None


def may_skip(s: Situation) -> bool:
    """Tell whether the case may begin above the entry tier (R-DIS-06, R-DIS-17)."""
    category = s.data.get("category") or ticket_of(s).category
    return category == COURT_CHANNEL or of(s).ordered


def tier_skipped(s: Situation) -> str | None:
    """Redirect what skipped a tier: cases come up from below (R-DIS-06)."""
    skipped = of(s).tier > s.policy.entry_tier and not may_skip(s)
    return "tier_skipped" if skipped else None


def tier_not_skipped(s: Situation) -> str | None:
    """Nothing is redirected that is where it belongs."""
    return "tier_not_skipped" if tier_skipped(s) is None else None


def consent_missing(s: Situation) -> str | None:
    """Require every consent, or that it was asked for only lately (R-DIS-26)."""
    case = of(s)
    if not case.consents_pending:
        return None
    asked = case.consent_asked_at
    waiting = asked is not None and s.at - asked <= s.policy.consent_wait
    return None if waiting else "consent_missing"


def consents_pending(s: Situation) -> str | None:
    """Seat nobody before every party has agreed to mediation (R-DIS-26)."""
    return "consent_missing" if of(s).consents_pending else None


def already_consented(s: Situation) -> str | None:
    """Take a consent once."""
    found = concerned(s)
    given = found is not None and found["consent"] == "given"
    return "already_consented" if given else None


def unknown_category(s: Situation) -> str | None:
    """Require a type of dispute that the catalogue knows."""
    return "unknown_category" if s.refs.get("category") is None else None


def mediator_item(s: Situation) -> str | None:
    """Inquiries, minutes and statements are written by the body."""
    own = s.actor.role not in PARTY_ROLES or s.data["item"] in PARTY_ITEMS
    return None if own else "mediator_item"


def appeal_closed(s: Situation) -> str | None:
    """Require an appeal within the days of its clock."""
    clock = newest_clock(s, "appeal")
    due = None if clock is None or clock.state != "running" else clock.due_at
    return None if due is not None and s.at <= due else "appeal_closed"


def no_appeal(s: Situation) -> str | None:
    """Only an appeal that waits is decided."""
    appeal = of(s).appeal
    return None if appeal is not None and "decision" not in appeal else "no_appeal"


# ── mediators ────────────────────────────────────────────────────────────────


def _wanted(s: Situation) -> tuple[str, ...]:
    return tuple(s.data.get("mediators") or (s.data["mediator"],))


def unknown_mediator(s: Situation) -> str | None:
    """Mediators are active mediators of this tier and this area."""
    ticket, tier, known = ticket_of(s), of(s).tier, s.refs["accounts"]
    fit = (_fits(known.get(one), tier, ticket.place_path) for one in _wanted(s))
    return None if all(fit) else "unknown_mediator"


def _fits(account: AccountRef | None, tier: int, path: str) -> bool:
    if account is None or account.role != Role.MEDIATOR or not account.active:
        return False
    near = path == account.place_path or path.startswith(f"{account.place_path}/")
    return near and account.tier == tier


def mediator_conflict(s: Situation) -> str | None:
    """Nobody mediates their own quarrel, or one they declared an interest in."""
    case, known = of(s), s.refs["accounts"]
    for one in _wanted(s):
        near = any(_related(known.get(one), one, party) for party in case.parties)
        if near or one in case.conflicted:
            return "mediator_conflict"
    return None


def _related(account: AccountRef | Actor | None, ident: str, party: Entry) -> bool:
    if party.get("account") == ident:
        return True
    if account is None:
        return False
    same_home = party.get("place") == account.place_id
    return same_home or (account.vendor_id is not None and party.get("vendor") == account.vendor_id)


def not_mediating(s: Situation) -> str | None:
    """Who is replaced mediates this case."""
    named = {one["account"] for one in of(s).mediators}
    return None if s.data["replaces"] in named else "not_mediating"
