"""Makes the past of the demo world: orders opened and moved by the real commands.

The simulated clock is set to the time of each act, so that histories, clocks, escalations
and hashes are what they would have been had somebody lived through it.
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

import structlog

from service.commands.open_ticket import open_in
from service.commands.ports import Outcome, Ports
from service.commands.sweep import sweep_all
from service.core.actors import SYSTEM
from service.core.errors import ServiceError, VersionMismatch
from service.local.behaviour import Row, next_act
from service.local.directing import Director
from service.local.fates import Fate
from service.local.lines import NobodyFits
from service.local.openings import Reporters, Wish
from service.local.simulated_clock import set_in
from service.store import clock, ticket
from service.store.unit_of_work import Tx

log = structlog.get_logger()

BY = "demo"
_ACTS_A_COMMIT = 150
_NOTICED_AFTER = timedelta(seconds=2)
_AFTER_SILENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """One order of the past: when it is reported, and in which state it is left, if any."""

    at: datetime
    wish: Wish
    stop: str | None = None


@dataclass(slots=True)
class Told:
    """What came of a history. `refused` counts what the rules did not let happen."""

    orders: int = 0
    acts: int = 0
    refused: Counter[str] = field(default_factory=Counter)


# Per state: how many orders are left there, their fates, and how many minutes ago they were
# reported. Enough time to get there, little enough to look fresh.
_LEFT: Sequence[tuple[str, int, tuple[Fate, ...], tuple[int, int]]] = (
    ("draft", 3, (Fate.SMOOTH,), (20, 300)),
    ("submitted", 7, (Fate.SMOOTH,), (1, 12)),
    ("submitted", 2, (Fate.SLOW_DESK,), (40, 100)),
    ("accepted", 7, (Fate.SMOOTH,), (10, 40)),
    ("assigned", 8, (Fate.SMOOTH,), (15, 60)),
    ("en_route", 5, (Fate.SMOOTH,), (18, 60)),
    ("en_route", 3, (Fate.LATE,), (40, 90)),
    ("on_site", 7, (Fate.SMOOTH,), (35, 100)),
    ("in_progress", 7, (Fate.SMOOTH,), (70, 220)),
    ("in_progress", 3, (Fate.SLOW_WORK,), (1520, 2400)),
    ("waiting_parts", 5, (Fate.PARTS,), (120, 500)),
    ("awaiting_resident", 5, (Fate.NO_ACCESS,), (90, 400)),
    ("awaiting_fund", 3, (Fate.FUND,), (700, 5000)),
    ("postponed", 4, (Fate.POSTPONED,), (300, 1500)),
    ("awaiting_confirmation", 9, (Fate.SMOOTH,), (240, 800)),
    ("rework", 3, (Fate.REFUSED,), (900, 2000)),
    ("merged", 2, (Fate.MERGED,), (100, 3000)),
    ("referred", 2, (Fate.REFERRED,), (100, 4000)),
    ("cancelled", 2, (Fate.CANCELLED,), (100, 6000)),
    ("closed", 3, (Fate.REOPENED,), (12000, 16000)),
    ("closed", 2, (Fate.POOL,), (3000, 9000)),
)
ORDERS = 200


def plans(rng: Random, end: datetime, past: timedelta) -> list[Plan]:
    """Return 200 orders: some left in every state, the others wherever they got to."""
    found = [_left(rng, end, *row) for row in _LEFT for _ in range(row[1])]
    # One whose link a visitor gets: an emergency is never confirmed by silence.
    urgent = Wish(Fate.SMOOTH, alone=True, category="burst_pipe", urgency="emergency")
    found.append(Plan(end - timedelta(minutes=300), urgent, "awaiting_confirmation"))
    while len(found) < ORDERS:
        at = end - past * rng.random()
        found.append(Plan(at, Wish()))
    return found


def _left(
    rng: Random, end: datetime, state: str, _n: int, fates: tuple[Fate, ...], ago: tuple[int, int]
) -> Plan:
    at = end - timedelta(minutes=rng.uniform(*ago))
    moves_on = state == "closed"
    wish = Wish(
        fate=rng.choice(fates),
        alone=rng.random() < 0.3,
        hurried=True,
        draft=state == "draft",
        urgency="urgent" if state == "closed" else None,
    )
    return Plan(at, wish, None if moves_on else state)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be done at a time: open what a plan says, or look at an order again.

    `row` is the order as last seen, None when a clock was to move it meanwhile.
    """

    plan: Plan | None = None
    order: UUID | None = None
    row: Row | None = None
    stop: str | None = None


@dataclass(slots=True)
class Past:
    """Lives through plans in the order of time, some hundred acts a transaction."""

    ports: Ports
    reporters: Reporters
    end: datetime
    told: Told = field(default_factory=Told)
    _agenda: list[tuple[datetime, int, Entry]] = field(default_factory=list)
    _serial: Iterator[int] = field(default_factory=count)
    _ring_at: datetime | None = None

    def live(self, found: Sequence[Plan]) -> Told:
        """Live through the plans until the end."""
        for plan in found:
            self._note(plan.at, Entry(plan=plan, stop=plan.stop))
        while self._agenda and self._agenda[0][0] <= self.end:
            with self.ports.uow() as tx:
                self._stretch(tx)
        with self.ports.uow() as tx:
            self._sweep_until(tx, self.end)
            set_in(tx, self.end)
        return self.told

    def _note(self, at: datetime, entry: Entry) -> None:
        heapq.heappush(self._agenda, (at, next(self._serial), entry))

    def _stretch(self, tx: Tx) -> None:
        director = Director(self.ports, self.reporters.cast, BY)
        for _ in range(_ACTS_A_COMMIT):
            if not self._agenda or self._agenda[0][0] > self.end:
                return
            at, _, entry = heapq.heappop(self._agenda)
            self._sweep_until(tx, at)
            set_in(tx, at)
            try:
                outcome = self._do(tx, director, entry, at)
            except VersionMismatch:
                # A clock moved the order meanwhile.
                self._note(at, Entry(order=entry.order, stop=entry.stop))
                continue
            except (ServiceError, NobodyFits) as refusal:
                self.told.refused[type(refusal).__name__] += 1
                log.info("demo_act_refused", error=str(refusal), order=str(entry.order))
                continue
            self._follow(tx, outcome, entry, at)

    def _do(self, tx: Tx, director: Director, entry: Entry, at: datetime) -> Outcome | None:
        self.told.acts += 1
        if entry.plan is not None:
            self.told.orders += 1
            return open_in(tx, self.ports, self.reporters.draw(at, entry.plan.wish))
        row = entry.row or _read(tx, entry.order)
        act = next_act(row)
        return director.play(tx, row, act, at) if act is not None else None

    def _follow(self, tx: Tx, outcome: Outcome | None, entry: Entry, at: datetime) -> None:
        """Note what comes next for the order."""
        if outcome is None:
            return
        row = outcome.ticket
        rings = [c.next_at for c in outcome.clocks if c.next_at is not None]
        self._ring_at = min([*rings, *([self._ring_at] if self._ring_at else [])], default=None)
        if row["state"] == entry.stop:
            return
        act = next_act(row)
        if act is not None:
            self._note(max(act.at, at), Entry(order=row["id"], row=row, stop=entry.stop))
        elif row["state"] == "awaiting_confirmation" and row["next_due_at"]:
            silence = row["next_due_at"] + _AFTER_SILENCE
            self._note(silence, Entry(order=row["id"], stop=entry.stop))

    def _sweep_until(self, tx: Tx, at: datetime) -> None:
        """Let every rung that is due by `at` fire when a ticker would have noticed it."""
        inside = replace(self.ports, uow=lambda: nullcontext(tx))
        while self._ring_at is not None and self._ring_at <= at:
            set_in(tx, min(self._ring_at + _NOTICED_AFTER, at))
            sweep_all(inside, by=BY)
            before, self._ring_at = self._ring_at, clock.next_at(tx)
            if self._ring_at is not None and self._ring_at <= before:
                raise RuntimeError("a due clock did not fire")


def _read(tx: Tx, order: UUID | None) -> Row:
    row = ticket.read(tx, kind=None, ref=order or UUID(int=0), actor=SYSTEM)
    if row is None:
        raise NobodyFits
    return row
