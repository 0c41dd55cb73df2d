"""Says afterwards what led to a ticket: more of the same kind came to one that stood already."""

from collections.abc import Iterable
from uuid import UUID

from service.commands.aside import Cause
from service.commands.ports import Ports
from service.store import cause


def link_causes(ports: Ports, ticket: UUID, causes: Iterable[Cause]) -> None:
    """Link causes to a ticket's birth; those already linked are passed over."""
    with ports.uow() as tx:
        now = tx.now()
        cause.add(
            tx,
            (
                {
                    "effect_id": ticket, "effect_seq": 1, "cause_id": each.ticket,
                    "cause_seq": each.seq, "relation": each.relation, "at": now,
                }
                for each in causes
            ),
        )  # fmt: skip
