"""An ordinary repair order: a triaged leak in a flat, in a crew's hands."""

from collections.abc import Mapping
from typing import Any

from service.core.actors import Role
from service.core.workflow import BIRTH, Assignee, TicketView
from service.workflows.repair_order import REPAIR_ORDER
from tests.support import repair
from tests.support.bench import HOUR, NOW, Bench, actor
from tests.support.repair_data import BODY
from tests.support.repair_data import DATA as SENT
from tests.support.samples import Cell

BENCH = Bench(
    REPAIR_ORDER,
    facts={"part": "common", "class": "major", "origin": "customer", "responsible": "company"},
    category="water_leak",
    urgency="urgent",
    assignee=repair.BY_CREW,
    refs={
        "kinds": frozenset({"repair_order", "hazard"}),
        "clocks": (
            repair.clock("confirm", NOW),
            repair.clock("pool_answer", NOW),
            repair.clock("arrive", NOW + HOUR),
        ),
        "crew": repair.CREW,
        "pool": (repair.candidate("p1"), repair.candidate("p2")),
        "utility": repair.UTILITY,
        "no_access_times": (NOW, NOW, NOW),
        "master": repair.MASTER,
        "followers": (),
    },
)
DATA: Mapping[str, Mapping[str, Any]] = {**SENT, "capture": BODY["facts"], "submit": BODY["facts"]}


def cell(state: str, event: str, role: Role) -> Cell:
    """Return an order to which nothing stands in the way of the event."""
    refs = {"vendor": repair.POOL} if event in ("pick_pool_contractor", "hand_over") else {}
    return _order(state, event), _data(state, event, role), refs, actor(role)


def _order(state: str, event: str) -> TicketView | str:
    if state == BIRTH:
        return BIRTH
    facts: dict[str, Any] = {}
    if event in ("revisit_call", "revisit_ok", "revisit_fail"):
        facts["revisit"] = "revisit_due"
    if event == "pass_over":
        facts["pick"] = {"order": ["p1", "p2"], "chosen": "p1"}
        held = Assignee("vendor", "p1", "p1", None, "p1")
        return BENCH.ticket(state, facts=facts, assignee=held)
    return BENCH.ticket(state, facts=facts, closed_at=NOW if state == "closed" else None)


def _data(state: str, event: str, role: Role) -> Mapping[str, Any]:
    if event == "submit" and state == "draft":
        return {}
    if event == "arrive" and role is Role.DISPATCHER:
        return {"by_phone": True}
    return DATA.get(event, {})
