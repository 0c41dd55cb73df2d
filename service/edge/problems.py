"""Which problem each error is: slug, status, members, headers (API 18, RFC 9457).

The domain knows no HTTP; this table does. A test proves that no error is missing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core import errors as domain
from service.core.errors import FieldError, Reason, ServiceError
from service.core.messages import text
from service.edge import refusals
from service.edge.conditions import etag
from service.sla.notation import iso

MEDIA_TYPE = "application/problem+json"
Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem type. `retryable`: the very same call may succeed later."""

    slug: str
    status: int
    retryable: bool = False
    members: Callable[[Any, str], Members] = lambda _error, _lang: {}
    headers: Callable[[Any], Mapping[str, str]] = lambda _error: {}


class Internal(ServiceError):
    """Our fault; nothing was changed."""


def _fields(error: domain.ValidationFailed, lang: str) -> Members:
    return {"errors": [_field(fault, lang) for fault in error.errors]}


def _field(fault: FieldError, lang: str) -> Members:
    found: dict[str, Any] = {
        "pointer": fault.pointer,
        "code": fault.code,
        "detail": fault.detail or text(f"field.{fault.code}", lang),
    }
    if fault.allowed:
        found["allowed"] = list(fault.allowed)
    return found


def reason(found: Reason, lang: str) -> Members:
    """Return a guard's refusal as the API shows it."""
    return {"code": found.code, "title": text(f"guard.{found.code}", lang), "rule": found.rule}


def _template(error: domain.TemplateProfile, lang: str) -> Members:
    reasons = [reason(Reason("template_profile", "R-REP-24"), lang)]
    return {"reasons": reasons, "profile": error.profile, "missing": list(error.missing)}


def _future(error: domain.OccurredInFuture, _lang: str) -> Members:
    moments: dict[str, datetime] = {
        "occurred_at": error.occurred_at,
        "server_time": error.server_time,
    }
    return {name: iso(moment) for name, moment in moments.items()}


def _soon(_error: ServiceError) -> Mapping[str, str]:
    return {"Retry-After": "1"}


def _later(_error: ServiceError) -> Mapping[str, str]:
    return {"Retry-After": "5"}


def _where(error: refusals.RangeNotSatisfiable) -> Mapping[str, str]:
    if error.size is None:
        return {"Upload-Offset": str(error.received)}
    return {"Content-Range": f"bytes */{error.size}"}


def _members(*names: str) -> Callable[[Any, str], Members]:
    def read(error: Any, _lang: str) -> Members:
        values = {name: getattr(error, name) for name in names}
        return {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}

    return read


PROBLEMS: Mapping[type[ServiceError], Problem] = {
    refusals.MalformedJson: Problem("malformed-json", 400, members=_members("line", "column")),
    refusals.UnknownParameter: Problem(
        "unknown-parameter", 400, members=_members("parameter", "suggestion")
    ),
    domain.InvalidCursor: Problem("invalid-cursor", 400),
    refusals.TimeWithoutOffset: Problem("time-without-offset", 400, members=_members("pointer")),
    domain.Unauthenticated: Problem(
        "unauthenticated",
        401,
        members=_members("reason"),
        headers=lambda _: {"WWW-Authenticate": 'Bearer realm="anju"'},
    ),
    domain.Forbidden: Problem("forbidden", 403, members=_members("needed")),
    domain.ForbiddenEvent: Problem("forbidden-event", 403, members=_members("event", "roles")),
    domain.NotFound: Problem("not-found", 404),
    refusals.MethodNotAllowed: Problem(
        "method-not-allowed",
        405,
        members=_members("allowed"),
        headers=lambda error: {"Allow": ", ".join(error.allowed)},
    ),
    refusals.NotAcceptable: Problem("not-acceptable", 406, members=_members("offered")),
    domain.IllegalTransition: Problem(
        "illegal-transition",
        409,
        members=lambda error, _lang: {
            "state": error.state,
            "event": error.event,
            "allowed_events": list(error.allowed),
        },
    ),
    domain.GuardRefused: Problem(
        "guard-refused",
        409,
        members=lambda error, lang: {"reasons": [reason(r, lang) for r in error.reasons]},
    ),
    domain.TemplateProfile: Problem("guard-refused", 409, members=_template),
    domain.KeyInProgress: Problem("idempotency-in-progress", 409, True, headers=_soon),
    domain.AlreadyExists: Problem("already-exists", 409),
    domain.LinkRevoked: Problem("link-revoked", 410),
    domain.VersionMismatch: Problem(
        "version-mismatch",
        412,
        members=lambda error, _lang: {"current_version": error.current},
        headers=lambda error: {"ETag": etag(error.current)},
    ),
    refusals.PayloadTooLarge: Problem("payload-too-large", 413, members=_members("limit")),
    refusals.UnsupportedMediaType: Problem(
        "unsupported-media-type",
        415,
        members=_members("offered"),
        headers=lambda error: {"Accept": ", ".join(error.offered)},
    ),
    refusals.RangeNotSatisfiable: Problem(
        "range-not-satisfiable",
        416,
        members=_members("received"),
        headers=_where,
    ),
    domain.ValidationFailed: Problem("validation-failed", 422, members=_fields),
    domain.KeyReused: Problem("idempotency-key-reused", 422),
    domain.OccurredInFuture: Problem("occurred-at-in-future", 422, members=_future),
    domain.PreconditionRequired: Problem("precondition-required", 428),
    refusals.RateLimited: Problem(
        "rate-limited",
        429,
        True,
        members=_members("policy"),
        headers=lambda error: {"Retry-After": str(error.retry_after_s)},
    ),
    Internal: Problem("internal", 500, True),
    domain.StorageUnavailable: Problem("storage-unavailable", 503, True, headers=_later),
    domain.OutcomeUnknown: Problem(
        "outcome-unknown", 503, True, members=_members("retry_with"), headers=_soon
    ),
}

SLUGS = tuple(dict.fromkeys(problem.slug for problem in PROBLEMS.values()))


def problem_of(error: ServiceError) -> Problem:
    """Return the problem of an error: its own, else that of the nearest base."""
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            return PROBLEMS[kind]
    return PROBLEMS[Internal]


def body_of(error: ServiceError, *, lang: str, base_url: str, request_id: str) -> Members:
    """Return the problem document. That of `not-found` names no request (API 2)."""
    problem = problem_of(error)
    found: dict[str, Any] = {
        "type": f"{base_url}/problems/{problem.slug}",
        "title": text(f"problem.{problem.slug}.title", lang),
        "status": problem.status,
        "code": problem.slug,
        "detail": text(f"problem.{problem.slug}.detail", lang),
        "retryable": problem.retryable,
        **problem.members(error, lang),
    }
    if problem.slug != "not-found":
        found["request_id"] = request_id
    return found


def every_error(base: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    """Yield each concrete error class there is."""
    for kind in base.__subclasses__():
        if kind.__subclasses__():
            yield from every_error(kind)
        else:
            yield kind
