"""From a request to a `Call`, in the order of checks of RULINGS 6."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from service.core.actors import Actor, Role
from service.core.errors import (
    FieldError,
    Forbidden,
    NotFound,
    ServiceError,
    Unauthenticated,
    ValidationFailed,
)
from service.edge import addresses, languages, reading, strict_json
from service.edge.authentication import Credential
from service.edge.refusals import PayloadTooLarge, UnsupportedMediaType
from service.edge.routes import ANY_TYPE, PUBLIC, Answer, Call, Route
from service.edge.visit import Edge, Visit

LONGEST_URL = 8192
MOST_DISCARDED = 64 << 20
_BLOCK = 1 << 16
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

NOBODY = Actor(id=UUID(int=0), role=Role.RESIDENT, name="", place_id="", place_path="-")
"""The caller of a public route: inside no place."""


def enter(edge: Edge, visit: Visit, request: Request, route: Route | None) -> None:
    """Let the caller in, or not: 401, then 429. `route` is None for an unknown path."""
    public = route is not None and route.policy.roles is PUBLIC
    if not public:
        visit.credential = _identified(edge, request)
    if edge.quota is None or (route is not None and not route.limited):
        return
    known = visit.credential
    visit.spent = edge.quota.spend(str(known.key_id) if known else f"at:{_at(edge, request)}")
    edge.quota.refuse(visit.spent)


def _identified(edge: Edge, request: Request) -> Credential:
    header = request.headers.get("Authorization")
    try:
        return edge.authenticator.actor_of(header)
    except Unauthenticated as refused:
        edge.guesses.wrong_key(refused, header, _at(edge, request))
        raise


def _at(edge: Edge, request: Request) -> str:
    """Return where the call comes from, as limits count it."""
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    return addresses.caller(request.remote_addr, forwarded, edge.proxies)


def needs_no_credential(path: str) -> bool:
    """Tell whether an unknown path may be called unknown without a credential."""
    return not (path == "/v1" or path.startswith("/v1/"))


def serve(
    edge: Edge, visit: Visit, request: Request, route: Route, path: Mapping[str, str]
) -> Answer:
    """Read the request and call the handler. Raises what the handler raises."""
    try:
        return _served(edge, visit, request, route, path)
    except NotFound:
        if "token" in path:
            edge.guesses.wrong_token(_at(edge, request))
        raise


def _served(
    edge: Edge, visit: Visit, request: Request, route: Route, path: Mapping[str, str]
) -> Answer:
    call = _read(edge, visit, request, route, path)
    lacking = route.policy.lacks(call.actor)
    if lacking is not None:
        _refuse(call, lacking)
    _common(call)
    return route.handler(call)


def _common(call: Call) -> None:
    """Judge the parameters that every route knows. Raises NotFound before ValidationFailed."""
    try:
        reading.switch("labels", call.raw_query)
        languages.chosen(call.raw_query.get("lang"), None)
    except ValidationFailed:
        call.require_visible()
        raise


def _refuse(call: Call, lacking: str) -> None:
    """Say 403 only to somebody who would not get 404 or 422 before it."""
    call.require_visible()
    _ = call.query
    call.body()
    raise Forbidden(lacking)


def _read(
    edge: Edge, visit: Visit, request: Request, route: Route, path: Mapping[str, str]
) -> Call:
    sent = {name: ",".join(request.args.getlist(name)) for name in request.args}
    known = visit.credential
    call = Call(
        route=route,
        actor=known.actor if known else NOBODY,
        ports=edge.ports,
        settings=edge.settings,
        path=path,
        raw_query=sent,
        headers=request.headers,
        raw=b"",
        json=None,
        lang=visit.lang,
        labels=sent.get("labels") in ("1", "true"),
        request_id=visit.request_id,
        url=request.full_path.rstrip("?"),
        key_id=known.key_id if known else None,
    )
    if route.visible_first:
        _not_in_vain(call, request)
    call.raw = _raw(request, route)
    call.json = _parsed(call.raw, request, route)
    reading.known_only(route.parameters, sent)
    reading.offsets_given(call.json, sent)
    _no_control_characters(sent, path)
    return call


def _not_in_vain(call: Call, request: Request) -> None:
    try:
        call.require_visible()
    except ServiceError:
        _let_finish(request)
        raise


def _raw(request: Request, route: Route) -> bytes:
    """Return the body: 413 by its declared length, 415, 413 by what really comes."""
    if len(request.full_path) > LONGEST_URL:
        raise PayloadTooLarge(LONGEST_URL)
    if request.method not in _UNSAFE:
        return b""
    if (request.content_length or 0) > route.most_bytes:
        _let_finish(request)
        raise PayloadTooLarge(route.most_bytes)
    if route.takes_body and not _may_be_left_out(request, route):
        _check_type(request, route)
    # One byte more than permitted is let through, so that a body of unknown length shows.
    request.max_content_length = route.most_bytes + 1
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise PayloadTooLarge(route.most_bytes) from None
    if len(raw) > route.most_bytes:
        raise PayloadTooLarge(route.most_bytes)
    return raw


def _let_finish(request: Request) -> None:
    """Read on and keep nothing: a client that still sends would not see the answer."""
    source, left = request.environ["wsgi.input"], MOST_DISCARDED
    while left > 0 and (block := source.read(min(_BLOCK, left))):
        left -= len(block)


def _parsed(raw: bytes, request: Request, route: Route) -> Any:
    if _may_be_left_out(request, route):
        return {}
    return strict_json.parse(raw) if route.takes_json and "json" in request.mimetype else None


def _may_be_left_out(request: Request, route: Route) -> bool:
    """Tell whether there is no body and none is needed."""
    return not route.body_fields and not request.content_length and not request.mimetype


def _check_type(request: Request, route: Route) -> None:
    encoded = request.headers.get("Content-Encoding", "identity").lower() != "identity"
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    offered = request.mimetype in route.media or ANY_TYPE in route.media
    if encoded or not offered or charset not in ("utf-8", "utf8"):
        _let_finish(request)
        raise UnsupportedMediaType(route.media)


def _no_control_characters(sent: Mapping[str, str], path: Mapping[str, str]) -> None:
    if any(_CONTROL.search(value) for value in path.values()):
        raise NotFound
    faults = [
        FieldError(f"?{name}", "forbidden_character")
        for name, value in sent.items()
        if _CONTROL.search(name + value)
    ]
    if faults:
        raise ValidationFailed(faults)
