"""What must happen later, written in the same transaction as its cause."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_INSERT = rows.recordset(
    "INSERT INTO outbox ({names}) SELECT * FROM {rows} ORDER BY x.ticket_id, x.event_seq",
    {
        "topic": "text", "ticket_id": "uuid", "event_seq": "int", "dedupe_key": "text",
        "payload": "jsonb", "at": "timestamptz", "place_key": "text", "gone_key": "text",
        "feeds": "boolean",
    },
)  # fmt: skip


def put(tx: Tx, letters: Iterable[Mapping[str, Any]]) -> None:
    """Add rows; a dedupe key already there is an error, never a second effect."""
    rows.run(tx.conn, _INSERT, letters)


_CLAIM = text("""
WITH mine AS (
  SELECT id FROM outbox
   WHERE sent_at IS NULL AND dead_at IS NULL AND retry_at <= clock_timestamp()
   ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED)
SELECT o.id, o.topic, o.ticket_id, o.event_seq, o.payload, o.at, o.place_key,
       app_now() AS now, t.kind, t.number, t.state AS ticket_state, t.version AS ticket_version,
       t.place_id, t.place_path, t.opened_by, t.reporter_id, t.crew_id, t.vendor_id,
       e.id AS event_id, e.type AS event_type, e.actor_id, e.actor_role, e.from_state,
       e.to_state, e.version, e.occurred_at, e.received_at, e.data
  FROM mine JOIN outbox o USING (id)
  JOIN ticket t ON t.id = o.ticket_id
  JOIN event e ON e.ticket_id = o.ticket_id AND e.seq = o.event_seq
 ORDER BY o.id""")
_SENT = text("UPDATE outbox SET sent_at = app_now(), last_error = NULL WHERE id = ANY(:ids)")
_BACK_OFF = text("""
UPDATE outbox SET attempts = attempts + 1, last_error = :error,
       retry_at = clock_timestamp() + least(interval '1 hour', interval '5 s' * power(2, attempts)),
       dead_at = CASE WHEN attempts + 1 >= :most THEN app_now() END
 WHERE id = :id RETURNING dead_at IS NOT NULL AS dead""")


def claim(tx: Tx, *, batch: int) -> Sequence[Mapping[str, Any]]:
    """Lock the oldest unsent rows, each with its ticket and history line.

    Rows another process holds are passed over.
    """
    return rows.many(tx.conn.execute(_CLAIM, {"batch": batch}))


def mark_sent(tx: Tx, ids: Sequence[int]) -> None:
    """Note that the rows were fanned out."""
    tx.conn.execute(_SENT, {"ids": list(ids)})


def back_off(tx: Tx, row_id: int, *, error: str, most: int = 12) -> bool:
    """Put a failing row off; True when it was its last try."""
    params = {"id": row_id, "error": error[:500], "most": most}
    dead: bool = tx.conn.execute(_BACK_OFF, params).scalar_one()
    return dead
