"""Checks that a workflow table does not contradict itself; run when it is imported."""

from collections.abc import Iterable

from service.core.actors import Role
from service.core.workflow import BIRTH, SAME, Workflow


class InvalidWorkflow(Exception):
    """The table contradicts itself; raised at import."""


def sound(workflow: Workflow) -> Workflow:
    """Return the workflow, or raise InvalidWorkflow with every contradiction found."""
    faults = [
        *_unknown_states(workflow),
        *_unreachable(workflow),
        *_undeclared_exits(workflow),
        *_clock_faults(workflow),
        *_breach_faults(workflow),
        *_ambiguous(workflow),
    ]
    if faults:
        raise InvalidWorkflow(f"{workflow.kind}: " + "; ".join(faults))
    return workflow


def _unknown_states(workflow: Workflow) -> Iterable[str]:
    known = {s.name for s in workflow.states} | {BIRTH, SAME}
    for step in workflow.steps:
        for name in {*step.source, step.target} - known:
            yield f"{step.event} names unknown state {name}"


def _unreachable(workflow: Workflow) -> Iterable[str]:
    reached = {BIRTH}
    while True:
        more = {s.target for s in workflow.steps if reached & {*s.source}} - reached - {SAME}
        if not more:
            break
        reached |= more
    for state in workflow.states:
        if state.name not in reached:
            yield f"state {state.name} is unreachable"


def _undeclared_exits(workflow: Workflow) -> Iterable[str]:
    for step in workflow.steps:
        leaves = {s for s in step.source if s in workflow.terminal and step.goes_to(s) != s}
        if leaves and not step.reopens:
            yield f"{step.event} leaves terminal {sorted(leaves)} without reopening"


def _clock_faults(workflow: Workflow) -> Iterable[str]:
    actions = [action for step in workflow.steps for action in step.clocks]
    started = {a.clock for a in actions if a.verb == "start"}
    decided = {a.clock for a in actions if a.verb in ("stop", "end")}
    for action in actions:
        if action.clock != "*" and action.clock not in workflow.clock_names:
            yield f"unknown clock {action.clock}"
    for name in decided - started - {"*"}:
        yield f"clock {name} is stopped but never started"
    for name in started - decided:
        yield f"clock {name} is started but never stopped"


def _breach_faults(workflow: Workflow) -> Iterable[str]:
    for clock, event in workflow.on_due.items():
        if Role.SYSTEM not in workflow.roles_of.get(event, frozenset()):
            yield f"clock {clock} fires {event}, which SYSTEM may not"


def _ambiguous(workflow: Workflow) -> Iterable[str]:
    for (event, source), rows in workflow.rows.items():
        undivided = [step for step in rows if step.chooses is None]
        if len(undivided) > 1 or (undivided and rows[-1] is not undivided[0]):
            yield f"two rows of {event} from {source or 'birth'} cannot be told apart"
