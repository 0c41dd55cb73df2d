"""Makes the past of the demo world: orders that lived by the service's own commands.

Reports are opened in the order of time. Then each order lives on alone: the parts of
`fire_event` and of the sweep judge every act and fire every rung at its simulated time, on
a draft in memory, and many drafts are written at once, as a sweep writes them. What is
stored is what would be stored had somebody lived through it, twenty times sooner.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from service.commands.addressees import contacts_for, told
from service.commands.draft import Draft
from service.commands.due import proposed
from service.commands.fire_event import draft_from
from service.commands.open_ticket import open_in
from service.commands.ports import Ports
from service.commands.record import write
from service.commands.step import Entry, attempt, candidates, follow, load_data, take
from service.core.actors import SYSTEM
from service.core.errors import ServiceError
from service.local.behaviour import next_act
from service.local.directing import Cue, Director
from service.local.lines import NobodyFits
from service.local.openings import Reporters
from service.local.plans import Plan
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


@dataclass(slots=True)
class Told:
    """What came of a history. `refused` counts what the rules did not let happen."""

    orders: int = 0
    acts: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Past:
    """Lives through plans until `end`; the clock then shows `end` and stands still."""

    ports: Ports
    reporters: Reporters
    end: datetime
    told: Told = field(default_factory=Told)

    def live(self, plans: Sequence[Plan]) -> Told:
        """Open every order of the plans, then let each live."""
        ordered = sorted(plans, key=lambda plan: plan.at)
        with self.ports.uow() as tx:
            opened = [self._open(tx, plan) for plan in ordered]
        for some in _batches(list(zip(opened, ordered, strict=True))):
            with self.ports.uow() as tx:
                set_in(tx, self.end)
                drafts = [self._life(tx, ident, plan.stop) for ident, plan in some]
                write(tx, drafts)
        return self.told

    def _open(self, tx: Tx, plan: Plan) -> UUID:
        set_in(tx, plan.at)
        outcome = open_in(tx, self.ports, self.reporters.draw(plan.at, plan.wish))
        self.told.orders += 1
        ident: UUID = outcome.ticket["id"]
        return ident

    def _life(self, tx: Tx, ident: UUID, stop: str | None) -> Draft:
        """Live one order; return its draft, whose last lines are not yet written."""
        life = Life(self, tx, _drafted(tx, self.ports, ident, None), stop)
        while life.goes_on():
            pass
        life.pass_time(self.end)
        return life.draft


@dataclass(slots=True)
class Life:
    """One order from its report to the end of the past, or to the state it is left in."""

    past: Past
    tx: Tx
    draft: Draft
    stop: str | None

    def goes_on(self) -> bool:
        """Let the next thing happen; False when there is none before the end."""
        past, draft = self.past, self.draft
        act = next_act(draft.row) if draft.state != self.stop else None
        if act is None:
            state = draft.state
            self.pass_time(past.end)
            return self.draft.state not in (state, self.stop)  # a clock may have moved it
        at, version = max(act.at, draft.now), draft.row["version"]
        if at > past.end:
            return False
        self.pass_time(at)
        if self.draft.row["version"] != version:
            return True
        self.draft.now = at
        director = Director(past.ports, past.reporters.cast, BY)
        try:
            self._take(director.cue(self.tx, self.draft.row, act, at))
        except (ServiceError, NobodyFits) as refusal:
            past.told.refused[f"{act.event} {type(refusal).__name__}"] += 1
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
        if event in _WRITTEN_BEFORE and self.draft.lines:
            write(self.tx, [self.draft])
            now = self.draft.now
            self.draft = _drafted(self.tx, self.past.ports, self.draft.id, now)


def _drafted(tx: Tx, ports: Ports, ident: UUID, now: datetime | None) -> Draft:
    row = ticket.lock(tx, kind=None, ref=ident, actor=SYSTEM)
    if row is None:
        raise NobodyFits
    clocks = clock.load(tx, [ident])[ident]
    return draft_from(tx, ports, row, clocks, now or row["opened_at"])


def _batches(lives: Sequence[tuple[UUID, Plan]]) -> Iterator[Sequence[tuple[UUID, Plan]]]:
    for start in range(0, len(lives), _BATCH):
        yield lives[start : start + _BATCH]
