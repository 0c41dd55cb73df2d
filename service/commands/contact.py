"""Reveals people's names and phones: logged first, in the same transaction (RULINGS 19)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.commands.ports import Ports
from service.core.actors import Actor, Role
from service.core.errors import FieldError, Forbidden, NotFound, ValidationFailed
from service.store import access_log, party, ticket
from service.store.rows import as_uuid
from service.store.unit_of_work import Tx

READERS = frozenset({Role.DISPATCHER, Role.COMMUNITY_OFFICER, Role.MANAGER, Role.CREW})
"""Who needs to reach the person that reported."""

PARTY_READERS = READERS | {Role.MEDIATOR}
"""Who needs to reach the parties of a case; a mediator sees those of the own body only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """A look at the person behind a ticket: who reported it, or those of a party."""

    kind: str
    ticket: str | UUID
    actor: Actor
    purpose: str
    request_id: str
    party: int | None = None


def reveal(ports: Ports, cmd: Reveal) -> Mapping[str, Any]:
    """Return names and phones, unmasked. Nothing is shown unless the log was kept.

    Of the reporter: name, phone and channel. Of a party: its persons, each with the member
    that names it. Raises NotFound, Forbidden (also for a crew that holds the ticket no
    longer), ValidationFailed for a party that is none.
    """
    with ports.uow() as tx:
        row = ticket.read(tx, kind=cmd.kind, ref=cmd.ticket, actor=cmd.actor)
        if row is None:
            raise NotFound
        _may(cmd, row)
        if cmd.party is not None:
            return _party(tx, ports, cmd, row)
        subject = row["reporter_id"]
        _log(tx, ports, cmd, row, subject)
        person = party.read(tx, [subject])[subject] if subject else {}
    return {
        "name": person.get("name"),
        "phone": person.get("phone"),
        "channel": row["reporter_channel"],
    }


def _may(cmd: Reveal, row: Mapping[str, Any]) -> None:
    readers = READERS if cmd.party is None else PARTY_READERS
    if cmd.actor.role not in readers:
        raise Forbidden("role: " + ", ".join(sorted(readers)))
    if cmd.actor.role is Role.CREW and row["crew_id"] != cmd.actor.crew_id:
        raise Forbidden("assigned")


def _party(tx: Tx, ports: Ports, cmd: Reveal, row: Mapping[str, Any]) -> Mapping[str, Any]:
    parties = {str(item["n"]): item for item in row["facts"].get("parties") or ()}
    found = parties.get(str(cmd.party))
    if found is None:
        raise ValidationFailed([FieldError("?party", "not_allowed", allowed=tuple(parties))])
    named = dict(_persons(found))
    for subject in named.values():
        _log(tx, ports, cmd, row, subject)
    known = party.read(tx, list(named.values())) if named else {}
    people = [
        {"member": member, "name": known[subject]["name"], "phone": known[subject]["phone"]}
        for member, subject in named.items()
    ]
    return {"party": cmd.party, "persons": people}


def _persons(item: Mapping[str, Any]) -> Iterator[tuple[str, UUID]]:
    """Yield the members of a party that are people: `{"party": <id>}`."""
    for member, value in item.items():
        named = value.get("party") if isinstance(value, Mapping) else None
        subject = as_uuid(named) if isinstance(named, str) else None
        if subject is not None:
            yield member, subject


def _log(tx: Tx, ports: Ports, cmd: Reveal, row: Mapping[str, Any], subject: UUID | None) -> None:
    line = {
        "id": ports.ids.new(row["now"]),
        "actor_id": cmd.actor.id,
        "subject": subject,
        "fields": ["name", "phone"],
        "purpose": cmd.purpose,
        "ticket_id": row["id"],
        "at": row["now"],
        "request_id": cmd.request_id,
    }
    access_log.append(tx, line)
