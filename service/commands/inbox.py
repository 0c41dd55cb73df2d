"""Takes notice of an inbox entry."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.commands.ports import Ports
from service.core.actors import Actor
from service.core.errors import NotFound
from service.store import inbox
from service.store.queries import inbox as entries


def acknowledge(ports: Ports, entry: UUID, *, actor: Actor) -> Mapping[str, Any]:
    """Mark one of the actor's own entries; a second time changes nothing. Raises NotFound."""
    with ports.uow() as tx:
        inbox.acknowledge(tx, actor.id, entry)
        row = entries.item(tx, actor, entry)
    if row is None:
        raise NotFound
    return row
