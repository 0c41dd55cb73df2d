"""The API beside the floor: the same calls, the same database, floor, Anju, floor again."""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import orjson

from benchmarks import client, processes
from benchmarks.client import Measured, Request
from benchmarks.script import EVENTS, Script, record, script_of
from benchmarks.world import World

CONCURRENCIES: Final = (1, 8)
PROCESSES: Final = 2
STEADY: Final = 0.15  # floors further apart than this were disturbed: run again
_TRIES = 3
_WARM = 0.1  # of the requests of a run, made before it and not counted

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One call at one concurrency. Medians and percentiles are milliseconds."""

    call: str
    at_once: int
    floor_per_s: tuple[float, float]
    anju_per_s: float
    floor_ms: float
    anju_ms: float
    anju_p99_ms: float

    @property
    def ratio(self) -> float:
        """Anju's throughput as a share of the floor's."""
        return self.anju_per_s / (sum(self.floor_per_s) / 2)

    @property
    def steady(self) -> bool:
        """Tell whether the floor before and the floor after agree."""
        first, last = self.floor_per_s
        return abs(first - last) <= STEADY * max(first, last)


@dataclass(slots=True)
class Side:
    """One of the two servers. `ask` makes the request for a call about an order."""

    port: int
    ask: Callable[[str, str], Request]
    key: str

    def run(
        self, name: str, tickets: Sequence[str], at_once: int, *, keep: bool = False
    ) -> Measured:
        """Make the call about each order."""
        asked = [self.ask(name, ticket) for ticket in tickets]
        return client.run(self.port, asked, key=self.key, at_once=at_once, keep=keep)


@dataclass(slots=True)
class Stand:
    """Both servers at work on one world."""

    script: Script
    floor: Side
    anju: Side
    web: int  # pid of Anju's web server
    random: Random

    def figures(self, calls: Sequence[str], requests: int, say: Say) -> list[Figure]:
        """Measure each call at each concurrency."""
        found = []
        for name in calls:
            for at_once in CONCURRENCIES:
                figure = self._steady(name, at_once, requests)
                say(_line(figure))
                found.append(figure)
        return found

    def _steady(self, name: str, at_once: int, requests: int) -> Figure:
        """Measure until the floors agree, at most a few times; keep the last."""
        figure = self._once(name, at_once, requests)
        for _ in range(_TRIES - 1):
            if figure.steady:
                break
            figure = self._once(name, at_once, requests)
        return figure

    def _once(self, name: str, at_once: int, requests: int) -> Figure:
        if name == "event":
            return _joined([self._once(event, at_once, requests // 2) for event in EVENTS])
        few = max(at_once, int(requests * _WARM))
        for side in (self.floor, self.anju):
            side.run(name, self.tickets(name, few), at_once)
        before, between, after = (
            side.run(name, self.tickets(name, requests), at_once)
            for side in (self.floor, self.anju, self.floor)
        )
        return Figure(
            call=name,
            at_once=at_once,
            floor_per_s=(before.per_second, after.per_second),
            anju_per_s=between.per_second,
            floor_ms=median((before.median_ms, after.median_ms)),
            anju_ms=between.median_ms,
            anju_p99_ms=between.p99_ms,
        )

    def tickets(self, name: str, number: int) -> Sequence[str]:
        """Return whom the call is about: orders in the state that the event needs."""
        if name in ("open", "list50"):
            return [""] * number
        if name == "get":
            return self.random.choices(self.script.seen, k=number)
        opened = self.anju.run("open", [""] * number, 8, keep=True)
        tickets = [str(orjson.loads(body)["id"]) for body in opened.bodies]
        for earlier in EVENTS[: EVENTS.index(name)]:
            self.anju.run(earlier, tickets, 8)
        return tickets


@contextmanager
def stand_on(world: World) -> Iterator[Stand]:
    """Start the floor and Anju on a world, each under gunicorn with the same settings."""
    script = script_of(world)
    floor_port, anju_port = processes.free_port(), processes.free_port()
    env = world.environment()
    with TemporaryDirectory() as folder:
        tapes = Path(folder) / "tapes"
        tapes.write_bytes(pickle.dumps(record(world, script)))
        dsn = world.app_url.replace("+psycopg", "")
        floor = ("benchmarks.floor", str(tapes), dsn, str(floor_port), str(PROCESSES))
        anju = processes.anju("serve", "--port", str(anju_port), "--workers", str(PROCESSES))
        with (
            processes.web_server(floor, env, floor_port),
            processes.web_server(anju, env, anju_port) as web,
        ):
            yield Stand(
                script=script,
                floor=Side(floor_port, script.at_floor, script.key),
                anju=Side(anju_port, script.request, script.key),
                web=web.pid,
                random=Random(1),  # noqa: S311 — repeatable
            )


def growth(small: Stand, large: Stand, name: str, requests: int, rounds: int) -> float:
    """Return how many times longer a call takes in the large world: a ratio of medians.

    The two take turns, so that a busy moment of the machine meets both.
    """
    taken: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(rounds):
        for n, stand in enumerate((small, large)):
            run = partial(stand.anju.run, name, at_once=1)
            taken[n].append(run(tickets=stand.tickets(name, requests)).median_ms)
    return median(taken[1]) / median(taken[0])


def by_name(figures: Sequence[Figure]) -> Mapping[str, Figure]:
    """Return figures as `open_c8`, `get_c1` and so on."""
    return {f"{figure.call}_c{figure.at_once}": figure for figure in figures}


def _joined(parts: Sequence[Figure]) -> Figure:
    """Return one figure for several events, each weighing the same."""

    def mean(of: Callable[[Figure], float]) -> float:
        return sum(of(part) for part in parts) / len(parts)

    return Figure(
        call="event",
        at_once=parts[0].at_once,
        floor_per_s=(mean(lambda p: p.floor_per_s[0]), mean(lambda p: p.floor_per_s[1])),
        anju_per_s=mean(lambda p: p.anju_per_s),
        floor_ms=mean(lambda p: p.floor_ms),
        anju_ms=mean(lambda p: p.anju_ms),
        anju_p99_ms=max(p.anju_p99_ms for p in parts),
    )


def _line(figure: Figure) -> str:
    first, last = figure.floor_per_s
    return (
        f"{figure.call:<7} c{figure.at_once}  floor {first:6.0f} {last:6.0f} /s"
        f"  anju {figure.anju_per_s:6.0f} /s  ratio {figure.ratio:.2f}"
        f"  median {figure.anju_ms:.1f} ms  p99 {figure.anju_p99_ms:.1f} ms"
        f"{'' if figure.steady else '  (unsteady floor)'}"
    )
