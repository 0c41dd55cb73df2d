"""Inbox rows: what an account was told of, once for each cause."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_INSERT = rows.recordset(
    "INSERT INTO inbox ({names}) SELECT x.* FROM {rows} JOIN account a ON a.id = x.account_id"
    " ON CONFLICT DO NOTHING",
    {
        "id": "uuid", "account_id": "uuid", "ticket_id": "uuid", "event_seq": "int",
        "subject": "jsonb", "topic": "text", "clock": "text", "level": "smallint",
        "at": "timestamptz",
    },
)  # fmt: skip


def put(tx: Tx, entries: Iterable[Mapping[str, Any]]) -> None:
    """Add entries; one already there, or of an account that is gone, is passed over.

    An entry is about an event of a ticket (`ticket_id`, `event_seq`) or about a `subject`.
    """
    rows.run(tx.conn, _INSERT, entries)


_ACKNOWLEDGE = text("""
UPDATE inbox SET acknowledged_at = app_now()
 WHERE id = :id AND account_id = :account AND acknowledged_at IS NULL""")


def acknowledge(tx: Tx, account: UUID, entry: UUID) -> None:
    """Note that the account has taken notice; the first time stays."""
    tx.conn.execute(_ACKNOWLEDGE, {"id": entry, "account": account})
