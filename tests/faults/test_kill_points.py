"""Every command and job, killed at its statements: nothing or everything (F01, F02, F04, F07).

Each run kills at every point of what matters most (opening, escalating, penalising, voting,
sweeping, relaying, sending); ANJU_KILL_TURN chooses a few more to be killed everywhere, and a
quarter of the rest to be killed twice. ANJU_GOLDEN=write lists the points anew. All points of all:
`python -m tests.faults.kill_points --all`.
"""

import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import TextClause

from service import store
from service.core.workflow import SIDE_DOORS, Mark
from service.jobs.reactions import TOPICS
from service.jobs.schedules import SCHEDULES
from service.local.servers import Servers
from service.workflows import REGISTRY
from tests.faults.killing.follow_ups import HAPPENED
from tests.faults.killing.points import squeezed
from tests.support import servers as support
from tests.support.parts import ROOT

pytestmark = [pytest.mark.fault, pytest.mark.db]

GOLDEN = Path(__file__).parent / "golden/kill_points.md"
TURN = os.environ.get("ANJU_KILL_TURN", "5")
NEVER_FIRED = {"repair_order.park_evidence"}  # comes with the handhelds
OF_ANY_KIND = frozenset({*SIDE_DOORS, *Mark})  # one code: tried on repair orders
_WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE [a-z]|DELETE FROM)")
_BIND = re.compile(r"%\(\w+\)s(?:::[A-Z]+(?: [A-Z]+)*(?:\[\])?)?|(?<!:):[a-z_]+")


def bench(servers: Servers, tmp_path: Path, *words: str) -> list[dict[str, Any]]:
    """Run the bench in a process of its own; return what it found, case by case."""
    found = tmp_path / "found.json"
    with support.copied_database(servers, "anju_killed") as database:
        urls = ("--servers", database.owner_url, database.app_url, "--json", str(found))
        done = subprocess.run(
            (sys.executable, "-m", "tests.faults.kill_points", *words, *urls),
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert found.exists(), done.stderr
    results: list[dict[str, Any]] = json.loads(found.read_text("utf-8"))
    return results


@pytest.fixture(scope="module")
def found(
    servers: Servers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """What one run of the bench found."""
    return bench(servers, tmp_path_factory.mktemp("kill"), "--turn", TURN)


def test_whatever_is_killed_nothing_or_everything_happened(found: list[dict[str, Any]]) -> None:
    wrong = [f"{case['name']}: {v}" for case in found for v in case["violations"]]
    kills = sum(case["kills"] for case in found)

    assert wrong == []
    assert kills > 400


def test_the_listed_points_are_all_there_are(found: list[dict[str, Any]]) -> None:
    listed = "\n".join(listing(found)) + "\n"
    if os.environ.get("ANJU_GOLDEN") == "write":
        GOLDEN.write_text(listed, encoding="utf-8")

    assert listed == GOLDEN.read_text(encoding="utf-8"), "write it anew with ANJU_GOLDEN=write"


def listing(found: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the golden file: each case with its points in order."""
    points = sum(len(case["points"]) for case in found)
    yield "# Kill points"
    yield ""
    yield f"{points} points of {len(found)} commands and jobs. A process is killed right before"
    yield "each statement, right before COMMIT and right after it; statements are named by what"
    yield "they write, reads by the first table."
    for case in found:
        yield ""
        yield f"## {case['name']}"
        yield ""
        yield from (f"{n}. {point}" for n, point in enumerate(case["points"], 1))


def test_every_event_of_every_kind_was_killed(found: list[dict[str, Any]]) -> None:
    killed = {event for case in found for event in case["events"]}
    own = {f"{w.kind}.{event}" for w in REGISTRY for event in w.events if event not in OF_ANY_KIND}

    assert {*own, *(f"repair_order.{event}" for event in OF_ANY_KIND)} - killed == NEVER_FIRED


def test_every_reaction_and_every_schedule_was_killed(found: list[dict[str, Any]]) -> None:
    names = {case["name"] for case in found}

    assert HAPPENED.keys() == TOPICS
    assert {f"relay, after {topic}" for topic in TOPICS} <= names
    assert {f"schedule, {schedule.name}" for schedule in SCHEDULES} <= names


def test_every_statement_that_writes_is_a_point(found: list[dict[str, Any]]) -> None:
    executed = {plain(statement) for case in found for statement in case["statements"]}

    missing = {name for name, statement in writes() if plain(statement) not in executed}

    assert missing == set()


def writes() -> Iterator[tuple[str, str]]:
    """Yield (module.name, statement) of every statement of the store that writes."""
    for found in pkgutil.iter_modules(store.__path__, "service.store."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if isinstance(value, TextClause) and _WRITES.search(value.text):
                yield f"{found.name.removeprefix('service.store.')}.{name}", value.text


def plain(statement: str) -> str:
    """Return a statement without the driver's spelling of its parameters."""
    return squeezed(_BIND.sub("?", statement))


def test_broken_commands_are_found_out(servers: Servers, template: str, tmp_path: Path) -> None:
    broken = bench(servers, tmp_path, "--cases", "tests.faults.killing.broken")

    assert [bool(case["violations"]) for case in broken] == [True] * len(broken)
