"""Points that follow from a clock rather than from an event of a workflow (R-VEN-09)."""

from uuid import UUID

from sqlalchemy import text

from service.store.unit_of_work import Tx

# A letter may be read after the one that takes its breach back: that line then stands already.
_TAKE = text("""
INSERT INTO credit_event (ticket_id, seq, n, vendor_id, subject, points, reason, at)
SELECT e.ticket_id, e.seq, 0, a.vendor_id, 'company', :points, :reason, e.occurred_at
  FROM event e JOIN assignment a ON a.ticket_id = e.ticket_id AND a.vendor_id IS NOT NULL
   AND a.assigned_at <= e.occurred_at AND coalesce(a.ended_at, 'infinity') > e.occurred_at
 WHERE e.ticket_id = :ticket AND e.seq = :seq
   AND NOT EXISTS (SELECT FROM event k WHERE k.ticket_id = e.ticket_id AND k.seq > e.seq
                      AND k.type = 'clock_corrected' AND k.data->'levels' @> '0'
                      AND (k.data->'clock', k.data->'epoch') = (e.data->'clock', e.data->'epoch'))
 ORDER BY a.seq DESC LIMIT 1
    ON CONFLICT DO NOTHING""")
_BACK = text("""
INSERT INTO credit_event (ticket_id, seq, n, vendor_id, subject, points, reason, at)
SELECT c.ticket_id, e.seq, row_number() OVER (ORDER BY c.seq), c.vendor_id, c.subject, -c.points,
       :reason, e.occurred_at
  FROM credit_event c JOIN event e ON e.ticket_id = c.ticket_id AND e.seq = :seq
  JOIN event b ON (b.ticket_id, b.seq) = (c.ticket_id, c.seq)
   AND (b.data->'clock', b.data->'epoch') = (e.data->'clock', e.data->'epoch')
 WHERE c.ticket_id = :ticket AND c.reason = :undoes AND c.seq < :seq
   AND NOT EXISTS (SELECT FROM credit_event u JOIN event g ON (g.ticket_id, g.seq)
                      = (u.ticket_id, u.seq)
                    WHERE u.ticket_id = c.ticket_id AND u.reason = :reason AND u.seq > c.seq
                      AND (g.data->'clock', g.data->'epoch') = (b.data->'clock', b.data->'epoch'))
    ON CONFLICT DO NOTHING""")


def take(tx: Tx, ticket: UUID, seq: int, *, points: int, reason: str) -> bool:
    """Note points for the vendor that held a ticket when a line of it took effect."""
    params = {"ticket": ticket, "seq": seq, "points": points, "reason": reason}
    return tx.conn.execute(_TAKE, params).rowcount == 1


def give_back(tx: Tx, ticket: UUID, seq: int, *, undoes: str, reason: str) -> bool:
    """Give back what the breach of the clock cost that the line corrects, once."""
    params = {"ticket": ticket, "seq": seq, "undoes": undoes, "reason": reason}
    return tx.conn.execute(_BACK, params).rowcount > 0
