"""The service under test: real processes on servers of their own, started again when they die."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from service.local.servers import Servers
from tests.faults.soak import procs
from tests.faults.soak.procs import Proc
from tests.support.servers import Database
from tests.support.waiting import eventually

_ROOT = Path(__file__).resolve().parents[3]
_TEND_MS = 20
_YOUNG_S = 0.3
_PAUSE_S = 0.5
_ORDINARY = 5  # each fifth start of a part is an ordinary one, not a fork


@dataclass
class Part:
    """One kept process. `handle` tells of its end; `starts` counts."""

    name: str
    argv: tuple[str, ...]
    pid: int = 0
    handle: int = -1
    starts: int = 0
    since: float = 0.0
    again_at: float = 0.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Stand:
    """The web server, two workers, two tickers, and what they stand on."""

    servers: Servers
    database: Database
    folder: Path
    port: int = field(default_factory=_free_port)
    parts: dict[str, Part] = field(default_factory=dict)
    ordinary_starts: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def log(self) -> Path:
        """Where all parts write."""
        return self.folder / "parts.log"

    def start(self) -> None:
        """Start everything and wait until it answers."""
        self._zygote = subprocess.Popen(
            (sys.executable, "-m", "tests.faults.soak.zygote"),
            cwd=_ROOT, env=self._environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        ordered = (
            ("web", ("web", str(self.port))), ("worker-1", ("worker",)), ("worker-2", ("worker",)),
            ("ticker-1", ("ticker",)), ("ticker-2", ("ticker",)),
        )  # fmt: skip
        for name, argv in ordered:
            self.parts[name] = Part(name, argv)
            self._spawn(self.parts[name])
        self._tender = threading.Thread(target=self._tend, name="tender", daemon=True)
        self._tender.start()
        eventually(self.answers, 60)

    def stop(self) -> None:
        """End every process; a second call does nothing."""
        if self._stopping.is_set() or not self.parts:
            return
        self._stopping.set()
        self._tender.join()
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.close()
        self._zygote.wait(20)
        self._zygote.stdout.close()
        for part in self.parts.values():
            os.close(part.handle)

    def answers(self) -> bool:
        """Tell whether the web server and the database behind it answer."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, HTTPError, OSError):
            return False

    def alive(self, *prefixes: str) -> list[Proc]:
        """Return the living processes of the parts whose names begin so, in their order."""
        found = (procs.look(p.pid) for p in self.parts.values() if p.name.startswith(prefixes))
        return [proc for proc in found if proc is not None]

    def children(self, *prefixes: str) -> list[Proc]:
        """Return what the parts have forked: the web's workers, the workers' horses."""
        return [child for proc in self.alive(*prefixes) for child in procs.children(proc.pid)]

    def wake(self) -> None:
        """Let everything run that is stopped."""
        for part in self.parts.values():
            for proc in procs.members(part.pid):
                procs.send(proc, signal.SIGCONT)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ANJU_ENVIRONMENT": "test",
            "ANJU_DATABASE_URL": self.database.app_url,
            "ANJU_REDIS_URL": self.servers.redis_url,
            "ANJU_WEBHOOK_ALLOW": "127.0.0.0/8",
            "ANJU_RATE_LIMIT": "off",
        }

    def _spawn(self, part: Part) -> None:
        """Start a part; the first time and each fifth time by the ordinary way."""
        ordinary = part.starts % _ORDINARY == 0
        order = {"argv": part.argv, "log": str(self.log), "how": "exec" if ordinary else "fork"}
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.write(json.dumps(order).encode() + b"\n")
        self._zygote.stdin.flush()
        if part.handle >= 0:
            os.close(part.handle)
        part.pid = int(self._zygote.stdout.readline())
        part.handle = os.pidfd_open(part.pid)
        part.starts += 1
        part.since, part.again_at = monotonic(), 0.0
        self.ordinary_starts += ordinary

    def _tend(self) -> None:
        while not self._stopping.is_set():
            for part in self._ended():
                now = monotonic()
                if not part.again_at:
                    part.again_at = now + (_PAUSE_S if now - part.since < _YOUNG_S else 0.0)
                if now >= part.again_at:
                    self._spawn(part)

    def _ended(self) -> Sequence[Part]:
        by_handle = {part.handle: part for part in self.parts.values()}
        poll = select.poll()
        for handle in by_handle:
            poll.register(handle, select.POLLIN)
        found = poll.poll(_TEND_MS)
        if found:
            self._stopping.wait(0.005)  # one that waits to be started again is found each time
        return [by_handle[handle] for handle, _ in found]
