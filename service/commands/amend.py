"""PATCH on a ticket: a history line that moves no state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from marshmallow import ValidationError

from service.commands.draft import Draft
from service.commands.fire_event import draft_of, outcome_of
from service.commands.line import Line
from service.commands.once import once_only
from service.commands.ports import Key, Outcome, Ports
from service.commands.record import write
from service.commands.step import field_errors
from service.core.actors import Actor
from service.core.decision import permit, route
from service.core.errors import (
    FieldError,
    NotFound,
    PreconditionRequired,
    ValidationFailed,
    VersionMismatch,
)
from service.core.workflow import AMEND, Change
from service.store import party, reference, ticket
from service.store.unit_of_work import Tx

MISSING: Final = 0
"""Given as `expected_version` when there was no If-Match: no ticket has it."""

READ_ONLY = (
    "state", "version", "assignee", "number", "kind", "category", "urgency", "id", "opened_at",
    "closed_at", "next_due_at", "links", "clocks",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """A merge patch: title, description, priority, reporter, place, editable facts."""

    kind: str
    ticket: str | UUID
    actor: Actor
    patch: Mapping[str, Any]
    expected_version: int | None  # None: If-Match was "*"
    key: Key | None = None


def amend(ports: Ports, cmd: Amend) -> Outcome:
    """Apply a patch. One without effect leaves no line and no new version.

    Raises NotFound, KeyInProgress, KeyReused, ForbiddenEvent, PreconditionRequired,
    VersionMismatch, ValidationFailed (`read_only`, `closed`, `unknown_place`).
    """
    return once_each(ports, cmd, _amend_in)


def _amend_in(tx: Tx, ports: Ports, cmd: Amend) -> Outcome:
    draft = locked(tx, ports, cmd)
    permit(draft.workflow, AMEND, cmd.actor, draft.view())
    if cmd.expected_version == MISSING:
        raise PreconditionRequired
    if cmd.expected_version not in (None, draft.row["version"]):
        raise VersionMismatch(draft.row["version"])
    change = _change(tx, draft, cmd)
    if change is None:
        return Outcome("duplicate", ticket=draft.row, event={}, clocks=draft.clocks)
    route(draft.workflow, draft.state, AMEND, cmd.actor, draft.view())
    names = sorted([*change.columns.keys(), *change.facts.keys(), *_reporter(cmd)])
    line = Line(ports.ids.new(draft.now), AMEND, cmd.actor, draft.now, {"changed": names})
    draft.take(line, draft.state, change, (), None)
    return outcome_of(draft, write(tx, [draft]), AMEND, "created")


def _reporter(cmd: Amend) -> list[str]:
    return [f"reporter.{name}" for name in cmd.patch.get("reporter", {})]


def _change(tx: Tx, draft: Draft, cmd: Amend) -> Change | None:
    """Return what the patch changes; None when nothing. The reporter lies apart."""
    if not draft.workflow.is_open(draft.state):
        raise ValidationFailed([FieldError("", "closed")])
    faults = [FieldError(f"/{n}", "read_only") for n in cmd.patch if n in READ_ONLY]
    facts = cmd.patch.get("facts", {})
    faults += [
        FieldError(f"/facts/{n}", "read_only") for n in facts
        if n not in draft.workflow.editable_facts
    ]  # fmt: skip
    faults += _mistyped(draft, facts)
    if faults:
        raise ValidationFailed(faults)
    columns: dict[str, Any] = {
        n: cmd.patch[n]
        for n in ("title", "description", "priority")
        if n in cmd.patch and cmd.patch[n] != draft.row[n]
    }
    if cmd.patch.get("place", draft.row["place_id"]) != draft.row["place_id"]:
        columns |= _moved(tx, draft, cmd)
    new_facts = {n: v for n, v in facts.items() if draft.row["facts"].get(n) != v}
    told = _tell_party(tx, draft, cmd)
    if not columns and not new_facts and not told:
        return None
    return Change(columns=columns, facts=new_facts)


def _mistyped(draft: Draft, facts: Mapping[str, Any]) -> list[FieldError]:
    """Return what is wrong with the new values; null takes a fact away (RFC 7396)."""
    known = draft.workflow.create().fields
    faults: list[FieldError] = []
    # Field by field: what a whole body must hold together, a patch need not repeat.
    for name in facts.keys() & draft.workflow.editable_facts:
        if facts[name] is not None:
            try:
                known[name].deserialize(facts[name], name, facts)
            except ValidationError as exc:
                faults += field_errors({name: exc.messages}, "/facts")
    return faults


def _moved(tx: Tx, draft: Draft, cmd: Amend) -> Mapping[str, Any]:
    """Return the new place: inside the caller's scope, the same compound, before `assign`."""
    found = reference.place(tx, cmd.patch["place"])
    if found is None or not cmd.actor.covers(found[0].path):
        raise ValidationFailed([FieldError("/place", "unknown_place")])
    place, _ = found
    if place.compound_id != draft.row["compound_id"] or draft.row["assignee_id"] is not None:
        raise ValidationFailed([FieldError("/place", "read_only")])
    return {"place_id": place.id, "place_path": place.path, "place_name": place.name}


def _tell_party(tx: Tx, draft: Draft, cmd: Amend) -> bool:
    told = cmd.patch.get("reporter")
    if not told:
        return False
    if draft.row["reporter_id"] is None:
        raise ValidationFailed([FieldError("/reporter", "read_only")])
    known = party.read(tx, [draft.row["reporter_id"]])[draft.row["reporter_id"]]
    if all(known[n] == told[n] for n in told):
        return False
    party.correct(tx, draft.row["reporter_id"], name=told.get("name"), phone=told.get("phone"))
    draft.row |= {f"reporter_{name}": value for name, value in told.items()}
    return True


class OnTicket(Protocol):
    """What every command on one ticket says."""

    @property
    def kind(self) -> str:
        """Kind of the ticket."""

    @property
    def ticket(self) -> str | UUID:
        """Its id or number."""

    @property
    def actor(self) -> Actor:
        """Who acts."""

    @property
    def key(self) -> Key | None:
        """The Idempotency-Key, if one was sent."""


_Cmd = TypeVar("_Cmd", bound=OnTicket)


def once_each(ports: Ports, cmd: _Cmd, act: Callable[[Tx, Ports, _Cmd], Outcome]) -> Outcome:
    """Act in one transaction, under the key if there is one, then ring the relay.

    Visibility is read, unlocked, with the key (RULINGS 27).
    """
    seen = ticket.matching(kind=cmd.kind, ref=cmd.ticket, actor=cmd.actor)
    with ports.uow() as tx:
        outcome = once_only(tx, cmd.actor, cmd.key, lambda: act(tx, ports, cmd), seen)
    if outcome.how in ("created", "changed"):
        ports.ring("relay")
    return outcome


def locked(tx: Tx, ports: Ports, cmd: OnTicket) -> Draft:
    """Return a draft of the ticket, locked. Raises NotFound."""
    row = ticket.lock(tx, kind=cmd.kind, ref=cmd.ticket, actor=cmd.actor)
    if row is None:
        raise NotFound
    return draft_of(tx, ports, row)
