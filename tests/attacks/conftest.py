"""One world and one running server for all attacks; a table of what was tried at the end."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.local.servers import Servers
from tests.attacks.client import Caller
from tests.attacks.server import serving
from tests.attacks.things import Things, lay_out
from tests.attacks.world import World, build
from tests.support import servers as support
from tests.support.live import living
from tests.support.servers import Database

Tally = Callable[[int], None]


@pytest.fixture(scope="session")
def attacked(servers: Servers, template: str) -> Iterator[Database]:
    """Give the database of the world."""
    with support.copied_database(servers, "anju_attacked") as made:
        yield made


@pytest.fixture(scope="session")
def world(attacked: Database) -> Iterator[World]:
    """Give what attackers find; tests only add to it."""
    with living(attacked) as live:
        yield build(live)


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file into which the running server logs."""
    return tmp_path_factory.mktemp("attacks") / "web.log"


@pytest.fixture(scope="session")
def server(attacked: Database, servers: Servers, world: World, logs: Path) -> Iterator[Caller]:
    """Give a client of the running server. No quota: a matrix is thousands of calls."""
    with serving(attacked, servers.redis_url, logs, RATE_LIMIT="off", LOG_LEVEL="error",
                 GUESS_LIMIT="100000") as port:  # fmt: skip
        client = Caller(port)
        yield client
        client.close()


@pytest.fixture(scope="session")
def things(world: World, server: Caller) -> Things:
    """Lay out one of everything on the unit: once, however the tests are shared out."""
    return lay_out(world, server)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Return how a test tells how many cases it tried; otherwise it counts as one."""

    def note(cases: int) -> None:
        request.node.user_properties.append(("cases", cases))

    return note


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note on each test which attacks of PROOF it is."""
    named = [name for mark in item.iter_markers("attack") for name in mark.args]
    item.user_properties.append(("attacks", named))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show attack -> cases -> result."""
    tried: Counter[str] = Counter()
    cases = 0
    failed: set[str] = set()
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            told = dict(report.user_properties)
            named = told.get("attacks", ())
            cases += told.get("cases", 1) if named else 0
            for name in named:
                if outcome == "passed":
                    tried[name] += told.get("cases", 1)
                else:
                    failed.add(name)
    if not tried and not failed:
        return
    terminalreporter.section("attacks (PROOF 11)")
    for name in sorted({*tried, *failed}):
        result = "FAILED" if name in failed else "held"
        terminalreporter.line(f"{name}  {tried[name]:>6} cases  {result}")
    terminalreporter.line(f"all  {cases:>6} cases; one may be of several attacks")
