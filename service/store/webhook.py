"""Webhook endpoints as their owners manage them, and what was delivered to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor
from service.store import rows
from service.store.scope import bounds
from service.store.unit_of_work import Tx

Row = Mapping[str, Any]

CHANNEL = "webhook"

_INSERT = rows.recordset(
    "INSERT INTO webhook_endpoint ({names}) SELECT * FROM {rows}",
    {
        "id": "uuid", "account_id": "uuid", "url": "text", "types": "text[]", "place_id": "text",
        "place_key": "text", "description": "text", "secret": "text", "created_at": "timestamptz",
        "version": "int",
    },
)  # fmt: skip
_SELECT = """
SELECT e.id, e.account_id, e.url, e.types, e.place_id, e.place_key, e.description, e.created_at,
       e.disabled_at, e.disabled_why, e.old_until, e.version
  FROM webhook_endpoint e WHERE e.place_key >= :low AND e.place_key < :high"""
_PAGE = text(
    f"{_SELECT} AND (cast(:after AS uuid) IS NULL OR e.id > :after) ORDER BY e.id LIMIT :limit"
)
_ITEM = text(f"{_SELECT} AND e.id = :id")
_LOCK = text(f"{_SELECT} AND e.id = :id FOR UPDATE")
_UPDATE = text("""
UPDATE webhook_endpoint SET url = :url, types = :types, description = :description,
       version = version + 1 WHERE id = :id""")
_ROTATE = text("""
UPDATE webhook_endpoint SET old_secret = secret, old_until = :until, secret = :secret,
       version = version + 1 WHERE id = :id""")
_ENABLE = text("""
UPDATE webhook_endpoint SET disabled_at = NULL, disabled_why = NULL, slow_until = NULL,
       version = version + 1 WHERE id = :id AND disabled_at IS NOT NULL""")
_DELETE = text("DELETE FROM webhook_endpoint WHERE id = :id")
_DELIVERIES = text("""
SELECT id, body ->> 'type' AS type, attempts, status, created_at, sent_at, superseded_at, dead_at,
       last_error, nullif(retry_at, '-infinity') AS retry_at FROM delivery
 WHERE recipient = :recipient AND channel = :channel
   AND (cast(:after AS uuid) IS NULL OR id < :after)
 ORDER BY id DESC LIMIT :limit""")


def _scope(actor: Actor) -> dict[str, Any]:
    low, high = bounds(actor.place_path)
    return {"low": low, "high": high}


def insert(tx: Tx, row: Row) -> None:
    """Add an endpoint."""
    rows.run(tx.conn, _INSERT, [row])


def page(tx: Tx, actor: Actor, *, after: UUID | None, limit: int) -> Sequence[Row]:
    """Return endpoints inside the actor's place, oldest first."""
    params = {**_scope(actor), "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_PAGE, params))


def item(tx: Tx, actor: Actor, ident: UUID, *, lock: bool = False) -> Row | None:
    """Return one endpoint the actor may manage; its secret is not among the columns."""
    statement = _LOCK if lock else _ITEM
    return rows.one(tx.conn.execute(statement, {**_scope(actor), "id": ident}))


def update(tx: Tx, row: Row) -> None:
    """Write URL, types and description of a locked endpoint."""
    tx.conn.execute(_UPDATE, {n: row[n] for n in ("id", "url", "types", "description")})


def rotate(tx: Tx, ident: UUID, *, secret: str, until: datetime) -> None:
    """Replace the secret; the old one signs too until then."""
    tx.conn.execute(_ROTATE, {"id": ident, "secret": secret, "until": until})


def enable(tx: Tx, ident: UUID) -> None:
    """Send again to an endpoint that was disabled."""
    tx.conn.execute(_ENABLE, {"id": ident})


def delete(tx: Tx, ident: UUID) -> None:
    """Remove an endpoint; its open deliveries are settled by the sender."""
    tx.conn.execute(_DELETE, {"id": ident})


def deliveries(tx: Tx, ident: UUID, *, after: UUID | None, limit: int) -> Sequence[Row]:
    """Return what was or will be sent to an endpoint, newest first."""
    params = {"recipient": ident, "channel": CHANNEL, "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_DELIVERIES, params))
