"""What a vendor has open in a compound, and how often its cures failed there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from service.core.refs import TicketRef
from service.store.unit_of_work import Tx

YEAR: Final = timedelta(days=360)  # DOMAIN: a month is 30 days

_OPEN = text("""
SELECT t.id, t.number, t.kind, t.state, true, t.compound_id, t.place_id, t.category, t.opened_at
  FROM ticket t
 WHERE t.vendor_id = :vendor AND t.compound_id = :compound AND t.closed_at IS NULL
   AND t.kind = ANY(:kinds)
 ORDER BY t.opened_at, t.id""")
_CYCLES = text("""
SELECT e.occurred_at FROM ticket t JOIN event e ON e.ticket_id = t.id
 WHERE t.vendor_id = :vendor AND t.compound_id = :compound AND t.kind = 'rectification_order'
   AND e.type = 'fail' AND e.occurred_at > :since
 ORDER BY e.occurred_at""")


def open_tickets(
    tx: Tx, vendor: str | None, compound: str, *, kinds: Sequence[str]
) -> tuple[TicketRef, ...]:
    """Return every open ticket of these kinds that a vendor holds in a compound."""
    params = {"vendor": vendor, "compound": compound, "kinds": list(kinds)}
    return tuple(TicketRef(*row) for row in tx.conn.execute(_OPEN, params))


def failed_cures(tx: Tx, vendor: str | None, compound: str, now: datetime) -> tuple[datetime, ...]:
    """Return when re-inspections of a vendor failed in a compound within twelve months."""
    params = {"vendor": vendor, "compound": compound, "since": now - YEAR}
    return tuple(tx.conn.execute(_CYCLES, params).scalars())
