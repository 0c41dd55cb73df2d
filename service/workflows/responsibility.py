"""Who repairs, and which way an order goes (DOMAIN 3A.7; ruling 26: not who pays)."""

from dataclasses import dataclass
from datetime import date

from service.core.refs import CategoryRef, PlaceRef

ROUTES = ("quote", "repair", "act_first", "fund", "developer", "title_unit", "refer")
_BY_RESPONSIBLE = {
    "household": "quote",
    "owners": "fund",
    "developer": "developer",
    "title_unit": "title_unit",
    "utility": "refer",
    "authority": "refer",
}
_ROADS = "road_pavement"
_FIXED = ("utility", "title_unit", "developer")


@dataclass(frozen=True, slots=True)
class Case:
    """What the matrix looks at. `day` is local to the place."""

    category: CategoryRef
    place: PlaceRef
    part: str
    repair_class: str
    urgency: str
    day: date


def in_warranty(place: PlaceRef, day: date) -> bool:
    """Tell whether the developer still answers for the house; the last day counts (R-REP-53)."""
    return place.warranty_until is not None and day <= place.warranty_until


def responsible(case: Case) -> str:
    """Return who repairs according to the matrix; the dispatcher may know better."""
    if case.category.responsible == "utility":
        return "utility"
    if case.category.code == _ROADS and case.place.micro_circulation_open:
        return "authority"
    if in_warranty(case.place, case.day) or case.category.responsible in _FIXED:
        return _fixed(case)
    if case.part == "private":
        return "household"
    return _common(case)


def _fixed(case: Case) -> str:
    if in_warranty(case.place, case.day):
        return "developer"
    return case.category.responsible


def _common(case: Case) -> str:
    if case.repair_class == "major" and case.urgency != "emergency":
        return "owners"
    return "emergency_station" if case.place.no_manager else "company"


def route(named: str, *, part: str | None, urgency: str) -> str:
    """Return which way an order goes, given who repairs.

    Danger overrides the wait for the owners' money (R-REP-38, R-FIN-07); service on a
    private part is paid, so it begins with a quote (R-REP-13).
    """
    if named in _BY_RESPONSIBLE and named != "owners":
        return _BY_RESPONSIBLE[named]
    if part == "private":
        return "quote"
    if urgency == "emergency":
        return "act_first"
    return _BY_RESPONSIBLE.get(named, "repair")
