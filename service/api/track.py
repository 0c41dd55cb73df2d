"""What the holder of a resident link sees and may do: one ticket, a few events (RULINGS 16)."""

from dataclasses import replace
from typing import Any

from service.api import attachments, events, notes, ticket_shape
from service.api.answers import UPLOADED
from service.api.schemas import MOVED, TRACKED
from service.commands import links
from service.commands.prospects import prospect
from service.core.actors import Actor
from service.core.errors import NotFound
from service.edge.routes import ANY_TYPE, PUBLIC, Answer, Call, Policy, Route
from service.store import clock, ticket

_PRIVATE = {"Cache-Control": "private, no-store"}
_POLICY = Policy(PUBLIC)
_FILE = "/v1/track/{token}/attachments/{id}"


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


def upload(call: Call) -> Answer:
    """Take a file, whole or in parts, that an event of this link will name (SCREENS S-63)."""
    call.actor = _holder(call)
    answer = attachments.upload(call)
    kept = {name: told for name, told in answer.headers.items() if name != "Location"}
    return replace(answer, headers={**kept, **_PRIVATE})


def offset(call: Call) -> Answer:
    """Tell how far an upload by this link has come."""
    call.actor = _holder(call)
    return attachments.offset(call)


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
    Route(
        method="PUT", path=_FILE, policy=_POLICY, handler=upload, tag="track",
        summary="Upload a file by a link", media=(ANY_TYPE,), visible=require_link,
        visible_first=True, most_bytes=attachments.MOST_BYTES,
        answers={200: UPLOADED, 201: UPLOADED, 202: UPLOADED},
    ),
    Route(
        method="HEAD", path=_FILE, policy=_POLICY, handler=offset, tag="track",
        summary="How far an upload by a link has come", visible=require_link,
    ),
)  # fmt: skip
