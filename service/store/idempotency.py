"""Answers kept for repeated calls, in the transaction of the change they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service.core.errors import KeyInProgress, KeyReused, NotFound
from service.store import rows
from service.store.unit_of_work import Tx, is_lock_timeout


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer."""

    ticket_id: UUID | None
    status: int
    headers: Mapping[str, str]
    body: Any


_CLAIM = """
INSERT INTO idempotency (actor_id, route, key, fingerprint, created_at)
SELECT :actor, :route, :key, :fingerprint, app_now() {where}
    ON CONFLICT DO NOTHING RETURNING true"""
_READ = text("""
SELECT fingerprint, ticket_id, status, headers, body FROM idempotency
 WHERE actor_id = :actor AND route = :route AND key = :key""")
_KEEP = text("""
UPDATE idempotency SET ticket_id = :ticket, status = :status, headers = cast(:headers AS jsonb),
       body = cast(:body AS jsonb)
 WHERE actor_id = :actor AND route = :route AND key = :key""")
_PURGE = text("DELETE FROM idempotency WHERE created_at < :before")


def claim(  # noqa: PLR0913 — the key's parts and the ticket it is about
    tx: Tx,
    *,
    actor: UUID,
    route: str,
    key: str,
    fingerprint: bytes,
    seen: tuple[str, Mapping[str, Any]] | None = None,
) -> Kept | None:
    """Take the key for this transaction, or return the first answer.

    `seen` selects the ticket the call is about: when it selects nothing, the ticket is
    invisible to the caller and so is any earlier answer. A twin still running is waited
    for (the engine's lock time-out). Raises NotFound, KeyInProgress when the twin does not
    finish, KeyReused when the key carried other content.
    """
    who = {"actor": actor, "route": route, "key": key}
    ticket, params = seen or ("", {})
    claimer = rows.sql(_CLAIM.format(where=f"WHERE EXISTS ({ticket})" if seen else ""))
    try:
        claimed = tx.conn.execute(claimer, {**params, **who, "fingerprint": fingerprint}).scalar()
    except OperationalError as exc:
        if is_lock_timeout(exc):
            raise KeyInProgress from exc
        raise
    if claimed:
        return None
    if seen and tx.conn.execute(rows.sql(f"SELECT EXISTS ({ticket})"), params).scalar() is False:
        raise NotFound
    row = tx.conn.execute(_READ, who).one()
    if bytes(row.fingerprint) != fingerprint:
        raise KeyReused
    return Kept(row.ticket_id, row.status, row.headers, row.body)


def kept_for(tx: Tx, *, actor: UUID, route: str, key: str) -> bytes | None:
    """Return the fingerprint of the content a key was used with; None when it was not."""
    row = tx.conn.execute(_READ, {"actor": actor, "route": route, "key": key}).one_or_none()
    return None if row is None else bytes(row.fingerprint)


def keep(tx: Tx, *, actor: UUID, route: str, key: str, kept: Kept) -> None:
    """Store the answer for later calls with the key."""
    params = {
        "actor": actor, "route": route, "key": key, "ticket": kept.ticket_id,
        "status": kept.status, "headers": rows.as_json(dict(kept.headers)),
        "body": rows.as_json(kept.body),
    }  # fmt: skip
    tx.conn.execute(_KEEP, params)


def purge(tx: Tx, before: datetime) -> int:
    """Forget answers older than `before`; return how many."""
    return tx.conn.execute(_PURGE, {"before": before}).rowcount
