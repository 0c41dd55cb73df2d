"""Events that need several people (RULINGS 54): approvals are lines of their own.

Whoever is not last fires `approve`, naming the event; who is last fires the event itself,
which is refused while an approval is missing. Approvals hold for one state visit: the
event takes them away, and so does whatever else `forget` is put on.

An approval is of what was read, not of an event's name. Where the event's data decide,
`approve` carries the same members, and an approval of other ones does not count.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from marshmallow.fields import Field

from service.core.actors import Role
from service.core.shapes import Choice, stamp
from service.core.workflow import SAME, Change, Rule, Situation, Step
from service.workflows.event_data import EventData
from service.workflows.table import roles, rule, ticket_of

Groups = tuple[frozenset[Role], ...]


def step(
    needed: Mapping[str, tuple[tuple[str, ...], Groups]],
    source: str,
    content: Mapping[str, Field[Any]] | None = None,
) -> Step:
    """Return the `approve` row.

    `needed` gives, by event, its states and one group a person; `content` the members of
    the event's data that are approved with it. Who approves again with other content
    changes their mind.
    """
    members = content or {}
    data = type("Approve", (EventData,), {
        "event": Choice(*needed, required=True), **members,
        "__doc__": "Which event is approved, and with which content.",
    })  # fmt: skip

    def not_awaiting_approval(s: Situation) -> str | None:
        """Approve only what could come next, in a role it waits for."""
        states, groups = needed[s.data["event"]]
        mine = any(s.actor.role in group for group in groups)
        return None if ticket_of(s).state in states and mine else "not_awaiting_approval"

    def already_approved(s: Situation) -> str | None:
        """Approve the same once only."""
        mine = _given(s, s.data["event"]).get(str(s.actor.id))
        same = mine is not None and _content(mine) == _said(s, members)
        return "already_approved" if same else None

    def approve(s: Situation) -> Change:
        """Keep who approves, in which role, and of what."""
        given, event = s.facts.get("approvals", {}), s.data["event"]
        role = str(s.actor.role)
        mine = {"role": role, "for": _said(s, members)} if members else role
        people = {**given.get(event, {}), str(s.actor.id): mine}
        return Change(facts={"approvals": {**given, event: people}})

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
        effect=approve,
        rule=source,
    )


def of(s: Situation, event: str) -> Mapping[str, str]:
    """Return who approved an event: role by account id."""
    return {who: _role(kept) for who, kept in _given(s, event).items()}


def contents(s: Situation, event: str) -> Mapping[str, Mapping[str, str]]:
    """Return what was approved, as text, by the account id of who approved it."""
    return {who: _content(kept) for who, kept in _given(s, event).items()}


def missing(event: str, groups: Groups, source: str) -> Rule:
    """Return the rule that every group has one person of its own, the actor being one."""

    def approval_missing(s: Situation) -> str | None:
        return None if _covered(groups, _people(s, of(s, event))) else "approval_missing"

    return Rule(approval_missing, "approval_missing", source)


def same_content(event: str, groups: Groups, members: Collection[str], source: str) -> Rule:
    """Return the rule that enough people approved what the actor now does.

    It speaks only where `missing` does not.
    """

    def approval_for_other_content(s: Situation) -> str | None:
        roles_of, said = of(s, event), _said(s, members)
        same = {who: roles_of[who] for who, what in contents(s, event).items() if what == said}
        other = _covered(groups, _people(s, roles_of)) and not _covered(groups, _people(s, same))
        return "approval_for_other_content" if other else None

    code = "approval_for_other_content"
    return Rule(approval_for_other_content, code, source, needs_data=True)


def forget(change: Change) -> Change:
    """Return the change with every approval taken away."""
    return Change(**{**_members(change), "facts": {**change.facts, "approvals": {}}})


def _given(s: Situation, event: str) -> Mapping[str, Any]:
    given: Mapping[str, Any] = s.facts.get("approvals", {}).get(event, {})
    return given


def _role(kept: Any) -> str:
    return str(kept["role"] if isinstance(kept, Mapping) else kept)


def _content(kept: Any) -> Mapping[str, str]:
    """Return the content of an approval; one that names only the role was of none."""
    content: Mapping[str, str] = kept["for"] if isinstance(kept, Mapping) else {}
    return content


def _said(s: Situation, members: Collection[str]) -> Mapping[str, str]:
    """Return those members of the data that are there, as the facts keep them."""
    found = {name: s.data[name] for name in members if s.data.get(name) is not None}
    return {n: stamp(v) if isinstance(v, datetime) else str(v) for n, v in found.items()}


def _people(s: Situation, approved: Mapping[str, str]) -> list[str]:
    """Return the role of everybody who approved, and of who acts."""
    return list({**approved, str(s.actor.id): str(s.actor.role)}.values())


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


__all__ = ["Groups", "contents", "forget", "missing", "of", "same_content", "step"]
