"""What tells whether the service works, and the figures it is watched by."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_STATE = text("""
SELECT (SELECT version_num FROM alembic_version) AS schema,
  (SELECT extract(epoch FROM clock_timestamp() - wall_at)::float8 FROM heartbeat
    WHERE name = 'ticker') AS ticker_age,
  (SELECT extract(epoch FROM clock_timestamp() - wall_at)::float8 FROM heartbeat
    WHERE name = 'worker') AS worker_age,
  coalesce((SELECT detail ->> 'own' = 'true' FROM heartbeat WHERE name = 'ticker'), false) AS own,
  EXISTS (SELECT FROM clock WHERE parked_at IS NOT NULL) AS parked,
  EXISTS (SELECT FROM outbox WHERE dead_at IS NOT NULL) AS dead""")
_EVENTS = text("SELECT kind, type, count(*) AS n FROM event GROUP BY kind, type")
_CLOCKS = text("SELECT profile, state, count(*) AS n FROM clock GROUP BY profile, state")
_BREACHES = text("""
SELECT name AS clock, count(*) AS n FROM clock WHERE breached_at IS NOT NULL GROUP BY name""")
_DELIVERIES = text("""
SELECT CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN superseded_at IS NOT NULL THEN 'superseded'
            WHEN dead_at IS NOT NULL THEN 'failed' ELSE 'pending' END AS result, count(*) AS n
  FROM delivery WHERE channel = 'webhook' GROUP BY 1""")
_AGES = text("""
SELECT coalesce(extract(epoch FROM (SELECT app_now()) - (SELECT min(next_at) FROM clock
         WHERE next_at IS NOT NULL AND parked_at IS NULL)), 0)::float8 AS timer_lag_s,
  coalesce(extract(epoch FROM (SELECT app_now()) - (SELECT min(at) FROM outbox
         WHERE sent_at IS NULL AND dead_at IS NULL)), 0)::float8 AS outbox_age_s""")
_LIVE = text("""
SELECT count(*) AS tickets, count(*) FILTER (WHERE closed_at IS NULL) AS open,
       count(*) FILTER (WHERE closed_at IS NULL AND next_due_at < :now) AS overdue,
       count(*) FILTER (WHERE closed_at >= :day) AS closed_today,
       count(*) FILTER (WHERE opened_at >= :day) AS opened_today FROM ticket""")
_BREACHED_TODAY = text("""
SELECT count(*) FROM clock WHERE breached_at >= :day AND breached_at <= :now
   AND result IS DISTINCT FROM 'not_applicable'""")
_STATES = text("""
SELECT kind, state, count(*) AS n FROM ticket WHERE closed_at IS NULL
 GROUP BY kind, state ORDER BY n DESC, state""")


def state(tx: Tx) -> Mapping[str, Any]:
    """Return the schema's revision, ages of the heartbeats, and what lies broken."""
    return rows.one(tx.conn.execute(_STATE)) or {}


def counts(tx: Tx) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the counted families of the metrics."""
    asked = {
        "events": _EVENTS, "clocks": _CLOCKS, "breaches": _BREACHES, "deliveries": _DELIVERIES,
    }  # fmt: skip
    return {name: rows.many(tx.conn.execute(statement)) for name, statement in asked.items()}


def ages(tx: Tx) -> Mapping[str, float]:
    """Return how late the next rung is and how old the oldest waiting letter, in seconds."""
    row = tx.conn.execute(_AGES).one()
    return {"timer_lag_s": max(0.0, row[0]), "outbox_age_s": max(0.0, row[1])}


def live(tx: Tx, *, now: Any, day: Any) -> Mapping[str, Any]:
    """Return the figures of the front page; `day` is when the local day began."""
    found = dict(rows.one(tx.conn.execute(_LIVE, {"now": now, "day": day})) or {})
    breached = tx.conn.execute(_BREACHED_TODAY, {"now": now, "day": day}).scalar_one()
    return {**found, "breached_today": breached, "states": rows.many(tx.conn.execute(_STATES))}
