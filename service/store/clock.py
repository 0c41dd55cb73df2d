"""Clock rows, one per ticket, name and epoch, and the escalations that fired."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.sla.clocks import Clock
from service.store import rows
from service.store.unit_of_work import Tx

_TYPES = {
    "name": "text", "epoch": "int", "state": "text", "result": "text", "profile": "text",
    "profile_version": "int", "calendar": "text", "calendar_version": "int", "rule": "text",
    "anchor": "text", "target_ms": "bigint", "started_at": "timestamptz", "counted_ms": "bigint",
    "since": "timestamptz", "paused_at": "timestamptz", "paused_ms": "bigint",
    "pause_cause": "text", "due_at": "timestamptz", "warn_at": "timestamptz",
    "stopped_at": "timestamptz", "breached_at": "timestamptz", "excused": "boolean",
    "next_level": "smallint", "next_at": "timestamptz",
}  # fmt: skip
NAMES = tuple(_TYPES)

_UPSERT = rows.recordset(
    "INSERT INTO clock ({names}) SELECT * FROM {rows}"
    " ON CONFLICT (ticket_id, name, epoch) DO UPDATE SET "
    + ", ".join(f"{n} = excluded.{n}" for n in NAMES if n not in ("name", "epoch"))
    + ", attempts = 0, retry_at = '-infinity', parked_at = NULL, last_error = NULL",
    {"ticket_id": "uuid", **_TYPES},
)
_MEMBERS = tuple(member.name for member in fields(Clock))
_LOAD = rows.reading(
    f"SELECT ticket_id, {', '.join(_MEMBERS)} FROM clock WHERE ticket_id = ANY(:ids)"
    " ORDER BY ticket_id, started_at, name, epoch",
    ("ticket_id", *_MEMBERS),
)


def load(tx: Tx, ticket_ids: Sequence[UUID]) -> Mapping[UUID, tuple[Clock, ...]]:
    """Return every clock of each ticket, all epochs."""
    found: dict[UUID, list[Clock]] = {ticket_id: [] for ticket_id in ticket_ids}
    for ticket_id, *members in tx.conn.execute(_LOAD, {"ids": list(ticket_ids)}).all():
        found[ticket_id].append(Clock(*members))
    return {ticket_id: tuple(clocks) for ticket_id, clocks in found.items()}


def as_row(ticket_id: UUID, clock: Clock) -> Mapping[str, Any]:
    """Return the row of a clock."""
    return {"ticket_id": ticket_id, **{name: getattr(clock, name) for name in NAMES}}


def save(tx: Tx, changed: Iterable[tuple[UUID, Clock]]) -> None:
    """Insert or replace clocks; a clock that was parked starts afresh."""
    rows.run(tx.conn, _UPSERT, (as_row(ticket_id, clock) for ticket_id, clock in changed))


_ESCALATE = rows.recordset(
    "INSERT INTO escalation ({names}) SELECT * FROM {rows}",
    {
        "ticket_id": "uuid", "clock": "text", "epoch": "int", "level": "smallint",
        "due_at": "timestamptz", "noticed_at": "timestamptz", "fired_by": "text",
        "event_seq": "int", "told": "jsonb",
    },
)  # fmt: skip


def escalate(tx: Tx, fired: Iterable[Mapping[str, Any]]) -> None:
    """Record fired rungs; the key refuses a second firing."""
    rows.run(tx.conn, _ESCALATE, fired)


_WITHDRAW = rows.recordset(
    "UPDATE escalation e SET withdrawn_at = x.at FROM {rows}"
    " WHERE (e.ticket_id, e.clock, e.epoch, e.level) = (x.ticket_id, x.clock, x.epoch, x.level)",
    {
        "ticket_id": "uuid",
        "clock": "text",
        "epoch": "int",
        "level": "smallint",
        "at": "timestamptz",
    },
)


def withdraw(tx: Tx, rungs: Iterable[Mapping[str, Any]]) -> None:
    """Mark rungs that a late report proved wrong; the rows stay."""
    rows.run(tx.conn, _WITHDRAW, rungs)


_BACK_OFF = text("""
UPDATE clock SET attempts = attempts + 1, last_error = :error,
       retry_at = clock_timestamp() + least(interval '1 hour', interval '5 s' * power(2, attempts)),
       parked_at = CASE WHEN attempts + 1 >= :most THEN clock_timestamp() END
 WHERE ticket_id = :id AND next_at <= :now
RETURNING name, parked_at IS NOT NULL AS parked""")


def back_off(tx: Tx, ticket_id: UUID, *, now: datetime, error: str, most: int = 12) -> bool:
    """Push a failing ticket's due clocks into the future; True when one got parked."""
    found = tx.conn.execute(
        _BACK_OFF, {"id": ticket_id, "now": now, "error": error[:500], "most": most}
    )
    return any(row.parked for row in found)


_NEXT = text("SELECT min(next_at) FROM clock WHERE next_at IS NOT NULL AND parked_at IS NULL")


def next_at(tx: Tx) -> datetime | None:
    """Return when the next rung fires; the index answers."""
    found: datetime | None = tx.conn.execute(_NEXT).scalar()
    return found
