"""Events that need several people (RULINGS 54): approvals are lines of their own.

Whoever is not last fires `approve`, naming the event; who is last fires the event itself,
which is refused while an approval is missing. Approvals hold for one state visit: the
event takes them away, and so does whatever else `forget` is put on.
"""

from collections.abc import Mapping
from typing import Any

from service.core.actors import Role
from service.core.shapes import Choice
from service.core.workflow import SAME, Change, Rule, Situation, Step
from service.workflows.event_data import EventData
from service.workflows.table import roles, rule, ticket_of

Groups = tuple[frozenset[Role], ...]


def step(needed: Mapping[str, tuple[tuple[str, ...], Groups]], source: str) -> Step:
    """Return the `approve` row. `needed` gives, by event, its states and one group a person."""
    data = type("Approve", (EventData,), {
        "event": Choice(*needed, required=True), "__doc__": "Which event is approved.",
    })  # fmt: skip

    def not_awaiting_approval(s: Situation) -> str | None:
        """Approve only what could come next, in a role it waits for."""
        states, groups = needed[s.data["event"]]
        mine = any(s.actor.role in group for group in groups)
        return None if ticket_of(s).state in states and mine else "not_awaiting_approval"

    def already_approved(s: Situation) -> str | None:
        """Approve once only."""
        given = of(s, s.data["event"])
        return "already_approved" if str(s.actor.id) in given else None

    return Step(
        "approve",
        tuple(dict.fromkeys(state for states, _ in needed.values() for state in states)),
        SAME,
        roles(*(role for _, groups in needed.values() for group in groups for role in group)),
        data=data,
        guards=(
            rule(not_awaiting_approval, source, needs_data=True),
            rule(already_approved, source, needs_data=True),
        ),
        effect=_approve,
        rule=source,
    )


def of(s: Situation, event: str) -> Mapping[str, str]:
    """Return who approved an event: role by account id."""
    given: Mapping[str, str] = s.facts.get("approvals", {}).get(event, {})
    return given


def missing(event: str, groups: Groups, source: str) -> Rule:
    """Return the rule that every group has one person of its own, the actor being one."""

    def approval_missing(s: Situation) -> str | None:
        people = {**of(s, event), str(s.actor.id): str(s.actor.role)}
        return None if _covered(groups, list(people.values())) else "approval_missing"

    return Rule(approval_missing, "approval_missing", source)


def forget(change: Change) -> Change:
    """Return the change with every approval taken away."""
    return Change(**{**_members(change), "facts": {**change.facts, "approvals": {}}})


def _approve(s: Situation) -> Change:
    given = s.facts.get("approvals", {})
    event = s.data["event"]
    mine = {**given.get(event, {}), str(s.actor.id): str(s.actor.role)}
    return Change(facts={"approvals": {**given, event: mine}})


def _covered(groups: Groups, people: list[str]) -> bool:
    """Tell whether each group can be given a person of its own."""
    if not groups:
        return True
    first, *rest = groups
    return any(
        role in first and _covered(tuple(rest), people[:n] + people[n + 1 :])
        for n, role in enumerate(people)
    )


def _members(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in Change.__dataclass_fields__}


__all__ = ["Groups", "forget", "missing", "of", "step"]
