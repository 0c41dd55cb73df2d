"""Accounts and their API keys: make, list, revoke. Only digests of keys are stored."""

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

_ACCOUNT = rows.recordset(
    "INSERT INTO account ({names}) SELECT * FROM {rows}",
    {
        "id": "uuid", "name": "text", "role": "text", "place_id": "text", "place_path": "text",
        "crew_id": "text", "vendor_id": "text", "party_id": "uuid", "tier": "smallint",
        "is_lead": "boolean", "on_duty": "boolean", "active": "boolean",
        "created_at": "timestamptz",
    },
)  # fmt: skip
_KEY = rows.recordset(
    "INSERT INTO api_key ({names}) SELECT * FROM {rows}",
    {
        "id": "uuid", "account_id": "uuid", "prefix": "text", "hash": "bytea", "scopes": "text[]",
        "created_at": "timestamptz", "expires_at": "timestamptz",
    },
)  # fmt: skip


def insert_account(tx: Tx, row: Row) -> None:
    """Add an account."""
    rows.run(tx.conn, _ACCOUNT, [row])


def insert(tx: Tx, row: Row) -> None:
    """Add a key of an account."""
    rows.run(tx.conn, _KEY, [row])


_SELECT = """
SELECT k.id, k.prefix, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
       a.id AS account_id, a.name, a.role, a.place_id, a.crew_id, a.vendor_id, a.tier, a.is_lead
  FROM api_key k JOIN account a ON a.id = k.account_id
 WHERE a.place_path || '/' >= :low AND a.place_path || '/' < :high"""
_PAGE = text(
    f"{_SELECT} AND (cast(:after AS uuid) IS NULL OR k.id > :after) ORDER BY k.id LIMIT :limit"
)
_ITEM = text(f"{_SELECT} AND k.id = :id")
_REVOKE = text("UPDATE api_key SET revoked_at = coalesce(revoked_at, :now) WHERE id = :id")


def _scope(actor: Actor) -> dict[str, Any]:
    low, high = bounds(actor.place_path)
    return {"low": low, "high": high}


def page(tx: Tx, actor: Actor, *, after: UUID | None, limit: int) -> Sequence[Row]:
    """Return keys of accounts inside the actor's place, in the order they were made."""
    params = {**_scope(actor), "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_PAGE, params))


def item(tx: Tx, actor: Actor, key_id: UUID) -> Row | None:
    """Return one key the actor may manage, without its digest."""
    return rows.one(tx.conn.execute(_ITEM, {**_scope(actor), "id": key_id}))


def revoke(tx: Tx, key_id: UUID, now: datetime) -> None:
    """End a key; a second time changes nothing."""
    tx.conn.execute(_REVOKE, {"id": key_id, "now": now})
