"""The one door to a transition: permit, route, judge (RULINGS 6 gives their order)."""

from dataclasses import dataclass

from marshmallow import Schema

from service.core.actors import Actor, Role
from service.core.errors import (
    FieldError,
    ForbiddenEvent,
    GuardRefused,
    IllegalTransition,
    Reason,
    ValidationFailed,
)
from service.core.workflow import (
    SIDE_DOORS,
    Cursor,
    Mark,
    Situation,
    Step,
    TicketView,
    Workflow,
)

_MARKS = frozenset(mark.value for mark in Mark)


@dataclass(frozen=True, slots=True)
class Availability:
    """One event for one caller now: may be fired, or why not."""

    event: str
    target: str | None
    enabled: bool
    reasons: tuple[Reason, ...]
    checks: tuple[str, ...]
    data: type[Schema] | None


def moves(workflow: Workflow) -> tuple[str, ...]:
    """Return the events a caller may name: some lines have doors of their own."""
    return tuple(event for event in workflow.events if event not in SIDE_DOORS)


def permit(workflow: Workflow, event: str, actor: Actor, ticket: TicketView | None) -> None:
    """Refuse an unknown event, or one that the actor's role has in no row.

    Raises ValidationFailed at /type, or ForbiddenEvent.
    """
    if event in _MARKS:
        raise ForbiddenEvent(event, (Role.SYSTEM,))
    if event not in workflow.roles_of:
        raise ValidationFailed([FieldError("/type", "unknown_event", allowed=moves(workflow))])
    roles = workflow.roles_of[event]
    if not roles & workflow.standing(actor, ticket):
        raise ForbiddenEvent(event, tuple(sorted(roles)))


def route(
    workflow: Workflow, state: str, event: str, actor: Actor, ticket: TicketView | None
) -> tuple[Step, ...]:
    """Return the rows by which this actor may leave `state` with `event`.

    Raises IllegalTransition with the events this actor has from here, or
    ForbiddenEvent when rows exist for other roles only.
    """
    standing = workflow.standing(actor, ticket)
    rows = workflow.rows.get((event, state), ())
    if not rows:
        allowed = tuple(e for e in moves(workflow) if _has(workflow, e, state, standing))
        raise IllegalTransition(workflow.kind, state, event, allowed)
    mine = tuple(step for step in rows if step.roles & standing)
    if not mine:
        needed = frozenset[Role]().union(*(step.roles for step in rows))
        raise ForbiddenEvent(event, tuple(sorted(needed)))
    return mine


def judge(workflow: Workflow, state: str, situation: Situation, rows: tuple[Step, ...]) -> Step:
    """Return the one row that applies, all its guards passed.

    Raises GuardRefused with every reason.
    """
    cursor = Cursor(state, situation)
    workflow.machine.events[situation.event].trigger(cursor, cursor)
    step = cursor.step
    if step is None or step not in rows:
        raise GuardRefused((Reason("not_applicable"),))
    reasons = _reasons(step, situation, with_data=True)
    if reasons:
        raise GuardRefused(reasons)
    return step


def decide(workflow: Workflow, state: str, situation: Situation) -> Step:
    """Judge one event whole: the only door to a transition. The data must be valid.

    Raises ForbiddenEvent, IllegalTransition or GuardRefused, in this order.
    """
    actor, ticket = situation.actor, situation.ticket
    permit(workflow, situation.event, actor, ticket)
    rows = route(workflow, state, situation.event, actor, ticket)
    return judge(workflow, state, situation, rows)


def available(workflow: Workflow, state: str, situation: Situation) -> tuple[Availability, ...]:
    """Return every event of the workflow: what this actor may do now, and why not the rest.

    `situation.data` is empty: guards that need data are listed, not judged.
    """
    standing = workflow.standing(situation.actor, situation.ticket)
    return tuple(
        _availability(workflow, state, event, standing, situation)
        for event in moves(workflow)
        if workflow.roles_of[event] != {Role.SYSTEM}
    )


def _availability(
    workflow: Workflow,
    state: str,
    event: str,
    standing: frozenset[Role],
    situation: Situation,
) -> Availability:
    rows = workflow.rows.get((event, state), ())
    mine = [step for step in rows if step.roles & standing]
    if not workflow.roles_of[event] & standing or (rows and not mine):
        return Availability(event, None, False, (Reason("role"),), (), None)
    if not mine:
        return Availability(event, None, False, (Reason("state"),), (), None)
    open_rows = [(step, _reasons(step, situation, with_data=False)) for step in mine]
    step, reasons = min(open_rows, key=lambda pair: len(pair[1]))
    checks = tuple(dict.fromkeys(rule.code for rule in step.guards if rule.needs_data))
    return Availability(event, step.goes_to(state), not reasons, reasons, checks, step.data)


def _reasons(step: Step, situation: Situation, *, with_data: bool) -> tuple[Reason, ...]:
    found = []
    for rule in step.guards:
        if rule.needs_data and not with_data:
            continue
        code = rule.check(situation)
        if code is not None:
            found.append(Reason(code, rule.rule))
    return tuple(found)


def _has(workflow: Workflow, event: str, state: str, standing: frozenset[Role]) -> bool:
    return any(step.roles & standing for step in workflow.rows.get((event, state), ()))
