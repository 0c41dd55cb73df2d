"""One POST to an address that was checked: no redirect, no second look at DNS, one deadline."""

import io
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

from service.notify.channel import TransientError

_LONGEST_WAIT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to send, and the addresses the URL's host was found to have."""

    url: str
    addresses: Sequence[str]
    headers: Mapping[str, str]
    body: bytes
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, and the seconds of a `Retry-After` (0 when there is none)."""

    status: int
    retry_after_s: float = 0.0


def post(request: Request) -> Answer:
    """Send it to the first address that answers. Raises TransientError.

    The deadline covers everything; the answer's body is not read.
    """
    deadline = monotonic() + request.timeout_s
    try:
        with _connected(request, deadline) as sock:
            sock.sendall(_wire(request))
            response = HTTPResponse(_Deadline(sock, deadline), method="POST")  # type: ignore[arg-type]
            response.begin()
            return Answer(response.status, _retry_after(response.getheader("Retry-After")))
    except (HTTPException, OSError, ValueError) as exc:
        raise TransientError(f"unreachable: {type(exc).__name__}") from exc


class _Deadline(io.RawIOBase):
    """Reads from a socket, each time with what is left of the deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._at = sock, deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._at))
        return self._sock.recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(request: Request, deadline: float) -> socket.socket:
    parts = urlsplit(request.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    failure: OSError = ConnectionError("no address")
    for address in request.addresses:
        try:
            sock = socket.create_connection((address, port), timeout=_left(deadline))
        except OSError as exc:
            failure = exc
            continue
        return _secured(sock, parts, deadline)
    raise failure


def _secured(sock: socket.socket, parts: SplitResult, deadline: float) -> socket.socket:
    if parts.scheme != "https":
        return sock
    try:
        sock.settimeout(_left(deadline))
        return _tls().wrap_socket(sock, server_hostname=parts.hostname)
    except BaseException:
        sock.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _wire(request: Request) -> bytes:
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Host": parts.netloc,
        "User-Agent": "Anju-Webhooks/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(request.body)),
        "Accept": "*/*",
        "Connection": "close",
        **request.headers,
    }
    lines = [f"POST {target} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + request.body


def _retry_after(value: str | None) -> float:
    """Return whole seconds; a date or nonsense counts as absent."""
    return min(float(value), _LONGEST_WAIT_S) if value and value.isdecimal() else 0.0
