"""Looks more than once a second at what waits: rings for it, or does the round itself.

A worker takes the round when Redis is there and workers answer. When Redis is away, or no
worker has finished a sweep for `SILENT_S`, the ticker does the work in its own process, so
that a killed worker, an emptied Redis or a long queue costs a second or two and never a
timer. Any number of tickers may run: they share by row locks, and ring once a look together.
"""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic

import structlog
from redis.exceptions import RedisError
from rq import Queue
from setproctitle import setproctitle

from service.core.errors import OutcomeUnknown, StorageUnavailable
from service.jobs import queue, rounds
from service.jobs.application import Application
from service.jobs.clock_guard import ClockGuard
from service.store import heartbeat
from service.store.heartbeat import Look

log = structlog.get_logger()

EVERY_S = 0.75
SILENT_S = 1.2  # a worker killed just after its beat is missed at the second look after it
_REDIS_BUDGET_S = 0.25
_OWN_ROUND_S = 5.0
_LONGEST_PAUSE_S = 5.0
_SCHEDULES_EVERY = 15


@dataclass
class Ticker:
    """One ticker. `tick` is one look; `run` repeats it until `stop`."""

    app: Application
    stopping: Event = field(default_factory=Event)
    clock: Callable[[], float] = monotonic
    _guard: ClockGuard = field(default_factory=ClockGuard)
    _queue: Queue | None = None
    _sender: Thread | None = None
    _ticks: int = 0

    def __post_init__(self) -> None:
        if self.app.settings.redis_url:
            client = queue.connect(self.app.settings.redis_url, timeout_s=_REDIS_BUDGET_S)
            self._queue = queue.queue(client)

    def run(self) -> None:
        """Tick until asked to stop; wait longer while the database is away."""
        pause = EVERY_S
        while not self.stopping.is_set():
            began = self.clock()
            try:
                self.tick()
                pause = EVERY_S
            except (StorageUnavailable, OutcomeUnknown) as exc:
                log.warning("tick_without_database", error=type(exc).__name__)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            except Exception:
                # Whatever it was, the next tick may do better, and nobody else would ring.
                log.exception("tick_failed")
            self.stopping.wait(max(0.0, pause - (self.clock() - began)))

    def tick(self) -> None:
        """Look once, and see that what waits is done."""
        with self.app.ports.uow() as tx:
            look = heartbeat.look(tx)
        if not self._may_fire(look):
            rounds.beat(self.app, "ticker", held=True)
            return
        bells = self._bells(look)
        rung = self._ring(bells, look)
        silent = look.worker_age_s is None or look.worker_age_s > SILENT_S
        if not rung or silent:
            self._do(bells)
        rounds.beat(self.app, "ticker", rung=rung, own=not rung or silent)
        self._ticks += 1

    def _may_fire(self, look: Look) -> bool:
        """Judge the clocks; in production every process hears of a hold and of its end."""
        if self.app.settings.environment != "production":
            return True
        steady = self._guard.steady(look.wall_at, self.clock())
        if not steady:
            log.error("firing_held", database=look.wall_at.isoformat())
            with self.app.ports.uow() as tx:
                heartbeat.hold(tx, held=True)
        return steady

    def _bells(self, look: Look) -> tuple[str, ...]:
        """Return what to ring: the sweep always, for it also shows that workers live."""
        waits = {
            "relay": look.letters or look.follow_ups,
            "deliver": look.parcels,
            "schedules": self._ticks % _SCHEDULES_EVERY == 0,
        }
        return ("sweep", *(name for name, wanted in waits.items() if wanted))

    def _ring(self, bells: tuple[str, ...], look: Look) -> bool:
        """Enqueue one job a bell and look; False when Redis is away or there is none."""
        if self._queue is None:
            return False
        slot = f"t{int(look.wall_at.timestamp() / EVERY_S)}"
        try:
            for bell in bells:
                queue.put(self._queue, bell, slot)
        except (RedisError, OSError) as exc:
            log.warning("ticker_without_redis", error=type(exc).__name__)
            return False
        return True

    def _do(self, bells: tuple[str, ...]) -> None:
        """Do the rounds here. Sending waits on the network, so it gets a thread."""
        rounds.sweep_round(self.app, by=rounds.who("ticker"), seconds=_OWN_ROUND_S)
        relayed = rounds.relay_round(self.app, seconds=_OWN_ROUND_S)
        if "schedules" in bells:
            rounds.schedules_round(self.app)
        if ("deliver" in bells or relayed.parcels) and not self._is_sending():
            self._sender = Thread(target=self._send, name="deliver", daemon=True)
            self._sender.start()

    def _is_sending(self) -> bool:
        return self._sender is not None and self._sender.is_alive()

    def _send(self) -> None:
        try:
            rounds.deliver_round(self.app)
        except (StorageUnavailable, OutcomeUnknown) as exc:
            log.warning("deliver_without_database", error=type(exc).__name__)


def run(app: Application) -> None:
    """Be the ticker of this process until SIGTERM or SIGINT."""
    setproctitle("anju ticker")
    ticker = Ticker(app)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            # A thread sets it: the signal may come while this one holds the event's lock.
            signal.signal(number, lambda *_: Thread(target=ticker.stopping.set).start())
    ticker.run()
