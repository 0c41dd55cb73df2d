"""What hangs on a ticket beside its events: files, work, lists of its facts, other tickets."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from service.api import pages, people_in, ticket_shape
from service.api.schemas import (
    CONTACT,
    FILE,
    NUMBERED,
    PARTY_CONTACT,
    RELATED,
    WORK,
    page_of,
)
from service.api.ticket_paths import READ, require_seen, seen
from service.commands.contact import PARTY_READERS, READERS, Reveal, reveal
from service.core.shapes import Text
from service.core.workflow import Workflow
from service.edge.reading import Count, Params
from service.edge.routes import Answer, Call, Policy, Route
from service.store import cause
from service.store.queries import ticket_parts
from service.workflows import REGISTRY

Row = Mapping[str, Any]


class ContactQuery(Params):
    """Why the caller looks, which stands in the access log; and at which party, if at one."""

    purpose = Text(most=200, load_default="ticket")
    party = Count(least=1)


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


def contact(call: Call) -> Answer:
    """Show name and phone of the reporter or of a party; the look is logged first."""
    asked = Reveal(
        kind=str(call.route.kind),
        ticket=call.path["id"],
        actor=call.actor,
        purpose=call.query["purpose"],
        request_id=call.request_id,
        party=call.query.get("party"),
    )
    return Answer(200, reveal(call.ports, asked), {"Cache-Control": "no-store"})


def related(call: Call) -> Answer:
    """Show the tickets that led to this one and those it led to, as far as they are seen."""
    with call.ports.uow() as tx:
        ident = seen(tx, call)["id"]
        sides = {
            name: cause.shown(tx, ident, side, call.actor)
            for name, side in (("caused_by", "causes"), ("caused", "caused"))
        }
    own, other = "effect_seq", "cause_seq"
    return Answer(
        200,
        {
            "caused_by": [_related(call, row, row[other], row[own]) for row in sides["caused_by"]],
            "caused": [_related(call, row, row[own], row[other]) for row in sides["caused"]],
        },
    )


def _related(call: Call, row: Row, seq: int, own_seq: int) -> Row:
    """Return a ticket with its line that is linked, and this ticket's own line."""
    ticket = {name: row[name] for name in ("id", "number", "kind", "state")}
    return {
        "relation": row["relation"],
        "ticket": {**ticket, "href": ticket_shape.location(call.ports, row)},
        "seq": seq,
        "own_seq": own_seq,
        "at": row["at"],
    }


def numbered(call: Call, *, fact: str) -> Answer:
    """List what events wrote under one fact, by number; people in it are masked."""
    with call.ports.uow() as tx:
        items = seen(tx, call)["facts"].get(fact) or ()
        after = pages.position(call) or 0
        later = [item for item in items if item["n"] > after][: call.query["limit"] + 1]
        people = people_in.named(tx, later[: call.query["limit"]])
    return pages.answer(
        call,
        later,
        show=lambda item: people_in.masked(item, people),
        at=lambda item: item["n"],
        total=len(items) if "count" in call.query else None,
    )


def _routes(workflow: Workflow) -> Iterable[Route]:
    path = f"/v1/{workflow.collection}/{{id}}"
    parties = "parties" in workflow.lists.values()
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
        method="GET", path=f"{path}/contact", handler=contact, query=ContactQuery,
        policy=Policy(PARTY_READERS if parties else READERS, scope="tickets:read"),
        summary="The reporter or a party, unmasked and logged" if parties else
                "The reporter, unmasked and logged",
        answers={200: {"oneOf": [CONTACT, PARTY_CONTACT]} if parties else CONTACT}, **shared,
    )  # fmt: skip
    yield Route(
        method="GET", path=f"{path}/related", policy=READ, handler=related,
        summary="What led to a ticket, and what it led to", answers={200: RELATED}, **shared,
    )  # fmt: skip
    for segment, name in workflow.lists.items():
        yield Route(
            path=f"{path}/{segment}",
            handler=partial(numbered, fact=name),
            summary=f"{segment.capitalize()} of a ticket",
            answers={200: page_of(NUMBERED)},
            **reads,
        )


ROUTES: tuple[Route, ...] = tuple(r for workflow in REGISTRY for r in _routes(workflow))
