"""Who takes part: a table of clients, and what each mostly looks at and does."""

from collections.abc import Mapping
from dataclasses import dataclass

# How likely a client picks an event that is offered; those not named count 1.
EAGERNESS: Mapping[str, float] = {
    "accept": 6, "assign": 8, "take": 8, "arrive": 8, "diagnose": 4, "start_work": 8,
    "complete_work": 8, "confirm": 6, "make_safe": 8, "resume": 4, "fund_decided": 4,
    "resume_work": 4, "parts_ready": 4, "cancel": 0.3, "refer_out": 0.2, "convert": 0.1,
    "merge": 0.6, "reassign": 0.7, "reopen": 0.3, "no_access": 0.7, "need_fund": 2,
    "report_cannot_finish": 0.7, "request_parts": 0.7, "reject_assignment": 0.7,
}  # fmt: skip

_DESK = "submitted,accepted,rework,awaiting_resident,awaiting_fund,closed"
_WORK = "assigned,en_route,on_site,in_progress,waiting_parts,postponed"
_HOME = "awaiting_confirmation,awaiting_resident,closed"


@dataclass(frozen=True, slots=True)
class Client:
    """One client: whose account it uses, in which states it looks for work, where it opens.

    `pace` is how long it rests between two acts, in mean rests.
    """

    name: str
    person: str
    states: str = ""
    opens_at: tuple[str, ...] = ()
    pace: float = 1.0


LINK = "link"
READER = "reader"

CLIENTS: tuple[Client, ...] = (
    Client("desk-1", "dispatcher", _DESK, ("h-2-101", "h-2-102", "lotus", "old"), 0.5),
    Client("desk-2", "dispatcher", _DESK, ("h-2-101", "h-2-102", "b9"), 0.5),
    Client("desk-north", "other_dispatcher", _DESK, ("pine", "b5"), 0.8),
    Client("crew-1", "crew", _WORK, (), 0.5),
    Client("crew-2", "crew", _WORK, (), 0.5),
    Client("crew-3", "other_crew_member", _WORK, (), 0.5),
    Client("crew-north", "north_crew", _WORK, (), 0.8),
    Client("vendor", "vendor_manager", _WORK, (), 1.5),
    Client("pool", "pool_manager", _WORK, (), 1.5),
    Client("manager", "manager", "awaiting_fund,accepted,assigned,awaiting_confirmation", (), 1.2),
    Client("community", "community_officer", _DESK, (), 2.0),
    Client("street", "street_officer", "accepted,waiting_parts", (), 1.2),
    Client("resident", "resident", _HOME, ("h-2-101", "u1", "lotus"), 1.0),
    Client("neighbour", "neighbour", _HOME, ("h-2-102",), 1.0),
    Client(LINK, "resident", "", (), 1.0),
    Client(READER, "auditor", "", (), 1.0),
)
