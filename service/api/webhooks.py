"""`/v1/webhook-endpoints`: who is told by HTTP, of what, and what became of it (API 15)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from service.api import pages
from service.api.answers import DELIVERY, ENDPOINT
from service.api.schemas import page_of
from service.api.shelves import ReadOnly, answer_of
from service.commands import webhooks
from service.commands.ports import Outcome
from service.commands.webhooks import CreateEndpoint, OnEndpoint
from service.core.actors import Role
from service.core.errors import FieldError, InvalidCursor, NotFound, ValidationFailed
from service.core.shapes import Many, Shape, Text
from service.core.workflow import Mark, Workflow
from service.edge.conditions import etag
from service.edge.routes import MERGE_PATCH, Answer, Call, Policy, Route
from service.notify.url_policy import check_url
from service.store import webhook
from service.store.rows import as_uuid

_MANAGES = Policy(frozenset({Role.MANAGER, Role.ADMIN}), scope="webhooks:manage")
_SLA = ("sla.warned", "sla.breached", "sla.escalated", "sla.corrected")
_PATH = "/v1/webhook-endpoints"


class PatchEndpoint(Shape):
    """What may change of an endpoint."""

    id = ReadOnly()
    secret = ReadOnly()
    place = ReadOnly()
    url = Text(most=2048)
    types = Many(Text(most=100), least=1, most=200)
    description = Text(most=500, least=0)


class CreateWebhook(Shape):
    """A new endpoint; `types` may end in `.*`."""

    url = Text(most=2048, required=True)
    types = Many(Text(most=100), least=1, most=200, required=True)
    place = Text(most=64)
    description = Text(most=500, least=0)


def topics(registry: Iterable[Workflow]) -> tuple[str, ...]:
    """Return every type there is: events of each kind, its opening, the clocks'."""
    marks = {str(mark) for mark in Mark}
    found = [
        f"{workflow.kind}.{event}"
        for workflow in registry
        for event in ("opened", *workflow.events)
        if event not in marks
    ]
    return (*dict.fromkeys(found), *_SLA)


def _checked(call: Call, body: Mapping[str, Any]) -> None:
    """Raise ValidationFailed for unknown types and for a URL that may not be reached."""
    if "types" in body:
        known = topics(call.ports.registry.values())
        groups = tuple(f"{g}.*" for g in dict.fromkeys(t.partition(".")[0] for t in known))
        unknown = [n for n, name in enumerate(body["types"]) if name not in (*known, *groups)]
        if unknown:
            allowed = (*groups, *known)
            raise ValidationFailed(
                [FieldError(f"/types/{n}", "not_allowed", allowed=allowed) for n in unknown]
            )
    if "url" in body:
        check_url(body["url"], call.settings.webhook_allow)


def show(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an endpoint without its secret."""
    names = ("id", "url", "types", "description", "created_at", "version", "disabled_at")
    return {
        **{name: row[name] for name in names},
        "place": row["place_id"],
        "disabled_reason": row["disabled_why"],
        "old_secret_until": row["old_until"],
    }


def _render(status: int, *beside: str, located: bool = False) -> Callable[[Outcome], Answer]:
    """Return how an outcome is answered; `beside` are members shown only now."""

    def render(outcome: Outcome) -> Answer:
        row = outcome.ticket
        headers = {"ETag": etag(row["version"]), "Cache-Control": "no-store"}
        if located:
            headers["Location"] = f"{_PATH}/{row['id']}"
        return Answer(status, {**show(row), **{name: row[name] for name in beside}}, headers)

    return render


def _kept(render: Callable[[Outcome], Answer]) -> Callable[[Outcome], Answer]:
    """Keep no secret for a replay: it is shown once and stored nowhere else."""

    def kept(outcome: Outcome) -> Answer:
        answer = render(outcome)
        hidden = {"secret": None} if "secret" in answer.body else {}
        return Answer(answer.status, {**answer.body, **hidden}, answer.headers)

    return kept


def _on(call: Call, render: Callable[[Outcome], Answer], version: int | None = None) -> OnEndpoint:
    return OnEndpoint(actor=call.actor, id=_id(call), version=version, key=call.key(_kept(render)))


def _id(call: Call, name: str = "id") -> UUID:
    ident = as_uuid(call.path[name])
    if ident is None:
        raise NotFound
    return ident


def _seen(call: Call) -> Mapping[str, Any]:
    with call.ports.uow() as tx:
        row = webhook.item(tx, call.actor, _id(call))
    if row is None:
        raise NotFound
    return row


def post_endpoint(call: Call) -> Answer:
    """Make an endpoint."""
    body, render = call.body(), _render(201, "secret", located=True)
    _checked(call, body)
    cmd = CreateEndpoint(
        actor=call.actor,
        url=body["url"],
        types=tuple(dict.fromkeys(body["types"])),
        place=body.get("place"),
        description=body.get("description", ""),
        key=call.key(_kept(render)),
    )
    return answer_of(webhooks.create_endpoint(call.ports, cmd), render)


def list_endpoints(call: Call) -> Answer:
    """Answer one page."""
    with call.ports.uow() as tx:
        rows = webhook.page(tx, call.actor, after=_after(call), limit=call.query["limit"] + 1)
    return pages.answer(call, rows, show=show, at=lambda row: str(row["id"]))


def _after(call: Call) -> UUID | None:
    position = pages.position(call)
    after = None if position is None else as_uuid(position)
    if position is not None and after is None:
        raise InvalidCursor
    return after


def get_endpoint(call: Call) -> Answer:
    """Answer one endpoint."""
    row = _seen(call)
    return Answer(200, show(row), {"ETag": etag(row["version"])})


def patch_endpoint(call: Call) -> Answer:
    """Change an endpoint under If-Match."""
    _seen(call)
    version, patch, render = call.version(), call.body(), _render(200)
    _checked(call, patch)
    outcome = webhooks.amend_endpoint(call.ports, _on(call, render, version), patch)
    return answer_of(outcome, render)


def delete_endpoint(call: Call) -> Answer:
    """Remove an endpoint."""
    webhooks.delete_endpoint(call.ports, OnEndpoint(actor=call.actor, id=_id(call)))
    return Answer(204)


def post_rotate(call: Call) -> Answer:
    """Replace the secret."""
    render = _render(200, "secret")
    return answer_of(webhooks.rotate_secret(call.ports, _on(call, render)), render)


def post_enable(call: Call) -> Answer:
    """Send again."""
    render = _render(200)
    return answer_of(webhooks.enable_endpoint(call.ports, _on(call, render)), render)


def post_test(call: Call) -> Answer:
    """Send a test message."""
    render = _render(202, "delivery")
    return answer_of(webhooks.send_test(call.ports, _on(call, render)), render)


def post_replay(call: Call) -> Answer:
    """Send a delivery again."""
    render = _render(202, "delivery")
    outcome = webhooks.replay_delivery(call.ports, _on(call, render), _id(call, "delivery"))
    return answer_of(outcome, render)


def list_deliveries(call: Call) -> Answer:
    """Answer what was or will be sent, newest first."""
    row = _seen(call)
    with call.ports.uow() as tx:
        found = webhook.deliveries(tx, row["id"], after=_after(call), limit=call.query["limit"] + 1)
    return pages.answer(call, found, show=show_delivery, at=lambda one: str(one["id"]))


def show_delivery(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a delivery; `state` is pending, sent, superseded or failed."""
    states = (("sent_at", "sent"), ("superseded_at", "superseded"), ("dead_at", "failed"))
    state = next((name for column, name in states if row[column] is not None), "pending")
    names = ("id", "type", "attempts", "status", "created_at", "sent_at", "last_error")
    shown = {**{name: row[name] for name in names}, "state": state}
    return shown | ({"next_try_at": row["retry_at"]} if state == "pending" else {})


def _visible(call: Call) -> None:
    _seen(call)


def _one(
    method: str, tail: str, handler: Callable[[Call], Answer], summary: str, **more: Any
) -> Route:
    return Route(method=method, path=f"{_PATH}/{{id}}{tail}", policy=_MANAGES, handler=handler,
                 tag="webhooks", summary=summary, visible=_visible, **more)  # fmt: skip


ROUTES = (
    Route(method="GET", path=_PATH, policy=_MANAGES, handler=list_endpoints, tag="webhooks",
          summary="List endpoints", query=pages.WindowQuery,
          answers={200: page_of(ENDPOINT)}),
    Route(method="POST", path=_PATH, policy=_MANAGES, handler=post_endpoint, tag="webhooks",
          summary="Make an endpoint; its secret is shown once", body=CreateWebhook,
          answers={201: ENDPOINT},
          example={"url": "https://example.com/anju", "types": ["repair_order.arrive", "sla.*"]}),
    _one("GET", "", get_endpoint, "Read an endpoint", answers={200: ENDPOINT}),
    _one("PATCH", "", patch_endpoint, "Change an endpoint", body=PatchEndpoint,
         media=(MERGE_PATCH,), example={"types": ["sla.*"]}, answers={200: ENDPOINT}),
    _one("DELETE", "", delete_endpoint, "Remove an endpoint", answers={204: None}),
    _one("POST", "/rotate", post_rotate, "Replace the secret; the old one signs for 24 h more",
         answers={200: ENDPOINT}),
    _one("POST", "/test", post_test, "Send a test message", answers={202: ENDPOINT}),
    _one("POST", "/enable", post_enable, "Send again after it was disabled",
         answers={200: ENDPOINT}),
    _one("GET", "/deliveries", list_deliveries, "What was sent", query=pages.WindowQuery,
         answers={200: page_of(DELIVERY)}),
    _one("POST", "/deliveries/{delivery}/replay", post_replay, "Send a delivery again",
         answers={202: ENDPOINT}),
)  # fmt: skip
