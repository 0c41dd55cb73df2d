"""Deliveries to the outside: leased, sent, and acknowledged under a fence.

A lease is machine time. Its token grows with every lease, and an acknowledgement names the
token it was sent under: a sender that slept beyond its lease changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

LEASE_S = 30
_OPEN = "sent_at IS NULL AND superseded_at IS NULL AND dead_at IS NULL"

_INSERT = rows.recordset(
    "INSERT INTO delivery ({names}) SELECT * FROM {rows}"
    " ON CONFLICT (outbox_id, channel, recipient) DO NOTHING",
    {
        "id": "uuid", "outbox_id": "bigint", "channel": "text", "recipient": "uuid",
        "body": "jsonb", "created_at": "timestamptz",
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that this process may send until its lease ends. `attempt` counts from 1.

    `leased_at` is real time, whatever the service's own clock says.
    """

    id: UUID
    outbox_id: int
    recipient: UUID
    body: Mapping[str, Any]
    attempt: int
    token: int
    leased_at: datetime


def put(tx: Tx, parcels: Iterable[Mapping[str, Any]]) -> None:
    """Add deliveries; one a row, channel and recipient, however often asked."""
    rows.run(tx.conn, _INSERT, parcels)


# What is due is chosen by a WITH, which runs once. As a subquery of the UPDATE it may stand on the
# inside of a nested loop: run again, it passes over what was just leased and leases more.
_LEASE = f"""
WITH due AS MATERIALIZED (%s)
UPDATE delivery d SET lease_token = lease_token + 1, attempts = attempts + 1,
       lease_until = clock_timestamp() + interval '{LEASE_S} s'
  FROM due WHERE d.id = due.id
RETURNING d.id, d.outbox_id, d.recipient, d.body, d.attempts, d.lease_token,
       clock_timestamp() AS leased_at"""
_DUE = f"""d.channel = :channel AND d.{_OPEN.replace(" AND ", " AND d.")}
       AND d.retry_at <= clock_timestamp()
       AND (d.lease_until IS NULL OR d.lease_until < clock_timestamp())"""
_LEASE_PLAIN = text(
    _LEASE
    % f"""
    SELECT d.id FROM delivery d WHERE {_DUE}
     ORDER BY d.retry_at, d.id LIMIT :batch FOR UPDATE SKIP LOCKED"""
)
# Each endpoint has its own few places: one that hangs, or has failed, holds up only itself.
_LEASE_FAIR = text(
    _LEASE
    % f"""
    SELECT mine.id FROM webhook_endpoint e CROSS JOIN LATERAL (
      SELECT d.id FROM delivery d WHERE d.recipient = e.id AND {_DUE}
       ORDER BY d.retry_at, d.id
       LIMIT greatest(0, CASE WHEN EXISTS (
                SELECT FROM delivery f WHERE f.recipient = e.id AND f.channel = :channel
                   AND f.{_OPEN.replace(" AND ", " AND f.")} AND f.last_error IS NOT NULL)
              THEN 1 ELSE :each END - (
         SELECT count(*) FROM delivery l WHERE l.recipient = e.id AND l.channel = :channel
            AND l.{_OPEN.replace(" AND ", " AND l.")} AND l.lease_until >= clock_timestamp()))
         FOR UPDATE SKIP LOCKED) mine
     WHERE e.disabled_at IS NULL
       AND (e.slow_until IS NULL OR e.slow_until <= clock_timestamp())
     LIMIT :batch"""
)


def lease(tx: Tx, channel: str, *, batch: int) -> Sequence[Leased]:
    """Lease deliveries of a channel that are due; what happened first comes first."""
    found = tx.conn.execute(_LEASE_PLAIN, {"channel": channel, "batch": batch})
    # An UPDATE returns its rows in any order.
    return sorted((Leased(*row) for row in found), key=lambda leased: leased.outbox_id)


def lease_fairly(tx: Tx, channel: str, *, batch: int, each: int) -> Sequence[Leased]:
    """Lease deliveries to enabled endpoints, at most `each` under way to one endpoint."""
    found = tx.conn.execute(_LEASE_FAIR, {"channel": channel, "batch": batch, "each": each})
    return [Leased(*row) for row in found]


_SENT = text(f"""
UPDATE delivery SET sent_at = app_now(), status = :status, last_error = NULL
 WHERE id = :id AND lease_token = :token AND {_OPEN}""")
_AGAIN = text(f"""
UPDATE delivery SET retry_at = clock_timestamp() + make_interval(secs => :after_s),
       lease_until = NULL, status = :status, last_error = :error
 WHERE id = :id AND lease_token = :token AND {_OPEN}""")
_DEAD = text(f"""
UPDATE delivery SET dead_at = app_now(), status = :status, last_error = :error
 WHERE id = :id AND lease_token = :token AND {_OPEN}""")


def acknowledge(tx: Tx, leased: Leased, *, status: int | None = None) -> bool:
    """Mark as sent; False when the lease was lost, and then nothing is to be said."""
    params = {"id": leased.id, "token": leased.token, "status": status}
    return tx.conn.execute(_SENT, params).rowcount == 1


def try_again(
    tx: Tx, leased: Leased, *, after_s: float, error: str, status: int | None = None
) -> bool:
    """Give the lease back and try again later; False when the lease was lost."""
    params = {
        "id": leased.id, "token": leased.token, "after_s": after_s, "error": error[:500],
        "status": status,
    }  # fmt: skip
    return tx.conn.execute(_AGAIN, params).rowcount == 1


def bury(tx: Tx, leased: Leased, *, error: str, status: int | None = None) -> bool:
    """Give up; False when the lease was lost."""
    params = {"id": leased.id, "token": leased.token, "error": error[:500], "status": status}
    return tx.conn.execute(_DEAD, params).rowcount == 1


_SUPERSEDE = text(f"""
UPDATE delivery d SET superseded_at = app_now() WHERE channel = :channel AND {_OPEN}
   AND NOT EXISTS (SELECT FROM webhook_endpoint e WHERE e.id = d.recipient)""")
_BURY_ALL = text(f"""
UPDATE delivery SET dead_at = app_now(), last_error = :why
 WHERE channel = :channel AND recipient = :recipient AND {_OPEN}""")
_REPLAY = text("""
UPDATE delivery SET sent_at = NULL, superseded_at = NULL, dead_at = NULL, attempts = 0,
       retry_at = '-infinity', lease_until = NULL, status = NULL, last_error = NULL
 WHERE id = :id AND recipient = :recipient AND channel = :channel""")


def supersede_orphans(tx: Tx, channel: str) -> int:
    """Settle deliveries whose endpoint was deleted."""
    return tx.conn.execute(_SUPERSEDE, {"channel": channel}).rowcount


def bury_all(tx: Tx, channel: str, recipient: UUID, *, why: str) -> None:
    """Give up everything still open for a recipient; each can be replayed."""
    tx.conn.execute(_BURY_ALL, {"channel": channel, "recipient": recipient, "why": why})


def replay(tx: Tx, channel: str, delivery_id: UUID, recipient: UUID) -> bool:
    """Send a delivery again under its old id; False when the recipient has no such one."""
    params = {"id": delivery_id, "recipient": recipient, "channel": channel}
    return tx.conn.execute(_REPLAY, params).rowcount == 1
