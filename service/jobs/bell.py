"""The doorbell: tells workers that a row waits. Best effort, and nobody waits for it."""

import os
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

import structlog
from prometheus_client import Counter
from redis.exceptions import RedisError

from service.jobs import queue
from service.jobs.allow_list import BELLS

log = structlog.get_logger()

BUDGET_S = 0.05
EVERY_S = 0.15
FAILURES = 3
OPEN_S = 5.0

MISSED = Counter("anju_bells_missed_total", "Bells not rung because Redis was away")


class Breaker:
    """Stops trying for a while after a few failures in a row."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Tell whether nothing should be tried now."""
        return self._clock() < self._open_until

    def failed(self) -> None:
        """Count a failure; the third, and each one after it, opens."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_until = self._clock() + OPEN_S

    def worked(self) -> None:
        """Forget the failures."""
        self._failures = 0


class Bell:
    """Rings by name. Without a URL it is mute: the ticker does every round itself.

    The thread that speaks to Redis starts at the first ring, once in each process, forks
    included.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._ringer: _Ringer | None = None

    def ring(self, name: str) -> None:
        """Ask for a bell; returns at once and never fails."""
        if self._url is None or name not in BELLS:
            return
        ringer = self._ringer
        if ringer is None or ringer.pid != os.getpid():
            # No lock, which a fork could inherit taken: two threads may each start a
            # ringer, and one of them then idles.
            ringer = self._ringer = _Ringer(self._url)
        ringer.want(name)

    def flush(self, within_s: float = 0.3) -> None:
        """Wait until what was asked for is rung or given up: for a process about to end."""
        ringer = self._ringer
        if ringer is not None and ringer.pid == os.getpid():
            ringer.quiet.wait(within_s)


class _Ringer:
    """The thread of one process that puts flagged bells into the queue."""

    def __init__(self, url: str) -> None:
        self.pid = os.getpid()
        self.quiet = Event()
        self._flags = {name: Event() for name in BELLS}
        self._wake = Event()
        self._pause = Event()
        self._breaker = Breaker()
        self._queue = queue.queue(queue.connect(url, timeout_s=BUDGET_S))
        Thread(target=self._run, name="bell", daemon=True).start()

    def want(self, name: str) -> None:
        self.quiet.clear()
        self._flags[name].set()
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            for name, flag in self._flags.items():
                if flag.is_set():
                    flag.clear()
                    self._put(name)
            if not self._wake.is_set():
                self.quiet.set()
            self._pause.wait(EVERY_S)

    def _put(self, name: str) -> None:
        if self._breaker.is_open:
            MISSED.inc()
            return
        try:
            queue.put(self._queue, name, f"{int(monotonic() / EVERY_S)}")
        except (RedisError, OSError) as exc:
            MISSED.inc()
            self._breaker.failed()
            log.warning("bell_missed", bell=name, error=type(exc).__name__)
        else:
            self._breaker.worked()
