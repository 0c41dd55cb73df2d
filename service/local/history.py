"""Makes the past of the demo world: tickets that lived by the service's own commands.

Reports are opened in the order of time. Then each ticket lives on alone: the parts of
`fire_event` and of the sweep judge every act and fire every rung at its simulated time, on
a draft in memory, and many drafts are written at once, as a sweep writes them. What is
stored is what would be stored had somebody lived through it, twenty times sooner.

What a ticket does next its part knows: orders improvise, the other kinds have a script.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog

from service.commands.addressees import contacts_for, told
from service.commands.draft import Draft
from service.commands.due import proposed
from service.commands.fire_event import draft_from
from service.commands.open_ticket import Open, open_in
from service.commands.ports import Ports
from service.commands.record import write
from service.commands.step import Entry, attempt, candidates, follow, load_data, take
from service.core.actors import SYSTEM
from service.core.errors import ServiceError
from service.local.behaviour import Act
from service.local.directing import Cue
from service.local.lines import NobodyFits
from service.local.simulated_clock import set_in
from service.sla.clocks import Ring
from service.store import clock, ticket
from service.store.unit_of_work import Tx

log = structlog.get_logger()

BY = "demo"
_BATCH = 50
_NOTICED_AFTER = timedelta(seconds=2)
# Before these the draft is written: a draft holds one assignment, and rules read the rest.
_WRITTEN_BEFORE = frozenset(
    {"assign", "reassign", "pick_pool_contractor", "reject_assignment", "pass_over", "cancel"}
)
# What rows need that is read where drafts are written to.
_READ_BACK = frozenset({"sealed", "deposit", "open_tickets", "cycles", "caused", "causes"})


class Part(Protocol):
    """What one ticket does in its past."""

    @property
    def at(self) -> datetime:
        """When it is opened."""

    def opening(self, tx: Tx) -> Open:
        """Return how it is opened."""

    def next(self, row: Mapping[str, Any]) -> Act | None:
        """Return what happens next; None when it stays as it is."""

    def cue(self, tx: Tx, row: Mapping[str, Any], act: Act, now: datetime) -> Cue:
        """Return who does what in an act. Raises NobodyFits."""


@dataclass(slots=True)
class Told:
    """What came of a history. `refused` counts what the rules did not let happen."""

    tickets: int = 0
    acts: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Past:
    """Lives through parts until `end`; the clock then shows `end` and stands still."""

    ports: Ports
    end: datetime
    told: Told = field(default_factory=Told)

    def live(self, parts: Sequence[Part]) -> Told:
        """Open every ticket, then let each live."""
        ordered = sorted(parts, key=lambda part: part.at)
        with self.ports.uow() as tx:
            opened = [self._open(tx, part) for part in ordered]
        for some in _batches(list(zip(opened, ordered, strict=True))):
            with self.ports.uow() as tx:
                set_in(tx, self.end)
                drafts = [self._life(tx, ident, part) for ident, part in some]
                write(tx, drafts)
        return self.told

    def _open(self, tx: Tx, part: Part) -> UUID:
        set_in(tx, part.at)
        outcome = open_in(tx, self.ports, part.opening(tx))
        self.told.tickets += 1
        ident: UUID = outcome.ticket["id"]
        return ident

    def _life(self, tx: Tx, ident: UUID, part: Part) -> Draft:
        """Live one ticket; return its draft, whose last lines are not yet written."""
        life = Life(self, tx, _drafted(tx, self.ports, ident, None), part)
        while life.goes_on():
            pass
        life.pass_time(self.end)
        return life.draft


@dataclass(slots=True)
class Life:
    """One ticket from its birth to the end of the past."""

    past: Past
    tx: Tx
    draft: Draft
    part: Part

    def goes_on(self) -> bool:
        """Let the next thing happen; False when there is none before the end."""
        past, draft = self.past, self.draft
        act = self.part.next(draft.row)
        if act is None:
            state = draft.state
            self.pass_time(past.end)
            # A clock may have moved it to where something happens again.
            return self.draft.state != state and self.part.next(self.draft.row) is not None
        at, version = max(act.at, draft.now), draft.row["version"]
        if at > past.end:
            return False
        self.pass_time(at)
        if self.draft.row["version"] != version:
            return True
        self.draft.now = at
        try:
            self._take(self.part.cue(self.tx, self.draft.row, act, at))
        except (ServiceError, NobodyFits) as refusal:
            past.told.refused[f"{draft.workflow.kind} {act.event} {type(refusal).__name__}"] += 1
            log.info("demo_act_refused", act=act.event, error=str(refusal))
            return False
        past.told.acts += 1
        return True

    def pass_time(self, until: datetime) -> None:
        """Fire every rung due by `until`, each when a ticker would have noticed it."""
        while rings := self.draft.due(until):
            ring, draft = rings[0], self.draft
            contacts = contacts_for(self.tx, [(draft, [ring])])
            draft.now = min(max(draft.now, ring.at + _NOTICED_AFTER), max(until, ring.at))
            draft.fire(ring, told(draft, ring.roles, contacts), SYSTEM, BY)
            self._follow(ring)

    def _take(self, cue: Cue) -> None:
        """Judge one event and take it, with what follows by itself, as `fire` does."""
        self._write_before(cue.event)
        ports, draft = self.past.ports, self.draft
        rows = candidates(draft, cue.event, cue.actor)
        data = load_data(rows, cue.data)
        entry = Entry(id=cue.id, actor=cue.actor, event=cue.event, at=draft.now)
        step = take(self.tx, ports, draft, entry, data)
        follow(self.tx, ports, draft, step, draft.now)

    def _follow(self, ring: Ring) -> None:
        wanted = proposed(self.draft.workflow, ring)
        if wanted is None:
            return
        self._write_before(wanted.event)
        ports, draft = self.past.ports, self.draft
        step = attempt(self.tx, ports, draft, wanted.event, wanted.at, wanted.data)
        if step is not None:
            follow(self.tx, ports, draft, step, wanted.at)

    def _write_before(self, event: str) -> None:
        rows = self.draft.workflow.rows.get((event, self.draft.state), ())
        reads = any(not _READ_BACK.isdisjoint(step.needs) for step in rows)
        if (reads or event in _WRITTEN_BEFORE) and self.draft.lines:
            write(self.tx, [self.draft])
            now = self.draft.now
            self.draft = _drafted(self.tx, self.past.ports, self.draft.id, now)


def _drafted(tx: Tx, ports: Ports, ident: UUID, now: datetime | None) -> Draft:
    row = ticket.lock(tx, kind=None, ref=ident, actor=SYSTEM)
    if row is None:
        raise NobodyFits
    clocks = clock.load(tx, [ident])[ident]
    return draft_from(tx, ports, row, clocks, now or row["opened_at"])


def _batches(lives: Sequence[tuple[UUID, Part]]) -> Iterator[Sequence[tuple[UUID, Part]]]:
    for start in range(0, len(lives), _BATCH):
        yield lives[start : start + _BATCH]
