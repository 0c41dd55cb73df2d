"""One run: build, play under fire, heal, drain, judge."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

import psycopg
from sqlalchemy import create_engine

from config.settings import Settings
from service import bootstrap
from service.local.servers import Servers
from tests.faults import checker
from tests.faults.journal import Journal, read
from tests.faults.soak import drain, world
from tests.faults.soak.client import LinkHolder, Player, Reader, Shared
from tests.faults.soak.clockwork import Clockwork
from tests.faults.soak.nemesis import Nemesis, Plan
from tests.faults.soak.people import CLIENTS, LINK, READER, Client
from tests.faults.soak.report import Run
from tests.faults.soak.stand import Stand
from tests.faults.soak.verdict import Evidence, Verdict, judge
from tests.faults.soak.wire import Wire
from tests.faults.soak.world import World
from tests.notify.receiver import receiving
from tests.support.house import START
from tests.support.servers import Database, copied_database, make_template

_KINDS: dict[str, type[Player]] = {LINK: LinkHolder, READER: Reader}
_OLDEST = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8
  FROM pg_stat_activity WHERE application_name LIKE 'anju-%' AND xact_start IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. `rate` is simulated seconds a second; `rest_s` the clients' mean rest."""

    plan: Plan
    folder: Path
    tell: Callable[[str], None]
    rate: float = 120.0
    rest_s: float = 0.5
    patience_s: float = 35.0


@dataclass
class _Watch:
    """Looks each second how old the oldest transaction is (I10)."""

    url: str
    oldest_s: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Look until told to stop; a database that is away has no transactions."""
        while not self.stopping.wait(1.0):
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=2) as conn:
                    row = conn.execute(_OLDEST).fetchone()
                    self.oldest_s = max(self.oldest_s, float(row[0]) if row else 0.0)
            except psycopg.Error:
                continue


def run(servers: Servers, options: Options) -> Run:
    """Run once on servers of its own, freshly started. Raises AssertionError if it cannot."""
    options.tell("servers run")
    _recover_fast(servers)
    make_template(servers)
    with copied_database(servers, "anju_soak") as database, receiving() as receiver:
        people = _settle(database, receiver.url)
        stand = Stand(servers, database, options.folder)
        clock = Clockwork(database.app_url)
        try:
            stand.start()
            options.tell("everything runs")
            return _Session(options, stand, clock, people, receiver.got).play()
        finally:
            stand.stop()


def _recover_fast(servers: Servers) -> None:
    """Let a crashed PostgreSQL flush by one call what else takes seconds, file by file."""
    with psycopg.connect(servers.owner_url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'")
        conn.execute("SELECT pg_reload_conf()")


def _settle(database: Database, hook: str) -> World:
    engine = create_engine(database.app_url)
    with engine.begin() as conn:
        made = world.build(conn, hook)
    engine.dispose()
    with psycopg.connect(database.app_url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("UPDATE app_clock SET rate = 0, app_at = %s, wall_at = clock_timestamp()",
                     (START,))  # fmt: skip
    return made


@dataclass
class _Session:
    options: Options
    stand: Stand
    clock: Clockwork
    world: World
    got: Sequence[tuple[object, bytes]]

    def play(self) -> Run:
        """Let everybody play under fire, then bring it to an end and judge."""
        app = bootstrap.build(self._settings(), name="soak", ring=lambda _bell: None)
        before = checker.events_now(app.ports.uow)
        nemesis = Nemesis(self.options.plan, self.stand, self.clock, self.options.tell)
        watch = _Watch(self.stand.database.owner_url.replace("+psycopg", ""))
        shared = Shared(self.options.rest_s)
        wall_s, drain_s = self._fight(nemesis, watch, shared)
        app.engine.dispose()  # the faults have ended its sessions
        calls = list(read(*sorted(self.options.folder.glob("*.journal"))))
        received = [_id_of(headers) for headers, _ in self.got]
        self.options.tell(f"{wall_s + drain_s:5.0f} s  judging {len(calls)} calls")
        evidence = Evidence(
            app, self.world, before, calls, received, shared.seen, watch.oldest_s,
            [self.stand.log],
        )  # fmt: skip
        verdict = judge(evidence, self.clock)
        app.engine.dispose()
        self._write_down(nemesis, verdict)
        return Run(
            seed=self.options.plan.seed,
            rate=self.options.rate,
            wall_s=wall_s,
            drain_s=drain_s,
            simulated_h=(self.clock.stretches[-1].shown - START).total_seconds() / 3600,
            jumps=nemesis.jumps,
            injections=nemesis.injections,
            missed=nemesis.missed,
            killed=nemesis.killed,
            ordinary_starts=self.stand.ordinary_starts,
            starts=sum(part.starts for part in self.stand.parts.values()),
            calls=calls,
            received=received,
            verdict=verdict,
            noise=noise(self.stand.log),
        )

    def _fight(self, nemesis: Nemesis, watch: _Watch, shared: Shared) -> tuple[float, float]:
        """Play under fire, heal and drain; return the seconds under fire, and those after."""
        self._clock(self.options.rate)
        began = monotonic()
        with _threads([watch.run], watch.stopping), self._clients(shared) as reader:
            nemesis.run()
            ended = monotonic()
            self.options.tell(f"{ended - began:5.0f} s  healing")
            drain.heal(self.stand)
            self._clock(0)
        drain.drain(self.stand, self.options.tell, self.options.patience_s)
        _read_on(reader, shared)
        return ended - began, monotonic() - ended

    def _write_down(self, nemesis: Nemesis, verdict: Verdict) -> None:
        """Keep beside the journals when what was hit, and when each rung was due and fired."""
        hits = ([f"{i.at}", i.fault.name, i.hit] for i in nemesis.injections)
        fired = ([f"{rung.due}", f"{rung.fired}", rung.by] for rung in verdict.rungs)
        for name, lines in (("injections", hits), ("rungs", fired)):
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (self.options.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")

    def _settings(self) -> Settings:
        return Settings(
            database_url=self.stand.database.app_url, secret="only-for-tests", environment="test"
        )

    def _clock(self, rate: float) -> None:
        """Set the rate; a database that was just hit may need a second attempt."""
        for _ in range(50):
            if self.clock.run(rate):
                return
            threading.Event().wait(0.2)
        raise AssertionError("the clock cannot be set")

    @contextmanager
    def _clients(self, shared: Shared) -> Iterator[Player]:
        players = [self._player(client, shared) for client in CLIENTS]
        reader = next(player for player in players if isinstance(player, Reader))
        with _threads([player.run for player in players], shared.stopping):
            yield reader
        for player in players:
            if player is not reader:
                player.wire.journal.close()

    def _player(self, client: Client, shared: Shared) -> Player:
        person = self.world.people[client.person]
        linked = client.name == LINK
        journal = Journal(self.options.folder / f"{client.name}.journal")
        wire = Wire(
            client=client.name, actor="link" if linked else person.name, role=person.role,
            port=self.stand.port, journal=journal, now=START, key=None if linked else person.key,
            stopping=shared.stopping,
        )  # fmt: skip
        rng = Random(f"{self.options.plan.seed}/client/{client.name}")  # noqa: S311 — a seed
        kind = _KINDS.get(client.name, Player)
        return kind(client, person, self.world, wire, rng, shared)


@contextmanager
def _threads(works: Sequence[Callable[[], None]], stopping: threading.Event) -> Iterator[None]:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(60)


def _read_on(reader: Player, shared: Shared) -> None:
    """Let the reader of the feed come to its end."""
    while True:
        known = len(shared.seen)
        reader.act()
        if len(shared.seen) == known:
            reader.wire.close()
            reader.wire.journal.close()
            return


def _id_of(headers: object) -> str:
    assert isinstance(headers, dict)
    return str(headers["webhook-id"])


def noise(log: Path) -> Counter[str]:
    """Count the warnings and errors of a log of one JSON line an event; the rest as `other`."""
    counted: Counter[str] = Counter()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
            level, event = entry["level"], entry["event"]
        except (ValueError, KeyError, TypeError):
            counted["other"] += 1
            continue
        if level in ("warning", "error", "critical"):
            counted[f"{event} {entry.get('error', '')}".strip()] += 1
    return counted
