"""Tells a repair order's life in a few words: opens, fires, moves the clock, sweeps."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.commands.fire_event import Fire, fire
from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Outcome, Ports
from service.commands.sweep import Swept, sweep_all
from service.core.actors import Actor
from service.store.clock import NAMES
from service.store.unit_of_work import Tx
from tests.support.house import House, photo

_SET_CLOCK = text("UPDATE app_clock SET rate = 0, app_at = :at, wall_at = clock_timestamp()")


@contextmanager
def rolled_back(conn: Connection) -> Iterator[Tx]:
    """Be a unit of work inside the test's own transaction, with its deferred checks made."""
    with conn.begin_nested() as savepoint:
        tx = Tx(conn)
        yield tx
        conn.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        conn.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        if tx.abandoned:
            savepoint.rollback()


@dataclass
class Story:
    """One test's world. `order` is the order the short forms speak of."""

    ports: Ports
    conn: Connection
    house: House
    now: datetime
    order: UUID | None = None
    last: Outcome | None = None
    _photos: dict[str, UUID] = field(default_factory=dict)

    def at(self, moment: datetime) -> "Story":
        """Move the simulated clock there; it stands still until the next move."""
        self.now = moment
        self.conn.execute(_SET_CLOCK, {"at": moment})
        return self

    def advance(self, **delta: float) -> "Story":
        """Move the clock on by a timedelta's arguments."""
        return self.at(self.now + timedelta(**delta))

    def actor(self, name: str) -> Actor:
        """Return an actor of the house."""
        return self.house.actor(name)

    def submit(self, by: str = "dispatcher", **wants: Any) -> Outcome:
        """Open an order and speak of it from now on."""
        asked: dict[str, Any] = {
            "place": "h-2-101",
            "category": "water_leak",
            "title": "厨房水管漏水",
            "description": "水槽下滴水",
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
            "facts": {"origin": "customer"},
        } | wants
        outcome = open_ticket(self.ports, Open(kind="repair_order", actor=self.actor(by), **asked))
        self.order, self.last = outcome.ticket["id"], outcome
        return outcome

    def fire(self, event: str, by: str, /, **wants: Any) -> Outcome:
        """Fire an event on the order; `data` has what the event's row requires."""
        command: dict[str, Any] = {"data": self.data(event, by)} | wants
        self.last = fire(
            self.ports,
            Fire(ticket=self.order, event=event, actor=self.actor(by), **command),
        )
        return self.last

    def sweep(self) -> Swept:
        """Fire what is due."""
        return sweep_all(self.ports, by="test")

    def photo(self, by: str) -> str:
        """Return the id of a picture that `by` uploaded."""
        return str(photo(self.conn, self.actor(by)))

    def data(self, event: str, by: str) -> Mapping[str, Any]:
        """Return plausible data for an event."""
        now = self.now
        made: Mapping[str, Mapping[str, Any]] = {
            "accept": {
                "category": "water_leak", "urgency": "urgent", "part": "private",
                "responsible": "company", "class": "urgent",
            },
            "assign": {
                "crew": "c7", "price_shown_fen": 8000,
                "visit_from": iso(now + timedelta(minutes=5)),
                "visit_to": iso(now + timedelta(minutes=30)),
            },
            "arrive": {"position": {"lat": 30.65, "lon": 104.08, "accuracy_m": 12}},
            "diagnose": {
                "finding": "水管接头老化", "class": "urgent", "responsible": "company",
                "outcome": "needs_plan",
            },
            "start_work": {"price_accepted": True},
            "no_access": {"photos": [self.photo(by)]} if event == "no_access" else {},
            "make_safe": {"photos": [self.photo(by)], "note": "已关总阀"}
            if event == "make_safe" else {},
            "resume": {
                "visit_from": iso(now + timedelta(hours=1)),
                "visit_to": iso(now + timedelta(hours=2)),
            },
            "complete_work": {
                "report": "更换接头", "photos_before": [self.photo(by)],
                "photos_after": [self.photo(by)],
                "materials": [{"name": "接头", "qty": 1, "cost_fen": 1500}],
                "labour_minutes": 40, "site_clean": True,
            } if event == "complete_work" else {},
            "confirm": {"rating": "satisfied"},
            "report_cannot_finish": {
                "reason": "要换整段水管", "new_promise_at": iso(now + timedelta(days=2)),
                "reporter_notified_at": iso(now), "warning_waiver": "户内维修,无须警示",
            },
            "refuse_confirmation": {"reason": "还在漏"},
            "reopen": {"reason": "又漏了"},
            "cancel": {"reason": "误报"},
            "reassign": {"crew": "c9", "reason": "原班组忙"},
            "reject_assignment": {"reason": "没有配件"},
        }  # fmt: skip
        return made.get(event, {})

    def until(self, state: str) -> "Story":
        """Take the order along the plain road to a state."""
        road = (
            ("accept", "dispatcher", "accepted"), ("assign", "dispatcher", "assigned"),
            ("take", "crew", "en_route"), ("arrive", "crew", "on_site"),
            ("diagnose", "crew", None), ("start_work", "crew", "in_progress"),
            ("complete_work", "crew", "awaiting_confirmation"), ("confirm", "resident", "closed"),
        )  # fmt: skip
        if self.order is None:
            self.submit()
        if state == "submitted":
            return self
        for event, by, reached in road:
            self.fire(event, by)
            if reached == state:
                return self
        raise AssertionError(f"the plain road does not lead to {state}")

    def until_again(self) -> "Story":
        """Take an order in rework to awaiting_confirmation once more."""
        for event, by in (
            ("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
            ("diagnose", "crew"), ("start_work", "crew"), ("complete_work", "crew"),
        ):  # fmt: skip
            self.fire(event, by)
        return self

    def clock(self, name: str) -> Any:
        """Return the newest epoch of a clock, as stored."""
        return self.conn.execute(
            text(f"SELECT {', '.join(NAMES)} FROM clock WHERE ticket_id = :id AND name = :name "
                 "ORDER BY epoch DESC LIMIT 1"), {"id": self.order, "name": name},
        ).one()  # fmt: skip

    def levels(self, clock: str) -> list[int]:
        """Return the levels of a clock that fired, in order."""
        found = self.conn.execute(
            text("SELECT level FROM escalation WHERE ticket_id = :id AND clock = :clock "
                 "ORDER BY epoch, level"), {"id": self.order, "clock": clock},
        )  # fmt: skip
        return list(found.scalars())

    def history(self) -> list[str]:
        """Return the event types of the order, oldest first."""
        found = self.conn.execute(
            text("SELECT type FROM event WHERE ticket_id = :id ORDER BY seq"), {"id": self.order}
        )
        return list(found.scalars())


def iso(moment: datetime) -> str:
    """Return RFC 3339 text."""
    return moment.isoformat()
