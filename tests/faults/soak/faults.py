"""What the nemesis can do: a table. Rows of PROOF section 10 are named beside each."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from time import monotonic

import psycopg
import redis

from tests.faults.soak import hostile, procs
from tests.faults.soak.procs import Proc
from tests.faults.soak.stand import Stand

_HUNT_S = 1.5
_BACKENDS = """
SELECT pid, application_name FROM pg_stat_activity
 WHERE application_name LIKE 'anju-%' AND backend_type = 'client backend'
 ORDER BY state = 'active' DESC, pid"""


@dataclass(frozen=True, slots=True)
class Scene:
    """What one strike works on. `later` undoes it after some seconds; `long_s` is the longest."""

    stand: Stand
    rng: Random
    later: Callable[[float, Callable[[], object]], None]
    long_s: float

    def pause(self) -> float:
        """Return how long something stays frozen: mostly short, now and then very long."""
        return self.rng.uniform(0.5, 0.3 * self.long_s if self.rng.random() < 0.8 else self.long_s)


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `strike` returns what it hit, None when there was nothing to hit.

    `share` is how often it is drawn; `kills` names what kind of process it kills with -9,
    if any; `settle_s` is how long the next strike waits beyond its turn.
    """

    name: str
    proof: str
    share: float
    strike: Callable[[Scene], str | None]
    kills: str | None = None
    settle_s: float = 0.0

    @property
    def passing(self) -> bool:
        """Tell whether it hits one process only, which is soon replaced."""
        return self.kills not in (None, "PostgreSQL backend")


def _hit(scene: Scene, found: Sequence[Proc], number: signal.Signals) -> str | None:
    """Signal one of some processes; tell which."""
    if not found:
        return None
    victim = scene.rng.choice(list(found))
    if not procs.send(victim, number):
        return None
    if number == signal.SIGSTOP:
        scene.later(scene.pause(), partial(procs.send, victim, signal.SIGCONT))
    return f"{number.name} {victim.pid}"


def _part(prefix: str, number: signal.Signals, scene: Scene) -> str | None:
    return _hit(scene, scene.stand.alive(prefix), number)


def _web_worker(number: signal.Signals, scene: Scene) -> str | None:
    return _hit(scene, scene.stand.children("web"), number)


def _horse(number: signal.Signals, scene: Scene) -> str | None:
    """Wait for a work-horse to be forked, give it a moment, and hit it in mid-job."""
    delay = scene.rng.uniform(0.0, 0.03)
    until = monotonic() + _HUNT_S
    while monotonic() < until:
        found = scene.stand.children("worker")
        if found:
            threading.Event().wait(delay)
            return _hit(scene, found, number)
        threading.Event().wait(0.002)
    return None


def _worker_and_horse(scene: Scene) -> str | None:
    found = scene.stand.alive("worker")
    if not found:
        return None
    victim = scene.rng.choice(found)
    hit = [proc for proc in procs.members(victim.session) if procs.send(proc, signal.SIGKILL)]
    return f"SIGKILL {len(hit)} of session {victim.session}" if hit else None


def _backends(scene: Scene) -> list[tuple[int, str]]:
    url = scene.stand.database.owner_url.replace("+psycopg", "")
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as conn:
            return [(row[0], row[1]) for row in conn.execute(_BACKENDS)]
    except psycopg.Error:
        return []


def _kill_backend(scene: Scene) -> str | None:
    """Kill one session's process with -9: PostgreSQL restarts all of itself."""
    found = _backends(scene)[:6]
    victim = procs.look(scene.rng.choice(found)[0]) if found else None
    if victim is None or not procs.send(victim, signal.SIGKILL):
        return None
    return f"SIGKILL backend {victim.pid}"


def _terminate(scene: Scene) -> str | None:
    """End a few sessions politely."""
    chosen = [pid for pid, _ in _backends(scene) if scene.rng.random() < 0.5]
    url = scene.stand.database.owner_url.replace("+psycopg", "")
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as conn:
            conn.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", (chosen,))
    except psycopg.Error:
        return None
    return f"{len(chosen)} sessions" if chosen else None


def _server(name: str, number: signal.Signals, scene: Scene) -> str | None:
    """Signal PostgreSQL's or Valkey's first process; the supervisor starts it again."""
    pid = scene.stand.servers.supervisor.pid(name)
    victim = procs.look(pid) if pid is not None else None
    return None if victim is None else _hit(scene, [victim], number)


def _queue(mischief: Callable[[redis.Redis, Random], object], scene: Scene) -> str | None:
    try:
        with redis.Redis.from_url(scene.stand.servers.redis_url, socket_timeout=1) as client:
            mischief(client, scene.rng)
    except (redis.RedisError, OSError):
        return None
    return os.path.basename(getattr(mischief, "__name__", "queue"))


def _flush(client: redis.Redis, _: Random) -> None:
    client.flushall()


def _fill(scene: Scene) -> str | None:
    """Leave Valkey without memory for a while (F14)."""

    def allow(size: str) -> str | None:
        return _queue(lambda client, _: client.config_set("maxmemory", size), scene)

    scene.later(scene.rng.uniform(1, 3), lambda: allow("0"))
    return "maxmemory 1mb" if allow("1mb") else None


KILL, STOP = signal.SIGKILL, signal.SIGSTOP

FAULTS: tuple[Fault, ...] = (
    Fault("kill-web-worker", "F01 F02", 18, partial(_web_worker, KILL), "web worker"),
    Fault("kill-web-master", "F01", 1.5, partial(_part, "web", KILL), "web master", 1.0),
    Fault("kill-worker", "F09", 14, partial(_part, "worker", KILL), "RQ worker"),
    Fault("kill-horse", "F04 F07 F09", 16, partial(_horse, KILL), "work-horse"),
    Fault("kill-worker-and-horse", "F09", 4, _worker_and_horse, "RQ worker"),
    Fault("kill-ticker", "F04", 16, partial(_part, "ticker", KILL), "ticker"),
    Fault("kill-backend", "F05", 5, _kill_backend, "PostgreSQL backend", 1.0),
    Fault("terminate-backends", "F05", 6, _terminate),
    Fault("stop-web-worker", "F06", 2, partial(_web_worker, STOP)),
    Fault("stop-worker", "F06 F10", 2, partial(_part, "worker", STOP)),
    Fault("stop-horse", "F06 F08", 2, partial(_horse, STOP)),
    Fault("stop-ticker", "F06", 2, partial(_part, "ticker", STOP)),
    Fault("restart-postgres", "F16", 1, partial(_server, "postgres", signal.SIGINT), None, 2.0),
    Fault("crash-postgres", "F17", 1, partial(_server, "postgres", signal.SIGQUIT), None, 2.0),
    Fault("flush-valkey", "F11", 3, partial(_queue, _flush)),
    Fault("kill-valkey", "F12", 1.5, partial(_server, "valkey", KILL)),
    Fault("freeze-valkey", "F13", 1, partial(_server, "valkey", STOP)),
    Fault("fill-valkey", "F14", 1, _fill),
    Fault("triple-jobs", "F10", 1.5, partial(_queue, hostile.triple)),
    Fault("reorder-jobs", "F10", 1.5, partial(_queue, hostile.reorder)),
    Fault("forge-jobs", "F15", 1.5, partial(_queue, hostile.forge)),
)
