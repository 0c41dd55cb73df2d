"""Opens what the calendar asks for: one ticket a period, however often it is asked."""

from typing import Any
from uuid import UUID

import structlog

from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Ports
from service.core.actors import SYSTEM
from service.core.errors import GuardRefused, ValidationFailed
from service.core.ids import derived

log = structlog.get_logger()


def planned_id(kind: str, *reason: object) -> UUID:
    """Return the id of the one ticket of a kind that a reason leads to."""
    return derived("planned", kind, *reason)


def open_once(ports: Ports, *reason: object, **members: Any) -> bool:
    """Open a ticket by SYSTEM unless one was opened for this reason; tell whether it is new.

    `reason` names the period and what it is about; `members` are those of `Open`. What the
    rules refuse is logged and left: the next turn tries again.
    """
    ident = planned_id(members["kind"], *reason)
    asked: dict[str, Any] = {"reporter": {"channel": "system"}, "actor": SYSTEM} | members
    try:
        return open_ticket(ports, Open(id=ident, fingerprint=ident.bytes, **asked)).how == "created"
    except (GuardRefused, ValidationFailed) as exc:
        log.warning("plan_refused", kind=members["kind"], error=type(exc).__name__)
        return False
