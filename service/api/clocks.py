"""Clocks of a ticket, and the proof of each (API 7)."""

from collections.abc import Iterable
from typing import Any

from service.api import ticket_shape
from service.api.schemas import CLOCKS, EXPLAINED
from service.api.ticket_paths import READ, require_seen, seen
from service.core.errors import NotFound
from service.core.shapes import Choice, Instant, Shape
from service.core.workflow import Workflow
from service.edge.reading import Count
from service.edge.routes import Answer, Call, Route
from service.sla.explain import Ask, explain
from service.sla.history import read_mark
from service.store import event, ticket
from service.store.policy import pinned
from service.store.queries import ticket_parts
from service.workflows import REGISTRY


class ExplainQuery(Shape):
    """Which epoch, as of when, and by which time."""

    epoch = Count(least=1, most=10_000)
    at = Instant()
    basis = Choice("occurred", "received", load_default="occurred")


def listed(call: Call) -> Answer:
    """List every clock the ticket has had."""
    with call.ports.uow() as tx:
        row = ticket.read(tx, kind=call.route.kind, ref=call.path["id"], actor=call.actor)
        if row is None:
            raise NotFound
        found = ticket_parts.clocks(tx, [row["id"]])[row["id"]]
    return Answer(200, {"data": [ticket_shape.clock(call, c, row["now"], r) for c, r in found]})


def explained(call: Call) -> Answer:
    """Prove one clock, interval by interval."""
    query = call.query
    with call.ports.uow() as tx:
        found = seen(tx, call)
        marks = [read_mark(row) for row in event.history(tx, found["id"])]
        profiles = pinned(tx, call.ports.policies, marks)
        now = tx.now()
    ask = Ask(
        clock=call.path["clock"],
        now=now,
        epoch=query.get("epoch"),
        at=query.get("at"),
        basis=query["basis"],
        lang=call.lang,
        kind=found["kind"],
    )
    return Answer(200, explain(marks, ask, profiles, call.ports.calendars))


def _routes(workflow: Workflow) -> Iterable[Route]:
    path = f"/v1/{workflow.collection}/{{id}}/clocks"
    shared: dict[str, Any] = {
        "method": "GET", "policy": READ, "tag": workflow.collection, "kind": workflow.kind,
        "visible": require_seen,
    }  # fmt: skip
    yield Route(
        path=path,
        handler=listed,
        summary="Every clock of a ticket",
        answers={200: CLOCKS},
        **shared,
    )
    yield Route(
        path=f"{path}/{{clock}}/explain",
        handler=explained,
        summary="The proof of a clock",
        query=ExplainQuery,
        answers={200: EXPLAINED},
        **shared,
    )


ROUTES: tuple[Route, ...] = tuple(r for workflow in REGISTRY for r in _routes(workflow))
