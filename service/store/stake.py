"""Who sees a ticket beside those whose role or assignment says so."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.store import rows
from service.store.unit_of_work import Tx

_ROW = {"holder": "text", "ticket_id": "uuid"}
_ADD = rows.recordset(
    "INSERT INTO ticket_stake ({names}) SELECT * FROM {rows} ON CONFLICT DO NOTHING", _ROW
)
_END = rows.recordset(
    "DELETE FROM ticket_stake s USING {rows}"
    " WHERE (s.holder, s.ticket_id) = (x.holder, x.ticket_id)",
    _ROW,
)


def add(tx: Tx, stakes: Iterable[Mapping[str, Any]]) -> None:
    """Let holders see tickets from now on; who sees one already goes on seeing it."""
    rows.run(tx.conn, _ADD, stakes)


def end(tx: Tx, stakes: Iterable[Mapping[str, Any]]) -> None:
    """Let holders no longer see tickets that they were shown by mistake."""
    rows.run(tx.conn, _END, stakes)
