"""Lines of a history that not everybody who sees the ticket may read.

Private notes are their author's; the lines of confidential steps are for the roles that the
step names and for who acted. The chain of the history holds them all the same: only readers
are shown less.
"""

from collections.abc import Mapping
from typing import Any, Final

from service.core.actors import Actor, Role
from service.workflows import CONFIDENTIAL

UNTOLD: Final = """(e.actor_id <> :reader AND (
    (e.type = 'add_note' AND e.data->>'level' = 'private')
    OR e.kind || '.' || e.type = ANY(cast(:untold AS text[]))))"""
"""SQL: line `e` is not for `:reader`; its parameters are those of `untold_to`."""


def untold_to(actor: Actor) -> Mapping[str, Any]:
    """Return the parameters of UNTOLD for a reader."""
    closed = [
        f"{kind}.{event}"
        for (kind, event), readers in CONFIDENTIAL.items()
        if actor.role not in readers and actor.role is not Role.SYSTEM
    ]
    return {"reader": actor.id, "untold": closed}
