"""Events: the only way to move a ticket (API 5), and what could be done now (API 6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields

from service.api import pages, ticket_shape
from service.api.schemas import AVAILABLE, MOVED, page_of, ref
from service.api.ticket_paths import FIRE, READ, require_seen, seen
from service.commands.fire_event import Fire, fire
from service.commands.ports import Outcome
from service.commands.prospects import Prospect, prospect
from service.core import jsonschema
from service.core.actors import Actor
from service.core.decision import Availability
from service.core.errors import FieldError, NotFound, ValidationFailed
from service.core.messages import text
from service.core.shapes import Ident, Instant, Shape, Text, Whole
from service.core.workflow import Workflow
from service.edge import problems
from service.edge.reading import Switch
from service.edge.routes import Answer, Call, Route, replay
from service.store import ticket
from service.store.queries import ticket_parts
from service.workflows import REGISTRY


class EventBody(Shape):
    """One event as asked for; `data` is judged by the step's own schema."""

    type = Text(most=100, required=True)
    id = Ident()
    occurred_at = Instant()
    data = fields.Dict(keys=fields.String())
    comment = Text(least=0)
    expected_version = Whole(least=1)


class FireQuery(Shape):
    """`dry_run=true` checks everything and writes nothing."""

    dry_run = Switch(load_default=False)


def post(call: Call) -> Answer:
    """Take one event on a ticket."""
    return take(call, ticket=call.path["id"], kind=call.route.kind, actor=call.actor)


def take(call: Call, *, ticket: str, kind: str | None, actor: Actor) -> Answer:
    """Take the event of the body for an actor."""
    body = call.body()
    outcome = fire(
        call.ports,
        Fire(
            kind=kind,
            ticket=ticket,
            actor=actor,
            event=body["type"],
            data=body.get("data", {}),
            id=body.get("id"),
            occurred_at=body.get("occurred_at"),
            comment=body.get("comment"),
            expected_version=_expected(call, body),
            fingerprint=call.fingerprint,
            key=call.key(lambda found: _answer(call, found)),
            dry_run=call.query["dry_run"],
            by="web",
        ),
    )
    return replay(outcome.answer) if outcome.answer else _answer(call, outcome)


def _answer(call: Call, outcome: Outcome) -> Answer:
    return ticket_shape.moved(call, outcome, outcome.clocks)


def _expected(call: Call, body: Mapping[str, Any]) -> int | None:
    """Return the version the caller expects; If-Match and the body may not disagree."""
    sent: int | None = body.get("expected_version")
    match = call.if_match()
    if match.version is None:
        return sent
    if sent is not None and sent != match.version:
        call.require_visible()
        raise ValidationFailed([FieldError("/expected_version", "not_allowed")])
    return match.version


def history(call: Call) -> Answer:
    """List a ticket's lines, oldest first."""
    limit = call.query["limit"]
    with call.ports.uow() as tx:
        ident = seen(tx, call)["id"]
        after = pages.position(call) or 0
        reader = call.actor
        rows = ticket_parts.history(tx, ident, reader, after=after, limit=limit + 1)
        total = ticket_parts.lines(tx, ident, reader) if "count" in call.query else None
    return pages.answer(
        call,
        rows,
        show=lambda row: ticket_shape.event(
            call, row, actor_name=row["actor_name"], link=row["link_id"]
        ),
        at=lambda row: row["seq"],
        total=total,
    )


def available(call: Call) -> Answer:
    """Say what the caller can do now, and why not the rest."""
    with call.ports.uow() as tx:
        row = ticket.read(tx, kind=call.route.kind, ref=call.path["id"], actor=call.actor)
        if row is None:
            raise NotFound
        found = prospect(tx, call.ports, row, call.actor)
    return Answer(200, shown(call, row["kind"], found), {})


def shown(call: Call, kind: str, found: Prospect) -> Mapping[str, Any]:
    """Return the body of available events."""
    return {
        "state": found.state,
        "version": found.version,
        "data": [_event(call, kind, event) for event in found.events],
    }


def _event(call: Call, kind: str, found: Availability) -> Mapping[str, Any]:
    body: dict[str, Any] = {
        "type": found.event,
        "label": text(f"event.{kind}.{found.event}", call.lang),
        "enabled": found.enabled,
    }
    if found.target is not None:
        body["to"] = found.target
    if found.enabled:
        body["schema"] = jsonschema.of(found.data)
    if found.checks:
        body["checks"] = list(found.checks)
    if found.reasons:
        body["reasons"] = [problems.reason(reason, call.lang) for reason in found.reasons]
    return body


def _routes(workflow: Workflow) -> Iterable[Route]:
    kind, tag = workflow.kind, workflow.collection
    path = f"/v1/{workflow.collection}/{{id}}"
    shared: dict[str, Any] = {"tag": tag, "kind": kind, "visible": require_seen}
    yield Route(
        method="POST", path=f"{path}/events", policy=FIRE, handler=post, summary="Move a ticket",
        query=FireQuery, body=EventBody, answers={201: MOVED, 200: MOVED},
        example=workflow.event_example, **shared,
    )  # fmt: skip
    yield Route(
        method="GET", path=f"{path}/events", policy=READ, handler=history,
        summary="Read the history", query=pages.PageQuery,
        answers={200: page_of(ref("Event"))}, **shared,
    )  # fmt: skip
    yield Route(
        method="GET", path=f"{path}/available-events", policy=READ, handler=available,
        summary="What the caller can do now", answers={200: AVAILABLE}, **shared,
    )  # fmt: skip


ROUTES: tuple[Route, ...] = tuple(r for workflow in REGISTRY for r in _routes(workflow))
