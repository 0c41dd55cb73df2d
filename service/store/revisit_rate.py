"""What a contract's revisit rate counts, and the alarms that were raised about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from service.store.unit_of_work import Tx

# An order still open, or closed since, is all that can have been closed since. The vendor is
# the one who held the order then: rework may have gone to another.
_CLOSINGS = text("""
SELECT t.id, e.occurred_at AS closed_at, went.at AS reopened_at, call.at AS reached_at,
       t.time_zone, t.profile, t.profile_version,
       p.id AS compound_id, p.name AS compound, p.path, v.id AS vendor_id, v.name AS vendor
  FROM ticket t
  JOIN place p ON p.id = t.compound_id
  JOIN event e ON e.ticket_id = t.id AND e.occurred_at >= :since
   AND e.to_state = ANY(:states) AND NOT e.from_state = ANY(:states)
  LEFT JOIN LATERAL (
    SELECT l.seq, l.occurred_at AS at FROM event l WHERE l.ticket_id = t.id AND l.seq > e.seq
       AND NOT l.to_state = ANY(:states) ORDER BY l.seq LIMIT 1) went ON true
  LEFT JOIN LATERAL (
    SELECT c.at FROM ticket_child c WHERE c.ticket_id = t.id AND c.noun = 'revisit'
       AND c.seq > e.seq AND c.seq <= coalesce(went.seq, c.seq)
       AND c.row->>'status' IN ('revisited_ok', 'revisited_fail')
     ORDER BY c.seq LIMIT 1) call ON true
  LEFT JOIN LATERAL (
    SELECT a.vendor_id FROM assignment a WHERE a.ticket_id = t.id AND a.seq < e.seq
     ORDER BY a.seq DESC LIMIT 1) held ON true
  LEFT JOIN vendor v ON v.id = held.vendor_id
 WHERE t.kind = :kind AND (t.closed_at IS NULL OR t.closed_at >= :since)
 ORDER BY e.occurred_at, t.id""")
_RAISE = text("""
INSERT INTO revisit_alarm (contract, month, level, closed, revisited, raised_at)
VALUES (:contract, :month, :level, :closed, :revisited, app_now())
ON CONFLICT (contract, month, level) DO NOTHING""")


@dataclass(frozen=True, slots=True)
class Closing:
    """An order was closed; perhaps its reporter was reached, perhaps it was opened again."""

    id: UUID
    closed_at: datetime
    reopened_at: datetime | None
    reached_at: datetime | None
    time_zone: str
    profile: str
    profile_version: int
    compound_id: str
    compound: str
    path: str
    vendor_id: str | None
    vendor: str | None


def closings(tx: Tx, *, kind: str, states: Collection[str], since: datetime) -> Sequence[Closing]:
    """Return every closing since then, oldest first; an order may have several."""
    params = {"kind": kind, "states": list(states), "since": since}
    return [Closing(*row) for row in tx.conn.execute(_CLOSINGS, params)]


def note_alarm(tx: Tx, *, contract: str, month: date, level: int, counts: tuple[int, int]) -> bool:
    """Keep that an alarm over (closed, revisited) is raised; False when it was already."""
    params = {
        "contract": contract, "month": month, "level": level, "closed": counts[0],
        "revisited": counts[1],
    }  # fmt: skip
    return tx.conn.execute(_RAISE, params).rowcount == 1
