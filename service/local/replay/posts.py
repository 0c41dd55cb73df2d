"""Who acts in a replay: the posts that maps name, each held by one person a place. Pure."""

from collections.abc import Mapping
from uuid import UUID

from service.core.actors import Actor, Role
from service.core.ids import derived
from service.local.replay.places import actor, chain, firm_head, member
from service.local.replay.scripts import Scene

CREW, FIRM, HANDLER = "crew", "firm", "handler"
POSTS: Mapping[str, tuple[Role, int]] = {  # role, and index in a chain of places
    "desk": (Role.DISPATCHER, 1),
    "street": (Role.STREET_OFFICER, 1),
    "officer": (Role.COMMUNITY_OFFICER, 2),
    "manager": (Role.MANAGER, 2),
    "committee": (Role.COMMITTEE, 2),
    "mediator": (Role.MEDIATOR, 2),
    "reporter": (Role.RESIDENT, 3),
}
"""Posts by place. A crew, the firm and whoever must answer stand beside them."""
NAMES = frozenset({*POSTS, CREW, FIRM, HANDLER})


def person(post: str, scene: Scene) -> Actor:
    """Return who holds a post for a case.

    `handler` is who must answer: an officer where an authority must, else the manager.
    """
    if post == CREW:
        return member(scene.crew)
    if post == FIRM and scene.firm is not None:
        return firm_head(scene.firm)
    if post in (HANDLER, FIRM):
        post = "officer" if scene.responsible == "authority" else "manager"
    role, level = POSTS[post]
    return actor(role, chain(scene.report.place)[level])


def note_of(who: Actor) -> UUID:
    """Return the attachment that stands where photos would: a picture of a plain note."""
    return derived("replay-note", who.id)
