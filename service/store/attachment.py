"""Attachments: bytes as they came, kept as evidence, and the copies that are shown."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor
from service.store import rows
from service.store.scope import visible
from service.store.unit_of_work import Tx

Row = Mapping[str, Any]

_BEGIN = text("""
INSERT INTO attachment (id, account_id, media_type, size, digest, created_at)
VALUES (:id, :account, :media_type, :size, :digest, app_now()) ON CONFLICT (id) DO NOTHING""")
_LOCK = text("SELECT * FROM attachment WHERE id = :id FOR UPDATE")
_PART = text("""
WITH part AS (INSERT INTO attachment_part (attachment_id, start, bytes)
              VALUES (:id, :start, :bytes) RETURNING length(bytes) AS size)
UPDATE attachment SET received = received + part.size FROM part WHERE id = :id""")
_CLEAR = text("DELETE FROM attachment_part WHERE attachment_id = :id")
_RESTART = text("UPDATE attachment SET received = 0, size = :size WHERE id = :id")
_BYTES = text("""
SELECT string_agg(bytes, ''::bytea ORDER BY start) FROM attachment_part
 WHERE attachment_id = :id""")
_COPY = text("""
INSERT INTO attachment_copy (attachment_id, size, media_type, bytes)
VALUES (:id, :size, :media_type, :bytes) ON CONFLICT DO NOTHING""")
_COMPLETE = text("""
UPDATE attachment SET complete_at = app_now() WHERE id = :id AND complete_at IS NULL""")
_DROP = text("DELETE FROM attachment WHERE id = :id AND complete_at IS NULL")
_RECEIVED = text("""
SELECT received, size, complete_at FROM attachment WHERE id = :id AND account_id = :account""")

_COUNT = text("SELECT count(*) FROM attachment WHERE account_id = :account")


def begin(tx: Tx, row: Row) -> Row:
    """Insert the attachment unless it is there; return it locked."""
    tx.conn.execute(_BEGIN, row)
    return rows.one(tx.conn.execute(_LOCK, {"id": row["id"]})) or {}


def add_part(tx: Tx, ident: UUID, *, start: int, part: bytes) -> None:
    """Keep a part that begins where the last one ended."""
    tx.conn.execute(_PART, {"id": ident, "start": start, "bytes": part})


def restart(tx: Tx, ident: UUID, *, size: int) -> None:
    """Forget the parts received: all `size` bytes come anew."""
    tx.conn.execute(_CLEAR, {"id": ident})
    tx.conn.execute(_RESTART, {"id": ident, "size": size})


def original(tx: Tx, ident: UUID) -> bytes:
    """Return the bytes as they came."""
    return bytes(tx.conn.execute(_BYTES, {"id": ident}).scalar() or b"")


def complete(tx: Tx, ident: UUID, copies: Mapping[str, tuple[str, bytes]]) -> None:
    """Store the copies by size and open the attachment for use."""
    for size, (media_type, content) in copies.items():
        params = {"id": ident, "size": size, "media_type": media_type, "bytes": content}
        tx.conn.execute(_COPY, params)
    tx.conn.execute(_COMPLETE, {"id": ident})


def drop(tx: Tx, ident: UUID) -> None:
    """Delete an incomplete attachment with its bytes."""
    tx.conn.execute(_DROP, {"id": ident})


def received(tx: Tx, ident: UUID, account: UUID) -> Row | None:
    """Return how far the account's own upload has come."""
    return rows.one(tx.conn.execute(_RECEIVED, {"id": ident, "account": account}))


def count_of(tx: Tx, account: UUID) -> int:
    """Return how many uploads there are of an account or a link."""
    found: int = tx.conn.execute(_COUNT, {"account": account}).scalar_one()
    return found


def shown(tx: Tx, ident: UUID, actor: Actor, size: str) -> Row | None:
    """Return what the actor may see: its own upload, or one linked to a visible ticket.

    `bytes` is None when there is no copy of that size.
    """
    scope, params = visible(actor)
    statement = text(
        "SELECT a.id, a.media_type, a.digest, c.media_type AS copy_type, c.bytes"
        " FROM attachment a LEFT JOIN attachment_copy c"
        " ON c.attachment_id = a.id AND c.size = :size"
        " WHERE a.id = :id AND a.complete_at IS NOT NULL AND (a.account_id = :account OR EXISTS ("
        " SELECT FROM ticket_attachment l JOIN ticket t ON t.id = l.ticket_id"
        f" WHERE l.attachment_id = a.id AND {scope}))"
    )
    params = {**params, "id": ident, "account": actor.id, "size": size}
    return rows.one(tx.conn.execute(statement, params))
