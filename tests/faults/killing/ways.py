"""Tickets of any kind, taken to where an event is legal, and that event.

A way sets out on the plain road of its kind (`tests.support.roads`). Every leg of every road
is a case already; a way says how to come to an event that lies beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from service.api.tickets import birth
from service.commands.open_ticket import Open, open_ticket
from service.core.ids import derived
from tests.faults.killing.bench import Act, Case
from tests.faults.killing.jobs import sweeping
from tests.faults.killing.orders import firing
from tests.support.any_story import AnyStory
from tests.support.live import Live
from tests.support.roads import Data, Made, Road, made, road_of

Go = tuple[str, str] | tuple[str, str, Made]
"""An event on the way, who fires it, and its data; ("wait", "30") lets thirty hours pass."""


@dataclass(frozen=True, slots=True)
class Way:
    """An event, who fires it, and how its ticket comes to where it is legal.

    `at` is a state of the plain road, the birth's for ""; `then` are events beyond it.
    `facts` are laid over those of the road, `later` is the time that then passes, `ready`
    what the world must do first.
    """

    event: str
    by: str
    data: Made = field(default_factory=dict)
    at: str = ""
    then: tuple[Go, ...] = ()
    said: str = ""
    facts: Data = field(default_factory=dict)
    category: str | None = None
    later: Data = field(default_factory=dict)
    ready: Callable[[AnyStory], object] | None = None
    every: bool = False
    wide: bool = False


def cases_of(kind: str, *ways: Way) -> tuple[Case, ...]:
    """Return the cases of a kind: its birth, each leg of its road, and some ways beside it."""
    road = road_of(kind)
    return (
        _birth(road),
        *(_leg(road, n) for n in range(len(road.legs))),
        *(case(road, way) for way in ways),
    )


def case(road: Road, way: Way) -> Case:
    """Return the case of a way."""

    def prepare(live: Live) -> Act:
        go(live.story, road, way)
        live.story.advance(**way.later)
        return firing(live.story, way.event, way.by, made(way.data, live.story))

    name = f"{road.kind}: {way.event}{way.said}"
    return Case(name, prepare, every=way.every, wide=way.wide)


def falling_due(kind: str, way: Way) -> Case:
    """Return the case of a sweep from which the way's event follows."""
    road = road_of(kind)

    def prepare(live: Live) -> Act:
        go(live.story, road, way)
        live.story.advance(**way.later)
        return sweeping

    name = f"{kind}: sweep, {way.event}{way.said} follows"
    return Case(name, prepare, every=way.every, wide=way.wide)


def go(story: AnyStory, road: Road, way: Way) -> str:
    """Open a ticket and take it along the road, and then on the way; return its id."""
    if way.ready is not None:
        way.ready(story)
    members = road.members(story)
    given = {"category": way.category} if way.category else {}
    road.open(story, facts={**members["facts"], **way.facts}, **given)
    if way.at:
        road.walk(story, way.at)
    for event, by, *data in way.then:
        if event == "wait":  # so many hours, and whatever falls due in them
            story.advance(hours=float(by)).sweep()
        else:
            story.fire(event, by, data=made(data[0], story) if data else {})
    return str(story.order)


def _birth(road: Road) -> Case:
    def prepare(live: Live) -> Act:
        asked: dict[str, Any] = {
            "title": road.kind,
            "category": live.app.ports.catalogue.of(road.kind).codes[0],
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "desk"},
        } | road.members(live.story)
        command = Open(
            kind=road.kind, actor=live.story.actor(road.by), id=derived("kill", "open", road.kind),
            event=birth(live.app.ports.registry[road.kind]), fingerprint=b"the same", **asked,
        )  # fmt: skip
        return lambda app: open_ticket(app.ports, command)

    return Case(f"{road.kind}: birth", prepare)


def _leg(road: Road, n: int) -> Case:
    leg = road.legs[n]

    def prepare(live: Live) -> Act:
        story = live.story
        road.open(story)
        for before in road.legs[:n]:
            road.step(story, before)
        if leg.before is not None:
            leg.before(story)
        return firing(story, leg.event, leg.by, made(leg.data, story))

    same = [each.event for each in road.legs[:n]].count(leg.event)
    again = f", {same + 1}" if same else ""
    return Case(f"{road.kind}: {leg.event}{again}", prepare)
