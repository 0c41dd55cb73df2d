"""The fixed words of a repair order: what its data and facts may say."""

ORIGINS = ("customer", "self_inspection", "patrol", "hazard")
OWN_FINDINGS = ("self_inspection", "patrol")  # need no contact (R-REP-17)
PARTS = ("common", "private")
CLASSES = ("minor", "urgent", "major")
RESPONSIBLE = (
    "household",
    "company",
    "emergency_station",
    "owners",
    "developer",
    "title_unit",
    "utility",
    "authority",
)
RATINGS = ("satisfied", "basically_satisfied", "unsatisfied")
CALL_OUTCOMES = ("no_answer", "busy", "switched_off", "wrong_number")
DRAWS = ("always", "sampled", "substitute")
CONFINED_SPACE_CHECKS = (
    "risk_assessment",
    "ventilation_gas_test",
    "protective_gear",
    "guardian_outside",
    "electrical_equipment",
    "approval",
    "training_drill",
)
