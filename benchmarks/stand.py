"""One checkout at work, on demand: blocks of calls, asked for over stdin, figures on stdout.

Run by `benchmarks.versus` as a script inside the checkout that is measured, which may be an
older one: only `prepare`, `stand_on` and what a `Stand` offers are used of it.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

import orjson

from benchmarks.calls import Stand, stand_on
from benchmarks.world import prepare
from service import bootstrap
from service.local.servers import Servers, wipe

TICKETS = 1000
_WARM = 200


def main() -> None:
    """Say "ready", then answer each line `at_once requests` with milliseconds by call."""
    bootstrap.configure_logging("error")
    with _servers() as servers:
        world = prepare(servers, "bench_turns", tickets=TICKETS)
        with stand_on(world) as stand:
            for name in ("open", "get", "list50"):
                stand.anju.run(name, stand.tickets(name, _WARM), 8)
            print("ready", flush=True)
            for line in sys.stdin:
                at_once, requests = map(int, line.split())
                print(json.dumps(_block(stand, at_once, requests)), flush=True)


@contextmanager
def _servers() -> Iterator[Servers]:
    folder = Path(tempfile.mkdtemp(prefix="anju-turn-", dir="/tmp"))  # short paths
    folder.chmod(0o711)  # PostgreSQL's own user may enter when this runs as root
    try:
        with Servers(folder) as servers:
            yield servers
    finally:
        wipe(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _block(stand: Stand, at_once: int, requests: int) -> dict[str, float]:
    """Open orders, move them twice, read some; return milliseconds a request, by call."""
    found: dict[str, float] = {}

    def timed(name: str, tickets: list[str], *, keep: bool = False) -> Any:
        measured = stand.anju.run(name, tickets, at_once, keep=keep)
        found[name] = 1000 * measured.seconds / len(tickets)
        return measured

    opened = timed("open", [""] * requests, keep=True)
    tickets = [str(orjson.loads(body)["id"]) for body in opened.bodies]
    timed("accept", tickets)
    timed("assign", tickets)
    timed("get", stand.random.choices(stand.script.seen, k=requests))
    timed("list50", [""] * max(1, requests // 3))
    return found


if __name__ == "__main__":
    main()
