"""Starts faulty processes and speaks to them over real HTTP."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.bootstrap import Application
from service.commands.accounts import CreateKey, create_key
from tests.support.parts import ROOT
from tests.support.waiting import eventually


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` None is no answer at all."""

    status: int | None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.body["code"])


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a key. Each call is a connection of its own."""

    port: int
    key: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request and wait for its answer, if there is one."""
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Authorization": f"Bearer {self.key}", "Connection": "close"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            conn.request(method, path, None if body is None else json.dumps(body), sent)
            got = conn.getresponse()
            raw = got.read()
        except (OSError, http.client.HTTPException):
            return Answer(None)
        finally:
            conn.close()
        found = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, json.loads(raw) if raw else None, found)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """POST JSON."""
        return self.call("POST", path, body, **headers)


@dataclass
class Faulty:
    """Processes of one application, with the folder that tells them what shall go wrong."""

    app: Application
    folder: Path
    redis_url: str | None = None
    rate_limit: str = "off"
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """What the processes said."""
        return self.folder / "faulty.log"

    def fault(self, name: str, what: str) -> None:
        """Let something go wrong from now on, or at the next chance."""
        place = self.folder / f"{name}.new"
        place.write_text(what)
        place.rename(self.folder / name)

    def start(self, *part: str, database_url: str | None = None) -> subprocess.Popen[bytes]:
        """Start a process."""
        env = {
            **os.environ, "ANJU_ENVIRONMENT": "test", "ANJU_FAULTS": str(self.folder),
            "ANJU_DATABASE_URL": database_url or self.app.settings.database_url,
            "ANJU_REDIS_URL": self.redis_url or "", "ANJU_RATE_LIMIT": self.rate_limit,
            "ANJU_WEBHOOK_ALLOW": "127.0.0.0/8",
        }  # fmt: skip
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                (sys.executable, "-m", "tests.faults.processes", *part),
                cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def web(self, role: str = "dispatcher", database_url: str | None = None) -> Caller:
        """Start the web server; return a caller of it once it answers."""
        port = free_port()
        self.start("web", str(port), database_url=database_url)
        wanted = CreateKey(role=role, place="jinjiang", name=role)
        caller = Caller(port, create_key(self.app.ports, wanted)[0])
        eventually(lambda: caller.call("GET", "/v1/repair-orders").status == 200)
        return caller

    def signal(self, process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        """Send a signal to a process and its forks."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


@contextmanager
def faulty(app: Application, folder: Path, redis_url: str | None = None) -> Iterator[Faulty]:
    """Give processes to start; none outlives the test."""
    made = Faulty(app, folder, redis_url)
    try:
        yield made
    finally:
        for process in made.running:
            made.signal(process, signal.SIGKILL)
            process.wait()


def is_stopped(pid: int) -> bool:
    """Tell whether a process is frozen by a signal."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("T")


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
