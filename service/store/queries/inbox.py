"""An account's inbox, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor
from service.store import rows
from service.store.scope import visible
from service.store.unit_of_work import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One page: after a position, perhaps only what waits for a nod."""

    after: tuple[datetime, UUID] | None = None
    unacknowledged: bool = False
    limit: int = 50


def _columns(scope: str) -> str:
    """Return the select. The ticket is named only while the reader may see it."""
    return (
        "SELECT i.id, i.topic, i.clock, i.level, i.subject, i.at, i.acknowledged_at,"
        " k.kind AS topic_kind, t.id AS ticket_id, t.number, t.kind, e.type AS event"
        " FROM inbox i LEFT JOIN ticket k ON k.id = i.ticket_id"
        " LEFT JOIN event e ON e.ticket_id = i.ticket_id AND e.seq = i.event_seq"
        f" LEFT JOIN ticket t ON t.id = i.ticket_id AND {scope}"
        " WHERE i.account_id = :account"
    )


def page(tx: Tx, actor: Actor, asked: Asked) -> Sequence[dict[str, Any]]:
    """Return entries after the position, newest first."""
    scope, params = visible(actor)
    where = " AND i.acknowledged_at IS NULL" if asked.unacknowledged else ""
    values: dict[str, Any] = {**params, "account": actor.id, "limit": asked.limit}
    if asked.after is not None:
        where += " AND (i.at, i.id) < (:after_at, :after_id)"
        values |= {"after_at": asked.after[0], "after_id": asked.after[1]}
    statement = f"{_columns(scope)}{where} ORDER BY i.at DESC, i.id DESC LIMIT :limit"
    return [dict(row) for row in tx.conn.execute(text(statement), values).mappings()]


def total(tx: Tx, actor: Actor, *, unacknowledged: bool) -> int:
    """Return how many entries there are."""
    found: int = tx.conn.execute(_TOTAL, {"account": actor.id, "open": unacknowledged}).scalar_one()
    return found


_TOTAL = text("""
SELECT count(*) FROM inbox
 WHERE account_id = :account AND (NOT :open OR acknowledged_at IS NULL)""")


def item(tx: Tx, actor: Actor, entry: UUID) -> dict[str, Any] | None:
    """Return one entry of the actor's own."""
    scope, params = visible(actor)
    statement = text(f"{_columns(scope)} AND i.id = :id")
    row = rows.one(tx.conn.execute(statement, {**params, "account": actor.id, "id": entry}))
    return None if row is None else dict(row)
