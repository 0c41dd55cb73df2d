"""Contracts: a vendor serves a compound.

Until contracts have a file of their own, a deposit tells of one (RULINGS 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

PROPERTY: Final = "property_service"
"""The service line of a company that manages compounds."""

_ALL = text("""
SELECT d.vendor_id, v.name AS vendor, v.service_lines, d.compound_id, p.name AS compound,
       p.path, p.time_zone, d.contract_until
  FROM deposit d JOIN vendor v ON v.id = d.vendor_id JOIN place p ON p.id = d.compound_id
 WHERE NOT v.market_exit ORDER BY d.vendor_id, d.compound_id""")
_CERTIFICATES = text("""
SELECT c.id, c.name, x.trade, cast(x.valid_until AS date), d.vendor_id, d.compound_id, p.path,
       p.time_zone
  FROM crew c
 CROSS JOIN LATERAL jsonb_to_recordset(c.certificates) AS x (trade text, valid_until text)
  JOIN LATERAL (
    SELECT d.vendor_id, d.compound_id FROM deposit d JOIN vendor v ON v.id = d.vendor_id
     WHERE d.vendor_id = c.vendor_id AND NOT v.market_exit ORDER BY d.compound_id LIMIT 1) d ON true
  JOIN place p ON p.id = d.compound_id
 WHERE cast(x.valid_until AS date) <= cast(:until AS date) ORDER BY c.id, x.trade""")


@dataclass(frozen=True, slots=True)
class Contract:
    """A vendor in a compound. `until` is its last day, None when none was told."""

    vendor_id: str
    vendor: str
    service_lines: tuple[str, ...]
    compound_id: str
    compound: str
    path: str
    time_zone: str
    until: date | None

    @property
    def manages(self) -> bool:
        """Tell whether the vendor manages the compound as a whole."""
        return PROPERTY in self.service_lines


@dataclass(frozen=True, slots=True)
class Certificate:
    """A crew's certificate that has ended or soon will, with one contract of its vendor."""

    crew_id: str
    crew: str
    trade: str
    until: date
    vendor_id: str
    compound_id: str
    path: str
    time_zone: str


def _contract(row: Mapping[str, Any]) -> Contract:
    return Contract(
        vendor_id=row["vendor_id"],
        vendor=row["vendor"],
        service_lines=tuple(row["service_lines"]),
        compound_id=row["compound_id"],
        compound=row["compound"],
        path=row["path"],
        time_zone=row["time_zone"],
        until=row["contract_until"],
    )


def contracts(tx: Tx) -> Sequence[Contract]:
    """Return every contract of vendors that are in the market."""
    return [_contract(row) for row in rows.many(tx.conn.execute(_ALL))]


def certificates(tx: Tx, until: date) -> Sequence[Certificate]:
    """Return the certificates that end by a day, of crews whose vendors are in the market."""
    return [Certificate(*row) for row in tx.conn.execute(_CERTIFICATES, {"until": until})]
