"""Plays the rows of an event log: each asks where its order stands, and takes the way from there.

A row that the workflow has no way to is counted with the reason, and the next one is played
from where the order stands.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.local.replay import scripts
from service.local.replay.journey import Fact, Goal, Journey, Ways
from service.local.replay.places import Crew, crew_of
from service.local.replay.plan import Move
from service.local.replay.scripts import Scene
from service.local.replay.templates import Sheet, fill
from service.local.replay.told import Telling

NAMES_CREW = ("assign", "reassign")
STEPPED, STOOD, NOT_EXPRESSED = "stepped", "stood there already", "not expressed"


@dataclass(frozen=True, slots=True)
class Head:
    """Where an order stands and which crew holds it."""

    state: str
    crew: str | None


Look = Callable[[UUID], Head]
"""Tells where an order stands now."""

Make = Callable[[Move], str | None]
"""Makes a move; returns why it was refused, None when it was not."""


@dataclass(slots=True)
class Walk:
    """Plays facts. `rows` counts what became of them, `unplayed` what no event expressed.

    `telling` says what the events of another kind than a repair send, and who fires them.

    A row that names another team says two things: when only the hand-over has no way, it
    is counted in `unplayed` and the row goes on with the team that holds the order.
    """

    source: str
    journey: Journey
    ways: Ways
    crews: Mapping[str, Crew]
    look: Look
    make: Make
    telling: Telling | None = None
    rows: Counter[str] = field(default_factory=Counter)
    unplayed: Counter[str] = field(default_factory=Counter)

    def play(self, move: Move, fact: Fact) -> None:
        """Bring the order to where a row of its log says that it is."""
        goal = self.journey.goals.get(fact.said)
        if goal is None:
            self.unplayed[f"{fact.said}: not a step"] += 1
            self._count(fact, NOT_EXPRESSED)
            return
        team = crew_of(move.report.place, fact.team)
        moved = goal.held and self._hand_over(move, fact, team)
        if self.look(move.ticket).state not in goal.stands:
            went = self._go(move, fact, team, goal)
            self._count(fact, STEPPED if went else NOT_EXPRESSED)
        else:
            self._count(fact, STEPPED if moved else STOOD)

    def _count(self, fact: Fact, became: str) -> None:
        """Count what became of a row; the end of a case is no row of its own."""
        self.rows[became] += not fact.ends

    def _hand_over(self, move: Move, fact: Fact, team: Crew) -> bool:
        """Give the order to the row's team when another holds it; tell whether it was."""
        goal = self.journey.hand_over
        if goal is None:
            return False
        head = self.look(move.ticket)
        if head.crew in (None, team.id) or head.state in goal.stands:
            return False
        return self._go(move, fact, team, goal, what="hand-over")

    def _go(self, move: Move, fact: Fact, team: Crew, goal: Goal, what: str | None = None) -> bool:
        """Take the way to a goal; tell whether it was reached."""
        head = self.look(move.ticket)
        path = self.ways.find(head.state, goal)
        if path is None:
            self.unplayed[f"{what or fact.said}: no way from {head.state}"] += 1
            return False
        holder = team if head.crew is None else self.crews[head.crew]
        for n, event in enumerate(path, start=1):
            holder = team if event in NAMES_CREW else holder
            why = self.make(self._step(move, fact, event, holder, made=n < len(path)))
            if why is not None:
                self.unplayed[f"{event}: {why}"] += 1
                return False
        return True

    def _step(self, move: Move, fact: Fact, event: str, holder: Crew, *, made: bool) -> Move:
        scene = replace(move.scene, crew=holder, said=fact.said)
        made_up = f"made up by map {self.source}, row {fact.row}"
        by, data = self._said(event, scene, move.at, made=made)
        return replace(
            move,
            scene=scene,
            event=event,
            by=by,
            data=data,
            comment=made_up if made else move.comment,
            fact=None,
        )

    def _said(
        self, event: str, scene: Scene, at: datetime, *, made: bool
    ) -> tuple[str, Mapping[str, Any]]:
        """Return who fires an event, and what is sent with it."""
        if self.telling is None:
            by = scripts.BY.get(event, "desk")
            return by, scripts.data(event, scene, at, made=made, into=None)
        filled = fill(self.telling.data.get(event, {}), Sheet(scene, at))
        return self.telling.posts[event], {**filled, **({"synthetic": True} if made else {})}
