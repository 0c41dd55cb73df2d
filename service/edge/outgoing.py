"""From an `Answer` or an error to a response: tags, headers, one log line."""

import time
import traceback

import structlog
from flask import Request, Response
from prometheus_client import Histogram
from werkzeug.exceptions import HTTPException

from service.core.errors import NotFound, ServiceError
from service.edge import problems
from service.edge.conditions import none_match, weak_etag
from service.edge.output import as_json
from service.edge.refusals import (
    MalformedJson,
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from service.edge.routes import JSON, MIB, Answer
from service.edge.service_clock import HEADER
from service.edge.visit import Edge, Visit

log = structlog.get_logger()

DURATION = Histogram(
    "anju_http_request_duration_seconds",
    "Time to answer",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-cache",
}


def respond(answer: Answer, visit: Visit, request: Request) -> Response:
    """Return the response of an answer; 304 when the client has it already."""
    if answer.stream is not None:
        response = Response(answer.stream, answer.status, mimetype=answer.media_type)
    elif answer.body is None:
        response = Response(status=answer.status)
        response.headers.pop("Content-Type", None)
    else:
        body = answer.body if isinstance(answer.body, bytes) else as_json(answer.body)
        response = Response(body, answer.status, content_type=_content_type(answer.media_type))
        if _taggable(answer, request):
            response.headers["ETag"] = answer.headers.get("ETag") or weak_etag(body)
    response.headers.update(answer.headers)
    if _has_it(response, request):
        response.status_code = 304
        response.set_data(b"")
        response.headers.pop("Content-Type", None)
    if answer.media_type == JSON:
        _speak(response, visit)
    return response


def refuse(error: ServiceError, edge: Edge, visit: Visit) -> Response:
    """Return the problem document of an error."""
    visit.error = error
    problem = problems.problem_of(error)
    body = problems.body_of(
        error, lang=visit.lang, base_url=edge.settings.base_url, request_id=visit.request_id
    )
    response = Response(as_json(body), problem.status, content_type=problems.MEDIA_TYPE)
    response.headers.update(problem.headers(error))
    response.headers["Cache-Control"] = "no-store"
    _speak(response, visit)
    return response


def translated(error: Exception) -> ServiceError:
    """Return the domain's name for anything that was raised."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, HTTPException):
        return _from_http(error)
    trace = "".join(traceback.format_tb(error.__traceback__))  # lines, never values
    log.error("internal", error=type(error).__name__, trace=trace)
    return problems.Internal()


def finish(response: Response, edge: Edge, visit: Visit, request: Request) -> Response:
    """Add what every answer carries, and log it."""
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    if edge.settings.base_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    response.headers["X-Request-Id"] = visit.request_id
    if visit.spent is not None and edge.quota is not None:
        if response.status_code == 304:
            visit.spent = edge.quota.give_back(visit.spent)
        response.headers.update(visit.spent.headers())
    if request.path.startswith("/v1/"):
        _tell_time(response, edge)
    _note(response, visit, request)
    return response


def _tell_time(response: Response, edge: Edge) -> None:
    """Add the simulated time; an answer that has it already has just moved the clock."""
    if HEADER in response.headers:
        edge.clock.forget()
        return
    shown = edge.clock.shown()
    if shown is not None:
        response.headers[HEADER] = shown


def _note(response: Response, visit: Visit, request: Request) -> None:
    route = request.url_rule.endpoint if request.url_rule else "unknown"
    took = time.monotonic() - visit.started
    DURATION.labels(route, request.method, str(response.status_code)).observe(took)
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(took * 1000, 1),
        request_id=visit.request_id,
        role=str(visit.credential.actor.role) if visit.credential else None,
        problem=problems.problem_of(visit.error).slug if visit.error else None,
    )


def _speak(response: Response, visit: Visit) -> None:
    response.headers["Content-Language"] = visit.lang
    response.headers["Vary"] = "Accept-Language, Authorization"


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _taggable(answer: Answer, request: Request) -> bool:
    return request.method in ("GET", "HEAD") and answer.status == 200


def _has_it(response: Response, request: Request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and none_match(request.headers.get("If-None-Match"), response.headers.get("ETag"))
    )


_HTTP: dict[int, ServiceError] = {
    404: NotFound(),
    413: PayloadTooLarge(MIB),
    415: UnsupportedMediaType((JSON,)),
}


def _from_http(error: HTTPException) -> ServiceError:
    methods = getattr(error, "valid_methods", None)
    if methods is not None:
        return MethodNotAllowed(tuple(sorted(set(methods) - {"OPTIONS"})))
    if error.code == 400:
        return MalformedJson(1, 1, "unreadable")
    return _HTTP.get(error.code or 500) or problems.Internal()
