"""History lines: append, read one by id, read a ticket's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_INSERT = rows.recordset(
    "INSERT INTO event ({names}) SELECT * FROM {rows} ORDER BY x.ticket_id, x.seq"
    " RETURNING ticket_id, seq, prev_hash, hash",
    {
        "ticket_id": "uuid", "seq": "int", "kind": "text", "id": "uuid", "type": "text",
        "from_state": "text", "to_state": "text", "version": "int", "actor_id": "uuid",
        "actor_role": "text", "occurred_at": "timestamptz", "received_at": "timestamptz",
        "raw_occurred_at": "timestamptz", "data": "jsonb", "effects": "jsonb",
        "comment": "text", "fingerprint": "bytea",
    },
)  # fmt: skip


def append(
    tx: Tx, lines: Iterable[Mapping[str, Any]]
) -> Mapping[tuple[UUID, int], tuple[Any, Any]]:
    """Append lines; the database seals each. Return (prev_hash, hash) by (ticket, seq)."""
    result = rows.run(tx.conn, _INSERT, lines)
    if result is None:
        return {}
    return {(r.ticket_id, r.seq): (r.prev_hash, r.hash) for r in result}


_BY_ID = text("SELECT * FROM event WHERE id = :id")


def by_id(tx: Tx, event_id: UUID) -> Mapping[str, Any] | None:
    """Return the line with this id, whosever it is; the caller must not show it."""
    return rows.one(tx.conn.execute(_BY_ID, {"id": event_id}))


_HISTORY = text("SELECT * FROM event WHERE ticket_id = :id ORDER BY seq")


def history(tx: Tx, ticket_id: UUID) -> Sequence[Mapping[str, Any]]:
    """Return every line of a ticket, oldest first."""
    return rows.many(tx.conn.execute(_HISTORY, {"id": ticket_id}))
