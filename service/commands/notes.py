"""Notes on a ticket: each private, shared or recorded, chosen by its author (SCREENS S-56)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.commands.amend import locked, once_each
from service.commands.draft import Draft
from service.commands.line import Line
from service.commands.ports import Key, Outcome, Ports
from service.commands.record import write
from service.core.actors import Actor, Role
from service.core.decision import permit, route
from service.core.errors import FieldError, Forbidden, NotFound, ValidationFailed
from service.core.workflow import ADD_NOTE, Change, Workflow
from service.store import note
from service.store.note import Reader
from service.store.unit_of_work import Tx

_RECORDED, _SHARED = "recorded", "shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """A note on a ticket. `party` is the one a shared note is for beside the own body."""

    kind: str
    ticket: str | UUID
    actor: Actor
    text: str
    level: str | None = None
    party: int | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WidenNote:
    """More readers for a note that is there."""

    kind: str
    ticket: str | UUID
    note: UUID
    actor: Actor
    level: str
    party: int | None = None
    key: Key | None = None


def add_note(ports: Ports, cmd: AddNote) -> Outcome:
    """Add a note; the line says that there is one and of which level, the text lies apart.

    The outcome's event is the note. Raises NotFound, ForbiddenEvent, IllegalTransition,
    ValidationFailed (/level, /party).
    """
    return once_each(ports, cmd, _add_in)


def widen_note(ports: Ports, cmd: WidenNote) -> Outcome:
    """Let more people read a note; nobody ever makes it narrower, only its author wider.

    The outcome's event is the note. Raises NotFound, ForbiddenEvent, IllegalTransition,
    Forbidden, ValidationFailed (/level, /party).
    """
    return once_each(ports, cmd, _widen_in)


def _add_in(tx: Tx, ports: Ports, cmd: AddNote) -> Outcome:
    draft = locked(tx, ports, cmd)
    _permit(draft, cmd.actor)
    level = _level(draft.workflow, cmd)
    _refuse([*_wrong_level(level, draft.workflow, cmd.actor), *_wrong_party(draft, cmd, level)])
    ident = ports.ids.new(draft.now)
    _tell(tx, ports, draft, cmd.actor, {"note": str(ident), "level": level})
    written = {
        "id": ident, "ticket_id": draft.id, "seq": draft.row["seq"], "actor_id": cmd.actor.id,
        "level": level, "tier": _tier(cmd.actor), "party": cmd.party, "text": cmd.text,
        "at": draft.now,
    }  # fmt: skip
    note.insert(tx, written)
    return Outcome("created", ticket=draft.row, event=written)


def _widen_in(tx: Tx, ports: Ports, cmd: WidenNote) -> Outcome:
    draft = locked(tx, ports, cmd)
    found = note.one(tx, draft.id, cmd.note, Reader.of(cmd.actor, draft.row["facts"]))
    if found is None:
        raise NotFound
    _permit(draft, cmd.actor)
    if found["actor_id"] != cmd.actor.id:
        raise Forbidden("author")
    wider = _after(found["level"], levels_of(draft.workflow, cmd.actor))
    faults = [] if cmd.level in wider else [FieldError("/level", "not_allowed", allowed=wider)]
    _refuse([*faults, *_wrong_party(draft, cmd, cmd.level)])
    line = {"note": str(cmd.note), "level": cmd.level, "widened": True}
    _tell(tx, ports, draft, cmd.actor, line)
    readers = {
        "id": cmd.note, "level": cmd.level, "tier": _tier(cmd.actor),
        "party": cmd.party or found["party"],
    }  # fmt: skip
    note.widen(tx, readers)
    return Outcome("changed", ticket=draft.row, event={**found, **readers})


def levels_of(workflow: Workflow, actor: Actor) -> tuple[str, ...]:
    """Return the levels an actor may choose from, narrowest first.

    Only who mediates keeps notes from others.
    """
    if actor.role is Role.MEDIATOR:
        return workflow.note_levels
    return tuple(level for level in workflow.note_levels if level == _RECORDED)


def _permit(draft: Draft, actor: Actor) -> None:
    permit(draft.workflow, ADD_NOTE, actor, draft.view())
    route(draft.workflow, draft.state, ADD_NOTE, actor, draft.view())


def _level(workflow: Workflow, cmd: AddNote) -> str | None:
    only = workflow.note_levels[0] if len(workflow.note_levels) == 1 else None
    return cmd.level or only


def _wrong_level(level: str | None, workflow: Workflow, actor: Actor) -> list[FieldError]:
    allowed = levels_of(workflow, actor)
    if level in allowed:
        return []
    code = "required" if level is None else "not_allowed"
    return [FieldError("/level", code, allowed=allowed)]


def _wrong_party(draft: Draft, cmd: AddNote | WidenNote, level: str | None) -> list[FieldError]:
    """Return a fault for a party that is none, or that a note of this level cannot be for."""
    known = draft.row["facts"].get("parties") or () if level == _SHARED else ()
    numbers = [party["n"] for party in known]
    if cmd.party is None or cmd.party in numbers:
        return []
    return [FieldError("/party", "not_allowed", allowed=tuple(map(str, numbers)))]


def _after(level: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    return levels[levels.index(level) + 1 :] if level in levels else ()


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        raise ValidationFailed(faults)


def _tier(actor: Actor) -> int | None:
    return actor.tier if actor.role is Role.MEDIATOR else None


def _tell(tx: Tx, ports: Ports, draft: Draft, actor: Actor, data: Mapping[str, Any]) -> None:
    line = Line(ports.ids.new(draft.now), ADD_NOTE, actor, draft.now, data)
    draft.take(line, draft.state, Change(), (), None)
    write(tx, [draft])
