"""What an HTTP route is: a declared policy, declared parameters, and a handler.

`api/*.py` lists its `Route` rows in `ROUTES`. Registration, the refusal of unknown
parameters, the OpenAPI document and the policy test are all read off these rows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from marshmallow import Schema
from werkzeug.datastructures import Headers

from service.commands import once
from service.commands.ports import Key, Outcome, Ports
from service.commands.step import load
from service.core.actors import Actor, Role
from service.core.errors import ValidationFailed
from service.edge import conditions, output, reading
from service.edge.settings import EdgeSettings

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
ANY_TYPE: Final = "*/*"
MIB: Final = 1 << 20


class Audience(Enum):
    """Wider than any set of roles."""

    ANY = "any"
    PUBLIC = "public"


ANY: Final = Audience.ANY
"""Every caller with a valid credential."""

PUBLIC: Final = Audience.PUBLIC
"""No credential is asked for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a route at all. What they see there is decided by their place."""

    roles: frozenset[Role] | Audience
    scope: str | None = None

    def lacks(self, actor: Actor) -> str | None:
        """Return what the actor lacks: a scope or the roles; None when nothing."""
        if self.roles is PUBLIC:
            return None
        if isinstance(self.roles, frozenset) and actor.role not in self.roles:
            return "role: " + ", ".join(sorted(self.roles))
        if self.scope is not None and self.scope not in actor.scopes:
            return self.scope
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `body`: None, bytes, an iterable of bytes (streamed), or JSON values."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON
    stream: Iterable[bytes] | None = None


def replay(kept: tuple[int, Mapping[str, str], Any]) -> Answer:
    """Return the first answer again, marked as a replay."""
    status, headers, body = kept
    return Answer(status, body.encode() or None, {**headers, "Idempotent-Replayed": "true"})


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, authenticated and read. `raw` is the body as sent."""

    route: "Route"
    actor: Actor
    ports: Ports
    settings: EdgeSettings
    path: Mapping[str, str]
    raw_query: Mapping[str, str]
    headers: Headers
    raw: bytes
    json: Any
    lang: str
    labels: bool
    request_id: str
    url: str
    key_id: UUID | None = None
    _query: Mapping[str, Any] | None = None

    @property
    def query(self) -> Mapping[str, Any]:
        """The loaded query. Raises ValidationFailed with pointers `?name`."""
        if self._query is None:
            try:
                self._query = reading.query(self.route.query, self.raw_query)
            except ValidationFailed:
                self.require_visible()
                raise
        return self._query

    def body(self) -> Mapping[str, Any]:
        """Return the body as the route's schema loads it. Raises ValidationFailed.

        Raises NotFound or KeyReused instead when those come first (RULINGS 6).
        """
        if self.route.body is None:
            return {}
        try:
            return load(self.route.body, self.json, "")
        except ValidationFailed:
            self.require_visible()
            key = self.key(lambda _: Answer())
            if key is not None:
                once.refuse_other_content(self.ports, self.actor, key)
            raise

    def require_visible(self) -> None:
        """Raise NotFound when what the path names is not visible to the caller."""
        if self.route.visible is not None:
            self.route.visible(self)

    @property
    def fingerprint(self) -> bytes:
        """The digest of the parsed body, by which a repeated call is known."""
        return reading.fingerprint(self.json)

    def key(self, render: Callable[[Outcome], "Answer"]) -> Key | None:
        """Return the Idempotency-Key, or None. Raises ValidationFailed.

        `render` makes the answer that is kept, byte for byte, for a replay.
        """
        try:
            sent = conditions.idempotency_key(self.headers.get("Idempotency-Key"))
        except ValidationFailed:
            self.require_visible()
            raise
        if sent is None:
            return None

        def kept(outcome: Outcome) -> tuple[int, Mapping[str, str], Any]:
            answer = render(outcome)
            text = "" if answer.body is None else output.as_json(answer.body).decode()
            return answer.status, answer.headers, text

        # A link's token is a secret: its path is kept without it, the caller is the link.
        path = self.route.path if "token" in self.path else self.url.partition("?")[0]
        return Key(
            route=f"{self.route.method} {path}",
            key=sent,
            fingerprint=self.fingerprint,
            render=kept,
        )

    def if_match(self) -> conditions.IfMatch:
        """Return the precondition of the call: absent, any, or a version."""
        return conditions.if_match(self.headers.get("If-Match"))

    def version(self) -> int | None:
        """Return the version a PATCH demands; None stands for `*`.

        Raises PreconditionRequired when there is no If-Match.
        """
        return self.if_match().required()


Handler = Callable[[Call], Answer]
Answers = Mapping[int, type[Schema] | Mapping[str, Any] | None]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method on one path: `/v1/places/{id}`.

    `query` and `body` are strict schemas; unknown names are refused. `media` lists the
    content types a body may have; a JSON one is parsed strictly before the handler runs.
    `visible` raises NotFound when what the path names is not visible to the caller: it
    is asked before a lacking role or scope is told (RULINGS 6). `kind` is that of a
    ticket collection. `example` is a request body (or the query) that works as shown.
    `visible_first` asks `visible` before a body is read: strangers send megabytes in vain.
    """

    method: str
    path: str
    policy: Policy
    handler: Handler
    summary: str
    tag: str
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    answers: Answers = field(default_factory=lambda: {200: None})
    media: tuple[str, ...] = (JSON,)
    most_bytes: int = MIB
    visible: Callable[[Call], None] | None = None
    visible_first: bool = False
    kind: str | None = None
    example: Any = None
    limited: bool = True

    @cached_property
    def parameters(self) -> frozenset[str]:
        """Names of the query parameters."""
        return frozenset() if self.query is None else reading.names(self.query)

    @cached_property
    def body_fields(self) -> frozenset[str]:
        """Names of the body's members."""
        return frozenset() if self.body is None else reading.names(self.body)

    @property
    def takes_json(self) -> bool:
        """Tell whether the body is parsed before the handler runs."""
        return self.body is not None

    @property
    def takes_body(self) -> bool:
        """Tell whether a body is expected, JSON or other."""
        return self.takes_json or self.media != (JSON,)
