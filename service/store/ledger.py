"""Deposit money and credit points: entries that only grow; balances and scores follow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from service.core.refs import DepositRef
from service.store import rows
from service.store.unit_of_work import Tx

_POST = rows.recordset(
    "INSERT INTO ledger_entry ({names}) SELECT * FROM {rows}",
    {
        "vendor_id": "text", "compound_id": "text", "debit": "text", "credit": "text",
        "fen": "bigint", "reason": "text", "ticket_id": "uuid", "event_seq": "int",
        "actor_id": "uuid", "document": "text", "at": "timestamptz",
    },
)  # fmt: skip
_CREDIT = rows.recordset(
    "INSERT INTO credit_event ({names}) SELECT * FROM {rows}",
    {
        "ticket_id": "uuid", "seq": "int", "n": "int", "vendor_id": "text", "subject": "text",
        "manager": "text", "points": "int", "reason": "text", "at": "timestamptz",
    },
)  # fmt: skip
_LOCK = text("""
SELECT vendor_id, compound_id, required_fen, balance_fen, contract_until FROM deposit
 WHERE vendor_id = :vendor AND compound_id = :compound FOR NO KEY UPDATE""")
_RENEW = text("""
UPDATE deposit SET contract_until = :until
 WHERE vendor_id = :vendor AND compound_id = :compound""")
_OPEN = text("""
INSERT INTO deposit (vendor_id, compound_id, required_fen) VALUES (:vendor, :compound, :fen)
    ON CONFLICT (vendor_id, compound_id) DO NOTHING""")
_ALL = text("""
SELECT vendor_id, compound_id, required_fen, balance_fen, contract_until FROM deposit
 WHERE vendor_id = :vendor ORDER BY compound_id""")
# The balance after each entry tells since when a deposit has not been whole.
_DEPOSITS = text("""
WITH run AS (
  SELECT compound_id, id, at, sum(
           CASE 'deposit:' || vendor_id || ':' || compound_id
                WHEN credit THEN fen WHEN debit THEN -fen ELSE 0 END
         ) OVER (PARTITION BY compound_id ORDER BY id) AS balance
    FROM ledger_entry WHERE vendor_id = :vendor)
SELECT d.compound_id, p.name AS compound_name, d.required_fen, d.balance_fen,
       d.contract_until, (SELECT r.at FROM run r
         WHERE r.compound_id = d.compound_id AND d.balance_fen < d.required_fen
           AND r.id > coalesce((SELECT max(f.id) FROM run f
                                 WHERE f.compound_id = d.compound_id
                                   AND f.balance >= d.required_fen), 0)
         ORDER BY r.id LIMIT 1) AS short_since
  FROM deposit d JOIN place p ON p.id = d.compound_id
 WHERE d.vendor_id = :vendor AND p.key >= :low AND p.key < :high
   AND (cast(:compound AS text) IS NULL OR d.compound_id = :compound)
 ORDER BY d.compound_id""")
_ENTRIES = text("""
SELECT l.id, l.compound_id, p.name AS compound_name, l.debit, l.credit, l.fen, l.reason,
       l.document, l.at, l.event_seq, a.role AS actor_role, a.name AS actor_name,
       t.id AS ticket_id, t.number, t.kind, t.place_path
  FROM ledger_entry l JOIN place p ON p.id = l.compound_id
  LEFT JOIN ticket t ON t.id = l.ticket_id LEFT JOIN account a ON a.id = l.actor_id
 WHERE l.vendor_id = :vendor AND p.key >= :low AND p.key < :high AND l.id > :after
 ORDER BY l.id LIMIT :limit""")
_POINTS = text("""
SELECT subject, manager, sum(points) AS points FROM credit_event
 WHERE vendor_id = :vendor AND at >= :since AND at < :until
 GROUP BY subject, manager""")
_CREDITS = text("""
SELECT c.subject, c.manager, c.points, c.reason, c.at, c.seq, c.n, t.id AS ticket_id, t.number,
       t.kind, t.place_path
  FROM credit_event c JOIN ticket t ON t.id = c.ticket_id
 WHERE c.vendor_id = :vendor AND c.at >= :since AND c.at < :until
   AND (c.at, c.ticket_id, c.seq, c.n)
     > (cast(:at AS timestamptz), cast(:ticket AS uuid), :seq, :n)
 ORDER BY c.at, c.ticket_id, c.seq, c.n LIMIT :limit""")

_FIRST = "00000000-0000-0000-0000-000000000000"

Row = Mapping[str, Any]
Span = tuple[str, str]
"""A half-open range of place keys, as `scope.bounds` gives it."""


def post(tx: Tx, entries: Iterable[Row]) -> None:
    """Move money; a balance below zero is refused by the database."""
    rows.run(tx.conn, _POST, entries)


def credit(tx: Tx, events: Iterable[Row]) -> None:
    """Note points won or lost."""
    rows.run(tx.conn, _CREDIT, events)


def lock(tx: Tx, vendor: str | None, compound: str) -> DepositRef | None:
    """Lock and return a vendor's deposit in a compound, None when there is none."""
    row = tx.conn.execute(_LOCK, {"vendor": vendor, "compound": compound}).one_or_none()
    return None if row is None else DepositRef(*row)


def all_of(tx: Tx, vendor: str) -> tuple[DepositRef, ...]:
    """Return every deposit of a vendor, unlocked."""
    return tuple(DepositRef(*row) for row in tx.conn.execute(_ALL, {"vendor": vendor}))


def open_deposit(tx: Tx, vendor: str, compound: str, *, required_fen: int) -> DepositRef:
    """Open a contract's deposit, empty; return it locked, as somebody else opened it if so."""
    params = {"vendor": vendor, "compound": compound, "fen": required_fen}
    tx.conn.execute(_OPEN, params)
    return DepositRef(*tx.conn.execute(_LOCK, params).one())


def renew(tx: Tx, deposit: DepositRef, until: date) -> None:
    """Note the last day of the contract that a deposit secures."""
    params = {"vendor": deposit.vendor, "compound": deposit.compound, "until": until}
    tx.conn.execute(_RENEW, params)


def deposits(tx: Tx, vendor: str, span: Span, *, compound: str | None = None) -> Sequence[Row]:
    """Return a vendor's deposits in a span, or only the one of a compound.

    `short_since` is the time of the entry since which the balance has been too low, None for
    one that is whole or was never paid into.
    """
    params = {"vendor": vendor, "low": span[0], "high": span[1], "compound": compound}
    return rows.many(tx.conn.execute(_DEPOSITS, params))


def entries(tx: Tx, vendor: str, span: Span, *, after: int, limit: int) -> Sequence[Row]:
    """Return ledger entries of a vendor after one of them, oldest first."""
    params = {"vendor": vendor, "low": span[0], "high": span[1], "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_ENTRIES, params))


def points(tx: Tx, vendor: str, since: datetime, until: datetime) -> Sequence[Row]:
    """Return subject, manager and sum of points of everybody scored in a half-open span."""
    params = {"vendor": vendor, "since": since, "until": until}
    return rows.many(tx.conn.execute(_POINTS, params))


def credits(
    tx: Tx, vendor: str, year: tuple[datetime, datetime], *, after: Sequence[Any] | None, limit: int
) -> Sequence[Row]:
    """Return what changed a vendor's scores in a half-open span, oldest first.

    `after` is the entry to go on from: time, ticket, seq, n.
    """
    since, until = year
    at, ticket, seq, n = after or (since, _FIRST, 0, 0)
    params = {
        "vendor": vendor, "since": since, "until": until, "at": at, "ticket": ticket, "seq": seq,
        "n": n, "limit": limit,
    }  # fmt: skip
    return rows.many(tx.conn.execute(_CREDITS, params))
