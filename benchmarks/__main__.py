"""Measure everything in one run: `python -m benchmarks [--quick] [--json FILE]`.

Starts its own PostgreSQL (which waits for its disk, as in production) and Valkey in a
temporary folder and removes them. Nothing else should run on the machine meanwhile: where the
floors before and after differ by more than 15 %, the figure is measured again. The quota is
off for the run.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import psycopg

from benchmarks import calls, lateness, memory, outage, processes, sweeping
from benchmarks.report import Results
from benchmarks.world import World, prepare
from service import bootstrap
from service.local.servers import Servers, wipe

CALLS: Final = ("open", "event", "get", "list50")
GROWING: Final = ("get", "list50")
PARTS: Final = ("calls", "sweep", "lateness", "outage", "replay")
_EXCERPT = Path(__file__).parents[1] / "service/local/replay/data/nyc311_excerpt.csv"
_WHOLE = {
    "requests": 2000, "small_world": 1000, "large_world": 100_000, "few_clocks": sweeping.FEW,
    "many_clocks": sweeping.MANY, "armed": lateness.ARMED, "kills": 25, "overdue": outage.OVERDUE,
}  # fmt: skip
_QUICK = {
    "requests": 400, "small_world": 1000, "large_world": 20_000, "few_clocks": 20_000,
    "many_clocks": 100_000, "armed": 20_000, "kills": 8, "overdue": 10_000,
}  # fmt: skip


def main() -> int:
    """Run what was asked for; print the tables; end with 1 when an argument is wrong."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    bootstrap.configure_logging("error")
    bootstrap.settle()  # as a worker does: sweeps are measured in this process
    results = Results(_QUICK if asked.quick else _WHOLE)
    parts: Mapping[str, Callable[[Servers, Results], None]] = {
        "calls": _calls,
        "sweep": _sweep,
        "lateness": _lateness,
        "outage": _outage,
        "replay": _replay,
    }
    folder = Path(tempfile.mkdtemp(prefix="anju-bench-", dir="/tmp"))  # short paths
    folder.chmod(0o711)  # PostgreSQL's own user may enter when this runs as root
    try:
        with Servers(folder) as servers:
            results.postgres = _postgres(servers)
            for name in asked.only:
                print(f"· {name}", file=sys.stderr, flush=True)
                parts[name](servers, results)
                _keep(results, asked.json)  # a later part may fail
    finally:
        wipe(folder)
        shutil.rmtree(folder)
    print(results.markdown())
    return 0


def _keep(results: Results, place: Path | None) -> None:
    if place:
        place.write_text(json.dumps(results.figures(), indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller worlds, a few minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="default: all")
    return parser.parse_args()


def _calls(servers: Servers, results: Results) -> None:
    sizes = results.sizes
    small = prepare(servers, "bench_small", tickets=sizes["small_world"])
    large = prepare(servers, "bench_large", tickets=sizes["large_world"])
    with calls.stand_on(small) as here, calls.stand_on(large) as there:
        # The growing lists first: opening and moving orders makes the small world larger.
        results.growth = {
            name: calls.growth(here, there, name, sizes["requests"] // 10, rounds=5)
            for name in GROWING
        }
        results.calls = here.figures(CALLS, sizes["requests"], _say)
        web = memory.of_tree(here.web)
        results.rss_mb["web"] = max(each.rss_mb for each in web)
    _drop(servers, small, large)


def _sweep(servers: Servers, results: Results) -> None:
    sizes = results.sizes
    results.sweeping = sweeping.measure(servers, few=sizes["few_clocks"], many=sizes["many_clocks"])


def _lateness(servers: Servers, results: Results) -> None:
    results.lateness = lateness.measure(
        servers, armed=results.sizes["armed"], kills=results.sizes["kills"]
    )
    results.rss_mb["worker"] = results.lateness.worker_rss_mb


def _outage(servers: Servers, results: Results) -> None:
    results.outage = outage.measure(servers, overdue=results.sizes["overdue"])


def _replay(_: Servers, results: Results) -> None:
    """Replay the excerpt that ships with Anju, on servers of its own, as a user would."""
    with tempfile.TemporaryDirectory(prefix="anju-bench-", dir="/tmp") as folder:
        command = (*processes.anju("--data", f"{folder}/replay"), "replay", str(_EXCERPT))
        done = subprocess.run(
            (sys.executable, "-m", *command, "--map", "nyc311_full", "--json"),
            stdout=subprocess.PIPE,
            check=True,
        )
    results.replay_events_per_s = float(json.loads(done.stdout)["events_per_s"])


def _postgres(servers: Servers) -> str:
    with psycopg.connect(servers.owner_url.replace("+psycopg", "")) as conn:
        return f"PostgreSQL {conn.info.parameter_status('server_version')}, fsync on"


def _drop(servers: Servers, *worlds: World) -> None:
    for world in worlds:
        servers.postgres.drop_database(world.name)


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
