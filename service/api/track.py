"""What the holder of a resident link sees and may do: one ticket, a few events (RULINGS 16)."""

from dataclasses import replace
from typing import Any

from service.api import events, notes, ticket_shape
from service.api.schemas import MOVED, TRACKED
from service.commands import links
from service.commands.prospects import prospect
from service.core.actors import Actor
from service.core.errors import NotFound
from service.edge.routes import PUBLIC, Answer, Call, Policy, Route
from service.store import clock, ticket

_PRIVATE = {"Cache-Control": "private, no-store"}
_POLICY = Policy(PUBLIC)


def _holder(call: Call) -> Actor:
    return links.holder(call.ports, call.path["token"])


def require_link(call: Call) -> None:
    """Raise NotFound or LinkRevoked for a token that opens nothing."""
    _holder(call)


def read(call: Call) -> Answer:
    """Show the ticket, its clocks, what may be done; to a party the notes meant for it."""
    actor = _holder(call)
    with call.ports.uow() as tx:
        row = ticket.read(tx, kind=None, ref=str(actor.link_ticket), actor=actor)
        if row is None:
            raise NotFound
        clocks = clock.load(tx, [row["id"]])[row["id"]]
        told = notes.for_holder(tx, row, actor) if actor.link_party is not None else None
        found = prospect(tx, call.ports, row, actor)
    offered = events.shown(call, row["kind"], found)
    body: dict[str, Any] = {
        "ticket": {k: v for k, v in ticket_shape.ticket(call, row).items() if k != "links"},
        "clocks": [ticket_shape.clock(call, each, row["now"], ()) for each in clocks],
        "available_events": {
            **offered,
            "data": [event for event in offered["data"] if event["type"] in actor.link_events],
        },
    }
    if told is not None:
        body["notes"] = told
    return Answer(200, body, _PRIVATE)


def post(call: Call) -> Answer:
    """Take an event by the link."""
    actor = _holder(call)
    call.actor = actor
    answer = events.take(call, ticket=str(actor.link_ticket), kind=None, actor=actor)
    return replace(answer, headers={**answer.headers, **_PRIVATE})


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET", path="/v1/track/{token}", policy=_POLICY, handler=read, tag="track",
        summary="A ticket by its link", visible=require_link, answers={200: TRACKED},
    ),
    Route(
        method="POST", path="/v1/track/{token}/events", policy=_POLICY, handler=post, tag="track",
        summary="Move a ticket by its link", query=events.FireQuery, body=events.EventBody,
        answers={201: MOVED, 200: MOVED}, visible=require_link,
        example={"type": "confirm", "data": {"rating": "satisfied"}},
    ),
)  # fmt: skip
