"""A load generator that costs little: one thread, keep-alive connections, no HTTP library.

It shares the machine with what it measures, and costs both sides the same.
"""

import selectors
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent."""

    method: str
    path: str
    body: bytes = b""

    def encoded(self, head: bytes) -> bytes:
        """Return the bytes on the wire; `head` are the headers all requests share."""
        length = f"Content-Length: {len(self.body)}\r\n" if self.method == "POST" else ""
        start = f"{self.method} {self.path} HTTP/1.1\r\n{length}"
        return start.encode() + head + b"\r\n" + self.body


@dataclass(slots=True)
class Measured:
    """What a run of requests came to. `latencies` are seconds; `bodies` the answers' bytes."""

    seconds: float
    latencies: list[float]
    bodies: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def median_ms(self) -> float:
        """The median latency in milliseconds."""
        return 1000 * median(self.latencies)

    @property
    def p99_ms(self) -> float:
        """The 99th percentile of latencies in milliseconds."""
        return 1000 * quantiles(self.latencies, n=100)[98]


class Refused(Exception):
    """An answer was not the expected success; the message holds its first bytes."""


@dataclass(slots=True)
class _Line:
    """One connection and what is on its way over it."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""
    needed: int = 0


def run(
    port: int, requests: Sequence[Request], *, key: str, at_once: int, keep: bool = False
) -> Measured:
    """Send the requests over `at_once` connections, the next as soon as one is answered.

    Raises Refused at the first answer that is not 2xx.
    """
    head = (
        f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\n"
    ).encode()
    waiting = iter([request.encoded(head) for request in requests])
    with selectors.DefaultSelector() as ready:
        lines = [_Line(socket.create_connection(("127.0.0.1", port))) for _ in range(at_once)]
        try:
            return _drive(ready, lines, waiting, keep=keep)
        finally:
            for line in lines:
                line.socket.close()


def _drive(
    ready: selectors.BaseSelector, lines: Sequence[_Line], waiting: Iterator[bytes], *, keep: bool
) -> Measured:
    done = Measured(0.0, [])
    started = perf_counter()
    under_way = 0
    for line in lines:
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready.register(line.socket, selectors.EVENT_READ, line)
        under_way += _send(line, waiting)
    while under_way:
        for event, _ in ready.select():
            line = event.data
            if not _answered(line):
                continue
            done.latencies.append(perf_counter() - line.sent_at)
            if keep:
                done.bodies.append(line.received.partition(b"\r\n\r\n")[2])
            under_way -= 1
            under_way += _send(line, waiting)
    done.seconds = perf_counter() - started
    return done


def _send(line: _Line, waiting: Iterator[bytes]) -> int:
    """Send the next request; return how many are under way because of it."""
    request = next(waiting, None)
    if request is None:
        return 0
    line.received, line.needed = b"", 0
    line.sent_at = perf_counter()
    line.socket.sendall(request)
    return 1


def _answered(line: _Line) -> bool:
    block = line.socket.recv(_BLOCK)
    line.received += block
    if not block:
        raise Refused("the connection was closed")
    if not line.needed:
        head, end, _ = line.received.partition(b"\r\n\r\n")
        if not end:
            return False
        line.needed = len(head) + 4 + _length(head)
    if len(line.received) < line.needed:
        return False
    if line.received[9:10] != b"2":
        raise Refused(line.received[:600].decode(errors="replace"))
    return True


def _length(head: bytes) -> int:
    for row in head.split(b"\r\n"):
        name, _, value = row.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise Refused(f"an answer without length: {head.decode(errors='replace')}")
