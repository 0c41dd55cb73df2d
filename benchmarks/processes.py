"""Starts what is measured as processes of their own, and ends them."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from time import monotonic
from typing import IO

_READY_S = 30.0
_END_S = 15.0


class NotReady(Exception):
    """A process did not start; the message holds the end of its log."""


def free_port() -> int:
    """Return a port nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def process(
    argv: Sequence[str], env: Mapping[str, str], log: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m argv…` in a session of its own; it and its children end with the body."""
    started = subprocess.Popen(
        (sys.executable, "-m", *argv),
        env={**os.environ, **env},
        stdout=log or subprocess.DEVNULL,
        stderr=log or subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield started
    finally:
        end(started)


@contextmanager
def web_server(
    argv: Sequence[str], env: Mapping[str, str], port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a web server and wait until it listens. Raises NotReady."""
    with tempfile.NamedTemporaryFile() as log, process(argv, env, log) as started:
        deadline = monotonic() + _READY_S
        while not _listens(port):
            if started.poll() is not None or monotonic() > deadline:
                raise NotReady(Path(log.name).read_text(encoding="utf-8")[-2000:])
            Event().wait(0.05)
        yield started


def anju(*command: str) -> tuple[str, ...]:
    """Return the arguments that run an `anju` command."""
    return ("service", *command)


def end(started: subprocess.Popen[bytes]) -> None:
    """Ask a process and its children to end, and make sure of it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(started.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            started.wait(_END_S)
            break
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Return the direct children of a process."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
