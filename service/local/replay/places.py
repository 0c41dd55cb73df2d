"""The place tree of a replay, drawn from the names in its rows. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from service.core.actors import SCOPES, Actor, Role
from service.core.ids import derived
from service.local.replay.source_map import LEVELS

_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")
_READABLE = 32  # an id is a readable part and a digest, 64 characters at most

# Who serves which level, so that every ladder finds its people.
POSTS = {
    "district": (Role.DISTRICT_OFFICER,),
    "street": (Role.STREET_OFFICER, Role.DISPATCHER),
    "community": (Role.COMMUNITY_OFFICER, Role.MANAGER, Role.COMMITTEE),
    "compound": (Role.RESIDENT,),
}
MEDIATION = {"community": 1, "street": 2, "district": 3}
"""Which tier of mediation sits at which level."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place."""

    id: str
    level: str
    path: str
    name: str
    parent: str | None


@cache
def chain(names: tuple[str, ...]) -> tuple[Node, ...]:
    """Return the places that names from the district down stand for, topmost first."""
    if not names:
        return ()
    above = chain(names[:-1])
    parent = above[-1] if above else None
    readable = _NOT_IN_IDS.sub("-", names[-1].lower()).strip("-")[:_READABLE] or "none"
    ident = f"{readable}-{derived('replay-place', *names).hex[:10]}"
    path = f"{parent.path}/{ident}" if parent else ident
    level = LEVELS[len(names) - 1]
    return (*above, Node(ident, level, path, names[-1], parent.id if parent else None))


def tree(places: Iterable[tuple[str, ...]]) -> tuple[Node, ...]:
    """Return every place once, parents first."""
    found = {node.path: node for names in set(places) for node in chain(names)}
    return tuple(sorted(found.values(), key=lambda node: (node.path.count("/"), node.path)))


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work: the one crew of a street, or a team that the source names."""

    id: str
    name: str
    place: Node


def crew_of(place: tuple[str, ...], team: str | None) -> Crew:
    """Return the crew for a report; a named team serves the whole district."""
    if team is None:
        street = chain(place)[1]
        return Crew(f"crew-{street.id}"[:64], f"crew, {street.name}", street)
    readable = _NOT_IN_IDS.sub("-", team.lower()).strip("-")[:_READABLE] or "none"
    district = chain(place)[0]
    return Crew(f"team-{readable}-{derived('replay-team', team).hex[:10]}", team, district)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm that cases are about; it works in the whole district."""

    id: str
    name: str
    place: Node


def firm_of(place: tuple[str, ...], key: str, name: str) -> Firm:
    """Return the firm of a key; what it is called tells no two apart."""
    readable = _NOT_IN_IDS.sub("-", name.lower()).strip("-")[:_READABLE] or "none"
    district = chain(place)[0]
    return Firm(f"firm-{readable}-{derived('replay-firm', key).hex[:10]}", name, district)


def firm_head(firm: Firm) -> Actor:
    """Return who acts for a firm."""
    found = _person(Role.VENDOR_MANAGER, firm.place, ("replay-firm-head", firm.id))
    return replace(found, name=f"head, {firm.name}", vendor_id=firm.id, is_lead=True)


def member(crew: Crew) -> Actor:
    """Return the one who acts for a crew: its lead."""
    return _person(Role.CREW, crew.place, ("replay-crew", crew.id), crew)


def actor(role: Role, node: Node) -> Actor:
    """Return who holds a post at a place; a mediator is the head of the body there."""
    found = _person(role, node, ("replay-account", role, node.id))
    if role is not Role.MEDIATOR:
        return found
    return replace(found, tier=MEDIATION[node.level], is_lead=True)


def _person(role: Role, node: Node, key: tuple[str, ...], crew: Crew | None = None) -> Actor:
    return Actor(
        id=derived(*key),
        role=role,
        name=f"{role}, {crew.name if crew else node.name}",
        place_id=node.id,
        place_path=node.path,
        scopes=frozenset(SCOPES),
        crew_id=crew.id if crew else None,
    )
