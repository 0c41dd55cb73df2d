"""Notes: free text beside the history."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_INSERT = text("""
INSERT INTO note (id, ticket_id, seq, actor_id, text, at)
VALUES (:id, :ticket_id, :seq, :actor_id, :text, :at)""")
_OF = text("""
SELECT n.id, n.seq, n.text, n.at, a.name AS actor_name, a.role AS actor_role
  FROM note n LEFT JOIN account a ON a.id = n.actor_id
 WHERE n.ticket_id = :ticket AND n.seq > :after
 ORDER BY n.seq LIMIT :limit""")


def insert(tx: Tx, row: Mapping[str, Any]) -> None:
    """Store a note."""
    tx.conn.execute(_INSERT, row)


def of(tx: Tx, ticket_id: UUID, *, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
    """Return notes of a ticket after a history position, oldest first."""
    params = {"ticket": ticket_id, "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_OF, params))
