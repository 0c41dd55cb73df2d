"""The plain road of each kind: how an ordinary ticket comes from its birth to its end.

One module a kind holds `ROAD`. Budgets, attacks and the fuzzer set out on it, so that none of
them needs to know what a kind asks for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.support.any_story import AnyStory

Data = Mapping[str, Any]
Made = Data | Callable[[AnyStory], Data]
"""Data, or how to make them from the world as it is then (times, accounts, photos)."""


@dataclass(frozen=True)
class Leg:
    """One event by somebody, and the state it leads to."""

    event: str
    by: str
    state: str
    data: Made = field(default_factory=dict)
    before: Callable[[AnyStory], object] | None = None  # what the world must do first


@dataclass(frozen=True)
class Road:
    """Who opens an ordinary ticket with which facts, and the legs it takes.

    `birth` is the state it is born in; `ready` makes what must be there before.
    """

    kind: str
    by: str
    birth: str
    facts: Made
    legs: tuple[Leg, ...]
    category: str | None = None
    place: str = "h-2-101"
    ready: Callable[[AnyStory], object] | None = None

    @property
    def states(self) -> tuple[str, ...]:
        """The states that the road passes, in order."""
        return tuple(dict.fromkeys([self.birth, *(leg.state for leg in self.legs)]))

    def members(self, story: AnyStory) -> dict[str, Any]:
        """Return the members of the create body that the road itself knows."""
        if self.ready is not None:
            self.ready(story)
        known: dict[str, Any] = {"place": self.place, "facts": made(self.facts, story)}
        return known | ({"category": self.category} if self.category else {})

    def open(self, story: AnyStory, **members: Any) -> str:
        """Open a ticket; return its id."""
        story.open(self.kind, self.by, **(self.members(story) | members))
        return str(story.order)

    def walk(self, story: AnyStory, state: str) -> str:
        """Take the story's ticket from its birth to a state; return its id."""
        assert state in self.states, f"the plain road of {self.kind} does not pass {state}"
        if state != self.birth:
            for leg in self.legs:
                self.step(story, leg)
                if leg.state == state:
                    break
        assert story.state() == state
        return str(story.order)

    def step(self, story: AnyStory, leg: Leg) -> None:
        """Take one leg with the story's ticket."""
        if leg.before is not None:
            leg.before(story)
        if leg.event:
            story.fire(leg.event, leg.by, data=made(leg.data, story))
        assert story.state() == leg.state, f"{leg.event} led to {story.state()}"


SEALED = "SIEGELWORT"
"""Stands in whatever a road says under seal: nobody may ever read it."""


def made(data: Made, story: AnyStory) -> Data:
    """Return data as they are to be sent now."""
    return data(story) if callable(data) else data


def road_of(kind: str) -> Road:
    """Return the plain road of a kind; a kind without one fails the test that asks."""
    where = f"tests.support.roads.{kind}"
    if find_spec(where) is None:
        raise AssertionError(f"{kind} has no plain road: write {where.replace('.', '/')}.py")
    found: Road = import_module(where).ROAD
    return found
