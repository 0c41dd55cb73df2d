"""Resident links: one ticket each, found by the hash of a token nobody keeps."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

Row = Mapping[str, Any]

_INSERT = text("""
INSERT INTO link (id, ticket_id, token_hash, party, created_by, created_at)
VALUES (:id, :ticket_id, :token_hash, :party, :created_by, :created_at)""")
_BY_HASH = text("""
SELECT l.id, l.ticket_id, l.party, l.created_by, l.created_at, l.revoked_at, t.kind, t.number,
       t.place_id, t.place_path, t.vendor_id, t.facts, t.closed_at, app_now() AS now
  FROM link l JOIN ticket t ON t.id = l.ticket_id WHERE l.token_hash = :hash""")
_OF = text("""
SELECT l.id, l.party, l.created_at, l.revoked_at, a.name AS actor_name, a.role AS actor_role
  FROM link l LEFT JOIN account a ON a.id = l.created_by
 WHERE l.ticket_id = :ticket AND l.id > :after ORDER BY l.id LIMIT :limit""")
_ONE = text("SELECT revoked_at FROM link WHERE id = :id AND ticket_id = :ticket")
_REVOKE = text("UPDATE link SET revoked_at = app_now() WHERE id = :id")


def insert(tx: Tx, row: Row) -> None:
    """Store a link."""
    tx.conn.execute(_INSERT, row)


def by_hash(tx: Tx, token_hash: bytes) -> Row | None:
    """Return the link with this token's hash, its ticket and the time."""
    return rows.one(tx.conn.execute(_BY_HASH, {"hash": token_hash}))


def of(tx: Tx, ticket_id: UUID, *, after: UUID | str, limit: int) -> Sequence[Row]:
    """Return a ticket's links, oldest first, never their tokens."""
    params = {"ticket": ticket_id, "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_OF, params))


def one(tx: Tx, link_id: UUID, ticket_id: UUID) -> Row | None:
    """Return when a link of the ticket was revoked, None when there is no such link."""
    return rows.one(tx.conn.execute(_ONE, {"id": link_id, "ticket": ticket_id}))


def revoke(tx: Tx, link_id: UUID) -> None:
    """Revoke a link."""
    tx.conn.execute(_REVOKE, {"id": link_id})
