"""Notes that somebody takes personal data away, before the first line goes out."""

from collections.abc import Iterable
from uuid import UUID

from service.commands.ports import Ports
from service.core.actors import Actor
from service.store import access_log


def note_export(ports: Ports, *, actor: Actor, request_id: str) -> None:
    """Append to the log of who saw personal data: the lines of the trail are unmasked."""
    with ports.uow() as tx:
        now = tx.now()
        access_log.append(
            tx,
            {
                "id": ports.ids.new(now),
                "actor_id": actor.id,
                "subject": None,
                "fields": ["event.data", "event.comment"],
                "purpose": "audit export",
                "ticket_id": None,
                "at": now,
                "request_id": request_id,
            },
        )


def note_people(
    ports: Ports, *, actor: Actor, request_id: str, ticket: UUID, subjects: Iterable[UUID]
) -> None:
    """Append to the log of who saw personal data: people of a case file, by name and phone."""
    with ports.uow() as tx:
        now = tx.now()
        for subject in sorted(subjects):
            access_log.append(
                tx,
                {
                    "id": ports.ids.new(now),
                    "actor_id": actor.id,
                    "subject": subject,
                    "fields": ["name", "phone"],
                    "purpose": "case file",
                    "ticket_id": ticket,
                    "at": now,
                    "request_id": request_id,
                },
            )
