"""What the routes below one ticket have in common: who may call, and what is seen."""

from collections.abc import Mapping
from typing import Any, Final

from service.core.errors import NotFound
from service.edge.routes import ANY, Call, Policy
from service.store import ticket
from service.store.unit_of_work import Tx

READ: Final = Policy(ANY, scope="tickets:read")
WRITE: Final = Policy(ANY, scope="tickets:write")
FIRE: Final = Policy(ANY, scope="events:write")


def seen(tx: Tx, call: Call) -> Mapping[str, Any]:
    """Return id, kind and state of the ticket the path names. Raises NotFound."""
    row = ticket.seen(tx, kind=call.route.kind, ref=call.path["id"], actor=call.actor)
    if row is None:
        raise NotFound
    return row


def require_seen(call: Call) -> None:
    """Raise NotFound when the caller does not see the ticket of the path."""
    with call.ports.uow() as tx:
        seen(tx, call)
