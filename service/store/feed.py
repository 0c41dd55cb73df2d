"""The change feed: history lines numbered without gaps, once nothing older can still appear.

An id taken at insert is seen only at commit, so a reader that pages by it would miss a slow
transaction for ever. Here a line gets its number when every transaction that began before
its own has ended.
"""

from sqlalchemy import text

from service.store.unit_of_work import Tx

_LOCK = 20_260_102
# A statement of its own: the numbering below must see what the lock's last holder wrote.
_TRY = text("SELECT pg_try_advisory_xact_lock(:key)")
_NUMBER = text("""
WITH settled AS (
  SELECT id, ticket_id, event_seq, topic, place_key, gone_key,
         row_number() OVER (ORDER BY xid, id) AS n
    FROM outbox WHERE feeds AND xid < pg_snapshot_xmin(pg_current_snapshot())
   ORDER BY xid, id LIMIT :batch),
marked AS (UPDATE outbox o SET feeds = false FROM settled s WHERE o.id = s.id)
INSERT INTO feed (seq, ticket_id, event_seq, topic, place_key, gone_key)
SELECT (SELECT coalesce(max(seq), 0) FROM feed) + n, ticket_id, event_seq, topic, place_key,
       gone_key FROM settled""")
_HEAD = text("SELECT coalesce(max(seq), 0) FROM feed")


def number(tx: Tx, *, batch: int = 1000) -> int:
    """Give the oldest settled lines their numbers; return how many.

    Zero when another process does it. The transaction must be short: its
    lock keeps all others from numbering.
    """
    if not tx.conn.execute(_TRY, {"key": _LOCK}).scalar_one():
        return 0
    return tx.conn.execute(_NUMBER, {"batch": batch}).rowcount


def head(tx: Tx) -> int:
    """Return the last number given; 0 when there is none."""
    found: int = tx.conn.execute(_HEAD).scalar_one()
    return found
