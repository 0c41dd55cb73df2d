"""How late rungs fire while they keep falling due, and when a worker is killed meanwhile."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from statistics import median, quantiles
from threading import Event
from time import monotonic

from benchmarks import memory
from benchmarks.planting import Connection
from benchmarks.processes import anju, children, process
from benchmarks.world import Cohort, World, prepare
from service.local.servers import Servers

ARMED = 50_000
_PER_SECOND, _SECONDS = 100, 40
_KILLS, _KILL_SECONDS = 25, 300
_LEAD = timedelta(seconds=2)
_SETTLED_S = 15.0
_PATIENCE_S = 60.0
_SEED = 1

_ALIVE = """
SELECT coalesce(clock_timestamp() - max(wall_at) < interval '0.9 s', false) FROM heartbeat
 WHERE name = 'worker' AND wall_at > %s"""
_LATE = """
SELECT extract(epoch FROM noticed_at - due_at)::float8 FROM escalation
 WHERE due_at BETWEEN %s AND %s ORDER BY 1"""
_NEXT_FIRED = """
SELECT extract(epoch FROM min(noticed_at) - %(since)s)::float8 FROM escalation
 WHERE noticed_at > %(since)s AND due_at >= %(from)s"""


Params = Mapping[str, object] | Sequence[object] | None


class TooSlow(Exception):
    """Something that must happen did not within a minute."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Seconds from due to noticed of rungs at a hundred a second, and after kills.

    `takeover_*` are seconds from `kill -9` of the only worker to the next rung that fires.
    """

    rungs: int
    earliest_s: float
    p50_s: float
    p99_s: float
    kills: int
    takeover_p50_s: float
    takeover_p99_s: float
    worker_rss_mb: float  # after the hundreds a second


def measure(servers: Servers, *, armed: int = ARMED, kills: int = _KILLS) -> Lateness:
    """Prepare a world, run ticker and worker on it, and measure. Some five minutes."""
    name = "bench_lateness"
    cohorts = [(_PER_SECOND * _SECONDS, _SECONDS), (_PER_SECOND * _KILL_SECONDS, _KILL_SECONDS)]
    world = prepare(servers, name, pending_clocks=armed, cohorts=cohorts)
    try:
        with ExitStack() as running, world.owner() as conn:
            running.enter_context(process(anju("ticker"), world.environment()))
            late, rss_mb = _lateness(world, conn)
            gaps = _takeovers(world, conn, kills)
    finally:
        servers.postgres.drop_database(name)
    return Lateness(
        rungs=len(late),
        earliest_s=late[0],
        p50_s=median(late),
        p99_s=_p99(late),
        kills=len(gaps),
        takeover_p50_s=median(gaps),
        takeover_p99_s=_p99(gaps),
        worker_rss_mb=rss_mb,
    )


def _lateness(world: World, conn: Connection) -> tuple[Sequence[float], float]:
    """Let a cohort fall due at its own pace; return its lateness, ascending, and the worker's RSS.

    A job runs in a fork: the larger of the two processes counts.
    """
    cohort = world.take_cohort()
    with process(anju("worker"), world.environment()) as worker:
        _until_alive(conn)
        world.move_to(cohort.since - _LEAD)
        _wait(cohort.seconds + _LEAD.total_seconds())
        rss_mb = max(each.rss_mb for each in memory.of_tree(worker.pid))
        return _fired(conn, cohort), rss_mb


def _takeovers(world: World, conn: Connection, kills: int) -> Sequence[float]:
    """Kill the only worker again and again while rungs fall due; return the gaps, ascending."""
    cohort = world.take_cohort()
    dice = Random(_SEED)  # noqa: S311 — repeatable
    gaps = []
    world.move_to(cohort.since)
    for _ in range(kills):
        with process(anju("worker"), world.environment()) as worker:
            _until_alive(conn)
            _wait(dice.uniform(0.0, 1.5))
            gaps.append(_gap_after_kill(conn, worker, cohort))
    return sorted(gaps)


def _gap_after_kill(conn: Connection, worker: subprocess.Popen[bytes], cohort: Cohort) -> float:
    _kill(worker.pid)
    since = _one(conn, "SELECT app_now()")
    deadline = monotonic() + _PATIENCE_S
    while True:
        gap = _one(conn, _NEXT_FIRED, {"since": since, "from": cohort.since})
        if gap is not None:
            return float(str(gap))
        if monotonic() > deadline:
            raise TooSlow("no rung fired after the kill")
        _wait(0.05)


def _kill(worker: int) -> None:
    """End a worker and the fork it works in, which has a process group of its own."""
    os.kill(worker, signal.SIGSTOP)  # so that it does not fork meanwhile
    for pid in (*children(worker), worker):
        os.kill(pid, signal.SIGKILL)


def _fired(conn: Connection, cohort: Cohort) -> Sequence[float]:
    """Return how late the cohort's rungs fired, once they all have. Raises TooSlow."""
    deadline = monotonic() + _SETTLED_S
    while True:
        found = conn.execute(_LATE, (cohort.since, cohort.until)).fetchall()
        if len(found) >= cohort.number:
            return [float(str(row[0])) for row in found]
        if monotonic() > deadline:
            raise TooSlow(f"{len(found)} of {cohort.number} rungs fired")
        _wait(0.5)


def _until_alive(conn: Connection) -> None:
    """Wait until a worker started just now has finished a job. Raises TooSlow."""
    since = _one(conn, "SELECT clock_timestamp()")
    deadline = monotonic() + _PATIENCE_S
    while not _one(conn, _ALIVE, (since,)):
        if monotonic() > deadline:
            raise TooSlow("the worker does not answer")
        _wait(0.05)


def _one(conn: Connection, query: str, params: Params = None) -> object:
    row = conn.execute(query, params).fetchone()
    return row and row[0]


def _p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def _wait(seconds: float) -> None:
    Event().wait(seconds)
