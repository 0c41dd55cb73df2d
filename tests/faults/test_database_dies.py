"""The database ends sessions, crashes, stops: nothing acknowledged is lost (F05, F16, F17).

These servers write to the disk as production's do, and are nobody else's.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from service.core.ids import TimeOrderedIds
from service.local.servers import Servers
from tests.faults.callers import Answer, Caller, Faulty, faulty
from tests.faults.verdicts import assert_sound, marks
from tests.support import servers as support
from tests.support.house import START
from tests.support.http import order
from tests.support.live import Live, living
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]

ORDERS = "/v1/repair-orders"
HEALED_S = 10.0  # PROOF F05


@dataclass
class Site:
    """A durable database with a web server and a ticker before it."""

    servers: Servers
    live: Live
    processes: Faulty
    caller: Caller

    def backends(self, name: str) -> list[int]:
        """Return the server processes behind one kind of our processes."""
        found = self.owner("SELECT pid FROM pg_stat_activity WHERE application_name = %s", name)
        return [int(str(pid)) for (pid,) in found]

    def owner(self, query: str, *params: object) -> list[tuple[object, ...]]:
        """Ask as the owner, on a connection of its own."""
        url = self.servers.owner_url.replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as conn:
            return conn.execute(query, params).fetchall()

    def postmaster(self) -> int:
        """Return the server's own pid."""
        pid = self.servers.supervisor.pid("postgres")
        assert pid
        return pid

    def reconnect(self) -> None:
        """Bring the test's own connection back; the service does that by itself."""
        eventually(self.servers.postgres.answers)
        self.live.app.engine.dispose()
        self.live.story.conn.invalidate()
        self.live.story.conn.rollback()
        self.live.value("SELECT 1")


@pytest.fixture(scope="module")
def durable() -> Iterator[Servers]:
    with support.ready_folder() as folder, Servers(folder) as servers:
        support.make_template(servers)
        yield servers


@pytest.fixture
def site(durable: Servers, tmp_path: Path) -> Iterator[Site]:
    with (
        support.copied_database(durable, "anju_dying") as database,
        living(database) as live,
        faulty(live.app, tmp_path) as processes,
    ):
        caller = processes.web()
        processes.start("ticker")
        made = Site(durable, live, processes, caller)
        eventually(lambda: made.backends("anju-ticker"))
        yield made


@dataclass
class Told:
    """An opening and what came back: the id stays the same over retries."""

    ident: str
    answer: Answer


@contextmanager
def load(caller: Caller) -> Iterator[list[Told]]:
    """Open orders from two sides while the body runs, whatever is answered."""
    told: list[Told] = []
    ended = threading.Event()
    ids = TimeOrderedIds()

    def run() -> None:
        while not ended.is_set():
            ident = str(ids.new(START))
            told.append(Told(ident, caller.post(ORDERS, order(id=ident))))
            if told[-1].answer.status != 201:
                ended.wait(0.1)  # a client that is sent away does not storm the door

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run) for _ in range(2)]
        try:
            yield told
        finally:
            ended.set()
            for done in runs:
                done.result(30)


def answered(told: list[Told], more: int) -> None:
    """Wait until so many more orders were opened."""
    enough = sum(one.answer.status == 201 for one in told) + more
    eventually(lambda: sum(one.answer.status == 201 for one in told) >= enough)


def settle(site: Site, told: list[Told]) -> None:
    """Hold what was told against what is there, and let every client try again once."""
    stored = {str(ident) for (ident,) in site.live.rows("SELECT id FROM ticket")}
    assert {one.ident for one in told if one.answer.status == 201} <= stored
    for one in told:
        status = one.answer.status
        assert status in (201, 503, None), (one, site.processes.log.read_text())
        if status == 503:
            assert int(one.answer.headers["retry-after"]) > 0
            assert one.answer.code in ("storage-unavailable", "outcome-unknown")
        if status == 503 and one.answer.code == "storage-unavailable":
            assert one.ident not in stored
        if status != 201:
            again = site.caller.post(ORDERS, order(id=one.ident))
            assert again.status == (200 if one.ident in stored else 201)
    assert site.live.value("SELECT count(*) FROM ticket") == len(told)
    assert_sound(site.live)


def crash_backend(site: Site) -> None:
    """Kill one session's process hard: the server restarts itself and all others with it."""
    (victim, *_) = site.backends("anju-web")
    try:
        os.kill(victim, signal.SIGKILL)
    except PermissionError:
        pytest.skip("this user may not kill the server's processes")


def stop_fast(site: Site) -> None:
    """Let the server end its sessions and stop; the supervisor starts it again."""
    os.kill(site.postmaster(), signal.SIGINT)


def stop_at_once(site: Site) -> None:
    """Let the server stop as in a power failure; it recovers from its log."""
    os.kill(site.postmaster(), signal.SIGQUIT)


@pytest.mark.parametrize(
    "death", [crash_backend, stop_fast, stop_at_once], ids=["f05-kill-9", "f16-fast", "f17-wal"]
)
def test_nothing_acknowledged_is_lost_and_all_reconnect(
    site: Site, death: Callable[[Site], None]
) -> None:
    with load(site.caller) as told:
        answered(told, 5)
        began = monotonic()
        death(site)
        answered(told, 5)
        healed_s = monotonic() - began
    site.reconnect()
    assert healed_s < HEALED_S
    settle(site, told)

    site.live.story.advance(minutes=16)
    eventually(lambda: marks(site.live, told[0].ident, "ack", 0), HEALED_S)
    assert_sound(site.live)


def test_f05_a_session_ended_in_mid_transaction_is_nothing_done(site: Site) -> None:
    story = site.live.story
    story.submit()
    body = {"type": "accept", "data": story.data("accept", "dispatcher")}
    path = f"{ORDERS}/{story.order}/events"
    url = site.live.app.settings.database_url.replace("+psycopg", "")

    with psycopg.connect(url) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT FROM ticket FOR UPDATE")
        asked = pool.submit(site.caller.post, path, body)
        end_waiting(site, "anju-web")
        answer = asked.result(20)
        holder.rollback()
        assert (answer.status, answer.code) == (503, "storage-unavailable")
        assert int(answer.headers["retry-after"]) > 0

        holder.execute("LOCK TABLE escalation IN SHARE MODE")
        story.advance(minutes=16)
        end_waiting(site, "anju-ticker")
        holder.rollback()

    eventually(lambda: marks(site.live, story.order, "ack", 0), HEALED_S)
    assert site.caller.post(path, body).status == 201
    assert_sound(site.live)


def end_waiting(site: Site, name: str) -> None:
    """End the session of a process that waits for a lock in the middle of its transaction."""
    ended = ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
             "WHERE application_name = %s AND wait_event_type = 'Lock'")  # fmt: skip
    eventually(lambda: site.owner(ended, name))
