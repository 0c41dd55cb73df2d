"""One page of tickets: keyset-paged, filtered, bound to the caller's scope (API 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from service.core.actors import Actor
from service.core.text import fold
from service.store import rows
from service.store.scope import named, visible
from service.store.ticket import COLUMNS
from service.store.unit_of_work import Tx

Row = Mapping[str, Any]

# By name: (expression ascending, expression descending, SQL type). A ticket without a due
# clock comes last in both directions.
_INFINITE = "coalesce(t.next_due_at, '{}infinity'::timestamptz)"
_SORTS = {
    "next_due_at": (_INFINITE.format(""), _INFINITE.format("-"), "timestamptz"),
    "opened_at": ("t.opened_at", "t.opened_at", "timestamptz"),
    "number": ("t.number", "t.number", "text"),
    "priority": ("t.priority", "t.priority", "smallint"),
}
SORTS = tuple(_SORTS)

_RUNNING = "k.state = 'running' AND "
_DISPLAYS = {
    "running": f"{_RUNNING}k.due_at >= n.at AND (k.warn_at IS NULL OR k.warn_at > n.at)",
    "due_soon": f"{_RUNNING}k.due_at >= n.at AND k.warn_at <= n.at",
    "overdue": f"{_RUNNING}k.due_at < n.at",
    "paused": "k.state = 'paused'",
    "met": "k.state = 'stopped' AND k.result = 'met'",
    "missed": "k.state = 'stopped' AND k.result IN ('breached', 'breached_excused')",
}
DISPLAYS = ("not_started", *_DISPLAYS)
# A running clock is never due before the ticket's own next due time, which an index knows.
_SOONER = dict.fromkeys(_DISPLAYS, "") | {
    "running": f"{_INFINITE.format('')} < 'infinity' AND ",
    "due_soon": f"{_INFINITE.format('')} < 'infinity' AND ",
    "overdue": f"{_INFINITE.format('')} < (SELECT app_now()) AND ",
}
_FAMILY = "split_part(k.name, '-', 1)"  # of a numbered clock, `obligation-2`
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to. Values of one name are alternatives; names are all asked."""

    kinds: tuple[str, ...]
    states: Sequence[str] = ()
    urgencies: Sequence[str] = ()
    categories: Sequence[str] = ()
    places: Sequence[str] = ()  # ids, each perhaps with `level:` before it
    crews: Sequence[str] = ()
    vendors: Sequence[str] = ()
    held_by: Actor | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    clocks: Sequence[tuple[str, str]] = ()
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which page: order as (name, descending), the keys of the last row before it."""

    sort: tuple[tuple[str, bool], ...] = (("next_due_at", False),)
    after: Sequence[Any] | None = None
    limit: int = 50
    counted: bool = False


_NAMES = (
    *COLUMNS, "place_name", "reporter_name", "reporter_phone", "crew_name", "now", "total",
)  # fmt: skip
_PAGE = """
SELECT {columns}, p.name AS place_name, r.name AS reporter_name, r.phone AS reporter_phone,
       w.name AS crew_name, app_now() AS now, {total} AS total
  FROM (SELECT t.* FROM ticket t WHERE {where} ORDER BY {order} LIMIT :limit) t
  JOIN place p ON p.id = t.place_id LEFT JOIN party r ON r.id = t.reporter_id
  LEFT JOIN crew w ON w.id = t.crew_id
 ORDER BY {order}"""
_COLUMNS = ", ".join(f"t.{name}" for name in COLUMNS)
_TOTAL = "SELECT count(*) FROM ticket t WHERE {where}"


def page(tx: Tx, actor: Actor, filters: Filters, window: Window) -> Sequence[Row]:
    """Return one page of tickets that the actor may see; `total` in each row when counted."""
    where = _where(tx, actor, filters)
    keys, key_params = _after(window)
    total = f"({_TOTAL.format(where=where.sql)})" if window.counted else "NULL::bigint"
    statement = _PAGE.format(
        columns=_COLUMNS,
        where=" AND ".join([where.sql, *keys]),
        order=_order(window.sort),
        total=total,
    )
    params = {**where.params, **key_params, "limit": window.limit}
    with tx.planned_by_values():
        return rows.many(tx.conn.execute(rows.reading(statement, _NAMES), params))


def count(tx: Tx, actor: Actor, filters: Filters) -> int:
    """Return how many tickets the filters hold: for a page without rows to say it."""
    where = _where(tx, actor, filters)
    statement = _TOTAL.format(where=where.sql)
    with tx.planned_by_values():
        found: int = tx.conn.execute(rows.sql(statement), where.params).scalar_one()
    return found


def keys_of(row: Row, sort: tuple[tuple[str, bool], ...]) -> list[Any]:
    """Return the position of a row in the order."""
    return [*(_key(row[name], descending) for name, descending in sort), row["id"]]


def _key(value: Any, descending: bool) -> Any:
    if value is None:
        return "-infinity" if descending else "infinity"
    return value.isoformat() if isinstance(value, datetime) else value


def _order(sort: tuple[tuple[str, bool], ...]) -> str:
    parts = [f"{_SORTS[name][int(desc)]} {'DESC' if desc else 'ASC'}" for name, desc in sort]
    return ", ".join([*parts, f"t.id {'DESC' if sort[-1][1] else 'ASC'}"])


def _after(window: Window) -> tuple[list[str], Mapping[str, Any]]:
    """Return the condition that a row comes after the window's keys."""
    if window.after is None:
        return [], {}
    names = [(_SORTS[name][int(desc)], desc, _SORTS[name][2]) for name, desc in window.sort]
    names.append(("t.id", window.sort[-1][1], "uuid"))
    keys = [f"cast(:key{n} AS {kind})" for n, (_, _, kind) in enumerate(names)]
    params = {f"key{n}": value for n, value in enumerate(window.after)}
    directions = {desc for _, desc, _ in names}
    if len(directions) == 1:  # one comparison of rows, which an index answers
        sign = "<" if directions == {True} else ">"
        mine = ", ".join(expression for expression, _, _ in names)
        return [f"({mine}) {sign} ({', '.join(keys)})"], params
    tiers = []
    for n, (expression, desc, _) in enumerate(names):
        same = [f"{names[m][0]} = {keys[m]}" for m in range(n)]
        tiers.append(" AND ".join([*same, f"{expression} {'<' if desc else '>'} {keys[n]}"]))
    return ["(" + " OR ".join(f"({tier})" for tier in tiers) + ")"], params


@dataclass(frozen=True, slots=True)
class _Where:
    """Conditions with their parameters."""

    parts: tuple[str, ...]
    params: Mapping[str, Any]

    @property
    def sql(self) -> str:
        return " AND ".join(self.parts)

    def plus(self, part: str, **params: Any) -> "_Where":
        return replace(self, parts=(*self.parts, part), params={**self.params, **params})


def _where(tx: Tx, actor: Actor, filters: Filters) -> _Where:
    scope, params = visible(actor)
    where = _Where((scope,), dict(params))
    if len(filters.kinds) == 1:
        where = where.plus("t.kind = :kind", kind=filters.kinds[0])
    else:
        where = where.plus("t.kind = ANY(:kinds)", kinds=list(filters.kinds))
    for column, values in (
        ("state", filters.states),
        ("urgency", filters.urgencies),
        ("category", filters.categories),
        ("crew_id", filters.crews),
        ("vendor_id", filters.vendors),
    ):
        if values:
            where = where.plus(f"t.{column} = ANY(:{column}s)", **{f"{column}s": list(values)})
    if filters.opened_from is not None:
        where = where.plus("t.opened_at >= :opened_from", opened_from=filters.opened_from)
    if filters.opened_to is not None:
        where = where.plus("t.opened_at < :opened_to", opened_to=filters.opened_to)
    where = _held(where, filters.held_by)
    where = _clocks(where, filters.clocks)
    where = _words(where, filters.words)
    return _places(tx, where, filters.places)


def _held(where: _Where, actor: Actor | None) -> _Where:
    if actor is None:
        return where
    if actor.crew_id is not None:
        return where.plus("t.crew_id = :my_crew", my_crew=actor.crew_id)
    if actor.vendor_id is not None:
        return where.plus("t.vendor_id = :my_vendor", my_vendor=actor.vendor_id)
    return where.plus("false")


def _clocks(where: _Where, wanted: Sequence[tuple[str, str]]) -> _Where:
    if not wanted:
        return where
    tests, params = [], {}
    for n, (name, shown) in enumerate(wanted):
        params[f"clock{n}"] = name
        mine = f"SELECT FROM clock k WHERE k.ticket_id = t.id AND {_FAMILY} = :clock{n}"
        if shown == "not_started":
            tests.append(f"NOT EXISTS ({mine})")
        else:
            mine = mine.replace("clock k", "clock k, (SELECT app_now() AS at) n")
            tests.append(f"{_SOONER[shown]}EXISTS ({mine} AND {_DISPLAYS[shown]})")
    return where.plus("(" + " OR ".join(tests) + ")", **params)


def _words(where: _Where, sought: str | None) -> _Where:
    """Ask for every word; characters are folded, so both scripts find each other."""
    for n, word in enumerate((sought or "").split()[:_MOST_WORDS]):
        escaped = fold(word).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        where = where.plus(f"t.search LIKE :word{n}", **{f"word{n}": f"%{escaped}%"})
    return where


def _places(tx: Tx, where: _Where, wanted: Sequence[str]) -> _Where:
    """Narrow to places and what lies below; an unknown one holds nothing.

    A statement of its own: with the ranges at hand the planner knows how much they hold.
    """
    if not wanted:
        return where
    source, names = named(wanted)
    ranges = text(f"SELECT f.key, f.path || '0' FROM {source}")
    found = tx.conn.execute(ranges, names).all()
    tests: list[str] = []
    params: dict[str, Any] = {}
    for n, (low, high) in enumerate(found):
        params |= {f"low{n}": low, f"high{n}": high}
        tests.append(f"(t.place_key >= :low{n} AND t.place_key < :high{n})")
    return where.plus("(" + " OR ".join(tests) + ")" if tests else "false", **params)
