"""Every state × event × role: declared cells pass, all others are refused in the right way.

The golden file is the matrix itself. Set ANJU_GOLDEN=write to write golden files anew.
"""

from collections.abc import Iterator

import pytest

from service.core.actors import Role
from service.core.decision import permit, route
from service.core.errors import ForbiddenEvent, IllegalTransition
from service.core.workflow import BIRTH, SAME, Assignee
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.golden import golden
from tests.support.repair import (
    HOUR,
    MASTER,
    NOW,
    POOL,
    actor,
    candidate,
    clock,
    play,
    ticket,
)
from tests.support.repair_data import DATA

STATES = (BIRTH, *(state.name for state in REPAIR_ORDER.states))
DECLARED = sorted(
    {
        (source, step.event, role)
        for step in REPAIR_ORDER.steps
        for source in step.source
        for role in step.roles
    }
)
LETTERS = {
    Role.RESIDENT: "R", Role.DISPATCHER: "D", Role.CREW: "C", Role.VENDOR_MANAGER: "V",
    Role.MEDIATOR: "T", Role.COMMITTEE: "K", Role.COMMUNITY_OFFICER: "O",
    Role.STREET_OFFICER: "S", Role.DISTRICT_OFFICER: "X", Role.MANAGER: "M",
    Role.AUDITOR: "A", Role.ADMIN: "I", Role.SYSTEM: "W",
}  # fmt: skip


def verdict(state: str, event: str, role: Role) -> str:
    """Return `pass`, `no event` (403), `no row` (409) or `not this row` (403)."""
    order = ticket(state) if state else None
    try:
        permit(REPAIR_ORDER, event, actor(role), order)
    except ForbiddenEvent:
        return "no event"
    try:
        route(REPAIR_ORDER, state, event, actor(role), order)
    except IllegalTransition:
        return "no row"
    except ForbiddenEvent:
        return "not this row"
    return "pass"


def expected(state: str, event: str, role: Role) -> str:
    """Return the same from the rows alone.

    A vendor's manager acts as crew too once the order is reported (ruling 4).
    """
    as_crew = role is Role.VENDOR_MANAGER and state not in (BIRTH, "draft")
    roles = {role, Role.CREW} if as_crew else {role}
    rows = [step for step in REPAIR_ORDER.steps if step.event == event]
    here = [step for step in rows if state in step.source]
    if not any(step.roles & roles for step in rows):
        return "no event"
    if not here:
        return "no row"
    return "pass" if any(step.roles & roles for step in here) else "not this row"


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("event", REPAIR_ORDER.events)
def test_undeclared_cells_are_refused_in_the_right_way(event, role):
    found = {state: verdict(state, event, role) for state in STATES}

    assert found == {state: expected(state, event, role) for state in STATES}


def order_for(state: str, event: str):
    """Return an order to which nothing stands in the way of the event."""
    facts = {"part": "common", "class": "major", "origin": "customer"}
    if event in ("revisit_call", "revisit_ok", "revisit_fail"):
        facts["revisit"] = "revisit_due"
    if event == "pass_over":
        facts["pick"] = {"order": ["p1", "p2"], "chosen": "p1"}
        return ticket(state, facts=facts, assignee=Assignee("vendor", "p1", "p1", None, "p1"))
    return ticket(state, facts=facts, closed_at=NOW if state == "closed" else None)


REFS = {
    "kinds": frozenset({"repair_order", "hazard"}),
    "clocks": (
        clock("confirm", NOW),
        clock("pool_answer", NOW),
        clock("arrive", NOW + HOUR),
    ),
    "pool": (candidate("p1"), candidate("p2")),
    "no_access_times": (NOW, NOW, NOW),
    "master": MASTER,
    "followers": (),
}


@pytest.mark.parametrize(("state", "event", "role"), DECLARED)
def test_declared_cells_pass(state, event, role):
    refs = REFS | ({"vendor": POOL} if event == "pick_pool_contractor" else {})
    data = DATA.get(event, {})
    if event == "submit" and state == "draft":
        data = {}
    if event == "arrive" and role is Role.DISPATCHER:
        data = {"by_phone": True}

    played = play(event, role, order_for(state, event), data, refs=refs)

    assert state in played.step.source
    assert played.state == (state if played.step.target == SAME else played.step.target)


def test_the_matrix_is_the_golden_one():
    golden("repair_order_matrix.md", "\n".join(matrix()) + "\n")


def matrix() -> Iterator[str]:
    yield "# repair_order: who may fire what, in which state"
    yield ""
    yield ", ".join(f"{letter} = {role}" for role, letter in LETTERS.items()) + "."
    yield "An empty cell is an illegal transition (409). Roles that are in no cell of a row get"
    yield "403 everywhere in it; roles that are in other cells only get 409 where the cell is"
    yield "empty and 403 where it is not."
    yield ""
    yield "| event | " + " | ".join(state or "—" for state in STATES) + " |"
    yield "|---" * (len(STATES) + 1) + "|"
    for event in REPAIR_ORDER.events:
        cells = (
            "".join(LETTERS[r] for r in Role if verdict(s, event, r) == "pass") for s in STATES
        )
        yield f"| {event} | " + " | ".join(cells) + " |"
