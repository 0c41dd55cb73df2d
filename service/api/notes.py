"""Notes of a ticket, as far as the caller is one they are for (SCREENS S-56)."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.api import pages
from service.api.schemas import NOTE, page_of
from service.api.ticket_paths import READ, WRITE, require_seen, seen
from service.commands.notes import AddNote, WidenNote, add_note, widen_note
from service.commands.ports import Outcome
from service.core.actors import Actor, Role
from service.core.errors import NotFound
from service.core.shapes import Choice, Shape, Text, Whole
from service.core.workflow import Workflow
from service.edge import masking
from service.edge.routes import Answer, Call, Route, replay
from service.store import note
from service.store.note import Reader
from service.store.rows import as_uuid
from service.store.unit_of_work import Tx
from service.workflows import REGISTRY
from service.workflows.event_data import NOTE_LEVELS

Row = Mapping[str, Any]
_MOST = 200


class NoteBody(Shape):
    """A note in words. Kinds with several levels want one chosen."""

    text = Text(required=True)
    level = Choice(*NOTE_LEVELS)
    party = Whole(least=1)


class LevelBody(Shape):
    """Whom a note is for from now on."""

    level = Choice(*NOTE_LEVELS, required=True)
    party = Whole(least=1)


def listed(call: Call) -> Answer:
    """List the notes the caller may read, oldest first."""
    with call.ports.uow() as tx:
        ticket = seen(tx, call)
        reader = Reader.of(call.actor, ticket["facts"])
        after, limit = pages.position(call) or 0, call.query["limit"] + 1
        rows = note.of(tx, ticket["id"], reader, after=after, limit=limit)
        total = note.count(tx, ticket["id"], reader) if "count" in call.query else None
    return pages.answer(call, rows, show=_note, at=lambda row: row["seq"], total=total)


def for_holder(tx: Tx, ticket: Row, holder: Actor) -> list[Row]:
    """Return what a link shows: the notes that the party it was made for may read."""
    reader = Reader.of(holder, ticket["facts"])
    return [_note(row) for row in note.of(tx, ticket["id"], reader, after=0, limit=_MOST)]


def _note(row: Row) -> Row:
    name = row["actor_name"]
    resident = row["actor_role"] == Role.RESIDENT
    return {
        "id": row["id"],
        "seq": row["seq"],
        "level": row["level"],
        "party": row["party"],
        "text": row["text"],
        "actor": {"role": row["actor_role"], "name": masking.name(name) if resident else name},
        "at": row["at"],
    }


def write(call: Call) -> Answer:
    """Add a note."""
    body = call.body()
    outcome = add_note(
        call.ports,
        AddNote(
            kind=str(call.route.kind),
            ticket=call.path["id"],
            actor=call.actor,
            text=body["text"],
            level=body.get("level"),
            party=body.get("party"),
            key=call.key(lambda found: _written(call, found, 201)),
        ),
    )
    return replay(outcome.answer) if outcome.answer else _written(call, outcome, 201)


def widen(call: Call) -> Answer:
    """Let more people read a note of one's own."""
    body = call.body()
    ident = as_uuid(call.path["note"])
    if ident is None:
        raise NotFound
    outcome = widen_note(
        call.ports,
        WidenNote(
            kind=str(call.route.kind),
            ticket=call.path["id"],
            note=ident,
            actor=call.actor,
            level=body["level"],
            party=body.get("party"),
            key=call.key(lambda found: _written(call, found, 200)),
        ),
    )
    return replay(outcome.answer) if outcome.answer else _written(call, outcome, 200)


def _written(call: Call, outcome: Outcome, status: int) -> Answer:
    who = {"actor_name": call.actor.name, "actor_role": str(call.actor.role)}
    return Answer(status, _note({**outcome.event, **who}))


def require_note(call: Call) -> None:
    """Raise NotFound when the caller does not see the ticket, or not this note of it."""
    ident = as_uuid(call.path["note"])
    with call.ports.uow() as tx:
        ticket = seen(tx, call)
        reader = Reader.of(call.actor, ticket["facts"])
        if ident is None or note.one(tx, ticket["id"], ident, reader) is None:
            raise NotFound


def _routes(workflow: Workflow) -> Iterable[Route]:
    path = f"/v1/{workflow.collection}/{{id}}/notes"
    shared: dict[str, Any] = {"tag": workflow.collection, "kind": workflow.kind}
    yield Route(
        method="GET", path=path, policy=READ, handler=listed, summary="Notes of a ticket",
        query=pages.PageQuery, visible=require_seen, answers={200: page_of(NOTE)}, **shared,
    )  # fmt: skip
    yield Route(
        method="POST", path=path, policy=WRITE, handler=write, summary="Add a note",
        body=NoteBody, visible=require_seen, answers={201: NOTE},
        example={"text": "住户要求下午上门", "level": "recorded"}, **shared,
    )  # fmt: skip
    yield Route(
        method="POST", path=f"{path}/{{note}}/level", policy=WRITE, handler=widen,
        summary="Let more people read a note", body=LevelBody, visible=require_note,
        answers={200: NOTE}, example={"level": "recorded"}, **shared,
    )  # fmt: skip


ROUTES: tuple[Route, ...] = tuple(r for workflow in REGISTRY for r in _routes(workflow))
