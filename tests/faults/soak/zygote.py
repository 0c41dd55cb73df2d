"""Forks parts of the service from a process that has imported everything already.

A start of Python with the service takes about a second; a fork some ten milliseconds. So a
killed part can be back at once, and a run spends its time on the service and not on imports.
`how` says which: "fork", or "exec" for the ordinary start.

Orders come as JSON lines on standard input, each answered by the pid on standard output.
When the input ends, everything that was started is killed: nothing outlives the run.
"""

import ctypes
import gc
import json
import os
import select
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tests.faults.soak import procs
from tests.support import part

_PDEATHSIG = 1
_REAP_S = 0.1


def main() -> None:
    """Take orders until there are none."""
    gc.collect()
    gc.freeze()
    sessions: list[int] = []
    left = b""
    while True:
        ready, _, _ = select.select([0], [], [], _REAP_S)
        _reap()
        if not ready:
            continue
        read = os.read(0, 1 << 16)
        if not read:
            break
        *orders, left = (left + read).split(b"\n")
        for order in orders:
            pid = _start(json.loads(order))
            sessions.append(pid)
            os.write(1, b"%d\n" % pid)
    for session in sessions:
        for proc in procs.members(session):
            procs.send(proc, signal.SIGKILL)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _start(order: Mapping[str, Any]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(order, parent)
    except SystemExit:
        pass
    except BaseException:  # noqa: BLE001
        # Whatever it was, the fork must not go on as a second zygote.
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(1)


def _become(order: Mapping[str, Any], parent: int) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        return
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    if order["how"] == "exec":
        os.execv(  # noqa: S606 — no shell is wanted
            sys.executable, (sys.executable, "-m", "tests.support.part", *order["argv"])
        )
    part.main(*order["argv"])


if __name__ == "__main__":
    main()
