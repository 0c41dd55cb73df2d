"""A hundred thousand overdue clocks after an outage, while people go on using the API."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count
from statistics import quantiles
from threading import Event, Thread
from time import monotonic, perf_counter

import orjson

from benchmarks.planting import Connection
from benchmarks.processes import anju, free_port, process, web_server
from benchmarks.world import World, prepare
from service.local.servers import Servers

OVERDUE = 100_000
# Other clocks of the overdue orders, and those of orders that people act on meanwhile.
_PENDING, _PENDING_PER_OVERDUE = 20_000, 2
_SPREAD_S = 1800.0
_WORKERS = 2
_PER_SECOND = 20
_NORMAL_S = 20.0
_LOOK_S = 0.25
_PATIENCE_S = 600.0

_LEFT = """
SELECT EXISTS (SELECT FROM clock WHERE next_at <= app_now() AND parked_at IS NULL)"""
_FIRED = "SELECT count(*) FROM escalation WHERE due_at BETWEEN %s AND %s"
# Not those of the cohort: what people do here must not race with the sweep for its rungs.
_ORDERS = """
SELECT t.id::text FROM ticket t WHERE t.state = 'accepted' AND t.next_due_at > app_now()
   AND NOT EXISTS (SELECT FROM clock c WHERE c.ticket_id = t.id AND c.next_at <= %s)
 ORDER BY t.id LIMIT 20000"""


class NotFired(Exception):
    """The overdue rungs did not fire, or the API refused."""


@dataclass(frozen=True, slots=True)
class Outage:
    """`seconds` from the start of the workers until every overdue rung had fired.

    p99 of light API traffic in milliseconds, before and meanwhile.
    """

    overdue: int
    seconds: float
    normal_p99_ms: float
    meanwhile_p99_ms: float

    @property
    def slower(self) -> float:
        """How many times the API's p99 rose."""
        return self.meanwhile_p99_ms / self.normal_p99_ms


def measure(servers: Servers, *, overdue: int = OVERDUE) -> Outage:
    """Prepare a world, let its clocks fall due unseen, then start what fires them."""
    name = "bench_outage"
    pending = _PENDING + _PENDING_PER_OVERDUE * overdue
    world = prepare(servers, name, pending_clocks=pending, cohorts=[(overdue, _SPREAD_S)])
    port = free_port()
    serving = anju("serve", "--port", str(port))
    try:
        with web_server(serving, world.environment(), port), world.owner() as conn:
            return _measure_in(world, conn, port)
    finally:
        servers.postgres.drop_database(name)


def _measure_in(world: World, conn: Connection, port: int) -> Outage:
    cohort = world.take_cohort()
    orders = [str(row[0]) for row in conn.execute(_ORDERS, (cohort.until,))]
    with Traffic(world, port, orders[::2]) as before:
        Event().wait(_NORMAL_S)
    world.move_to(cohort.until)
    with ExitStack() as running, Traffic(world, port, orders[1::2]) as meanwhile:
        began = monotonic()
        for part in ("ticker", *["worker"] * _WORKERS):
            running.enter_context(process(anju(part), world.environment()))
        seconds = _until_fired(conn, began)
    row = conn.execute(_FIRED, (cohort.since, cohort.until)).fetchone()
    if row is None or row[0] != cohort.number:
        raise NotFired(f"{row} of {cohort.number}")
    return Outage(cohort.number, seconds, before.p99_ms, meanwhile.p99_ms)


def _until_fired(conn: Connection, began: float) -> float:
    while True:
        row = conn.execute(_LEFT).fetchone()
        seconds = monotonic() - began
        if row and not row[0]:
            return seconds
        if seconds > _PATIENCE_S:
            raise NotFired("rungs are still due")
        Event().wait(_LOOK_S)


@dataclass
class Traffic:
    """People reading and acting at a steady pace, in a thread, as a context manager.

    Every second request is an event on an order of its own. Latencies count from when a
    request was to be sent, so that a slow answer also delays those behind it.
    """

    world: World
    port: int
    orders: Sequence[str]
    latencies: list[float] = field(default_factory=list)
    _stopping: Event = field(default_factory=Event)
    _failed: str = ""

    def __post_init__(self) -> None:
        self._thread = Thread(target=self._run, name="traffic")
        now = self.world.now()
        self._assign = {
            "type": "assign",
            "data": {
                "crew": "c-anxin",
                "price_shown_fen": 8000,
                "visit_from": (now + timedelta(hours=2)).isoformat(),
                "visit_to": (now + timedelta(hours=3)).isoformat(),
            },
        }

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        if self._failed:
            raise NotFired(self._failed)

    @property
    def p99_ms(self) -> float:
        """The 99th percentile of the latencies."""
        return 1000 * quantiles(self.latencies, n=100, method="inclusive")[98]

    def _run(self) -> None:
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        began = perf_counter()
        for n in count():
            at = began + n / _PER_SECOND
            if self._stopping.wait(max(0.0, at - perf_counter())) or self._failed:
                break
            if n // 2 >= len(self.orders):
                self._failed = "people have acted on every order"
                break
            self._call(line, n)
            self.latencies.append(perf_counter() - at)
        line.close()

    def _call(self, line: HTTPConnection, n: int) -> None:
        path = f"/v1/repair-orders/{self.orders[n // 2]}"
        head = {"Authorization": f"Bearer {self.world.keys['dispatcher']}"}
        if n % 2:
            body = orjson.dumps(self._assign)
            line.request(
                "POST", f"{path}/events", body, head | {"Content-Type": "application/json"}
            )
        else:
            line.request("GET", path, headers=head)
        answer = line.getresponse()
        said = answer.read()
        if answer.status >= 300:
            self._failed = said[:600].decode(errors="replace")
