"""A plain HTTP/1.1 client: sends exactly what it is told, keeps its connection, follows nothing."""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPMessage
from typing import Any

_PATIENCE_S = 20
_NOT_COMPARED = frozenset(
    {"date", "x-request-id", "ratelimit", "ratelimit-policy"}
)  # RULINGS 31: all that may tell an absent answer from an invisible one


@dataclass(frozen=True)
class Got:
    """One answer."""

    status: int
    headers: HTTPMessage
    body: bytes

    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """Return the slug of a problem, None of anything else."""
        kind = self.headers.get_content_type()
        return str(self.json()["code"]) if kind == "application/problem+json" else None

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Return pointer and code of each fault of a 422."""
        return [(fault["pointer"], fault["code"]) for fault in self.json().get("errors", ())]

    def alike(self) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
        """Return everything by which two callers could tell two answers apart."""
        kept = sorted(
            (name.lower(), value)
            for name, value in self.headers.items()
            if name.lower() not in _NOT_COMPARED
        )
        return self.status, self.body, tuple(kept)


@dataclass
class Caller:
    """Calls one server over one connection."""

    port: int
    _conn: HTTPConnection | None = field(default=None, repr=False)

    def send(
        self,
        method: str,
        path: str,
        key: str | None = None,
        *,
        raw: bytes | None = None,
        **more: Any,
    ) -> Got:
        """Send one request. `more`: json (a value), headers. A stale connection is renewed."""
        headers = dict(more.get("headers", {}))
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key}")
        if "json" in more:
            raw = json.dumps(more["json"]).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            return self._sent(method, path, raw, headers)
        except (HTTPException, ConnectionError):
            self.close()  # the server ends connections that idle
            return self._sent(method, path, raw, headers)

    def _sent(self, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> Got:
        if self._conn is None:
            self._conn = HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        self._conn.request(method, path, body=raw, headers=headers)
        answer = self._conn.getresponse()
        return Got(answer.status, answer.headers, answer.read())

    def close(self) -> None:
        """Close the connection."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None
