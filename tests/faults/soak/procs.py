"""Processes seen through /proc, and signals that never hit a stranger."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Proc:
    """One process. `born` is its start in clock ticks: with the pid it names it for ever."""

    pid: int
    parent: int
    session: int
    born: int


def look(pid: int) -> Proc | None:
    """Return a live process; None when there is none, or only a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Proc(pid, int(fields[1]), int(fields[3]), int(fields[19]))


def children(pid: int) -> Sequence[Proc]:
    """Return the live children of a process, the oldest first."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return ()
    found = (look(int(number)) for number in listed.split())
    return [proc for proc in found if proc is not None]


def members(session: int) -> Iterator[Proc]:
    """Yield every live process of a session, also those whose leader is gone."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            proc = look(int(entry.name))
            if proc is not None and proc.session == session:
                yield proc


def send(proc: Proc, number: signal.Signals) -> bool:
    """Signal a process unless it has ended meanwhile; tell whether it was there."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(proc.pid)
        try:
            now = look(proc.pid)
            if now is None or now.born != proc.born:
                return False
            signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)
        return True
    return False
