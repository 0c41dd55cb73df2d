"""What the matrix sends to each route, at what, and which status a permitted call gets.

Calls are made so that a permitted one changes nothing that another cell looks at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.api.tickets import birth
from service.core.actors import Role
from service.core.decision import moves
from service.core.workflow import Workflow
from service.workflows import REGISTRY
from tests.support.repair_data import BODY
from tests.support.roads import road_of

MERGE = "application/merge-patch+json"
NOWHERE = "no-such-place"
OF_TICKETS = ("ticket", "note")
"""Things whose address begins with a ticket's; the note is one that is not there."""


@dataclass(frozen=True)
class Try:
    """One call. `at` names the kind of thing `{id}` is; None when the path has none."""

    granted: int
    at: str | None = None
    json: Any = None
    query: str = ""
    media: str = "application/json"
    event: str | None = None  # the workflow's own table has a say as well
    birth: bool = False


def _reads(at: str | None = None, **more: Any) -> Try:
    return Try(200, at, **more)


def _patches(at: str, body: Mapping[str, Any], **more: Any) -> Try:
    """Without If-Match: who may change it is told 428, and nothing is changed."""
    return Try(428, at, json=body, media=MERGE, **more)


def _adds(**body: Any) -> Try:
    """At a place that is not there: who may add is told 422."""
    return Try(422, json=body)


ORDER = {**BODY, "place": "u1"}
_W = "/v1/webhook-endpoints"
_HOOK = {"url": "https://127.0.0.1/", "types": ["sla.*"]}
_NO_SUCH = {"no_such_member": 1}


def _opening(workflow: Workflow) -> Try:
    """Let repair orders be opened on trial; of other kinds, whoever may is told what is wrong."""
    event = birth(workflow)
    if workflow.kind == "repair_order":
        return Try(200, None, ORDER, "dry_run=true", event=event, birth=True)
    body = {**ORDER, "category": "no_such_category", "facts": road_of(workflow.kind).facts}
    return Try(422, None, body, "dry_run=true", event=event, birth=True)


def _moving(workflow: Workflow) -> Try:
    """Fire an event on trial that people have in several roles and states."""
    if workflow.kind == "repair_order":
        body = {"type": "reopen", "data": {"reason": "x"}}
        return Try(200, "ticket", body, "dry_run=true", event="reopen")
    event = max(moves(workflow), key=lambda name: len(workflow.roles_of[name] - {Role.SYSTEM}))
    return Try(422, "ticket", {"type": event, "data": _NO_SUCH}, "dry_run=true", event=event)


def _of_any_kind(workflow: Workflow) -> Iterator[tuple[str, Try]]:
    """Yield what every kind has, and the lists that this one shows."""
    path = f"/v1/{workflow.collection}"
    one = f"{path}/{{id}}"
    yield f"GET {path}", _reads()
    yield f"POST {path}", _opening(workflow)
    yield f"GET {one}", _reads("ticket")
    yield f"PATCH {one}", _patches("ticket", {"title": "x"}, event="amend")
    yield f"GET {one}/events", _reads("ticket")
    yield f"POST {one}/events", _moving(workflow)
    yield f"GET {one}/available-events", _reads("ticket")
    yield f"GET {one}/clocks", _reads("ticket")
    yield (
        f"GET {one}/clocks/{{clock}}/explain",
        (_reads("ticket") if workflow.kind == "repair_order" else Try(404, "ticket")),
    )
    yield f"GET {one}/attachments", _reads("ticket")
    yield f"GET {one}/work-log", _reads("ticket")
    yield f"GET {one}/notes", _reads("ticket")
    yield (
        f"POST {one}/notes",
        Try(201, "ticket", {"text": "x", "level": "recorded"}, event="add_note"),
    )
    yield f"POST {one}/notes/{{note}}/level", Try(404, "note", {"level": "recorded"})
    yield f"GET {one}/related", _reads("ticket")
    party = "party=1" if "parties" in workflow.lists.values() else ""
    yield f"GET {one}/contact", _reads("ticket", query=party)
    yield f"GET {one}/links", _reads("ticket")
    yield f"POST {one}/links", Try(201, "ticket", {})
    yield f"DELETE {one}/links/{{link}}", Try(404, "ticket")
    for segment in workflow.lists:
        yield f"GET {one}/{segment}", _reads("ticket")


PLAN: Mapping[str, Try] = {
    **{name: call for workflow in REGISTRY for name, call in _of_any_kind(workflow)},
    "GET /v1/dispute-cases/{id}/case-file": _reads("ticket"),
    "GET /v1/dispute-cases/{id}/case-file/print": _reads("ticket"),
    "GET /v1/tickets/{id}": _reads("ticket"),
    "GET /v1/attachments/{id}": _reads("file"),
    "HEAD /v1/attachments/{id}": _reads("file"),
    "PUT /v1/attachments/{id}": Try(415, "file", {"not": "a picture"}),
    "GET /v1/places/{id}": _reads("place"),
    "PATCH /v1/places/{id}": _patches("place", {"name": "x"}),
    "GET /v1/crews/{id}": _reads("crew"),
    "PATCH /v1/crews/{id}": _patches("crew", {"name": "x"}),
    "GET /v1/vendors/{id}": _reads("vendor"),
    "PATCH /v1/vendors/{id}": _patches("vendor", {"name": "x"}),
    "GET /v1/vendors/{id}/ledger": _reads("vendor"),
    "GET /v1/vendors/{id}/credit": _reads("vendor"),
    "POST /v1/vendors/{id}/deposits": Try(
        422, "vendor", {"compound": NOWHERE, "fen": 1, "document": "x"}
    ),
    "GET /v1/utilities/{id}": _reads("utility"),
    "PATCH /v1/utilities/{id}": _patches("utility", {"name": "x"}),
    "GET /v1/parties/{id}": _reads("party"),
    f"GET {_W}/{{id}}": _reads("endpoint"),
    f"PATCH {_W}/{{id}}": _patches("endpoint", {"description": "x"}),
    f"DELETE {_W}/{{id}}": Try(204, "endpoint"),
    f"POST {_W}/{{id}}/rotate": Try(200, "endpoint"),
    f"POST {_W}/{{id}}/test": Try(202, "endpoint"),
    f"POST {_W}/{{id}}/enable": Try(200, "endpoint"),
    f"GET {_W}/{{id}}/deliveries": _reads("endpoint"),
    f"POST {_W}/{{id}}/deliveries/{{delivery}}/replay": Try(404, "endpoint"),
    "DELETE /v1/api-keys/{id}": Try(204, "api_key"),
    "POST /v1/inbox/{id}/acknowledge": Try(200, "entry"),
    "GET /v1/tickets": _reads(),
    "GET /v1/changes": _reads(query="after=0"),
    "GET /v1/inbox": _reads(),
    "GET /v1/me": _reads(),
    "GET /v1/places": _reads(),
    "POST /v1/places": _adds(level="unit", name="x", parent=NOWHERE),
    "GET /v1/crews": _reads(),
    "POST /v1/crews": _adds(name="x", place=NOWHERE),
    "GET /v1/vendors": _reads(),
    "POST /v1/vendors": _adds(name="x", place=NOWHERE),
    "GET /v1/utilities": _reads(),
    "POST /v1/utilities": _adds(trade="gas", name="x", phone="96777", place=NOWHERE),
    "GET /v1/parties": _reads(),
    f"GET {_W}": _reads(),
    f"POST {_W}": Try(422, json=_HOOK),
    "GET /v1/api-keys": _reads(),
    "POST /v1/api-keys": _adds(role="auditor", name="x", place=NOWHERE),
    "GET /v1/reports": _reads(),
    "GET /v1/reports/sla-breaches": _reads(),
    "GET /v1/reports/sla-breaches/rows": _reads(),
    "GET /v1/exports/audit": _reads(),
    "GET /v1/sla-profiles": _reads(),
    "GET /v1/sla-profiles/{id}": _reads("profile"),
    "GET /v1/sla-profiles/{id}/versions": _reads("profile"),
    "GET /v1/workflows": _reads(),
    "GET /v1/workflows/{name}": _reads(),
    "POST /v1/demo/clock": Try(200, json={"advance": "PT1S"}),
    "GET /metrics": _reads(),
    "GET /v1/track/{token}": Try(404),
    "POST /v1/track/{token}/events": Try(404, json={"type": "confirm"}),
    "PUT /v1/track/{token}/attachments/{id}": Try(404, "file", {"not": "a picture"}),
    "HEAD /v1/track/{token}/attachments/{id}": Try(404, "file"),
    "GET /v1/meta": _reads(),
    "GET /v1/openapi.json": _reads(),
    "GET /healthz": _reads(),
    "GET /readyz": Try(503),  # no ticker runs here
    "GET /docs": _reads(),
    "GET /problems": _reads(),
    "GET /problems/{slug}": _reads(),
}
"""Method and path -> call. A route that is missing here fails the matrix."""

REST = {
    "clock": "ack", "link": "00000000-0000-4000-8000-000000000001", "name": "repair_order.json",
    "note": "00000000-0000-4000-8000-000000000001",
    "delivery": "00000000-0000-4000-8000-000000000001", "token": "nobodys-token",
    "slug": "not-found",
}  # fmt: skip
"""Values of the other names in paths."""
