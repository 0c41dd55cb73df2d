"""Guards on who may be given an order: skills, certificates, shifts, places, lists (R-REP-18, 44).

Each passes over what another reports, so that every reason is named once.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from service.core.refs import CategoryRef, CrewRef, PoolCandidate, VendorRef
from service.core.workflow import Situation
from service.workflows import pool_pick, repair_facts
from service.workflows.table import ticket_of

ANY_REPAIR = "repair"  # a service line that stands for every trade


def _crew(s: Situation) -> CrewRef | None:
    return s.refs.get("crew") if s.data.get("crew") is not None else None


def _vendor(s: Situation) -> VendorRef | None:
    return s.refs.get("vendor") if s.data.get("vendor") is not None else None


def _category(s: Situation) -> CategoryRef | None:
    return s.refs.get("category")


def local(s: Situation, at: datetime) -> datetime:
    """Return a time on the wall of the ticket's place."""
    return at.astimezone(ZoneInfo(ticket_of(s).time_zone))


def _visit(s: Situation) -> datetime:
    """Return when the crew is to be there: the planned visit, else now."""
    visit: datetime = s.data.get("visit_from") or s.at
    return visit


def unknown_crew(s: Situation) -> str | None:
    """Require that the crew exists."""
    return "unknown_crew" if s.data.get("crew") is not None and _crew(s) is None else None


def unknown_vendor(s: Situation) -> str | None:
    """Require that the vendor exists."""
    return "unknown_vendor" if s.data.get("vendor") is not None and _vendor(s) is None else None


def place_out_of_area(s: Situation) -> str | None:
    """Crew or vendor serves the place of the order."""
    who = _crew(s) or _vendor(s)
    if who is None or _lies_in(ticket_of(s).place_path, who.place_path):
        return None
    return "place_out_of_area"


def _lies_in(path: str, area: str) -> bool:
    return path == area or path.startswith(area + "/")


def skill_missing(s: Situation) -> str | None:
    """Require the category's trade among the crew's skills or the vendor's lines."""
    category, crew, vendor = _category(s), _crew(s), _vendor(s)
    if category is None or category.trade == pool_pick.GENERAL:
        return None
    if crew is not None:
        return None if category.trade in crew.skills else "skill_missing"
    return None if vendor is None or _serves(vendor, category.trade) else "skill_missing"


def _serves(vendor: VendorRef, trade: str) -> bool:
    lines = vendor.service_lines | vendor.pool_trades
    # A developer or title unit answers for the whole house, whatever the trade.
    return vendor.body is not None or trade in lines or ANY_REPAIR in lines


def _certificate(s: Situation) -> str | None:
    category = _category(s)
    return category.certificate if category is not None else None


def certificate_missing(s: Situation) -> str | None:
    """Require the certificate of a regulated trade (R-REP-44)."""
    crew, needed = _crew(s), _certificate(s)
    if crew is None or needed is None or needed in crew.certificates:
        return None
    return "certificate_missing"


def certificate_expired(s: Situation) -> str | None:
    """Require that the certificate is valid on the day of the visit, its last day included."""
    crew, needed = _crew(s), _certificate(s)
    if crew is None or needed is None or needed not in crew.certificates:
        return None
    expired = crew.certificates[needed] < local(s, _visit(s)).date()
    return "certificate_expired" if expired else None


def off_shift(s: Situation) -> str | None:
    """Require that the crew is on shift when the visit begins."""
    crew = _crew(s)
    if crew is None:
        return None
    clock = local(s, _visit(s)).time()
    return None if any(_within(clock, *shift) for shift in crew.shifts) else "off_shift"


def _within(clock: time, first: str, last: str) -> bool:
    """Tell whether a shift covers a time of day; it may cross midnight, equal ends mean 24 h."""
    begin, end = _minutes(first), _minutes(last)
    now = clock.hour * 60 + clock.minute
    if begin < end:
        return begin <= now < end
    return now >= begin or now < end


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def vendor_black_listed(s: Situation) -> str | None:
    """Nobody on the black list is given work."""
    vendor = _vendor(s)
    return "vendor_black_listed" if vendor is not None and vendor.listed == "black" else None


def market_exit(s: Situation) -> str | None:
    """Nobody who is leaving the market is given work."""
    vendor = _vendor(s)
    return "market_exit" if vendor is not None and vendor.market_exit else None


def price_not_shown(s: Situation) -> str | None:
    """Require that the household knows the price of work on its private part."""
    private = repair_facts.of(s).part == "private"
    return "price_not_shown" if private and s.data.get("price_shown_fen") is None else None


# ── contractor pool (DOMAIN 3A.6) ────────────────────────────────────────────


def _candidate(s: Situation) -> PoolCandidate | None:
    return next((c for c in s.refs["pool"] if c.vendor.id == s.data["vendor"]), None)


def _today(s: Situation) -> date:
    return local(s, s.at).date()


def not_urgent_enough(s: Situation) -> str | None:
    """Require urgency, or a compound that nobody manages (R-REP-13, 15)."""
    urgent = ticket_of(s).urgency in ("emergency", "urgent")
    return None if urgent or s.refs["place"].no_manager else "not_urgent_enough"


def not_in_pool(s: Situation) -> str | None:
    """Require that the contractor is an active member of the pool."""
    vendor = _vendor(s)
    if vendor is None:
        return None
    return None if vendor.pool_active and _candidate(s) is not None else "not_in_pool"


def pool_not_valid(s: Situation) -> str | None:
    """Require that the contractor's qualification is still valid."""
    vendor = _vendor(s)
    return None if vendor is None or pool_pick.qualified(vendor, _today(s)) else "pool_not_valid"


def no_capacity(s: Situation) -> str | None:
    """Require that the contractor has room for one more order."""
    found = _candidate(s)
    return None if found is None or pool_pick.has_room(found) else "no_capacity"


def not_picked(s: Situation) -> str | None:
    """Only a picked contractor is passed over."""
    return None if repair_facts.of(s).picked else "not_picked"


def next_candidates(s: Situation) -> tuple[PoolCandidate, ...]:
    """Return who may be asked next, best first."""
    ticket, category = ticket_of(s), _category(s)
    held = (ticket.assignee.vendor_id,) if ticket.assignee else ()
    return pool_pick.ranked(
        s.refs["pool"],
        trade=category.trade if category is not None else "",
        day=_today(s),
        without={*repair_facts.of(s).passed, *(v for v in held if v is not None)},
    )


def no_candidate_left(s: Situation) -> str | None:
    """Somebody must be left to ask; else the breach tells the desk."""
    return None if next_candidates(s) else "no_candidate_left"
