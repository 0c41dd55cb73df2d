"""Domain errors. They know nothing of HTTP; `edge/problems.py` maps each class."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


class ServiceError(Exception):
    """Base of everything Anju refuses on purpose."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of the input.

    `pointer` is an RFC 6901 pointer into the body, or `?name` for a query value.
    """

    pointer: str
    code: str
    detail: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a guard refused: a stable code and the rule it comes from."""

    code: str
    rule: str = ""


@dataclass
class NotFound(ServiceError):
    """Absent, or invisible to this caller: nobody may tell which."""


@dataclass
class Forbidden(ServiceError):
    """A scope or the role for this route is lacking."""

    needed: str


@dataclass
class ForbiddenEvent(ServiceError):
    """Inside the place, but the role has no such event."""

    event: str
    roles: tuple[str, ...] = ()


@dataclass
class IllegalTransition(ServiceError):
    """No row of the workflow leaves this state by this event."""

    kind: str
    state: str
    event: str
    allowed: tuple[str, ...] = ()


@dataclass
class GuardRefused(ServiceError):
    """The row exists and a rule forbids it; carries every reason."""

    reasons: tuple[Reason, ...]


@dataclass
class ValidationFailed(ServiceError):
    """Well-formed, but not acceptable; carries all faults at once."""

    errors: Sequence[FieldError]


@dataclass
class OccurredInFuture(ServiceError):
    """`occurred_at` lies more than the permitted skew ahead."""

    occurred_at: datetime
    server_time: datetime


@dataclass
class VersionMismatch(ServiceError):
    """The caller's version is stale."""

    current: int


@dataclass
class PreconditionRequired(ServiceError):
    """A patch without a version."""


@dataclass
class AlreadyExists(ServiceError):
    """A client-minted id is taken by something else."""


@dataclass
class KeyReused(ServiceError):
    """An Idempotency-Key or event id was used before with other content."""


@dataclass
class KeyInProgress(ServiceError):
    """The first call with this key has not finished."""


@dataclass
class LinkRevoked(ServiceError):
    """The resident's link was withdrawn or has expired."""


@dataclass
class Unauthenticated(ServiceError):
    """No, unknown, expired or revoked credential."""

    reason: str


@dataclass
class InvalidCursor(ServiceError):
    """A page cursor was altered, is foreign, or belongs to other filters."""


@dataclass
class StorageUnavailable(ServiceError):
    """The database cannot be reached; nothing was written."""


@dataclass
class OutcomeUnknown(ServiceError):
    """The connection was lost while committing; repeat with the same id or key."""

    retry_with: str = "same event id or Idempotency-Key"


@dataclass
class TemplateProfile(ServiceError):
    """An SLA profile with blank values cannot be activated (R-REP-24)."""

    profile: str
    missing: tuple[str, ...] = field(default_factory=tuple)
