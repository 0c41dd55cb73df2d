"""A web server of its own process tree, as in production but for its settings."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.parts import ROOT
from tests.support.servers import Database
from tests.support.waiting import eventually


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def serving(database: Database, redis_url: str, log: Path, **settings: str) -> Iterator[int]:
    """Serve a database by gunicorn until the end; give the port. `settings` are ANJU_* names."""
    port = _free_port()
    env = {
        **os.environ,
        "ANJU_ENVIRONMENT": "test",
        "ANJU_DATABASE_URL": database.app_url,
        "ANJU_REDIS_URL": redis_url,
        **{f"ANJU_{name}": value for name, value in settings.items()},
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            (sys.executable, "-m", "tests.support.part", "web", str(port)),
            cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        eventually(lambda: _answers(port))
        yield port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
