"""API keys as the front door reads them: one row by prefix."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_BY_PREFIX = text("""
SELECT k.id AS key_id, k.hash, k.scopes, k.revoked_at,
       coalesce(k.expires_at <= app_now(), false) AS expired,
       coalesce(k.last_used_at < app_now() - interval '1 minute', true) AS stale,
       a.id AS account_id, a.name, a.role, a.place_id, a.place_path, a.crew_id, a.vendor_id,
       a.tier, a.is_lead, a.active
  FROM api_key k JOIN account a ON a.id = k.account_id WHERE k.prefix = :prefix""")
_TOUCH = text("UPDATE api_key SET last_used_at = app_now() WHERE id = :id")


def by_prefix(tx: Tx, prefix: str) -> Mapping[str, Any] | None:
    """Return a key with its account."""
    return rows.one(tx.conn.execute(_BY_PREFIX, {"prefix": prefix}))


def touch(tx: Tx, key_id: UUID) -> None:
    """Note that the key was used now."""
    tx.conn.execute(_TOUCH, {"id": key_id})
