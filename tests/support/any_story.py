"""Tells the life of tickets of any kind: opens, fires, moves the clock, sweeps, follows up."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.api.tickets import birth
from service.commands.deposits import Receive, receive
from service.commands.fire_event import Fire, fire
from service.commands.links import CreateLink, RevokeLink, create_link, revoke_link
from service.commands.notes import AddNote, add_note
from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Outcome, Ports
from service.commands.sweep import Swept, sweep_all
from service.core.actors import Actor
from service.jobs import reacting, reactions
from service.notify.channels import CHANNELS
from service.notify.relay import Relay
from service.store.clock import NAMES
from service.store.unit_of_work import Tx
from tests.support.house import House, photo, somebody

Ticket = UUID | str
_SET_CLOCK = text("UPDATE app_clock SET rate = 0, app_at = :at, wall_at = clock_timestamp()")
_ROUNDS = 20  # follow-ups of follow-ups; one that never ends is a fault


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
class AnyStory:
    """One test's world. `order` is the ticket meant where none is named: the last opened."""

    ports: Ports
    conn: Connection
    house: House
    now: datetime
    order: UUID | None = None
    last: Outcome | None = None

    def at(self, moment: datetime) -> "AnyStory":
        """Move the simulated clock there; it stands still until the next move."""
        self.now = moment
        self.conn.execute(_SET_CLOCK, {"at": moment})
        return self

    def advance(self, **delta: float) -> "AnyStory":
        """Move the clock on by a timedelta's arguments."""
        return self.at(self.now + timedelta(**delta))

    def sweep(self) -> Swept:
        """Fire what is due."""
        return sweep_all(self.ports, by="test")

    def relay(self) -> int:
        """Fan out letters and run what follows in other tickets, and what follows that.

        Return how many follow-ups were settled.
        """
        relay = Relay(self.ports.uow, CHANNELS, reacting=reactions.wanted)
        settled = 0
        for _ in range(_ROUNDS):
            letters = relay.run_once().letters
            done = reacting.react(self.ports)
            settled += done
            if letters == done == 0:
                return settled
        raise AssertionError("follow-ups never end")

    def pass_time(self, **delta: float) -> "AnyStory":
        """Move the clock on, fire what fell due, and let everything follow."""
        self.advance(**delta)
        self.sweep()
        self.relay()
        return self

    def actor(self, name: str) -> Actor:
        """Return an actor of the house."""
        return somebody(self.conn, self.house, name)

    def account(self, name: str) -> str:
        """Return the account id of somebody, as data names it."""
        return str(self.actor(name).id)

    def photo(self, by: str) -> str:
        """Return the id of a picture that `by` uploaded."""
        return str(photo(self.conn, self.actor(by)))

    def after(self, **delta: float) -> str:
        """Return a time from now on, as data names it."""
        return iso(self.now + timedelta(**delta))

    def open(self, kind: str, by: str, /, **wants: Any) -> Outcome:
        """Open a ticket by the event the API uses, and speak of it from now on.

        `wants` are members of the create body; the category is the kind's first unless given.
        """
        workflow = self.ports.registry[kind]
        asked: dict[str, Any] = {
            "place": "h-2-101",
            "category": self.ports.catalogue.of(kind).codes[0],
            "title": kind,
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "desk"},
            "event": birth(workflow),
        } | wants
        outcome = open_ticket(self.ports, Open(kind=kind, actor=self.actor(by), **asked))
        self.order, self.last = outcome.ticket["id"], outcome
        return outcome

    def fire(self, event: str, by: str, /, **wants: Any) -> Outcome:
        """Fire an event. `wants`: data, ticket, occurred_at and other members of `Fire`."""
        wants.setdefault("ticket", self.order)
        if "data" not in wants:
            wants["data"] = self.data(event, by)
        self.last = fire(self.ports, Fire(event=event, actor=self.actor(by), **wants))
        return self.last

    def data(self, _event: str, _by: str) -> Mapping[str, Any]:
        """Return plausible data for an event; a story of one kind knows some."""
        return {}

    def note(self, by: str, words: str, /, ticket: Ticket | None = None, **wants: Any) -> Outcome:
        """Add a note; `wants` may say its level and whom it is for."""
        row = self.row(ticket)
        return add_note(
            self.ports,
            AddNote(kind=row.kind, ticket=row.id, actor=self.actor(by), text=words, **wants),
        )

    def link(self, by: str, party: int | None = None) -> UUID:
        """Make a link to the ticket, return its id."""
        row = self.row()
        asked = CreateLink(kind=row.kind, ticket=row.id, actor=self.actor(by), party=party)
        made: UUID = create_link(self.ports, asked).ticket["id"]
        return made

    def unlink(self, by: str, link: UUID) -> None:
        """Revoke a link."""
        row = self.row()
        actor = self.actor(by)
        revoke_link(self.ports, RevokeLink(kind=row.kind, ticket=row.id, link=link, actor=actor))

    def about(self, ticket: Ticket) -> "AnyStory":
        """Speak of another ticket from now on."""
        self.order = UUID(str(ticket))
        return self

    def row(self, ticket: Ticket | None = None) -> Any:
        """Return a ticket as stored."""
        return self._one("SELECT * FROM ticket WHERE id = :id", id=ticket or self.order)

    def state(self, ticket: Ticket | None = None) -> str:
        """Return the state of a ticket."""
        return str(self.row(ticket).state)

    def facts(self, ticket: Ticket | None = None) -> Mapping[str, Any]:
        """Return the facts of a ticket, people masked by ids only."""
        found: Mapping[str, Any] = self.row(ticket).facts
        return found

    def history(self, ticket: Ticket | None = None) -> list[str]:
        """Return the event types of a ticket, oldest first."""
        found = self._all("SELECT type FROM event WHERE ticket_id = :id ORDER BY seq",
                          id=ticket or self.order)  # fmt: skip
        return [line.type for line in found]

    def clock(self, name: str, ticket: Ticket | None = None) -> Any:
        """Return the newest epoch of a clock, as stored."""
        return self._one(
            f"SELECT {', '.join(NAMES)} FROM clock WHERE ticket_id = :id AND name = :name"
            " ORDER BY epoch DESC LIMIT 1", id=ticket or self.order, name=name,
        )  # fmt: skip

    def levels(self, clock: str, ticket: Ticket | None = None) -> list[int]:
        """Return the levels of a clock that fired, in order."""
        found = self._all(
            "SELECT level FROM escalation WHERE ticket_id = :id AND clock = :clock"
            " ORDER BY epoch, level", id=ticket or self.order, clock=clock,
        )  # fmt: skip
        return [rung.level for rung in found]

    def effects(self, ticket: Ticket | None = None) -> list[tuple[str, str, UUID]]:
        """Return (relation, kind, id) of the tickets that a ticket led to, oldest first."""
        return self._related("effect_id", "cause_id", ticket)

    def causes(self, ticket: Ticket | None = None) -> list[tuple[str, str, UUID]]:
        """Return (relation, kind, id) of the tickets that led to a ticket, oldest first."""
        return self._related("cause_id", "effect_id", ticket)

    def effect(self, kind: str, ticket: Ticket | None = None) -> UUID:
        """Return the newest ticket of a kind that a ticket led to."""
        found = [ident for _, of, ident in self.effects(ticket) if of == kind]
        assert found, f"no {kind} follows from {self.row(ticket).number}"
        return found[-1]

    def _related(self, other: str, own: str, ticket: Ticket | None) -> list[tuple[str, str, UUID]]:
        found = self._all(
            f"SELECT c.relation, t.kind, t.id FROM ticket_cause c JOIN ticket t ON t.id = c.{other}"
            f" WHERE c.{own} = :id ORDER BY c.at, t.number", id=ticket or self.order,
        )  # fmt: skip
        return [tuple(row) for row in found]

    def notes(self, ticket: Ticket | None = None) -> list[Any]:
        """Return the notes of a ticket as stored, whoever may read them."""
        return self._all("SELECT * FROM note WHERE ticket_id = :id ORDER BY seq",
                         id=ticket or self.order)  # fmt: skip

    def stakes(self, ticket: Ticket | None = None) -> set[str]:
        """Return who sees a ticket beside those whose role does."""
        found = self._all("SELECT holder FROM ticket_stake WHERE ticket_id = :id",
                          id=ticket or self.order)  # fmt: skip
        return {stake.holder for stake in found}

    def deposit(self, vendor: str, compound: str, required: int, paid: int) -> None:
        """Let a vendor pay in a compound, in fen; the first payment opens its deposit."""
        cmd = Receive(
            actor=self.actor("district_officer"), vendor=vendor, compound=compound, fen=paid,
            document="receipt", required_fen=required,
        )  # fmt: skip
        receive(self.ports, cmd)

    def balance(self, vendor: str, compound: str) -> int:
        """Return the balance of a vendor's deposit in a compound, in fen."""
        row = self._one(
            "SELECT balance_fen FROM deposit WHERE vendor_id = :vendor AND compound_id = :compound",
            vendor=vendor, compound=compound,
        )  # fmt: skip
        return int(row.balance_fen)

    def entries(self, vendor: str) -> list[tuple[str, str, int]]:
        """Return (debit, credit, fen) of a vendor's ledger, oldest first."""
        found = self._all("SELECT debit, credit, fen FROM ledger_entry WHERE vendor_id = :vendor"
                          " ORDER BY id", vendor=vendor)  # fmt: skip
        return [tuple(row) for row in found]

    def points(self, vendor: str, subject: str = "company") -> list[tuple[int, str]]:
        """Return (points, reason) that a vendor or its manager won or lost, oldest first."""
        found = self._all(
            "SELECT points, reason FROM credit_event WHERE vendor_id = :vendor"
            " AND subject = :subject ORDER BY at, ticket_id, seq, n",
            vendor=vendor, subject=subject,
        )  # fmt: skip
        return [tuple(row) for row in found]

    def told(self, topic: str) -> set[str]:
        """Return the names of the people in whose inbox a topic lies."""
        found = self._all("SELECT a.name FROM inbox i JOIN account a ON a.id = i.account_id"
                          " WHERE i.topic = :topic", topic=topic)  # fmt: skip
        return {row.name for row in found}

    def _all(self, query: str, **params: Any) -> list[Any]:
        return list(self.conn.execute(text(query), params))

    def _one(self, query: str, **params: Any) -> Any:
        return self.conn.execute(text(query), params).one()


def iso(moment: datetime) -> str:
    """Return RFC 3339 text."""
    return moment.isoformat()
