"""Sets of rows as one JSON parameter: one statement, however many rows."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Result, TextClause, TextualSelect, column, text


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, (frozenset, set, tuple)):
        return list(value)
    raise TypeError(type(value).__name__)


@lru_cache(maxsize=512)
def sql(statement: str) -> TextClause:
    """Return a statement parsed once; for those put together from a few fixed parts."""
    return text(statement)


@lru_cache(maxsize=512)
def reading(statement: str, names: tuple[str, ...]) -> TextualSelect:
    """Return a statement parsed once whose columns, in order, are known beforehand.

    SQLAlchemy then keeps what it knows of the result; for forty columns it would otherwise
    find that out again at each call, which costs more than the query.
    """
    return text(statement).columns(*(column(name) for name in names))


def as_json(rows: Any) -> str:
    """Return rows as JSON text; times keep their offset, bytes become hex."""
    return orjson.dumps(rows, default=_plain).decode()


def recordset(statement: str, columns: Mapping[str, str], alias: str = "x") -> TextClause:
    """Return a statement whose `{rows}` reads the JSON parameter `rows`.

    `columns` maps names to SQL types, in the order of `{names}`.
    """
    shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    source = f"jsonb_to_recordset(cast(:rows AS jsonb)) AS {alias} ({shape})"
    names = ", ".join(columns)
    return text(statement.replace("{rows}", source).replace("{names}", names))


def run(conn: Connection, statement: TextClause, rows: Iterable[Mapping[str, Any]]) -> Any:
    """Execute a recordset statement; an empty set costs nothing."""
    listed = list(rows)
    if not listed:
        return None
    return conn.execute(statement, {"rows": as_json(listed)})


def one(result: Result[Any]) -> Mapping[str, Any] | None:
    """Return the only row by column name, or None."""
    row = result.mappings().one_or_none()
    return None if row is None else dict(row)


def many(result: Result[Any]) -> list[Mapping[str, Any]]:
    """Return every row by column name."""
    return [dict(row) for row in result.mappings()]


def iso(moment: date | datetime | None) -> str | None:
    """Return ISO 8601 text of a moment."""
    return None if moment is None else moment.isoformat()


def as_uuid(ref: str | UUID) -> UUID | None:
    """Return the UUID a reference spells, or None when it spells none."""
    if isinstance(ref, UUID):
        return ref
    try:
        return UUID(ref) if len(ref) == 36 else None
    except ValueError:
        return None
