"""One client's line to the service: every call goes into the journal with what came back."""

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from tests.faults.journal import READ, Call, Journal

_TIMEOUT_S = 6.0
_NOWHERE = 0.1
_MERGE_PATCH = "application/merge-patch+json"


@dataclass
class Wire:
    """Calls as one person. `now` is the service's time as last told."""

    client: str
    actor: str
    role: str
    port: int
    journal: Journal
    now: datetime
    key: str | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Call:
        """Look at something."""
        return self.call("GET", path)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        asks: str = READ,
        cut: bool = False,
        **about: Any,
    ) -> Call:
        """Send one request and write down what came of it.

        `about` may name ticket, event_id, key (the Idempotency-Key) and match (the version).
        `cut` hangs up as soon as the request is sent: the client will never know.
        """
        match = about.pop("match", None)
        sent_at = monotonic()
        status, headers, found = self._exchange(
            method, path, body, self._headers(method, about.get("key"), match), cut=cut
        )
        call = Call(
            client=self.client, actor=self.actor, role=self.role, method=method, path=path,
            asks=asks, sent_at=sent_at, answered_at=monotonic(), status=status,
            content_type=headers.get("content-type", ""), retry_after=headers.get("retry-after"),
            problem=_problem(found), body=found, **about,
        )  # fmt: skip
        self.journal.add(call)
        if "x-anju-time" in headers:
            self.now = datetime.fromisoformat(headers["x-anju-time"])
        return call

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _headers(self, method: str, key: str | None, match: int | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        if method in ("POST", "PATCH"):
            headers["Content-Type"] = _MERGE_PATCH if method == "PATCH" else "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        if match is not None:
            headers["If-Match"] = f'"v{match}"'
        return headers

    def _exchange(
        self, method: str, path: str, body: Any, headers: Mapping[str, str], *, cut: bool
    ) -> tuple[int | None, Mapping[str, str], Any]:
        """Return status, headers and body; no status when no whole answer came."""
        packed = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=_TIMEOUT_S
                )
            self._connection.request(method, path, packed, dict(headers))
            if cut:
                self.close()
                return None, {}, None
            answer = self._connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            self.stopping.wait(_NOWHERE)
            return None, {}, None
        told = {name.lower(): value for name, value in answer.getheaders()}
        if told.get("connection") == "close":
            self.close()
        return answer.status, told, _parsed(raw)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _problem(body: Any) -> str | None:
    """Return the slug of a problem's type."""
    kind = body.get("type") if isinstance(body, dict) and "status" in body else None
    return str(kind).rpartition("/")[2] if kind else None
