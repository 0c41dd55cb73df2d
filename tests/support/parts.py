"""Starts workers and tickers as processes, to be killed by tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.servers import Database

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Parts:
    """Running processes of one database."""

    database: Database
    redis_url: str
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, part: str) -> subprocess.Popen[bytes]:
        """Start a worker or a ticker."""
        env = {
            **os.environ,
            "ANJU_ENVIRONMENT": "test",
            "ANJU_DATABASE_URL": self.database.app_url,
            "ANJU_REDIS_URL": self.redis_url,
            "ANJU_WEBHOOK_ALLOW": "127.0.0.0/8",
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                (sys.executable, "-m", "tests.support.part", part),
                cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and its forks as a power failure would."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def parts_of(database: Database, redis_url: str, folder: Path) -> Iterator[Parts]:
    """Give processes to start; none outlives the test."""
    parts = Parts(database, redis_url, folder / "parts.log")
    try:
        yield parts
    finally:
        for process in parts.running:
            parts.kill(process)
