"""Keeps named commands running: restarts what died, stops all in reverse, leaves no orphan."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

_LAUNCH = Path(__file__).with_name("launch.py")
_WATCH_S = 0.1
_STEADY_S = 5.0
_LONGEST_PAUSE_S = 5.0
_LOG_BYTES = 10_000_000


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A command to keep running.

    `argv[0]` is an absolute path; `env` is the whole environment, None inherits ours;
    output is appended to `log`. `stop_signal` asks it to end, also when the supervisor
    itself is killed; after `stop_s` seconds it is killed. `run_as` is (uid, gid).
    `prepare` runs before each start.
    """

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_s: float = 10.0
    run_as: tuple[int, int] | None = None
    prepare: Callable[[], None] = _nothing


@dataclass(slots=True)
class _Kept:
    child: Child
    process: subprocess.Popen[bytes]
    started: float
    fast_deaths: int = 0
    restarts: int = 0
    again_at: float = field(default=0.0)


class Supervisor:
    """Starts children and restarts each that dies: at once, then ever later if it dies young.

    A child ends with the thread that called `add`, so call it from one that stays. One
    child's trouble never stops the others. Use `run` in the main thread, or `stop` alone.
    """

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._all_ended = threading.Event()
        self._watcher: threading.Thread | None = None

    def add(self, child: Child) -> None:
        """Start a child and keep it running. Raises ValueError for a name in use."""
        with self._lock:
            if child.name in self._kept:
                raise ValueError(f"{child.name} is kept already")
            self._kept[child.name] = _Kept(child, _spawn(child), monotonic())
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
                self._watcher.start()

    def remove(self, name: str) -> None:
        """Stop one child and forget it; an unknown name is no error."""
        with self._lock:
            kept = self._kept.pop(name, None)
        if kept:
            _end(kept)

    def pid(self, name: str) -> int | None:
        """Return the process id of a running child."""
        with self._lock:
            kept = self._kept.get(name)
            return kept.process.pid if kept and kept.process.poll() is None else None

    def restarts(self, name: str) -> int:
        """Return how often a child was started again."""
        with self._lock:
            kept = self._kept.get(name)
            return kept.restarts if kept else 0

    def run(self) -> None:
        """Keep everything running until SIGINT, SIGTERM or SIGHUP, then stop it."""
        asked = threading.Event()
        wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, lambda *_: asked.set()) for number in wanted}
        try:
            while not asked.wait(1):
                pass
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Stop all children, the last started first. A second call does nothing."""
        self._stopping.set()
        with self._lock:
            order = list(reversed(self._kept.values()))
            self._kept.clear()
        for kept in order:
            _end(kept)
        self._all_ended.set()
        if self._watcher is not None:
            self._watcher.join()

    def _watch(self) -> None:
        while not self._stopping.wait(_WATCH_S):
            with self._lock:
                for kept in self._kept.values():
                    self._tend(kept)
        # A child restarted here ends with this thread, so the thread outlives them all.
        self._all_ended.wait()

    def _tend(self, kept: _Kept) -> None:
        if kept.process.poll() is None or self._stopping.is_set():
            return
        now = monotonic()
        if not kept.again_at:
            kept.again_at = now + _pause(kept, now)
        if now >= kept.again_at:
            try:
                kept.process = _spawn(kept.child)
            except OSError:
                # Out of processes or memory, say: the others must stay tended; try later.
                kept.again_at = now + _LONGEST_PAUSE_S
                return
            kept.started, kept.again_at = now, 0.0
            kept.restarts += 1


def _pause(kept: _Kept, now: float) -> float:
    """Return the seconds to wait before the next start: none unless it keeps dying young."""
    if now - kept.started >= _STEADY_S:
        kept.fast_deaths = 0
    kept.fast_deaths += 1
    return 0.0 if kept.fast_deaths == 1 else min(0.1 * 2.0**kept.fast_deaths, _LONGEST_PAUSE_S)


def _spawn(child: Child) -> subprocess.Popen[bytes]:
    child.prepare()
    child.log.parent.mkdir(parents=True, exist_ok=True)
    if child.log.exists() and child.log.stat().st_size > _LOG_BYTES:
        child.log.replace(child.log.with_name(child.log.name + ".1"))
    user = f"{child.run_as[0]}:{child.run_as[1]}" if child.run_as else "-"
    launch = (sys.executable, "-I", "-S", str(_LAUNCH), str(int(child.stop_signal)))
    with child.log.open("ab") as log:
        return subprocess.Popen(
            (*launch, str(os.getpid()), user, *child.argv),
            env=None if child.env is None else dict(child.env),
            cwd=child.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _end(kept: _Kept) -> None:
    if kept.process.poll() is None:
        kept.process.send_signal(kept.child.stop_signal)
    try:
        kept.process.wait(kept.child.stop_s)
    except subprocess.TimeoutExpired:
        kept.process.kill()
        kept.process.wait()
