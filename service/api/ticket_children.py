"""What hangs on a ticket beside its events: files, work log, notes, the reporter's contact."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.api import pages
from service.api.schemas import CONTACT, FILE, NOTE, WORK, page_of
from service.api.ticket_paths import READ, WRITE, require_seen, seen
from service.commands.amend import AddNote, add_note
from service.commands.contact import READERS, Reveal, reveal
from service.commands.ports import Outcome
from service.core.actors import Role
from service.core.shapes import Shape, Text
from service.core.workflow import Workflow
from service.edge import masking
from service.edge.reading import Params
from service.edge.routes import Answer, Call, Policy, Route, replay
from service.store import note
from service.store.queries import ticket_parts
from service.workflows import REGISTRY

Row = Mapping[str, Any]


class NoteBody(Shape):
    """A note in words."""

    text = Text(required=True)


class ContactQuery(Params):
    """Why the caller looks; it stands in the access log."""

    purpose = Text(most=200, load_default="ticket")


def files(call: Call) -> Answer:
    """List a ticket's attachments."""
    with call.ports.uow() as tx:
        ident = seen(tx, call)["id"]
        limit = call.query["limit"] + 1
        rows = ticket_parts.files(tx, ident, after=pages.position(call), limit=limit)
    return pages.answer(call, rows, show=_file, at=lambda row: [row["event_seq"], row["id"]])


def _file(row: Row) -> Row:
    return {
        "id": row["id"],
        "media_type": row["media_type"],
        "size": row["size"],
        "complete": row["complete"],
        "created_at": row["created_at"],
        "event_seq": row["event_seq"],
        "pointer": row["pointer"],
        "href": f"/v1/attachments/{row['id']}",
    }


def work_log(call: Call) -> Answer:
    """List work, materials and waits that events recorded."""
    with call.ports.uow() as tx:
        ident = seen(tx, call)["id"]
        rows = ticket_parts.children(
            tx, ident, "work_log", after=pages.position(call), limit=call.query["limit"] + 1
        )
    return pages.answer(
        call,
        rows,
        show=lambda row: {"seq": row["seq"], "at": row["at"], **row["row"]},
        at=lambda row: [row["seq"], row["n"]],
    )


def notes(call: Call) -> Answer:
    """List notes, oldest first."""
    with call.ports.uow() as tx:
        ident = seen(tx, call)["id"]
        after = pages.position(call) or 0
        rows = note.of(tx, ident, after=after, limit=call.query["limit"] + 1)
    return pages.answer(call, rows, show=_note, at=lambda row: row["seq"])


def _note(row: Row) -> Row:
    name = row["actor_name"]
    resident = row["actor_role"] == Role.RESIDENT
    return {
        "id": row["id"],
        "seq": row["seq"],
        "text": row["text"],
        "actor": {"role": row["actor_role"], "name": masking.name(name) if resident else name},
        "at": row["at"],
    }


def write_note(call: Call) -> Answer:
    """Add a note."""
    outcome = add_note(
        call.ports,
        AddNote(
            kind=str(call.route.kind),
            ticket=call.path["id"],
            actor=call.actor,
            text=call.body()["text"],
            key=call.key(lambda found: _noted(call, found)),
        ),
    )
    return replay(outcome.answer) if outcome.answer else _noted(call, outcome)


def _noted(call: Call, outcome: Outcome) -> Answer:
    who = {"actor_name": call.actor.name, "actor_role": str(call.actor.role)}
    return Answer(201, _note({**outcome.event, **who}))


def contact(call: Call) -> Answer:
    """Show the reporter's name and phone; the look is logged first."""
    asked = Reveal(
        kind=str(call.route.kind),
        ticket=call.path["id"],
        actor=call.actor,
        purpose=call.query["purpose"],
        request_id=call.request_id,
    )
    return Answer(200, reveal(call.ports, asked), {"Cache-Control": "no-store"})


def _routes(workflow: Workflow) -> Iterable[Route]:
    path = f"/v1/{workflow.collection}/{{id}}"
    shared: dict[str, Any] = {
        "tag": workflow.collection, "kind": workflow.kind, "visible": require_seen,
    }  # fmt: skip
    reads: dict[str, Any] = {
        "method": "GET", "policy": READ, "query": pages.PageQuery, **shared,
    }  # fmt: skip
    yield Route(
        path=f"{path}/attachments",
        handler=files,
        summary="Files of a ticket",
        answers={200: page_of(FILE)},
        **reads,
    )
    yield Route(
        path=f"{path}/work-log",
        handler=work_log,
        summary="Work of a ticket",
        answers={200: page_of(WORK)},
        **reads,
    )
    yield Route(
        path=f"{path}/notes",
        handler=notes,
        summary="Notes of a ticket",
        answers={200: page_of(NOTE)},
        **reads,
    )
    yield Route(
        method="POST", path=f"{path}/notes", policy=WRITE, handler=write_note,
        summary="Add a note", body=NoteBody, answers={201: NOTE},
        example={"text": "住户要求下午上门"}, **shared,
    )  # fmt: skip
    yield Route(
        method="GET", path=f"{path}/contact", policy=Policy(READERS, scope="tickets:read"),
        handler=contact, summary="The reporter, unmasked and logged", query=ContactQuery,
        answers={200: CONTACT}, **shared,
    )  # fmt: skip


ROUTES: tuple[Route, ...] = tuple(r for workflow in REGISTRY for r in _routes(workflow))
