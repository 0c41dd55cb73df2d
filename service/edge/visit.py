"""What is known of the request being served: one object for its time in the house."""

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Request, g

from service.commands.ports import Ports
from service.core.errors import ServiceError
from service.edge.addresses import Network
from service.edge.authentication import Authenticator, Credential
from service.edge.guesses import Guesses
from service.edge.languages import chosen, negotiate
from service.edge.quota import Quota, Spent
from service.edge.routes import Route
from service.edge.service_clock import ServiceClock
from service.edge.settings import EdgeSettings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Edge:
    """Everything the front door is built of."""

    ports: Ports
    settings: EdgeSettings
    authenticator: Authenticator
    quota: Quota | None
    guesses: Guesses
    proxies: tuple[Network, ...]
    clock: ServiceClock
    routes_at: Mapping[str, Mapping[str, Route]]  # by path, then by method


@dataclass(slots=True)
class Visit:
    """One request: who, in which language, what it cost, how long it took."""

    request_id: str
    lang: str
    started: float = field(default_factory=time.monotonic)
    credential: Credential | None = None
    spent: Spent | None = None
    error: ServiceError | None = None


def begin(request: Request) -> Visit:
    """Start the visit; its language is the best guess until the parameters are read."""
    sent = request.headers.get("X-Request-Id", "")
    usable = _REQUEST_ID.fullmatch(sent) is not None
    g.visit = Visit(
        request_id=sent if usable else f"r-{secrets.token_hex(8)}",
        lang=_language(request),
    )
    return current()


def current() -> Visit:
    """Return the visit of the request being served."""
    visit: Visit = g.visit
    return visit


def _language(request: Request) -> str:
    header = request.headers.get("Accept-Language")
    try:
        return chosen(request.args.get("lang"), header)
    except ServiceError:
        return negotiate(header)
