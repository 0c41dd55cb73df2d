"""Closed orders as the revisit sampler sees them, and the stored seed of each draw."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from service.store.unit_of_work import Tx

_CLOSED = text("""
SELECT t.id, t.compound_id, t.vendor_id, t.time_zone, t.closed_at, t.urgency, t.profile,
       t.profile_version, coalesce((t.facts->>'unconfirmed')::boolean, false) AS unconfirmed,
       coalesce((t.facts->>'rework_count')::int, 0) AS rework_count,
       t.facts->>'rating' AS rating, t.facts->>'revisit' AS revisit
  FROM ticket t
 WHERE t.kind = :kind AND t.state = ANY(:states) AND t.closed_at >= :since ORDER BY t.id""")
_REPLACED = text("""
SELECT DISTINCT row->>'instead_of' FROM ticket_child
 WHERE noun = 'revisit' AND at >= :since AND row ? 'instead_of'""")
_DRAWN = text("""
INSERT INTO revisit_sample AS r (contract, month, seed, closed, size, drawn_at)
VALUES (:contract, :month, :seed, :closed, :size, app_now())
ON CONFLICT (contract, month) DO UPDATE SET closed = excluded.closed, size = excluded.size,
       drawn_at = excluded.drawn_at
RETURNING seed""")


@dataclass(frozen=True, slots=True)
class Closed:
    """One closed order. `revisit` is the state of its revisit, None when none was drawn."""

    id: UUID
    compound_id: str
    vendor_id: str | None
    time_zone: str
    closed_at: datetime
    urgency: str
    profile: str
    profile_version: int
    unconfirmed: bool
    rework_count: int
    rating: str | None
    revisit: str | None


def closed(tx: Tx, *, kind: str, states: Collection[str], since: datetime) -> Sequence[Closed]:
    """Return the orders closed since then that may be called back."""
    params = {"kind": kind, "states": list(states), "since": since}
    return [Closed(*row) for row in tx.conn.execute(_CLOSED, params)]


def replaced(tx: Tx, since: datetime) -> frozenset[str]:
    """Return the ids of orders in whose stead another one was drawn already."""
    return frozenset(tx.conn.execute(_REPLACED, {"since": since}).scalars())


def note_draw(tx: Tx, *, contract: str, month: date, seed: int, counts: tuple[int, int]) -> int:
    """Keep (closed, size) of a contract's month; return its seed, the first one ever given."""
    params = {
        "contract": contract, "month": month, "seed": seed, "closed": counts[0],
        "size": counts[1],
    }  # fmt: skip
    kept: int = tx.conn.execute(_DRAWN, params).scalar_one()
    return kept
