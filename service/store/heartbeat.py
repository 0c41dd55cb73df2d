"""Who last finished a round, and whether anything waits. Ages are machine time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_BEAT = text("""
INSERT INTO heartbeat AS h (name, wall_at, app_at, detail)
VALUES (:name, clock_timestamp(), app_now(), cast(:detail AS jsonb))
ON CONFLICT (name) DO UPDATE SET wall_at = excluded.wall_at, app_at = excluded.app_at,
                                 detail = excluded.detail""")
_LOOKING = """
SELECT clock_timestamp() AS wall_at, app_now() AS app_at,
  (SELECT extract(epoch FROM clock_timestamp() - wall_at) FROM heartbeat
    WHERE name = 'worker') AS worker_age,
  EXISTS (SELECT FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL
             AND retry_at <= clock_timestamp())
    OR EXISTS (SELECT FROM outbox WHERE feeds) AS letters,
  EXISTS (SELECT FROM delivery d JOIN webhook_endpoint e ON e.id = d.recipient
           WHERE {open} AND e.disabled_at IS NULL
             AND (e.slow_until IS NULL OR e.slow_until <= clock_timestamp())) AS parcels,
  EXISTS (SELECT FROM delivery d WHERE channel = 'reaction' AND {open}) AS follow_ups"""
_OPEN = """d.sent_at IS NULL AND d.superseded_at IS NULL AND d.dead_at IS NULL
             AND d.retry_at <= clock_timestamp()
             AND (d.lease_until IS NULL OR d.lease_until < clock_timestamp())"""
_LOOK = text(_LOOKING.replace("{open}", _OPEN))
_HELD = text("""
SELECT EXISTS (SELECT FROM heartbeat WHERE name = 'hold' AND detail = '{"held": true}'
   AND abs(extract(epoch FROM clock_timestamp() - wall_at)) < :within)""")
_CLAIM = text("""
INSERT INTO heartbeat AS h (name, wall_at, app_at) VALUES (:name, clock_timestamp(), app_now())
ON CONFLICT (name) DO UPDATE SET wall_at = excluded.wall_at, app_at = excluded.app_at
  WHERE h.app_at <= excluded.app_at - cast(:every AS interval) RETURNING app_at""")

HOLD_S = 10.0
"""A hold not repeated for so long has lost its ticker and holds nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look shows. `worker_age_s` is None when no worker ever finished a sweep."""

    wall_at: datetime
    app_at: datetime
    worker_age_s: float | None
    letters: bool
    parcels: bool
    follow_ups: bool


def beat(tx: Tx, name: str, **detail: Any) -> None:
    """Note that `name` is alive now."""
    tx.conn.execute(_BEAT, {"name": name, "detail": rows.as_json(detail)})


def look(tx: Tx) -> Look:
    """Return, in one statement, what a ticker needs to decide."""
    row = tx.conn.execute(_LOOK).one()
    age = None if row.worker_age is None else float(row.worker_age)
    return Look(row.wall_at, row.app_at, age, row.letters, row.parcels, row.follow_ups)


def claim(tx: Tx, name: str, every: timedelta) -> datetime | None:
    """Take a turn that comes once in `every` of business time; None when it is not due.

    Of several processes one gets it. Returns the time of the turn.
    """
    found: datetime | None = tx.conn.execute(_CLAIM, {"name": name, "every": every}).scalar()
    return found


def hold(tx: Tx, *, held: bool) -> None:
    """Tell every process whether firing is held, because the database's clock jumped."""
    beat(tx, "hold", held=held)


def is_held(tx: Tx) -> bool:
    """Tell whether a ticker holds firing now."""
    found: bool = tx.conn.execute(_HELD, {"within": HOLD_S}).scalar_one()
    return found
