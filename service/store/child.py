"""Rows that hang on a ticket: assignments, work log, followers, linked requests, files."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_CHILD = rows.recordset(
    "INSERT INTO ticket_child ({names}) SELECT * FROM {rows}",
    {
        "ticket_id": "uuid", "seq": "int", "n": "int", "noun": "text", "at": "timestamptz",
        "row": "jsonb",
    },
)  # fmt: skip
_END = rows.recordset(
    "UPDATE assignment a SET ended_at = x.at FROM {rows}"
    " WHERE a.ticket_id = x.ticket_id AND a.ended_at IS NULL",
    {"ticket_id": "uuid", "at": "timestamptz"},
)
_ASSIGN = rows.recordset(
    "INSERT INTO assignment ({names}) SELECT * FROM {rows}",
    {
        "ticket_id": "uuid", "seq": "int", "type": "text", "assignee_id": "text",
        "crew_id": "text", "vendor_id": "text", "assigned_at": "timestamptz",
    },
)  # fmt: skip
_ATTACH = rows.recordset(
    "INSERT INTO ticket_attachment ({names}) SELECT * FROM {rows} ON CONFLICT DO NOTHING",
    {"ticket_id": "uuid", "attachment_id": "uuid", "event_seq": "int", "pointer": "text"},
)


def add(tx: Tx, children: Iterable[Mapping[str, Any]]) -> None:
    """Insert child rows."""
    rows.run(tx.conn, _CHILD, children)


_SEALED = text("""
SELECT c.row, e.occurred_at FROM ticket_child c
  JOIN event e ON e.ticket_id = c.ticket_id AND e.seq = c.seq
 WHERE c.ticket_id = :ticket AND c.noun = 'sealed' ORDER BY c.seq, c.n""")


def sealed(tx: Tx, ticket_id: UUID) -> tuple[Mapping[str, Any], ...]:
    """Return what events kept out of the history: event, actor, at, and the members."""
    return tuple(
        {"event": row["event"], "actor": row["actor"], "at": at, **row["data"]}
        for row, at in tx.conn.execute(_SEALED, {"ticket": ticket_id})
    )


def end_assignments(tx: Tx, ended: Iterable[Mapping[str, Any]]) -> None:
    """Close the open assignment of each ticket."""
    rows.run(tx.conn, _END, ended)


def assign(tx: Tx, assigned: Iterable[Mapping[str, Any]]) -> None:
    """Open assignments; the index refuses a second open one."""
    rows.run(tx.conn, _ASSIGN, assigned)


def attach(tx: Tx, files: Iterable[Mapping[str, Any]]) -> None:
    """Link attachments to the event that names them."""
    rows.run(tx.conn, _ATTACH, files)
