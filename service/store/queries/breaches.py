"""Breaches of SLA clocks: one statement counts, one lists exactly what was counted (API 12).

A clock is judged as of one moment: decided ones by their stored result, running ones by
whether their due time has passed, so that a sweep running late changes no figure. It lies
in the period that holds its due time; a paused clock's is the one it had when paused.
`not_applicable` is counted nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor
from service.store import rows
from service.store.queries.breach_groups import DIMENSIONS, HOLDER, NONE, joins
from service.store.scope import visible, within
from service.store.unit_of_work import Tx

RESULTS: Final = ("met", "breached", "breached_excused", "open")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is counted. Dates are inclusive and local to each compound.

    `filters` maps dimensions to values; "none" means without one. `recounted` are clocks
    told by receipt, of the tickets in `retold`, which replace those stored (basis received).
    """

    actor: Actor
    first: date
    last: date
    as_of: datetime
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    results: Sequence[str] = RESULTS
    places: Sequence[str] = ()
    basis: str = "occurred"
    recounted: Sequence[Mapping[str, Any]] = ()
    retold: Sequence[UUID] = ()


_COLUMNS = {
    "ticket_id": "uuid", "name": "text", "epoch": "int", "state": "text", "result": "text",
    "profile": "text", "profile_version": "int", "rule": "text", "target_ms": "bigint",
    "started_at": "timestamptz", "counted_ms": "bigint", "paused_at": "timestamptz",
    "due_at": "timestamptz", "stopped_at": "timestamptz", "breached_at": "timestamptz",
    "excused": "boolean",
}  # fmt: skip
_NAMED = ", ".join(_COLUMNS)
_STORED = f"""
  SELECT {_NAMED} FROM clock
   WHERE (coalesce(breached_at, due_at) BETWEEN :low AND :high
          OR coalesce(breached_at, due_at) IS NULL)"""
_RETOLD = (
    " AND ticket_id <> ALL(:retold) UNION ALL SELECT "
    + _NAMED
    + " FROM jsonb_to_recordset(cast(:recounted AS jsonb)) AS x ("
    + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    + ")"
)
_JUDGED = """
WITH source AS (%s),
k AS (
  SELECT s.*,
         coalesce(s.breached_at, s.due_at, s.paused_at
                  + (s.target_ms - s.counted_ms) * interval '1 ms') AS period_at,
         CASE WHEN s.result IS NOT NULL THEN s.result
              WHEN s.state = 'running' AND s.due_at < :as_of AND s.excused THEN 'breached_excused'
              WHEN s.state = 'running' AND s.due_at < :as_of THEN 'breached'
              ELSE 'open' END AS verdict
    FROM source s WHERE s.result IS DISTINCT FROM 'not_applicable'),
c AS (
  SELECT k.*, t.number, t.kind, t.state AS ticket_state, t.category, t.urgency, t.place_id,
         t.compound_id, t.title%s
    FROM k JOIN ticket t ON t.id = k.ticket_id %s
   WHERE (k.period_at AT TIME ZONE t.time_zone)::date BETWEEN :first AND :last
     AND k.verdict = ANY(:results) AND %s)"""
_MOMENT = (
    "CASE s.result WHEN 'met' THEN s.stopped_at ELSE"
    " least(coalesce(s.breached_at, s.due_at, :as_of), :as_of) END AS moment, s.*,"
)


def _judged(asked: Asked, groups: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return the WITH part, whose `c` has one row a counted clock, and its parameters."""
    scope, params = visible(asked.actor)
    params = {
        **params,
        "first": asked.first,
        "last": asked.last,
        "low": asked.first - _DAY,
        "high": asked.last + 3 * _DAY,
        "as_of": asked.as_of,
        "results": list(asked.results),
    }
    source = _STORED
    if asked.basis == "received":
        source += _RETOLD
        params |= {"retold": list(asked.retold), "recounted": rows.as_json(asked.recounted)}
    named = dict.fromkeys((*groups, *asked.filters))
    columns = "".join(f", {DIMENSIONS[name].key} AS by_{name}" for name in named)
    inside, places = within("t.place_key", asked.places)
    params |= places
    where = f"{scope} AND {inside}{_filtered(asked, params)}"
    body = _JUDGED.replace("SELECT s.*,", f"SELECT {_MOMENT}")
    return body % (source, columns, joins(named, asked.basis), where), params


def _filtered(asked: Asked, params: dict[str, Any]) -> str:
    where = ""
    for name, values in asked.filters.items():
        key = DIMENSIONS[name].key
        without = f" OR {key} IS NULL" if NONE in values else ""
        where += f" AND ({key} = ANY(:only_{name}){without})"
        params[f"only_{name}"] = list(values)
    return where


_COUNTS = (
    ", ".join(f"count(*) FILTER (WHERE verdict = '{name}') AS {name}" for name in RESULTS)
    + ", count(DISTINCT ticket_id) AS tickets"
)


def count(tx: Tx, asked: Asked, groups: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the total (`whole` is true) and a row per group, from one statement.

    A group has its key as `by_<dimension>` and the key's name as `name_<dimension>`.
    """
    body, params = _judged(asked, groups)
    keys = [f"by_{name}" for name in groups]
    sets = f"(), ({', '.join(keys)})" if keys else "()"
    selected = "".join(f", {key}" for key in keys)
    whole = f"GROUPING({', '.join(keys)}) > 0" if keys else "true"
    names, tables = "", ""
    for name in groups:
        table = DIMENSIONS[name].names
        names += f", n_{name}.name AS name_{name}" if table else ""
        tables += f" LEFT JOIN {table} n_{name} ON n_{name}.id = g.by_{name}" if table else ""
    order = "".join(f", g.{key} NULLS LAST" for key in keys)
    statement = text(
        f"{body} SELECT g.*{names} FROM (SELECT {whole} AS whole{selected}, {_COUNTS}"
        f" FROM c GROUP BY GROUPING SETS ({sets})) g{tables} ORDER BY g.whole DESC{order}"
    )
    with tx.planned_by_values():
        return rows.many(tx.conn.execute(statement, params))


Position = tuple[str, UUID, str, int]
"""Period (ISO), ticket, clock, epoch."""

_ROW = """k.ticket_id, k.number, k.kind, k.ticket_state, k.title, k.category, k.urgency, k.place_id,
 p.name AS place_name, k.name, k.epoch, k.verdict, k.started_at, k.period_at, k.due_at,
 k.stopped_at, k.breached_at, k.target_ms, k.rule, a.crew_id, w.name AS crew_name, a.vendor_id,
 v.name AS vendor_name"""
_NAMES = f""" JOIN place p ON p.id = k.place_id {HOLDER}
 LEFT JOIN crew w ON w.id = a.crew_id LEFT JOIN vendor v ON v.id = a.vendor_id"""
_ORDER = "ORDER BY {0}.period_at, {0}.ticket_id, {0}.name, {0}.epoch"


def listed(
    tx: Tx, asked: Asked, *, after: Position | None, limit: int, per_ticket: bool = False
) -> Sequence[Mapping[str, Any]]:
    """Return the counted clocks in order of due time, or the first one of each ticket."""
    body, params = _judged(asked, ())
    picked = "c"
    if per_ticket:
        picked = (
            "(SELECT DISTINCT ON (ticket_id) * FROM c ORDER BY ticket_id, period_at, name, epoch) c"
        )
    where = ""
    if after is not None:
        where = (
            " WHERE (c.period_at, c.ticket_id, c.name, c.epoch) >"
            " (cast(:at AS timestamptz), :after_ticket, :after_name, :after_epoch)"
        )
        names = ("at", "after_ticket", "after_name", "after_epoch")
        params |= dict(zip(names, after, strict=True))
    # Names and holders are looked up for the page only, not for all that was counted.
    paged = f"SELECT c.* FROM {picked}{where} {_ORDER.format('c')} LIMIT :limit"
    statement = text(f"{body} SELECT {_ROW} FROM ({paged}) k{_NAMES} {_ORDER.format('k')}")
    with tx.planned_by_values():
        return rows.many(tx.conn.execute(statement, {**params, "limit": limit}))


def told_late(
    tx: Tx, asked: Asked, *, margin: timedelta, sla_lines: Sequence[str]
) -> Sequence[UUID]:
    """Return the visible tickets around the period of which something was told late."""
    scope, params = visible(asked.actor)
    statement = text(
        "SELECT DISTINCT k.ticket_id FROM clock k JOIN ticket t ON t.id = k.ticket_id"
        " WHERE (coalesce(k.breached_at, k.due_at) BETWEEN :low AND :high"
        " OR coalesce(k.breached_at, k.due_at) IS NULL) AND EXISTS (SELECT FROM event e"
        " WHERE e.ticket_id = k.ticket_id AND e.received_at > e.occurred_at"
        f" AND e.type <> ALL(:sla)) AND {scope}"
    )
    window = {"low": asked.first - margin, "high": asked.last + margin, "sla": list(sla_lines)}
    with tx.planned_by_values():
        return list(tx.conn.execute(statement, {**params, **window}).scalars())
