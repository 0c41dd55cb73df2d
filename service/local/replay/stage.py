"""Plays a plan through the commands in simulated time: jump, sweep, act."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from service.commands.fire_event import Fire, fire
from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Outcome, Ports
from service.core.actors import SYSTEM
from service.core.errors import GuardRefused, ServiceError, ValidationFailed
from service.core.ids import derived
from service.local.replay import scripts, world
from service.local.replay.hands import CountedIds, Hands
from service.local.replay.journey import Ways
from service.local.replay.passage import BY, Chores, Passage
from service.local.replay.places import Crew, Firm, chain, crew_of, tree
from service.local.replay.plan import Move, Plan
from service.local.replay.posts import person
from service.local.replay.reader import Reading
from service.local.replay.source_map import SourceMap
from service.local.replay.templates import Sheet, fill
from service.local.replay.walk import Head, Walk
from service.local.replay.world import World

_BEFORE = timedelta(seconds=1)
_HEAD = text("SELECT state, crew_id FROM ticket WHERE id = :id")
_FOLLOWED = text("""
SELECT t.id FROM ticket_cause c JOIN ticket t ON t.id = c.effect_id
 WHERE c.cause_id = :id AND t.kind = :kind ORDER BY c.at DESC, t.id LIMIT 1""")

Progress = Callable[[int, int], None]
"""Told how many moves are done, of how many."""


@dataclass(slots=True)
class Stage:
    """One replay while it runs. `over` are orders whose further moves are dropped.

    `heads` are orders that nobody but the stage has touched since it last looked; `walk`
    plays the rows of an event log.
    """

    ports: Ports
    source: SourceMap
    chores: Chores
    hands: Hands = field(init=False)
    time: Passage = field(init=False)
    over: set[UUID] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    heads: dict[UUID, Head] = field(default_factory=dict)
    crews: dict[str, Crew] = field(default_factory=dict)
    walk: Walk | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.hands = Hands(self.ports.uow)
        ids = CountedIds("replay", self.source.name)
        self.ports = replace(self.ports, ids=ids, uow=self.hands, ring=lambda _bell: None)
        self.time = Passage(self.ports, self.hands, self.source, self.chores, self.heads.clear)
        if self.source.journey is not None:
            self.walk = Walk(
                source=self.source.name,
                journey=self.source.journey,
                ways=Ways(self.ports.registry[self.source.kind]),
                crews=self.crews,
                look=self._head,
                make=self._try,
                telling=self.source.telling,
            )

    def set_up(self, reading: Reading, plan: Plan) -> None:
        """Furnish the world just before the first move. Raises NotReplayable."""
        with self.ports.uow() as tx:
            world.require_empty(tx)
        if not plan.moves:
            return
        at = plan.moves[0].at - _BEFORE
        self.hands.at = at
        if self.source.telling is None:
            self.crews.update((crew.id, crew) for crew in _crews(reading))
        firms: dict[str, Firm] = {r.firm.id: r.firm for r in reading.reports if r.firm is not None}
        found = World(
            nodes=tree(report.place for report in reading.reports),
            crews=tuple(self.crews.values()),
            firms=tuple(firms.values()),
        )
        workflow = self.ports.registry[self.source.kind]
        repairs = self.ports.catalogue.of("repair_order")
        with self.ports.uow() as tx:
            world.furnish(tx, found, self.source, workflow, repairs, at)

    def play(self, plan: Plan, progress: Progress) -> None:
        """Make every move, with the rungs and chores that come in between."""
        for done, move in enumerate(plan.moves, start=1):
            if move.ticket not in self.over:
                self.time.to(move.at)
                self._make(move)
            progress(done, len(plan.moves))
        if plan.until is not None:
            self.time.to(plan.until)
            self.time.end()

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
        if why is None:
            self._react(move)

    def _try(self, move: Move) -> str | None:
        """Make one move; return why the rules refused it, None when they did not."""
        try:
            outcome = self._open(move) if move.n == 0 else self._fire(move)
        except ServiceError as exc:
            return _why(exc)
        if move.on is None:
            self.heads[move.ticket] = Head(outcome.ticket["state"], outcome.ticket["crew_id"])
        self.time.arm(outcome)
        return None

    def _head(self, ticket: UUID) -> Head:
        if ticket not in self.heads:
            with self.hands.uow() as tx:  # looking does not move the clock
                state, crew = tx.conn.execute(_HEAD, {"id": ticket}).one()
            self.heads[ticket] = Head(state, crew)
        return self.heads[ticket]

    def _react(self, move: Move) -> None:
        """Let happen in other tickets what follows from a move."""
        telling = self.source.telling
        if move.event == "merge":
            self._absorb(move)
        elif telling is not None and move.event in telling.follows and self.chores.follow:
            self.chores.follow(self.ports)
            self.time.lost()

    def _absorb(self, move: Move) -> None:
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
        self.time.horizon = None

    def _open(self, move: Move) -> Outcome:
        report, telling = move.report, self.source.telling
        facts = {"origin": "customer"}
        if telling is not None:
            facts = fill(telling.facts, Sheet(move.scene, move.at))
        return open_ticket(
            self.ports,
            Open(
                kind=self.source.kind,
                actor=person(move.by, move.scene),
                place=chain(report.place)[-1].id,
                category=report.category,
                title=report.title or scripts.NOT_RECORDED,
                description=report.description,
                reporter=scripts.reporter(report),
                urgency=report.urgency,
                priority=report.priority,
                facts=facts,
                id=move.ticket,
                event=move.event,
            ),
        )

    def _fire(self, move: Move) -> Outcome:
        return fire(
            self.ports,
            Fire(
                kind=move.on or self.source.kind,
                ticket=self._meant(move),
                event=move.event,
                actor=person(move.by, move.scene),
                data=move.data,
                id=move.id,
                comment=move.comment,
                by=BY,
            ),
        )

    def _meant(self, move: Move) -> UUID:
        """Return the ticket a move is about: its own, or the newest of a kind that followed.

        One that did not follow is its own, whose kind then does not fit.
        """
        if move.on is None:
            return move.ticket
        with self.hands.uow() as tx:  # looking does not move the clock
            asked = {"id": move.ticket, "kind": move.on}
            found: UUID | None = tx.conn.execute(_FOLLOWED, asked).scalar()
        return found or move.ticket


def _crews(reading: Reading) -> Iterator[Crew]:
    """Yield every crew that the file names or needs."""
    for report in reading.reports:
        yield crew_of(report.place, report.team)
        yield from (crew_of(report.place, fact.team) for fact in report.facts)


def _why(exc: ServiceError) -> str:
    """Return a refusal in one line: its class and its codes."""
    if isinstance(exc, GuardRefused):
        return ", ".join(reason.code for reason in exc.reasons)
    if isinstance(exc, ValidationFailed):
        return ", ".join(f"{error.code} {error.pointer}" for error in exc.errors)
    return type(exc).__name__
