"""Tickets of every kind: create, read, patch (API 4). A new kind needs nothing here."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields

from service.api import ticket_shape
from service.api.schemas import TICKET
from service.api.ticket_paths import READ, WRITE, require_seen
from service.commands.amend import MISSING, READ_ONLY, Amend, amend
from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Outcome
from service.core.decision import permit
from service.core.errors import FieldError, NotFound, ValidationFailed
from service.core.shapes import Shape, Text, Whole
from service.core.workflow import BIRTH, Workflow
from service.edge.conditions import etag
from service.edge.reading import Switch, Words, fingerprint
from service.edge.routes import MERGE_PATCH, Answer, Call, Route, replay
from service.store import ticket
from service.store.queries import ticket_parts
from service.workflows import REGISTRY

_ENVELOPE = frozenset({"unknown_field", "wrong_type"})


class CreateQuery(Shape):
    """`dry_run=true` checks everything and writes nothing."""

    dry_run = Switch(load_default=False)


class OneQuery(Shape):
    """`include` adds what hangs on the ticket; the tag is then a weak one."""

    include = Words(*ticket_shape.INCLUDES)


class ReporterPatch(Shape):
    """What may be corrected of the reporter."""

    name = Text(most=100)
    phone = Text(most=40)


class Patch(Shape):
    """A merge patch. Members that only events change are known, and refused by name."""

    title = Text(most=200)
    description = Text(least=0)
    priority = Whole(least=1, most=5)
    reporter = fields.Nested(ReporterPatch)
    place = Text(most=64)
    facts = fields.Dict(keys=fields.String())


PatchBody = type(
    "PatchBody",
    (Patch,),
    {n: fields.Raw(allow_none=True, metadata={"readOnly": True}) for n in READ_ONLY},
)


def birth(workflow: Workflow) -> str:
    """Return the event that opens a ticket of this kind over the API."""
    opening = [step for step in workflow.steps if BIRTH in step.source]
    # A draft is captured on a device (RULINGS 15): the desk opens by the other row.
    return next((step.event for step in opening if step.event != "capture"), opening[0].event)


def _create_schema(workflow: Workflow) -> type[Schema]:
    step = workflow.rows[birth(workflow), BIRTH][0]
    if step.data is None:
        raise ValueError(f"{workflow.kind} has no create body")
    return step.data


def create(call: Call) -> Answer:
    """Open a ticket."""
    body = dict(_create_body(call))
    reporter = body.get("reporter")
    if not reporter:
        raise ValidationFailed([FieldError("/reporter", "required")])
    outcome = open_ticket(
        call.ports,
        Open(
            kind=str(call.route.kind),
            actor=call.actor,
            place=body["place"],
            category=body["category"],
            title=body["title"],
            description=body.get("description", ""),
            reporter=reporter,
            urgency=body.get("urgency"),
            priority=body.get("priority"),
            facts=call.json.get("facts", {}),
            attachments=tuple(body.get("attachments", ())),
            appointment_from=body.get("appointment_from"),
            appointment_to=body.get("appointment_to"),
            id=body.get("id"),
            occurred_at=body.get("occurred_at"),
            event=birth(call.ports.registry[str(call.route.kind)]),
            fingerprint=fingerprint(call.json),
            key=call.key(lambda found: _opened(call, found)),
            dry_run=call.query["dry_run"],
        ),
    )
    return replay(outcome.answer) if outcome.answer else _opened(call, outcome)


def _create_body(call: Call) -> Mapping[str, Any]:
    """Load the body. A role that may not open hears so before what its values lack."""
    try:
        return call.body()
    except ValidationFailed as exc:
        top = [e for e in exc.errors if e.pointer.count("/") <= 1 and e.code in _ENVELOPE]
        if not top:
            workflow = call.ports.registry[str(call.route.kind)]
            permit(workflow, birth(workflow), call.actor, None)
        raise


def _opened(call: Call, outcome: Outcome) -> Answer:
    row = outcome.ticket
    headers = {"ETag": etag(row["version"]), "Location": ticket_shape.location(call.ports, row)}
    return Answer(201 if outcome.how == "created" else 200, ticket_shape.ticket(call, row), headers)


def one(call: Call) -> Answer:
    """Read one ticket."""
    include = call.query.get("include", ())
    with call.ports.uow() as tx:
        row = ticket.read(tx, kind=call.route.kind, ref=call.path["id"], actor=call.actor)
        if row is None:
            raise NotFound
        found = ticket_parts.clocks(tx, [row["id"]]) if "clocks" in include else {}
    body = ticket_shape.ticket(call, row)
    if "crew" in include:
        body["crew"] = ticket_shape.crew(row)
    if "clocks" in include:
        body["clocks"] = [ticket_shape.clock(call, c, row["now"], r) for c, r in found[row["id"]]]
    return Answer(200, body, {} if include else {"ETag": etag(row["version"])})


def patch(call: Call) -> Answer:
    """Change what a patch may change."""
    body = _patch_body(call)
    match = call.if_match()
    outcome = amend(
        call.ports,
        Amend(
            kind=str(call.route.kind),
            ticket=call.path["id"],
            actor=call.actor,
            patch=body,
            expected_version=match.version if match.present else MISSING,
            key=call.key(lambda found: _patched(call, found)),
        ),
    )
    return replay(outcome.answer) if outcome.answer else _patched(call, outcome)


def _patch_body(call: Call) -> Mapping[str, Any]:
    """Load the patch. When it is refused, its read-only members are told too (API 18)."""
    try:
        return call.body()
    except ValidationFailed as exc:
        sent = call.json if isinstance(call.json, Mapping) else {}
        locked = [FieldError(f"/{name}", "read_only") for name in READ_ONLY if name in sent]
        raise ValidationFailed([*exc.errors, *locked]) from None


def _patched(call: Call, outcome: Outcome) -> Answer:
    row = outcome.ticket
    return Answer(200, ticket_shape.ticket(call, row), {"ETag": etag(row["version"])})


def _routes(workflow: Workflow) -> Iterable[Route]:
    kind, tag = workflow.kind, workflow.collection
    path, noun = f"/v1/{workflow.collection}", workflow.kind.replace("_", " ")
    yield Route(
        method="POST", path=path, policy=WRITE, handler=create, tag=tag, kind=kind,
        summary=f"Open a {noun}", query=CreateQuery, body=_create_schema(workflow),
        answers={201: TICKET, 200: TICKET}, example=workflow.example,
    )  # fmt: skip
    yield Route(
        method="GET", path=f"{path}/{{id}}", policy=READ, handler=one, tag=tag, kind=kind,
        summary=f"Read a {noun}", query=OneQuery, visible=require_seen, answers={200: TICKET},
    )  # fmt: skip
    yield Route(
        method="PATCH", path=f"{path}/{{id}}", policy=WRITE, handler=patch, tag=tag, kind=kind,
        summary=f"Correct a {noun}", body=PatchBody, media=(MERGE_PATCH,), visible=require_seen,
        answers={200: TICKET}, example={"title": "厨房水管漏水，地面积水"},
    )  # fmt: skip


ROUTES: tuple[Route, ...] = (
    *(route for workflow in REGISTRY for route in _routes(workflow)),
    Route(
        method="GET", path="/v1/tickets/{id}", policy=READ, handler=one, tag="tickets",
        summary="Read a ticket of any kind", query=OneQuery, visible=require_seen,
        answers={200: TICKET},
    ),
)  # fmt: skip
