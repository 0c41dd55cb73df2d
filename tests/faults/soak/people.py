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
    """One client: whose account it uses, in which states it looks for orders, where it opens.

    `pace` is how long it rests between two acts, in mean rests. `kinds` are what it works on,
    `opens` what it opens.
    """

    name: str
    person: str
    states: str = ""
    opens_at: tuple[str, ...] = ()
    pace: float = 1.0
    kinds: tuple[str, ...] = ("repair_order",)
    opens: tuple[str, ...] = ("repair_order",)


LINK = "link"
READER = "reader"

_DISPUTE, _COMPLAINT, _CURE = "dispute_case", "complaint", "rectification_order"
_GRADING, _LIST, _LISTED = "vendor_assessment", "list_decision", "listed_supervision"
_HAZARD = "hazard"

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
    Client("hall", "dispatcher", "", ("h-2-101", "h-2-102", "lotus"), 0.8,
           (_COMPLAINT, _DISPUTE), (_COMPLAINT, _DISPUTE)),
    Client("mediator-1", "mediator", "", ("h-2-101",), 0.3, (_DISPUTE,), (_DISPUTE,)),
    Client("mediator-2", "mediator_t2", "", (), 0.6, (_DISPUTE,)),
    Client("mediator-3", "mediator_t3", "", (), 0.8, (_DISPUTE,)),
    Client("party-1", "resident", "", ("h-2-101",), 0.5, (_DISPUTE, _GRADING, _COMPLAINT),
           (_DISPUTE, _COMPLAINT)),
    Client("elector", "neighbour", "", ("h-2-102",), 0.8, (_GRADING, _COMPLAINT), (_COMPLAINT,)),
    Client("firm", "vendor_manager", "", (), 0.3,
           (_CURE, _CURE, _DISPUTE, _DISPUTE, _HAZARD, _GRADING, _LIST, _LISTED, _COMPLAINT)),
    Client("cleaners", "clean_manager", "", (), 0.8, (_CURE, _COMPLAINT, _LIST)),
    Client("committee", "committee", "", ("lotus",), 0.3,
           (_CURE, _CURE, _HAZARD, _GRADING, _COMPLAINT), (_GRADING,)),
    Client("inspector", "community_officer", "", ("lotus", "b2"), 0.4,
           (_CURE, _CURE, _HAZARD, _HAZARD, _GRADING), (_CURE, _HAZARD)),
    Client("handlers", "manager", "", (), 0.5, (_COMPLAINT,)),
    Client("street-office", "street_officer", "", ("lotus",), 0.4,
           (_CURE, _CURE, _GRADING, _LISTED, _COMPLAINT, _DISPUTE), (_LIST, _LISTED)),
    Client("bureau", "district_officer", "", (), 0.4, (_LIST, _LISTED, _CURE, _DISPUTE)),
    Client(LINK, "resident", "", (), 1.0),
    Client(READER, "auditor", "", (), 1.0),
)  # fmt: skip
