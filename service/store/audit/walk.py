"""Walks every ticket in batches, each batch in a snapshot of its own, and checks it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.workflow import Workflow
from service.sla.calendar import Calendars
from service.sla.clocks import Clock, Profiles
from service.sla.policy import profile_from_body
from service.store.audit import beside, drained, letters
from service.store.audit.finding import Finding, Record
from service.store.audit.hours import Almanac
from service.store.audit.lines import Moves, check_head, check_lines
from service.store.audit.sealed import Members, check_sealed, check_votes
from service.store.audit.tiers import check_tiers
from service.store.audit.timers import (
    FIELDS,
    check_assignments,
    check_clocks,
    check_escalations,
    check_reckoning,
    check_variant,
)
from service.store.unit_of_work import Tx

Rows = Mapping[UUID, Sequence[Any]]
Progress = Callable[[int, int], None]
"""Told how many tickets are checked, of how many."""

_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_COUNT = text("SELECT count(*) FROM ticket")
_TICKETS = text("SELECT * FROM ticket WHERE id > :after ORDER BY id LIMIT :batch")
# The canonical JSON of a line is spelled here again: the function that sealed it is not asked.
_LINES = text("""
SELECT e.*, jsonb_build_array(
    e.ticket_id, e.seq, e.kind, e.id, e.type, e.from_state, e.to_state, e.version,
    e.actor_id, e.actor_role, e.device_id,
    (extract(epoch FROM e.occurred_at) * 1000)::bigint,
    (extract(epoch FROM e.received_at) * 1000)::bigint,
    (extract(epoch FROM e.raw_occurred_at) * 1000)::bigint,
    e.data, e.effects, e.comment)::text AS body
  FROM event e WHERE e.ticket_id = ANY(:ids) ORDER BY e.ticket_id, e.seq""")
_CLOCKS = text(f"SELECT ticket_id, {', '.join(FIELDS)} FROM clock WHERE ticket_id = ANY(:ids)")
_ESCALATIONS = text("SELECT * FROM escalation WHERE ticket_id = ANY(:ids)")
_ASSIGNMENTS = text("SELECT * FROM assignment WHERE ticket_id = ANY(:ids)")
_SEALED = text("""
SELECT ticket_id, seq, row FROM ticket_child WHERE ticket_id = ANY(:ids) AND noun = 'sealed'""")
_PROFILES = text("SELECT id, version, body FROM sla_profile")
_MOVES = text("SELECT kind, from_state, event, to_state FROM transition")
_ORPHANS = (
    ("event", text("""
SELECT DISTINCT e.ticket_id FROM event e
 WHERE NOT EXISTS (SELECT FROM ticket t WHERE t.id = e.ticket_id) LIMIT 100""")),
    ("clock", text("""
SELECT DISTINCT k.ticket_id FROM clock k
 WHERE NOT EXISTS (SELECT FROM ticket t WHERE t.id = k.ticket_id) LIMIT 100""")),
)  # fmt: skip
_PATIENT = text("SET LOCAL statement_timeout = 0")
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a whole walk came to. `findings` holds at most as many as was asked for."""

    tickets: int
    events: int
    findings: tuple[Finding, ...]
    found: int
    wall_s: float

    @property
    def sound(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.found == 0


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks everything that `uow` reaches. `most` findings are kept, all are counted.

    `drained` also demands that nothing is left to do; see the module of that name.
    """

    uow: Callable[[], AbstractContextManager[Tx]]
    registry: Mapping[str, Workflow]
    calendars: Calendars
    batch: int = 500
    most: int = 1000
    drained: bool = False

    def verify(self, progress: Progress | None = None) -> Verdict:
        """Walk every ticket and return the verdict; nothing is changed."""
        started = monotonic()
        tally = _Tally(self.most)
        with self.uow() as tx:
            almanac = Almanac(self.calendars)
            book = _Book(_profiles(tx), _moves(tx), self.registry, self.calendars, almanac)
            total = tx.conn.execute(_COUNT).scalar_one()
        for records in self._batches():
            for record in records:
                tally.tickets += 1
                tally.events += len(record.lines)
                tally.add(check(record, book))
            if progress is not None:
                progress(tally.tickets, max(total, tally.tickets))
        tally.add(self._orphans())
        tally.add(self._letters())
        return Verdict(
            tickets=tally.tickets,
            events=tally.events,
            findings=tuple(tally.findings),
            found=tally.found,
            wall_s=round(monotonic() - started, 3),
        )

    def _batches(self) -> Iterator[Sequence[Record]]:
        after = _FIRST
        while True:
            with self.uow() as tx:
                tx.conn.execute(_SNAPSHOT)
                records = _records(tx, after, self.batch)
            if not records:
                return
            yield records
            after = records[-1].ticket.id

    def _orphans(self) -> Iterator[Finding]:
        """Yield history and clocks whose ticket is gone."""
        for table, statement in _ORPHANS:
            with self.uow() as tx:
                tx.conn.execute(_PATIENT)
                gone = tx.conn.execute(statement).scalars().all()
            for ticket in gone:
                yield Finding(str(ticket), "", None, "I6", "orphan", f"{table} without a ticket")

    def _letters(self) -> Iterator[Finding]:
        """Yield what did not follow from the histories, and what has not yet."""
        with self.uow() as tx:
            tx.conn.execute(_PATIENT)
            yield from letters.run(tx, letters.CHECKS)
            yield from letters.run(tx, beside.CHECKS)
            if self.drained:
                yield from letters.run(tx, drained.CHECKS, age_s=drained.AGE_S)


@dataclass(frozen=True, slots=True)
class _Book:
    """What histories are judged by: profiles, stored moves, and the code's workflows."""

    profiles: Profiles
    stored: Mapping[str, Moves]
    registry: Mapping[str, Workflow]
    calendars: Calendars
    almanac: Almanac
    declared: dict[str, Moves] = field(default_factory=dict)

    def moves(self, ticket: Any) -> Moves:
        """Return the legal moves of a ticket's own machine version.

        Those of versions that the code no longer has stay in the database's list.
        """
        workflow = self.registry.get(ticket.kind)
        if workflow is None or workflow.version != ticket.machine_version:
            return self.stored.get(ticket.kind, frozenset())
        if ticket.kind not in self.declared:
            self.declared[ticket.kind] = frozenset(workflow.legal_moves())
        return self.declared[ticket.kind]

    def variant(self, ticket: Any) -> str | None:
        """Return the variant that a ticket's row stands under; None for an unknown kind."""
        workflow = self.registry.get(ticket.kind)
        return workflow.variant(ticket._asdict()) if workflow else None

    def sealed(self, ticket: Any) -> Members:
        """Return which members each event of a ticket's kind keeps out of the history."""
        workflow = self.registry.get(ticket.kind)
        if workflow is None:
            return {}
        return {step.event: frozenset(step.sealed) for step in workflow.steps if step.sealed}

    def terminal(self, ticket: Any) -> frozenset[str]:
        """Return the terminal states of a ticket's kind."""
        workflow = self.registry.get(ticket.kind)
        return workflow.terminal if workflow else frozenset()


@dataclass(slots=True)
class _Tally:
    most: int
    tickets: int = 0
    events: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, findings: Iterator[Finding]) -> None:
        for finding in findings:
            self.found += 1
            if len(self.findings) < self.most:
                self.findings.append(finding)


def check(record: Record, book: _Book) -> Iterator[Finding]:
    """Yield everything that is wrong with one ticket."""
    yield from check_lines(record, book.moves(record.ticket))
    yield from check_head(record, book.terminal(record.ticket))
    yield from check_clocks(record, book.profiles, book.calendars)
    yield from check_variant(record, book.variant(record.ticket))
    yield from check_reckoning(record, book.profiles, book.almanac)
    yield from check_escalations(record)
    yield from check_assignments(record)
    yield from check_sealed(record, book.sealed(record.ticket))
    yield from check_votes(record)
    yield from check_tiers(record)


def _records(tx: Tx, after: UUID, batch: int) -> Sequence[Record]:
    tickets = tx.conn.execute(_TICKETS, {"after": after, "batch": batch}).all()
    ids = {"ids": [ticket.id for ticket in tickets]}
    if not tickets:
        return ()
    lines, escalations, assignments, sealed = (
        _by_ticket(tx.conn.execute(statement, ids).all())
        for statement in (_LINES, _ESCALATIONS, _ASSIGNMENTS, _SEALED)
    )
    clocks = _by_ticket(tx.conn.execute(_CLOCKS, ids).all())
    return [
        Record(
            ticket=ticket,
            lines=lines.get(ticket.id, ()),
            clocks={(c.name, c.epoch): Clock(*c[1:]) for c in clocks.get(ticket.id, ())},
            escalations=escalations.get(ticket.id, ()),
            assignments=assignments.get(ticket.id, ()),
            sealed=sealed.get(ticket.id, ()),
        )
        for ticket in tickets
    ]


def _by_ticket(rows: Sequence[Any]) -> Rows:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.ticket_id].append(row)
    return found


def _profiles(tx: Tx) -> Profiles:
    return {
        (row.id, row.version): profile_from_body(row.body, version=row.version)
        for row in tx.conn.execute(_PROFILES)
    }


def _moves(tx: Tx) -> Mapping[str, Moves]:
    found: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for row in tx.conn.execute(_MOVES):
        found[row.kind].add((row.from_state, row.event, row.to_state))
    return found
