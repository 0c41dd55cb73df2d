"""Kills at every statement of every command and job: `python -m tests.faults.kill_points`.

`--all` kills at every point of every case. Without it the cases that matter most are killed at
every point. Of the others `--turn N` chooses: a few of the wide ones are killed at every point,
a quarter of the rest right before it would have answered and at one more point; what is not
chosen is only played. `--servers OWNER_URL APP_URL` uses a database that somebody else
prepared, otherwise servers are started. `--json FILE` writes what was found for a test to
read; `--cases MODULE` runs other cases than the usual ones.
"""

import argparse
import importlib
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from config.settings import Settings
from service import bootstrap
from tests.faults.killing.bench import KILLED, Bench, Case, Result, benched
from tests.faults.killing.worldstate import WorldState
from tests.support import servers as support
from tests.support.live import living
from tests.support.parts import ROOT
from tests.support.servers import Database

Choice = Callable[[Case, int, int], bool]
"""Tells whether to die at the n-th of so many points of a case."""

SHARE, WIDE_SHARE = 8, 32
"""So many turns kill each of the ordinary cases once, and each of the wide ones everywhere."""


def main(argv: list[str]) -> int:
    """Run the bench and print a table; 1 when anything was violated."""
    asked = _asked(argv)
    if asked.servers is None:
        return _with_own_servers(argv)
    owner, app = asked.servers
    began = monotonic()
    cases = [c for c in importlib.import_module(asked.cases).CASES if asked.only in c.name]
    results = run(Database("", owner, app), cases, _chooser(cases, asked.all, asked.turn))
    if asked.json:
        Path(asked.json).write_text(json.dumps([_plain(r) for r in results]), encoding="utf-8")
    sys.stdout.write(table(results, monotonic() - began))
    return int(any(result.violations for result in results))


def run(database: Database, cases: Sequence[Case], kill: Choice) -> list[Result]:
    """Run cases, each in a fresh house."""
    bootstrap.configure_logging("CRITICAL")  # many cases are failures on purpose
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    settings = Settings(database_url=database.app_url, secret="only-for-tests", environment="test")
    doomed = bootstrap.build(settings, name=KILLED, ring=lambda _bell: None)
    with living(database) as live:
        world = WorldState(database.owner_url)
        with benched(live, world, doomed) as bench:
            return [_run(bench, database, case, kill) for case in cases]


def _run(bench: Bench, database: Database, case: Case, kill: Choice) -> Result:
    bench.live.app.engine.dispose()
    database.reset()
    bench.live.build_house()
    bench.live.story.order = None
    return bench.run(case, kill=lambda n, of: kill(case, n, of))


def _chooser(cases: Sequence[Case], everything: bool, turn: int) -> Choice:
    wide = [case.name for case in cases if case.wide and not case.every]
    everywhere = frozenset(wide[turn % WIDE_SHARE :: WIDE_SHARE])
    ordinary = [case.name for case in cases if not case.every]
    chosen = frozenset(ordinary[turn % SHARE :: SHARE])

    def kill(case: Case, n: int, of: int) -> bool:
        some = case.name in chosen and n in (of, 1 + turn % of)
        return everything or case.every or case.name in everywhere or some

    return kill


def table(results: list[Result], seconds: float) -> str:
    """Return a Markdown table of what was killed, with the violations below it."""
    lines = ["| case | points | kills | violations |", "|---|--:|--:|--:|"]
    lines += [f"| {r.name} | {len(r.points)} | {r.kills} | {len(r.violations)} |" for r in results]
    points, kills = sum(len(r.points) for r in results), sum(r.kills for r in results)
    wrong = [f"- {r.name}: {violation}" for r in results for violation in r.violations]
    lines += [f"| **{len(results)} cases** | {points} | {kills} | {len(wrong)} |", "", *wrong]
    return "\n".join([*lines, f"{kills} kills in {seconds:.1f} s", ""])


def _plain(result: Result) -> dict[str, object]:
    return {
        "name": result.name, "points": result.points, "kills": result.kills,
        "statements": sorted(result.statements), "events": sorted(result.events),
        "violations": result.violations,
    }  # fmt: skip


def _asked(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill_points")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--turn", type=int, default=0)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--cases", default="tests.faults.killing.cases", metavar="MODULE")
    parser.add_argument("--json")
    parser.add_argument("--servers", nargs=2, metavar=("OWNER_URL", "APP_URL"))
    return parser.parse_args(argv)


def _with_own_servers(argv: list[str]) -> int:
    """Start servers here and the bench in a process of its own: it forks, and has no threads."""
    with support.started_servers() as servers:
        support.make_template(servers)
        with support.copied_database(servers, "anju_killed") as database:
            urls = ("--servers", database.owner_url, database.app_url)
            words = (sys.executable, "-m", "tests.faults.kill_points", *argv, *urls)
            return subprocess.run(words, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
