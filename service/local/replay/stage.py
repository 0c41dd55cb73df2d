"""Plays a plan through the commands in simulated time: jump, sweep, act.

The clock stands still between jumps and jumps to whatever comes first, the next move or the
next armed rung, so that every rung is noticed when it is due and not when somebody looks.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from service.commands.fire_event import Fire, fire
from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Outcome, Ports
from service.commands.sweep import sweep_all
from service.core.actors import SYSTEM, Actor, Role
from service.core.errors import GuardRefused, ServiceError, ValidationFailed
from service.core.ids import derived
from service.local.replay import scripts, world
from service.local.replay.hands import CountedIds, Hands
from service.local.replay.journey import Ways
from service.local.replay.places import Crew, actor, chain, crew_of, member, tree
from service.local.replay.plan import OPENING, Move, Plan
from service.local.replay.reader import Reading
from service.local.replay.source_map import SourceMap
from service.local.replay.walk import Head, Walk
from service.store import clock

BY = "replay"
_NEVER = datetime.max.replace(tzinfo=UTC)
_BEFORE = timedelta(seconds=1)
_INTO_NEXT_MONTH = timedelta(days=32)
_COMPOUND = 3  # index in a chain of places
_HEAD = text("SELECT state, crew_id FROM ticket WHERE id = :id")

Progress = Callable[[int, int], None]
"""Told how many moves are done, of how many."""


class ReplayStuck(Exception):
    """A rung is due and no sweep takes it: a fault of the service, not of the file."""


@dataclass(frozen=True, slots=True)
class Chores:
    """What other processes do in a running service, done here at the simulated time.

    `react` does what follows when a follower was merged; None lets the stage do it.
    `monthly` is called when a month has ended in the source's zone, and at the very end.
    """

    react: Callable[[Ports], object] | None = None
    monthly: Callable[[Ports, datetime], object] | None = None


@dataclass(slots=True)
class Stage:
    """One replay while it runs. `over` are orders whose further moves are dropped.

    `horizon` is a time before which no rung is armed; None when it must be looked up.
    `heads` are orders that nobody but the stage has touched since it last looked; `walk`
    plays the rows of an event log.
    """

    ports: Ports
    source: SourceMap
    chores: Chores
    hands: Hands = field(init=False)
    over: set[UUID] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    horizon: datetime | None = None
    heads: dict[UUID, Head] = field(default_factory=dict)
    crews: dict[str, Crew] = field(default_factory=dict)
    walk: Walk | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.hands = Hands(self.ports.uow)
        ids = CountedIds("replay", self.source.name)
        self.ports = replace(self.ports, ids=ids, uow=self.hands, ring=lambda _bell: None)
        if self.source.journey is not None:
            self.walk = Walk(
                source=self.source.name,
                journey=self.source.journey,
                ways=Ways(self.ports.registry[self.source.kind]),
                crews=self.crews,
                look=self._head,
                make=self._try,
            )

    def set_up(self, reading: Reading, plan: Plan) -> None:
        """Furnish the world just before the first move. Raises NotReplayable."""
        with self.ports.uow() as tx:
            world.require_empty(tx)
        if not plan.moves:
            return
        at = plan.moves[0].at - _BEFORE
        self.hands.at = at
        with self.ports.uow() as tx:
            nodes = tree(report.place for report in reading.reports)
            self.crews.update((crew.id, crew) for crew in _crews(reading))
            furnished = tuple(self.crews.values())
            world.furnish(
                tx, nodes, furnished, self.source, self.ports.catalogue.of("repair_order"), at
            )

    def play(self, plan: Plan, progress: Progress) -> None:
        """Make every move, with the rungs and chores that come in between."""
        for done, move in enumerate(plan.moves, start=1):
            if move.ticket not in self.over:
                self._pass_time(move.at)
                self._make(move)
            progress(done, len(plan.moves))
        if plan.until is not None:
            self._pass_time(plan.until)
            self._end_month()

    def _pass_time(self, until: datetime) -> None:
        """Sweep at each armed rung, and do each month's chores, up to `until` and at it."""
        while True:
            now = self.hands.at or until
            rung, month = self._next_rung(until), self._next_month(now)
            first = min(rung, month)
            if first > until:
                break
            self.hands.at = max(first, now)
            if first == rung:
                self._sweep()
            if first == month:
                self._end_month()
        self.hands.at = until

    def _next_month(self, now: datetime) -> datetime:
        """Return the local midnight after `now` that begins a month."""
        if self.chores.monthly is None:
            return _NEVER
        local = now.astimezone(self.source.zone)
        begun = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return (begun + _INTO_NEXT_MONTH).replace(day=1).astimezone(UTC)

    def _end_month(self) -> None:
        if self.chores.monthly is not None and self.hands.at is not None:
            self.chores.monthly(self.ports, self.hands.at)
            self.heads.clear()
            self.horizon = None

    def _next_rung(self, until: datetime) -> datetime:
        """Return when the next rung fires, or something later than `until`."""
        if self.horizon is None or self.horizon <= until:
            with self.hands.uow() as tx:  # looking does not move the clock
                self.horizon = clock.next_at(tx) or _NEVER
        return self.horizon

    def _sweep(self) -> None:
        self.heads.clear()
        self.hands.looking = True
        swept = sweep_all(self.ports, by=BY)
        self.hands.looking = False
        if swept.tickets == 0 or swept.failed:
            raise ReplayStuck(f"a rung due at {self.horizon} was not fired; see the log")
        self.horizon = self.hands.armed or _NEVER

    def _make(self, move: Move) -> None:
        """Make one move. A refusal is counted, and ends what was planned for the order."""
        if self.walk is not None and move.fact is not None:
            self.walk.play(move, move.fact)
            return
        why = self._try(move)
        if why is not None:
            self.refused[f"{move.event}: {why}"] += 1
        if (why is None) == (move.event == "merge"):  # merged, or stuck
            self.over.add(move.ticket)
        if why is None and move.event == "merge":
            self._react(move)

    def _try(self, move: Move) -> str | None:
        """Make one move; return why the rules refused it, None when they did not."""
        try:
            outcome = self._open(move) if move.event == OPENING else self._fire(move)
        except ServiceError as exc:
            return _why(exc)
        self.heads[move.ticket] = Head(outcome.ticket["state"], outcome.ticket["crew_id"])
        armed = [c.next_at for c in outcome.clocks if c.next_at is not None]
        if armed and self.horizon is not None:
            self.horizon = min(self.horizon, *armed)
        return None

    def _head(self, ticket: UUID) -> Head:
        if ticket not in self.heads:
            with self.hands.uow() as tx:  # looking does not move the clock
                state, crew = tx.conn.execute(_HEAD, {"id": ticket}).one()
            self.heads[ticket] = Head(state, crew)
        return self.heads[ticket]

    def _react(self, move: Move) -> None:
        """Let the master take its follower in (RULINGS 7)."""
        if self.chores.react is not None:
            self.chores.react(self.ports)
        else:
            absorb = Fire(
                ticket=move.data["into"],
                event="absorb",
                actor=SYSTEM,
                data={"from": str(move.ticket)},
                id=derived("absorb", move.data["into"], move.ticket),
                by=BY,
            )
            fire(self.ports, absorb)
        self.horizon = None

    def _open(self, move: Move) -> Outcome:
        report = move.report
        return open_ticket(
            self.ports,
            Open(
                kind=self.source.kind,
                actor=_person(move),
                place=chain(report.place)[-1].id,
                category=report.category,
                title=report.title or scripts.NOT_RECORDED,
                description=report.description,
                reporter=scripts.reporter(report),
                urgency=report.urgency,
                priority=report.priority,
                facts={"origin": "customer"},
                id=move.ticket,
            ),
        )

    def _fire(self, move: Move) -> Outcome:
        return fire(
            self.ports,
            Fire(
                kind=self.source.kind,
                ticket=move.ticket,
                event=move.event,
                actor=_person(move),
                data=move.data,
                id=move.id,
                comment=move.comment,
                by=BY,
            ),
        )


def _crews(reading: Reading) -> Iterator[Crew]:
    """Yield every crew that the file names or needs."""
    for report in reading.reports:
        yield crew_of(report.place, report.team)
        yield from (crew_of(report.place, fact.team) for fact in report.facts)


def _person(move: Move) -> Actor:
    if move.by == "crew":
        return member(move.scene.crew)
    if move.by == "reporter":
        return actor(Role.RESIDENT, chain(move.report.place)[_COMPOUND])
    return actor(Role.DISPATCHER, move.street)


def _why(exc: ServiceError) -> str:
    """Return a refusal in one line: its class and its codes."""
    if isinstance(exc, GuardRefused):
        return ", ".join(reason.code for reason in exc.reasons)
    if isinstance(exc, ValidationFailed):
        return ", ".join(f"{error.code} {error.pointer}" for error in exc.errors)
    return type(exc).__name__
