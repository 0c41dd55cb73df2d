"""What only HTTP can refuse; the domain's own errors are in `core.errors`."""

from dataclasses import dataclass

from service.core.errors import ServiceError


class Refusal(ServiceError):
    """Base of everything refused before a command is reached."""


@dataclass
class MalformedJson(Refusal):
    """The body is not strict JSON; `line` and `column` count from 1."""

    line: int
    column: int
    reason: str


@dataclass
class UnknownParameter(Refusal):
    """A query name the route does not know, with the nearest one it does."""

    parameter: str
    suggestion: str | None = None


@dataclass
class TimeWithoutOffset(Refusal):
    """A local time, which names no instant."""

    pointer: str


@dataclass
class MethodNotAllowed(Refusal):
    """The path exists, not with this method."""

    allowed: tuple[str, ...]


@dataclass
class NotAcceptable(Refusal):
    """The format asked for is not offered."""

    offered: tuple[str, ...]


@dataclass
class PayloadTooLarge(Refusal):
    """More bytes than permitted."""

    limit: int


@dataclass
class UnsupportedMediaType(Refusal):
    """A content type that is not offered, or content that contradicts it."""

    offered: tuple[str, ...]


@dataclass
class RangeNotSatisfiable(Refusal):
    """A part of an upload that does not continue, or a range that what is here has not.

    `size` is given for a download; `received` is how many bytes there are.
    """

    received: int
    size: int | None = None


@dataclass
class RateLimited(Refusal):
    """The quota is used up; it is full again after `retry_after_s`."""

    policy: str
    retry_after_s: int
