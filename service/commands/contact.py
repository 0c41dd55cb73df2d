"""Reveals a reporter's name and phone: logged first, in the same transaction (RULINGS 19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.commands.ports import Ports
from service.core.actors import Actor, Role
from service.core.errors import Forbidden, NotFound
from service.store import access_log, party, ticket

READERS = frozenset(
    {Role.DISPATCHER, Role.COMMUNITY_OFFICER, Role.MANAGER, Role.CREW},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """A look at the person behind a ticket."""

    kind: str
    ticket: str | UUID
    actor: Actor
    purpose: str
    request_id: str


def reveal(ports: Ports, cmd: Reveal) -> Mapping[str, Any]:
    """Return name, phone and channel, unmasked. Nothing is shown unless the log was kept.

    Raises NotFound, and Forbidden for a crew that holds the ticket no longer.
    """
    with ports.uow() as tx:
        row = ticket.read(tx, kind=cmd.kind, ref=cmd.ticket, actor=cmd.actor)
        if row is None:
            raise NotFound
        if cmd.actor.role not in READERS:
            raise Forbidden("role: " + ", ".join(sorted(READERS)))
        if cmd.actor.role is Role.CREW and row["crew_id"] != cmd.actor.crew_id:
            raise Forbidden("assigned")
        line = {
            "id": ports.ids.new(row["now"]),
            "actor_id": cmd.actor.id,
            "subject": row["reporter_id"],
            "fields": ["name", "phone"],
            "purpose": cmd.purpose,
            "ticket_id": row["id"],
            "at": row["now"],
            "request_id": cmd.request_id,
        }
        access_log.append(tx, line)
        known = party.read(tx, [row["reporter_id"]]) if row["reporter_id"] else {}
        person = known.get(row["reporter_id"], {})
    return {
        "name": person.get("name"),
        "phone": person.get("phone"),
        "channel": row["reporter_channel"],
    }
