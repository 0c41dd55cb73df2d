"""The OpenAPI 3.1 document, made from the declared routes; and its page without scripts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from apispec import APISpec
from marshmallow import Schema

from service.api import schemas
from service.core import jsonschema
from service.edge.problems import PROBLEMS
from service.edge.routes import JSON, PUBLIC, Answer, Call, Policy, Route

_NAME = re.compile(r"\{(\w+)\}")
_OPEN = Policy(PUBLIC)
_SAMPLE_IDS = {"id": "RO-20261121-0007", "clock": "arrive", "token": "3q2-7wEjRWeJq83v_u3erQ"}
_STATUS_OF = {problem.slug: problem.status for problem in PROBLEMS.values()}
_ALWAYS = ("rate-limited", "internal", "storage-unavailable")
_WITH_BODY = (
    "malformed-json", "payload-too-large", "unsupported-media-type", "validation-failed",
    "idempotency-key-reused", "idempotency-in-progress", "outcome-unknown",
)  # fmt: skip
_ON_EVENTS = (
    "forbidden-event", "illegal-transition", "guard-refused", "version-mismatch",
    "occurred-at-in-future",
)  # fmt: skip


_ON_PATCH = ("forbidden-event", "precondition-required", "version-mismatch")


def document(routes: Iterable[Route], base_url: str, version: str) -> dict[str, Any]:
    """Return the document of these routes."""
    listed = tuple(routes)
    spec = APISpec(
        title="Anju",
        version=version or "0",
        openapi_version="3.1.0",
        info={
            "summary": "Workflow service for the people who keep homes working",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        servers=[{"url": base_url}],
        tags=[{"name": tag} for tag in sorted({route.tag for route in listed})],
        webhooks={"event": _webhook()},
    )
    for name, schema in schemas.COMPONENTS.items():
        spec.components.schema(name, schema)
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    for route in listed:
        spec.path(path=route.path, operations={route.method.lower(): _operation(route)})
    found: dict[str, Any] = spec.to_dict()
    return found


def _operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_in_path(route), *_in_query(route), *_in_headers(route)],
        "responses": _responses(route),
        "security": [] if route.policy.roles is PUBLIC else [{"key": []}],
        "x-policy": _policy(route.policy),
        "x-codeSamples": [{"lang": "sh", "source": curl(route)}],
    }
    if route.takes_body:
        found["requestBody"] = {"required": True, "content": _content(route)}
    return found


def operation_id(route: Route) -> str:
    """Return a stable name for a route."""
    words = re.sub(r"[^a-z0-9]+", "_", _NAME.sub(r"by_\1", route.path.lower())).strip("_")
    return f"{route.method.lower()}_{words}"


def _policy(policy: Policy) -> Mapping[str, Any]:
    roles = policy.roles
    named = sorted(roles) if isinstance(roles, frozenset) else roles.value
    return {"roles": named, "scope": policy.scope}


def _in_path(route: Route) -> list[Mapping[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            **({"example": _SAMPLE_IDS[name]} if name in _SAMPLE_IDS else {}),
        }
        for name in _NAME.findall(route.path)
    ]


def _in_query(route: Route) -> list[Mapping[str, Any]]:
    if route.query is None:
        return []
    schema = jsonschema.of(route.query)
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": shape,
            **({"style": "form", "explode": False} if shape.get("type") == "array" else {}),
        }
        for name, shape in schema.get("properties", {}).items()
    ]


def _in_headers(route: Route) -> list[Mapping[str, Any]]:
    names = []
    if route.method in ("POST", "PATCH", "PUT", "DELETE"):
        names.append(("Idempotency-Key", False))
    if route.method == "PATCH" or route.path.endswith("/events"):
        names.append(("If-Match", route.method == "PATCH"))
    return [
        {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}
        for name, required in names
    ]


def _content(route: Route) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
    if route.body is not None:
        body = {"schema": jsonschema.of(route.body)}
        if route.example is not None:
            body["example"] = route.example
    return dict.fromkeys(route.media, body)


def _responses(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(status): _success(schema) for status, schema in route.answers.items()
    }
    slugs: dict[int, list[str]] = {}
    for slug in _slugs(route):
        slugs.setdefault(_STATUS_OF[slug], []).append(slug)
    problem = {"application/problem+json": {"schema": schemas.ref("Problem")}}
    for status, names in sorted(slugs.items()):
        own = found.get(str(status), {}).get("content", {})
        found[str(status)] = {"description": ", ".join(names), "content": {**own, **problem}}
    return found


def _success(schema: type[Schema] | Mapping[str, Any] | None) -> Mapping[str, Any]:
    if schema is None:
        return {"description": "Done"}
    shape = schema if isinstance(schema, Mapping) else jsonschema.of(schema)
    return {"description": "Done", "content": {JSON: {"schema": shape}}}


def _slugs(route: Route) -> Sequence[str]:
    """Return the problems a route may answer with."""
    public = route.policy.roles is PUBLIC
    asked = route.query is not None
    fires = route.method == "POST" and route.path.endswith("/events")
    found = [
        ("unknown-parameter", True),
        ("unauthenticated", not public),
        ("forbidden", not public),
        ("not-found", "{" in route.path),
        ("validation-failed", asked),
        ("time-without-offset", asked),
        ("invalid-cursor", "cursor" in route.parameters),
        *((slug, route.takes_body) for slug in _WITH_BODY),
        *((slug, route.method == "PATCH") for slug in _ON_PATCH),
        *((slug, fires) for slug in _ON_EVENTS),
        ("link-revoked", "{token}" in route.path),
        *((slug, True) for slug in _ALWAYS),
    ]
    return tuple(dict.fromkeys(slug for slug, applies in found if applies))


def curl(route: Route) -> str:
    """Return the call as one types it."""
    path = _NAME.sub(lambda m: _SAMPLE_IDS.get(m[1], m[0]), route.path)
    words = ["curl"]
    if route.method not in ("GET", "POST"):
        words.append(f"-X {route.method}")
    if route.policy.roles is not PUBLIC:
        words.append('-H "Authorization: Bearer $KEY"')
    if route.takes_body:
        words.append(f"-H 'Content-Type: {route.media[0]}'")
    if route.method == "PATCH":
        words.append("""-H 'If-Match: "v1"'""")
    if route.body is not None:
        body = route.example if route.example is not None else {}
        words.append(f"-d '{orjson.dumps(body).decode()}'")
    elif route.method == "POST":
        words.append("-X POST")
    return " ".join([*words, f'"$BASE{path}"'])


def _webhook() -> Mapping[str, Any]:
    payload = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "example": "sla.breached"},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object"},
        },
    }
    return {
        "post": {
            "summary": "Standard Webhooks 1.0: webhook-id, webhook-timestamp, webhook-signature",
            "requestBody": {"content": {JSON: {"schema": payload}}},
            "responses": {"200": {"description": "Any 2xx within 15 s is success"}},
        }
    }


def routes(others: Iterable[Route]) -> tuple[Route, ...]:
    """Return the route of the document, which covers `others` and itself."""
    listed = tuple(others)

    @cache
    def written(base_url: str, version: str) -> bytes:
        return orjson.dumps(document((*listed, own), base_url, version))

    def read(call: Call) -> Answer:
        settings = call.settings
        return Answer(200, written(settings.base_url, settings.version))

    own = Route(
        method="GET", path="/v1/openapi.json", policy=_OPEN, handler=read, tag="meta",
        summary="This document", limited=False,
    )  # fmt: skip
    return (own,)
