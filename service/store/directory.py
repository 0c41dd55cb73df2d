"""Writes places, crews, vendors and utilities: rows of the directory, each with a version."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.core.errors import AlreadyExists
from service.store import rows
from service.store.unit_of_work import Tx

_TYPES: Mapping[str, Mapping[str, str]] = {
    "place": {
        "id": "text", "level": "text", "path": "text", "name": "text", "parent": "text",
        "time_zone": "text", "profile": "text", "flags": "jsonb",
    },
    "crew": {
        "id": "text", "name": "text", "vendor_id": "text", "place_id": "text", "place_key": "text",
        "skills": "text[]", "certificates": "jsonb", "shifts": "jsonb",
    },
    "vendor": {
        "id": "text", "name": "text", "place_id": "text", "place_key": "text",
        "service_lines": "text[]", "body": "text", "pool_active": "boolean",
        "pool_trades": "text[]", "pool_valid_until": "date", "capacity": "int",
        "listed": "text", "market_exit": "boolean",
    },
    "utility": {
        "id": "text", "trade": "text", "name": "text", "phone": "text", "place_id": "text",
        "place_key": "text",
    },
}  # fmt: skip
_INSERT = {
    noun: rows.recordset(f"INSERT INTO {noun} ({{names}}) SELECT * FROM {{rows}}", columns)
    for noun, columns in _TYPES.items()
}
_UPDATE = {
    noun: rows.recordset(
        f"UPDATE {noun} o SET version = o.version + 1, "
        + ", ".join(f"{name} = x.{name}" for name in columns if name != "id")
        + " FROM {rows} WHERE o.id = x.id",
        columns,
    )
    for noun, columns in _TYPES.items()
}
_LOCK = {noun: text(f"SELECT * FROM {noun} WHERE id = :id FOR UPDATE") for noun in _TYPES}


def insert(tx: Tx, noun: str, row: Mapping[str, Any]) -> None:
    """Add a row. Raises AlreadyExists when the id (or a place's path) is taken."""
    try:
        with tx.savepoint():
            rows.run(tx.conn, _INSERT[noun], [row])
    except IntegrityError as exc:
        raise AlreadyExists from exc


def lock(tx: Tx, noun: str, ident: str) -> Mapping[str, Any] | None:
    """Lock one row; the caller has checked that it is visible."""
    return rows.one(tx.conn.execute(_LOCK[noun], {"id": ident}))


def update(tx: Tx, noun: str, row: Mapping[str, Any]) -> None:
    """Write a locked row anew; its version goes up by one."""
    rows.run(tx.conn, _UPDATE[noun], [{name: row[name] for name in _TYPES[noun]}])


_NODE = text("SELECT id, level, path, key, time_zone FROM place WHERE id = :id")
_PROFILE = text("""
SELECT kind, missing FROM sla_profile WHERE id = :id ORDER BY version DESC LIMIT 1""")
_PROFILES = text(
    "SELECT DISTINCT id FROM sla_profile WHERE kind = :family AND missing = '{}' ORDER BY id"
)
_VENDOR = text("""
SELECT v.id, p.path FROM vendor v JOIN place p ON p.id = v.place_id WHERE v.id = :id""")
_CREW = text("""
SELECT c.id, c.vendor_id, p.path FROM crew c JOIN place p ON p.id = c.place_id WHERE c.id = :id""")


def node(tx: Tx, place_id: str | None) -> Mapping[str, Any] | None:
    """Return where a place stands in the tree."""
    return rows.one(tx.conn.execute(_NODE, {"id": place_id}))


def newest_profile(tx: Tx, profile: str) -> Mapping[str, Any] | None:
    """Return kind and missing values of the newest version of an SLA profile."""
    return rows.one(tx.conn.execute(_PROFILE, {"id": profile}))


def choosable_profiles(tx: Tx, family: str) -> tuple[str, ...]:
    """Return the profiles of a family that a place may choose."""
    return tuple(tx.conn.execute(_PROFILES, {"family": family}).scalars())


def vendor_at(tx: Tx, vendor_id: str | None) -> Mapping[str, Any] | None:
    """Return id and place path of a vendor."""
    return rows.one(tx.conn.execute(_VENDOR, {"id": vendor_id}))


def crew_at(tx: Tx, crew_id: str | None) -> Mapping[str, Any] | None:
    """Return id, vendor and place path of a crew."""
    return rows.one(tx.conn.execute(_CREW, {"id": crew_id}))


_JUDGE = rows.recordset(
    "UPDATE vendor v SET listed = coalesce(x.listed, v.listed), version = v.version + 1,"
    " market_exit = coalesce(x.market_exit, v.market_exit) FROM {rows} WHERE v.id = x.id",
    {"id": "text", "listed": "text", "market_exit": "boolean"},
)


def judge(tx: Tx, judged: Iterable[Mapping[str, Any]]) -> None:
    """Write what a decision says of vendors: their list, their exit from the market."""
    rows.run(tx.conn, _JUDGE, judged)
