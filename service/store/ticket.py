"""Ticket rows: lock one, lock a batch that is due, insert, update."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import TextualSelect, text

from service.core.actors import Actor
from service.core.workflow import Assignee, TicketView
from service.store import rows
from service.store.scope import visible
from service.store.unit_of_work import Tx

Row = Mapping[str, Any]

_TYPES = {
    "id": "uuid", "kind": "text", "state": "text", "seq": "int", "version": "int",
    "machine_version": "int", "place_id": "text", "place_path": "text",
    "compound_id": "text", "time_zone": "text", "category": "text", "urgency": "text",
    "priority": "smallint", "title": "text", "description": "text",
    "reporter_id": "uuid", "reporter_channel": "text", "opened_by": "uuid",
    "assignee_type": "text", "assignee_id": "text", "assignee_name": "text",
    "crew_id": "text", "vendor_id": "text", "outside_body": "boolean",
    "profile": "text", "profile_version": "int", "facts": "jsonb",
    "opened_at": "timestamptz", "last_event_at": "timestamptz",
    "updated_at": "timestamptz", "closed_at": "timestamptz", "next_due_at": "timestamptz",
}  # fmt: skip
COLUMNS = (*_TYPES, "number")
"""Columns of a ticket's own row; `search` and `place_key` are for the database alone."""

_NAMES = (
    "now", *COLUMNS, "place_name", "place_level", "compound_flags", "reporter_name",
    "reporter_phone",
)  # fmt: skip
_JOINED = f"""
  SELECT app_now() AS now, {", ".join(f"t.{name}" for name in COLUMNS)},
         p.name AS place_name, p.level AS place_level, c.flags AS compound_flags,
         r.name AS reporter_name, r.phone AS reporter_phone
    FROM ({{locked}}) t JOIN place p ON p.id = t.place_id JOIN place c ON c.id = t.compound_id
    LEFT JOIN party r ON r.id = t.reporter_id
"""


def _joined(locked: str) -> TextualSelect:
    return rows.reading(_JOINED.replace("{locked}", locked), _NAMES)


def matching(*, kind: str | None, ref: str | UUID, actor: Actor) -> tuple[str, Mapping[str, Any]]:
    """Return a statement that selects a ticket the actor may see, and its parameters."""
    scope, params = visible(actor)
    uid = rows.as_uuid(ref)
    match = "t.id = :ref" if uid else "t.number = :ref"
    kinds = " AND t.kind = :kind" if kind else ""
    statement = f"SELECT t.* FROM ticket t WHERE {match}{kinds} AND {scope}"
    return statement, {"ref": uid or str(ref), "kind": kind, **params}


def lock(tx: Tx, *, kind: str | None, ref: str | UUID, actor: Actor) -> Row | None:
    """Lock one ticket that the actor may see, by id or number; None when there is none.

    `now` in the row is read after the lock was got.
    """
    chosen, params = matching(kind=kind, ref=ref, actor=actor)
    return rows.one(tx.conn.execute(_joined(f"{chosen} FOR NO KEY UPDATE"), params))


def seen(tx: Tx, *, kind: str | None, ref: str | UUID, actor: Actor) -> Row | None:
    """Return a ticket row the actor may see, unlocked and without its place."""
    chosen, params = matching(kind=kind, ref=ref, actor=actor)
    return rows.one(tx.conn.execute(rows.sql(chosen), params))


def read(tx: Tx, *, kind: str | None, ref: str | UUID, actor: Actor) -> Row | None:
    """Return a ticket the actor may see, as `lock` does, without locking."""
    chosen, params = matching(kind=kind, ref=ref, actor=actor)
    return rows.one(tx.conn.execute(_joined(chosen), params))


_DUE = _joined("""
    SELECT t.* FROM ticket t
     WHERE t.id IN (SELECT ticket_id FROM clock
                     WHERE next_at <= (SELECT app_now()) AND parked_at IS NULL
                       AND retry_at <= clock_timestamp()
                     ORDER BY next_at LIMIT :wide)
     LIMIT :batch FOR NO KEY UPDATE OF t SKIP LOCKED""")


def lock_due(tx: Tx, *, batch: int, workers: int = 4) -> Sequence[Row]:
    """Lock at most `batch` tickets with a rung due now, passing over locked ones.

    The window is wider than the batch, so that sweepers do not all look at the same rows.
    """
    found = tx.conn.execute(_DUE, {"batch": batch, "wide": batch * workers})
    return rows.many(found)


_INSERT = rows.recordset(
    """
WITH serial AS (
  INSERT INTO ticket_number AS n (kind, day, last) VALUES (:kind, :day, 1)
  ON CONFLICT (kind, day) DO UPDATE SET last = n.last + 1 RETURNING last),
named AS (
  SELECT :prefix || '-' || to_char(cast(:day AS date), 'YYYYMMDD') || '-'
         || lpad(last::text, greatest(4, length(last::text)), '0') AS number FROM serial)
INSERT INTO ticket ({names}, number, search)
SELECT x.*, named.number, lower(named.number) || ' ' || :search FROM named, {rows}
RETURNING number""",
    _TYPES,
)


def insert(tx: Tx, row: Row, *, prefix: str, day: Any, search: str) -> str:
    """Insert a ticket under the next number of its kind and day; return the number.

    Called last before the commit: the number's row is the one every opening locks.
    """
    params = {
        "rows": rows.as_json([row]), "kind": row["kind"], "prefix": prefix, "day": day,
        "search": search,
    }  # fmt: skip
    number: str = tx.conn.execute(_INSERT, params).scalar_one()
    return number


_UPDATED = {
    "id": "uuid", "state": "text", "seq": "int", "version": "int", "place_id": "text",
    "place_path": "text", "category": "text", "urgency": "text", "priority": "smallint",
    "title": "text", "description": "text", "search": "text",
    "assignee_type": "text", "assignee_id": "text", "assignee_name": "text", "crew_id": "text",
    "vendor_id": "text", "outside_body": "boolean", "profile": "text", "profile_version": "int",
    "facts": "jsonb", "opened_at": "timestamptz", "last_event_at": "timestamptz",
    "updated_at": "timestamptz", "closed_at": "timestamptz", "next_due_at": "timestamptz",
}  # fmt: skip
_KEPT_WHEN_NULL = {"title", "description", "search"}
_UPDATE = rows.recordset(
    "UPDATE ticket t SET "
    + ", ".join(
        f"{name} = coalesce(x.{name}, t.{name})"
        if name in _KEPT_WHEN_NULL
        else f"{name} = x.{name}"
        for name in _UPDATED
        if name != "id"
    )
    + " FROM {rows} WHERE t.id = x.id",
    _UPDATED,
)


def update(tx: Tx, changed: Iterable[Row]) -> None:
    """Write the new heads of locked tickets; long texts left out (None) stay as they are."""
    rows.run(tx.conn, _UPDATE, changed)


_MARK = rows.recordset(
    "UPDATE ticket t SET seq = x.seq, updated_at = x.updated_at, next_due_at = x.next_due_at"
    " FROM {rows} WHERE t.id = x.id",
    {"id": "uuid", "seq": "int", "updated_at": "timestamptz", "next_due_at": "timestamptz"},
)


def mark(tx: Tx, marked: Iterable[Row]) -> None:
    """Write what SLA marks change of a ticket's head, and no more."""
    heads = (
        {name: row[name] for name in ("id", "seq", "updated_at", "next_due_at")} for row in marked
    )
    rows.run(tx.conn, _MARK, heads)


def assignee_of(row: Row) -> Assignee | None:
    """Return who holds the ticket."""
    if row["assignee_type"] is None:
        return None
    return Assignee(
        type=row["assignee_type"],
        id=row["assignee_id"],
        name=row["assignee_name"],
        crew_id=row["crew_id"],
        vendor_id=row["vendor_id"],
        outside_body=row["outside_body"],
    )


def view(row: Row) -> TicketView:
    """Return the ticket as rules see it."""
    return TicketView(
        id=row["id"],
        number=row["number"],
        kind=row["kind"],
        state=row["state"],
        version=row["version"],
        place_id=row["place_id"],
        place_path=row["place_path"],
        compound_id=row["compound_id"],
        time_zone=row["time_zone"],
        category=row["category"],
        urgency=row["urgency"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        last_event_at=row["last_event_at"],
        facts=row["facts"],
        assignee=assignee_of(row),
        reporter_id=row["reporter_id"],
        profile=row["profile"],
        profile_version=row["profile_version"],
    )


_BIRTH = text("""
SELECT e.actor_id, e.kind, e.fingerprint FROM event e WHERE e.ticket_id = :id AND e.seq = 1""")


_EXISTING = text("SELECT id FROM ticket WHERE id = ANY(:ids)")


def existing(tx: Tx, ids: Sequence[UUID]) -> Collection[UUID]:
    """Return which of the tickets there are."""
    return set(tx.conn.execute(_EXISTING, {"ids": list(ids)}).scalars()) if ids else set()


def birth_of(tx: Tx, ticket_id: UUID | None) -> Row | None:
    """Return who opened the ticket with this id, whatever its place, and with what content."""
    return rows.one(tx.conn.execute(_BIRTH, {"id": ticket_id}))
