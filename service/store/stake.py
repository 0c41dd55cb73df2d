"""Who sees a ticket beside those whose role or assignment says so."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.store import rows
from service.store.unit_of_work import Tx

_ADD = rows.recordset(
    "INSERT INTO ticket_stake ({names}) SELECT * FROM {rows} ON CONFLICT DO NOTHING",
    {"holder": "text", "ticket_id": "uuid"},
)


def add(tx: Tx, stakes: Iterable[Mapping[str, Any]]) -> None:
    """Let holders see tickets from now on; who sees one already goes on seeing it."""
    rows.run(tx.conn, _ADD, stakes)
