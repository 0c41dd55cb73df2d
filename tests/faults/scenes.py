"""Short scenes for the checker: a few people, a simulated clock, everything in one process.

Each scene leads the service through what one kind of bug would spoil; `judge` then lets
everything heal and drain, and asks both checkers. A scene tolerates that calls fail and rounds
break down, as they do when a bug is planted: a worker that dies is started again.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import create_engine
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from service.commands.fire_event import Fire, fire_in
from service.commands.sweep import sweep_all
from service.core.ids import derived
from service.jobs import rounds
from service.notify.channel import TransientError
from service.notify.channels.webhook import webhook_id
from service.notify.deliver import Delivery
from service.store import delivery
from service.store.audit.finding import Finding
from service.store.audit.walk import Verifier
from service.store.delivery import Leased
from tests.faults import checker
from tests.faults.journal import OPEN, READ, Call, Journal, read
from tests.notify.endpoints import endpoint
from tests.support.http import Http, http_on, order
from tests.support.live import Live, living
from tests.support.servers import Database
from tests.support.story import iso
from tests.support.waiting import eventually

ORDERS = "/v1/repair-orders"
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
PHONE = "13800007788"


@dataclass
class World:
    """A committed world with a front door, clients that keep a journal, and one receiver."""

    database: Database
    live: Live
    http: Http
    folder: Path
    accepted: set[str] = field(default_factory=set)
    turn: int = 0

    @property
    def journal_file(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def log_file(self) -> Path:
        return self.folder / "service.log"

    def begin(self) -> None:
        """Forget everything: a new database, a new journal."""
        self.database.reset()
        self.live.build_house()
        self.http._keys.clear()
        self.http.forget_credentials()
        self.journal_file.write_text("")
        self.accepted.clear()
        self.turn = 0

    # ── clients ──

    def call(self, method: str, path: str, who: str, /, **about: Any) -> TestResponse:
        """Send a call and write down what came of it; `body` is sent, the rest is noted."""
        headers = {"Idempotency-Key": about["key"]} if about.get("key") else {}
        if "match" in about:
            headers["If-Match"] = f'"v{about.pop("match")}"'
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        sent = {"json": about.pop("body")} if "body" in about else {}
        answer = self.http.call(method, path, who, headers=headers, **sent)
        self.note(answer, method=method, path=path, client=who, actor=who, **about)
        return answer

    def note(self, answer: TestResponse, **about: Any) -> None:
        body = answer.get_json(silent=True)
        problem = body.get("code") if answer.status_code >= 400 and body else None
        self.write(
            status=answer.status_code, content_type=answer.content_type or "", problem=problem,
            retry_after=answer.headers.get("Retry-After"), body=body, **about,
        )  # fmt: skip

    def write(self, **about: Any) -> None:
        self.turn += 1
        times = {"sent_at": self.turn, "answered_at": self.turn}
        journal = Journal(self.journal_file)
        journal.add(Call(**{"role": "", "asks": READ, **times} | about))
        journal.close()

    def open(self, who: str = "dispatcher", key: str | None = None, **members: Any) -> str:
        """Open an order; return its id, or a made-up one when it was refused."""
        answer = self.call("POST", ORDERS, who, asks=OPEN, key=key, body=order(**members))
        return str((answer.get_json(silent=True) or {}).get("id") or derived("lost", self.turn))

    def fire(self, ticket: str, event: str, who: str, **members: Any) -> TestResponse:
        """Fire an event under an id of the client's own."""
        ident = str(derived("scene", ticket, event, members.pop("again", self.turn)))
        story = self.live.story
        story.order = UUID(ticket)
        body = {"type": event, "id": ident, "data": story.data(event, who)} | members
        return self.call(
            "POST", f"{ORDERS}/{ticket}/events", who, asks=event, ticket=ticket, event_id=ident,
            body=body,
        )  # fmt: skip

    def get(self, path: str, who: str) -> TestResponse:
        return self.call("GET", path, who)

    def road(self, ticket: str, *steps: tuple[str, str]) -> None:
        """Take an order along some (event, who) steps."""
        for event, who in steps:
            self.fire(ticket, event, who)

    # ── the service's own work ──

    def pass_time(self, **delta: float) -> None:
        self.live.story.advance(**delta)
        self.sweep()

    def sweep(self) -> None:
        with self.surviving():
            sweep_all(self.live.app.ports, by="test", most=5)

    def relay(self) -> None:
        with self.surviving():
            rounds.relay_round(self.live.app)

    @contextmanager
    def surviving(self) -> Iterator[None]:
        """Let a round fail as a supervisor does; what it was about is judged at the end."""
        try:
            yield
        except Exception as exc:  # noqa: BLE001 — whatever a planted bug leads to
            structlog.get_logger().warning("round_failed", error=type(exc).__name__)

    def as_owner(self, statement: str, **params: Any) -> None:
        """Do what a person with the owner's rights does to mend things."""
        url = self.database.owner_url.replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(statement, params)

    def drain(self) -> None:
        """Run every round until nothing is left, or nothing more can be hoped for."""
        self.live.do("UPDATE clock SET retry_at = '-infinity' WHERE retry_at > '-infinity'")
        self.sweep()
        with suppress(AssertionError):
            eventually(self._drained, 1.0)

    def _drained(self) -> bool:
        self.relay()
        return self.live.value("SELECT NOT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL "
                               "OR feeds)") is True  # fmt: skip


@contextmanager
def world_in(database: Database, folder: Path) -> Iterator[World]:
    """Make a world on an empty database."""
    with living(database) as live:
        yield World(database, live, http_on(live.story), folder)


def play(world: World, scenes: Sequence["Scene"]) -> None:
    """Play some scenes in a fresh world; what the service logs is kept."""
    with capture_logs() as entries:
        world.begin()
        for scene in scenes:
            scene(world)
        world.drain()
    lines = (json.dumps(entry, default=str, ensure_ascii=False) for entry in entries)
    world.log_file.write_text("\n".join(lines), encoding="utf-8")


def judge(world: World) -> list[Finding]:
    """Return what both checkers find."""
    ports = world.live.app.ports
    walked = Verifier(ports.uow, ports.registry, ports.calendars, drained=True).verify()
    told = checker.check(
        read(world.journal_file), ports.uow, logs=[world.log_file], accepted=world.accepted
    )
    return [*walked.findings, *told]


# ── scenes ──────────────────────────────────────────────────────────────────

Scene = Callable[[World], None]


def desk(w: World) -> None:
    """Two districts; a key and an event id used twice; a patch, a note, refusals."""
    pine = checker.canary("north/n-street/n-community/pine")
    foreign = w.open("other_dispatcher", place="b5", title=pine, description=pine)
    reporter = {"name": "李四", "phone": PHONE, "channel": "phone"}
    mine = w.open(key="first", reporter=reporter)
    w.open(key="first", reporter=reporter)
    w.fire(mine, "accept", "dispatcher", again=0)
    w.fire(mine, "accept", "dispatcher", again=0)
    w.fire(mine, "complete_work", "dispatcher")
    w.fire(mine, "confirm", "resident")
    w.get(ORDERS, "dispatcher")
    w.get(f"{ORDERS}/{foreign}", "dispatcher")
    path = f"{ORDERS}/{mine}"
    w.call("PATCH", path, "dispatcher", asks="amend", ticket=mine, match=2, body={"title": "漏水"})
    w.call("POST", f"{path}/notes", "dispatcher", asks="add_note", ticket=mine, body={"text": "急"})
    w.relay()


def hands(w: World) -> None:
    """An order that one crew returns and another takes over."""
    ticket = w.open()
    w.road(ticket, ("accept", "dispatcher"), ("assign", "dispatcher"))
    w.road(ticket, ("reject_assignment", "crew"), ("assign", "dispatcher"))
    w.road(ticket, ("reassign", "dispatcher"))


def returned(w: World) -> None:
    """An order that its crew returns, and that nobody holds at the end."""
    ticket = w.open()
    w.road(ticket, ("accept", "dispatcher"), ("assign", "dispatcher"))
    w.road(ticket, ("reject_assignment", "crew"))


def silence(w: World) -> None:
    """Nobody answers: warning, breach, ladder; and a person's edit in between."""
    ticket = w.open()
    w.pass_time(minutes=13)
    w.pass_time(minutes=7)
    w.fire(ticket, "accept", "dispatcher")
    w.pass_time(hours=3)


def warned(w: World) -> None:
    """A clock warns; its breach is two minutes away."""
    w.open()
    w.pass_time(minutes=13)


def absence(w: World) -> None:
    """The resident is not at home: clocks wait, go on, and climb."""
    ticket = w.open()
    w.road(
        ticket, ("accept", "dispatcher"), ("assign", "dispatcher"), ("take", "crew"),
        ("arrive", "crew"), ("no_access", "crew"),
    )  # fmt: skip
    w.pass_time(hours=3)
    w.road(ticket, ("resume", "dispatcher"))
    w.pass_time(hours=30)


def long_absence(w: World) -> None:
    """The resident stays away for longer than pauses may last."""
    ticket = w.open()
    w.road(
        ticket, ("accept", "dispatcher"), ("assign", "dispatcher"), ("take", "crew"),
        ("arrive", "crew"), ("no_access", "crew"),
    )  # fmt: skip
    w.pass_time(days=17)
    w.road(ticket, ("resume", "dispatcher"))
    w.pass_time(hours=1)


def belated(w: World) -> None:
    """An arrival becomes known only after its clock was called late."""
    ticket = w.open()
    w.road(ticket, ("accept", "dispatcher"), ("assign", "dispatcher"), ("take", "crew"))
    arrived = w.live.story.now + timedelta(minutes=10)
    w.pass_time(minutes=50)
    w.fire(ticket, "arrive", "crew", occurred_at=iso(arrived))


def unswept(w: World) -> None:
    """Nobody sweeps for a while, and somebody acts on an order whose clock ran out."""
    ticket = w.open()
    w.live.story.advance(minutes=20)
    w.fire(ticket, "accept", "dispatcher")


def culprit(w: World) -> None:
    """One order's row stands in the way of its mark; it is mended when the board shows it."""
    bad, _neighbour = w.open(), w.open(place="h-2-102")
    w.live.do(
        "INSERT INTO escalation SELECT ticket_id, 'ack', 1, -1, started_at, started_at, 'x', 1, "
        "'[]' FROM clock WHERE ticket_id = :id", id=bad,
    )  # fmt: skip
    w.pass_time(minutes=20)
    for _ in range(12):
        w.sweep()
    if w.live.value("SELECT attempts > 0 FROM clock WHERE ticket_id = :id", id=bad) is True:
        w.as_owner("DELETE FROM escalation WHERE fired_by = 'x'")


def slow_writer(w: World) -> None:
    """A transaction that began first commits last, while the feed is numbered."""
    slow, quick = w.open(), w.open(place="h-2-102")
    w.relay()
    ports, story = w.live.app.ports, w.live.story
    ident = derived("scene", slow, "slow")
    command = Fire(
        ticket=slow, event="accept", actor=story.actor("dispatcher"), id=ident,
        data=story.data("accept", "dispatcher"), fingerprint=b"slow",
    )  # fmt: skip
    with ports.uow() as tx:
        fire_in(tx, ports, command)
        w.fire(quick, "accept", "dispatcher")
        w.relay()
    w.write(
        client="slow", actor="dispatcher", method="POST", path=f"{ORDERS}/{slow}/events",
        asks="accept", ticket=slow, event_id=str(ident), status=201,
    )  # fmt: skip


def outage(w: World) -> None:
    """The database is away for one call, and the client comes back."""
    uow: Any = w.live.app.ports.uow
    engine, nowhere = uow._engine, create_engine(NOWHERE)
    uow._engine = nowhere
    try:
        w.open(key="patient")
    finally:
        uow._engine = engine
    w.open(key="patient")


def post(w: World) -> None:
    """A webhook times out, is sent again, and the first sender wakes while it is under way."""
    endpoint(w.live, "https://receiver.example/", "repair_order.opened")
    w.open()
    w.relay()
    sender = Sender(w)
    for _ in range(2):
        with w.surviving():
            Delivery(w.live.app.ports.uow, sender, at_once=1).run()
        w.live.do("UPDATE delivery SET retry_at = '-infinity'")


@dataclass
class Sender:
    """Stands for the network: the first try times out, the second is accepted."""

    world: World
    tried: list[Leased] = field(default_factory=list)

    def send(self, leased: Leased, to: object) -> int:
        """Note the try; while the second is under way, the first sender gives up."""
        self.tried.append(leased)
        if len(self.tried) == 1:
            raise TransientError("timeout")
        with self.world.live.app.ports.uow() as tx:
            delivery.bury(tx, self.tried[0], error="slept too long")
        self.world.accepted.add(webhook_id(leased.id))
        return 200


EVERYTHING: Mapping[str, Scene] = {
    scene.__name__: scene
    for scene in (
        desk, hands, returned, silence, warned, absence, long_absence, belated, unswept, culprit,
        slow_writer, outage, post,
    )
}  # fmt: skip
