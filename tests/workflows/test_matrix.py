"""Every kind × state × event × role: declared cells pass, all others are refused rightly.

The golden file of a kind is its matrix itself. Set ANJU_GOLDEN=write to write golden files
anew.
"""

from collections.abc import Iterator

import pytest

from service.core.actors import Role
from service.core.decision import permit, route
from service.core.errors import ForbiddenEvent, IllegalTransition
from service.core.workflow import BIRTH, Workflow
from service.workflows import REGISTRY
from tests.support.bench import actor
from tests.support.golden import golden
from tests.support.samples import samples_of

KINDS = pytest.mark.parametrize("workflow", REGISTRY, ids=lambda w: w.kind)
LETTERS = {
    Role.RESIDENT: "R", Role.DISPATCHER: "D", Role.CREW: "C", Role.VENDOR_MANAGER: "V",
    Role.MEDIATOR: "T", Role.COMMITTEE: "K", Role.COMMUNITY_OFFICER: "O",
    Role.STREET_OFFICER: "S", Role.DISTRICT_OFFICER: "X", Role.MANAGER: "M",
    Role.AUDITOR: "A", Role.ADMIN: "I", Role.SYSTEM: "W",
}  # fmt: skip


def states(workflow: Workflow) -> tuple[str, ...]:
    """Return every state, that of what is not yet born first."""
    return (BIRTH, *(state.name for state in workflow.states))


def declared() -> Iterator[object]:
    """Yield every cell that some row of some table declares."""
    for workflow in REGISTRY:
        cells = {
            (source, step.event, role)
            for step in workflow.steps
            for source in step.source
            for role in step.roles
        }
        for state, event, role in sorted(cells):
            name = f"{workflow.kind}-{state or 'birth'}-{event}-{role}"
            yield pytest.param(workflow, state, event, role, id=name)


def verdict(workflow: Workflow, state: str, event: str, role: Role) -> str:
    """Return `pass`, `no event` (403), `no row` (409) or `not this row` (403)."""
    who, ticket = actor(role), _ticket(workflow, state)
    try:
        permit(workflow, event, who, ticket)
    except ForbiddenEvent:
        return "no event"
    try:
        route(workflow, state, event, who, ticket)
    except IllegalTransition:
        return "no row"
    except ForbiddenEvent:
        return "not this row"
    return "pass"


def expected(workflow: Workflow, state: str, event: str, role: Role) -> str:
    """Return the same from the rows alone, and from who acts as what."""
    roles = workflow.standing(actor(role), _ticket(workflow, state))
    rows = [step for step in workflow.steps if step.event == event]
    here = [step for step in rows if state in step.source]
    if not any(step.roles & roles for step in rows):
        return "no event"
    if not here:
        return "no row"
    return "pass" if any(step.roles & roles for step in here) else "not this row"


def _ticket(workflow: Workflow, state: str):
    return samples_of(workflow.kind).BENCH.ticket(state) if state else None


@KINDS
def test_undeclared_cells_are_refused_in_the_right_way(workflow):
    cells = [(s, e, r) for s in states(workflow) for e in workflow.events for r in Role]

    wrong = {
        cell: (found, meant)
        for cell in cells
        if (found := verdict(workflow, *cell)) != (meant := expected(workflow, *cell))
    }

    assert not wrong


@pytest.mark.parametrize(("workflow", "state", "event", "role"), list(declared()))
def test_declared_cells_pass(workflow, state, event, role):
    samples = samples_of(workflow.kind)
    on, data, refs, who = samples.cell(state, event, role)

    played = samples.BENCH.play(event, who, on, data, refs=refs)

    assert who.role is role
    assert state in played.step.source
    assert played.state == played.step.goes_to(state)


def test_whoever_acts_as_somebody_else_too_is_known():
    """RULINGS 4: a vendor's manager acts as crew on a reported order; nobody else does."""
    acting = {
        (workflow.kind, role, other)
        for workflow in REGISTRY
        for state in states(workflow)
        for role in Role
        for other in workflow.standing(actor(role), _ticket(workflow, state)) - {role}
    }

    assert acting == {("repair_order", Role.VENDOR_MANAGER, Role.CREW)}


@KINDS
def test_the_matrix_is_the_golden_one(workflow):
    golden(f"{workflow.kind}_matrix.md", "\n".join(matrix(workflow)) + "\n")


def matrix(workflow: Workflow) -> Iterator[str]:
    """Yield the lines of the table that people read."""
    columns = states(workflow)
    yield f"# {workflow.kind}: who may fire what, in which state"
    yield ""
    yield ", ".join(f"{letter} = {role}" for role, letter in LETTERS.items()) + "."
    yield "An empty cell is an illegal transition (409). Roles that are in no cell of a row get"
    yield "403 everywhere in it; roles that are in other cells only get 409 where the cell is"
    yield "empty and 403 where it is not."
    yield ""
    yield "| event | " + " | ".join(state or "—" for state in columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for event in workflow.events:
        cells = (
            "".join(LETTERS[r] for r in Role if verdict(workflow, s, event, r) == "pass")
            for s in columns
        )
        yield f"| {event} | " + " | ".join(cells) + " |"
