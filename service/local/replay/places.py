"""The place tree of a replay, drawn from the names in its rows. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from service.core.actors import SCOPES, Actor, Role
from service.core.ids import derived
from service.local.replay.source_map import LEVELS

_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")
_READABLE = 32  # an id is a readable part and a digest, 64 characters at most

# Who serves which level, so that every ladder finds its people.
POSTS = {
    "district": (Role.DISTRICT_OFFICER,),
    "street": (Role.STREET_OFFICER, Role.DISPATCHER, Role.CREW),
    "community": (Role.COMMUNITY_OFFICER, Role.MANAGER, Role.COMMITTEE),
}


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


def crew_id(street: Node) -> str:
    """Return the id of the one crew of a street."""
    return f"crew-{street.id}"[:64]


def actor(role: Role, node: Node) -> Actor:
    """Return who holds a post at a place."""
    return Actor(
        id=derived("replay-account", role, node.id),
        role=role,
        name=f"{role}, {node.name}",
        place_id=node.id,
        place_path=node.path,
        scopes=frozenset(SCOPES),
        crew_id=crew_id(node) if role is Role.CREW else None,
    )
