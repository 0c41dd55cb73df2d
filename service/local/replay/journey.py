"""Event logs: what each recorded status asks of an order, and the way the workflow has to it.

A log says where a case stands; the workflow says by which steps an order gets there. The
steps in between are the shortest way through the workflow's own table, over events that the
map allows, so that nothing is invented that the map does not name. Pure.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a log. `said` is the status as the map spells it, `team` who holds the case.

    `n` tells the events of one second apart. `ends` says that it is no row of its own but
    the end that every row of the case tells.
    """

    row: int
    at: datetime
    n: int
    said: str
    team: str | None
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """What a status asks for: one of `events`, unless the order is in one of `stands` already.

    `via` are the steps that may lead there. `held` says that the row's team must hold the
    order for it.
    """

    stands: frozenset[str]
    events: tuple[str, ...]
    via: tuple[str, ...] = ()
    held: bool = True


@dataclass(frozen=True, slots=True)
class Journey:
    """How the rows of a log are read. `unused` are statuses that no event expresses.

    `hand_over` is None where no row says who holds a case. Columns may tell when a case
    `begins`, before its first row, and `ends`: the end is a status of that name.
    """

    order: str
    status: tuple[str, ...]
    goals: Mapping[str, Goal]
    unused: frozenset[str]
    hand_over: Goal | None
    begins: str | None = None
    ends: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read."""
        own = (self.order, *self.status, self.begins, self.ends)
        return tuple(name for name in own if name is not None)


def read_journey(raw: Mapping[str, Any] | None) -> Journey | None:
    """Return the part of a map on event logs. Raises KeyError, TypeError."""
    if raw is None:
        return None
    return Journey(
        order=raw["order"],
        status=tuple(raw["status"]),
        goals={said: _goal(goal) for said, goal in raw["goal"].items()},
        unused=frozenset(raw.get("unused", ())),
        hand_over=_goal(raw["hand_over"]) if "hand_over" in raw else None,
        begins=raw.get("begins"),
        ends=raw.get("ends"),
    )


def _goal(raw: Mapping[str, Any]) -> Goal:
    return Goal(
        stands=frozenset(raw.get("stands", ())),
        events=tuple(raw["events"]),
        via=tuple(raw.get("via", ())),
        held=raw.get("held", True),
    )


class Ways:
    """The ways through one workflow, each looked for once."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._known: dict[tuple[str, Goal], tuple[str, ...] | None] = {}

    def find(self, state: str, goal: Goal) -> tuple[str, ...] | None:
        """Return the events that lead from a state to the goal, the fewest; None without a way.

        Guards are not judged: they look at more than the table.
        """
        key = (state, goal)
        if key not in self._known:
            self._known[key] = self._search(state, goal)
        return self._known[key]

    def _search(self, state: str, goal: Goal) -> tuple[str, ...] | None:
        paths: deque[tuple[str, tuple[str, ...]]] = deque([(state, ())])
        seen = {state}
        while paths:
            at, path = paths.popleft()
            for event, then in self._onward(at, goal):
                if event in goal.events:
                    return (*path, event)
                if then not in seen:
                    seen.add(then)
                    paths.append((then, (*path, event)))
        return None

    def _onward(self, state: str, goal: Goal) -> Iterator[tuple[str, str]]:
        """Yield (event, state after it and after what follows by itself)."""
        rows = self._workflow.rows
        for event in (*goal.events, *goal.via):
            for step in rows.get((event, state), ()):
                after = step.goes_to(state)
                following = rows.get((step.then, after), ()) if step.then else ()
                yield event, following[0].goes_to(after) if following else after
