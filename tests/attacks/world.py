"""Two districts, somebody of every role on every side of one unit, and an order in each state."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from service.core.actors import SCOPES_OF, Actor, Role
from service.core.ids import derived
from service.workflows import REGISTRY
from tests.support import house
from tests.support.http import Http, http_on
from tests.support.live import Live
from tests.support.roads import road_of

PLACE = "u1"
CREW, VENDOR = "c7", "v-lotus"
ROLES = tuple(role for role in Role if role is not Role.SYSTEM)
SIDES: Mapping[str, str] = {
    "own": "u1", "above": "lotus", "below": "h-2-101", "sibling": "u2", "district": "pine",
}  # fmt: skip
"""How the caller's place lies to the unit -> the caller's place."""

VISIBLE_SIDES = frozenset({"own", "above"})
ROAD = (
    ("accept", "dispatcher", "accepted"),
    ("assign", "dispatcher", "assigned"),
    ("take", "crew", "en_route"),
    ("arrive", "crew", "on_site"),
    ("diagnose", "crew", "on_site"),
    ("start_work", "crew", "in_progress"),
    ("complete_work", "crew", "awaiting_confirmation"),
    ("confirm", "resident@own", "closed"),
)
STATES = ("submitted", "accepted", "assigned", "on_site", "in_progress",
          "awaiting_confirmation", "closed", "cancelled")  # fmt: skip
REPAIRS = "repair_order"
CANARY = "KANARIENVOGEL"
"""Stands in the texts of what nobody outside may see."""


@dataclass
class World:
    """What attackers find, and the keys they hold.

    `tickets` are repair orders by state, `others` tickets of the other kinds by kind and state.
    """

    live: Live
    http: Http
    tickets: dict[str, str] = field(default_factory=dict)
    others: dict[str, dict[str, str]] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def key(self, who: str) -> str:
        """Return the key of `role@side`, or of an actor of the house; scopes are the role's."""
        if who not in self._keys:
            self._keys[who] = self.http.new_key(self.live.story.actor(who))
        return self._keys[who]

    def fresh_key(self, who: str, **columns: Any) -> str:
        """Return one more key of somebody."""
        return self.http.new_key(self.live.story.actor(who), **columns)

    def newcomer(self, name: str, like: str = "dispatcher@own") -> tuple[str, UUID]:
        """Return key and account of somebody who may be changed: no other test knows them."""
        actor = replace(self.live.story.actor(like), id=derived("newcomer", name), name=name)
        house._account(self.live.story.conn, actor)
        return self.http.new_key(actor), actor.id

    def open(self, state: str = "submitted", place: str = PLACE, **members: Any) -> str:
        """Open an order, take it along the road to a state, and return its id."""
        story = self.live.story
        story.submit(place=place, **members)
        ident = str(story.order)
        if state == "cancelled":
            story.fire("cancel", "dispatcher")
            return ident
        reached = iter(ROAD)
        while self.value("SELECT state FROM ticket WHERE id = :id", id=ident) != state:
            event, who, _ = next(reached)
            story.fire(event, who)
        return ident

    def of(self, kind: str) -> Mapping[str, str]:
        """Return the tickets of a kind by state."""
        return self.tickets if kind == REPAIRS else self.others[kind]

    def holders(self, ticket: str) -> frozenset[str]:
        """Return who sees a ticket for its own sake: `crew:c7`, `tier:1`, `place:u1`."""
        rows = self.live.rows(
            "SELECT holder FROM ticket_stake WHERE ticket_id = :id"
            " UNION SELECT 'crew:' || crew_id FROM assignment WHERE ticket_id = :id"
            " UNION SELECT 'vendor:' || vendor_id FROM assignment WHERE ticket_id = :id",
            id=ticket,
        )
        return frozenset(str(holder) for (holder,) in rows if holder)

    def has_parties(self, ticket: str) -> bool:
        """Tell whether links to a ticket are for one of its parties or electors."""
        query = "SELECT facts ? 'parties' OR facts ? 'electors' FROM ticket WHERE id = :id"
        return bool(self.value(query, id=ticket))

    def value(self, query: str, **params: object) -> Any:
        """Return the first value of a query."""
        return self.live.value(query, **params)


def build(live: Live) -> World:
    """Build everything in a database whose house stands."""
    world = World(live, http_on(live.story))
    found = live.story.house
    parent = found.paths["b2"]
    found.paths["u2"] = f"{parent}/u2"
    live.do(
        "INSERT INTO place (id, level, path, name, parent, time_zone) VALUES"
        " ('u2', 'unit', :path, 'u2号', 'b2', 'Asia/Shanghai')", path=found.paths["u2"],
    )  # fmt: skip
    for role in ROLES:
        for side, place in SIDES.items():
            _person(live, f"{role}@{side}", role, place, CREW, VENDOR)
    _person(live, "crew@unassigned", Role.CREW, PLACE, "c9", None)
    _person(live, "vendor_manager@unassigned", Role.VENDOR_MANAGER, PLACE, None, "v-pool1")
    for name, actor in found.actors.items():
        found.actors[name] = replace(actor, scopes=SCOPES_OF[actor.role])
    for kind in sorted(OUTLOOK, key=_is_short):  # no clock of the others falls due meanwhile
        world.others[kind] = _set_out(world, kind)
    for state in STATES:
        world.tickets[state] = world.open(state, title=f"{CANARY} {state}", description=CANARY)
    return world


def _set_out(world: World, kind: str) -> dict[str, str]:
    """Take one ticket of a kind to each of a few states of its plain road.

    The one that goes farthest goes first: it takes back what would stand in others' way.
    """
    road, story = road_of(kind), world.live.story
    found = {}
    for state in reversed(OUTLOOK[kind]):
        road.open(story, place=PLACE, title=f"{CANARY} {kind} {state}", description=CANARY)
        found[state] = road.walk(story, state)
    return found


def _is_short(kind: str) -> bool:
    """Tell whether a kind's road takes no time."""
    return all(leg.before is None for leg in road_of(kind).legs)


def _some(states: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first, the middle and the last of the states a road passes."""
    return tuple(dict.fromkeys((states[0], states[len(states) // 2], states[-1])))


_ONE_AT_A_TIME = {"listed_supervision": ("in_rectification",)}
"""Kinds of which a compound has one open ticket at most -> where it stands."""

OUTLOOK: Mapping[str, tuple[str, ...]] = {
    workflow.kind: _some(road_of(workflow.kind).states)
    for workflow in REGISTRY
    if workflow.kind != REPAIRS
} | _ONE_AT_A_TIME
"""In which states there is a ticket of each other kind."""


def _person(
    live: Live, name: str, role: Role, place: str, crew: str | None, vendor: str | None
) -> None:
    actor = Actor(
        id=derived("attack-account", name),
        role=role,
        name=name,
        place_id=place,
        place_path=live.story.house.paths[place],
        crew_id=crew if role is Role.CREW else None,
        vendor_id=vendor if role is Role.VENDOR_MANAGER else None,
        tier=1 if role is Role.MEDIATOR else None,
    )
    live.story.house.actors[name] = actor
    house._account(live.story.conn, actor)


def uuid_of(number: int) -> str:
    """Return the id of nothing: valid, and in no table."""
    return str(UUID(int=(number << 80) | (4 << 76) | (8 << 60) | number))
