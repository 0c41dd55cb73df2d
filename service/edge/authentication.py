"""Bearer keys become actors. A revocation bites within five seconds (ARCHITECTURE 6)."""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from service.commands import credentials
from service.commands.ports import Ports
from service.core import keys
from service.core.actors import Actor, Role
from service.core.errors import Unauthenticated

_KEPT_S = 4.0
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Credential:
    """Who calls, and by which key."""

    actor: Actor
    key_id: UUID


class Authenticator:
    """Looks keys up by prefix and compares digests in constant time."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._known: dict[str, tuple[float, Any]] = {}
        self._lock = Lock()

    def actor_of(self, header: str | None) -> Credential:
        """Return the caller that an Authorization header names. Raises Unauthenticated."""
        key = keys.parse(_token(header))
        if key is None:
            raise Unauthenticated("malformed")
        row = self._row(key)
        # Compared even when there is no such key, so that both take the same time.
        same = keys.same(bytes(row["hash"]) if row else bytes(len(key.digest)), key.digest)
        if row is None or not same:
            raise Unauthenticated("unknown")
        if row["revoked_at"] is not None or not row["active"]:
            raise Unauthenticated("revoked")
        if row["expired"]:
            raise Unauthenticated("expired")
        return Credential(_actor(row), row["key_id"])

    def forget(self) -> None:
        """Ask the database for every key again."""
        self._known.clear()

    def _row(self, key: keys.Key) -> Any:
        """Return the key's row, kept for a few seconds; absent ones are asked for again."""
        prefix = key.prefix
        at, row = self._known.get(prefix, (0.0, None))
        if row is not None and time.monotonic() - at < _KEPT_S:
            return row
        row = credentials.look_up(self._ports, key)
        with self._lock:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            if row is None:
                self._known.pop(prefix, None)
            else:
                self._known[prefix] = (time.monotonic(), row)
        return row


def _token(header: str | None) -> str:
    if header is None:
        raise Unauthenticated("missing")
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("malformed")
    return token.strip()


def _actor(row: Any) -> Actor:
    return Actor(
        id=row["account_id"],
        role=Role(row["role"]),
        name=row["name"],
        place_id=row["place_id"],
        place_path=row["place_path"],
        scopes=frozenset(row["scopes"]),
        crew_id=row["crew_id"],
        vendor_id=row["vendor_id"],
        tier=row["tier"],
        is_lead=row["is_lead"],
    )
