"""Checks what events changed beside their tickets: money, points, causes, sight, notes.

Statements over the whole database, as in `letters`, and true at any moment of a busy system:
each of these rows is written together with the line that says so.
"""

from typing import Final

from service.store.audit.letters import check_of

_ACCOUNT = r"'deposit\:' || l.vendor_id || '\:' || l.compound_id"

CHECKS: Final = (
    check_of("I2", "balance", f"""
SELECT cast(NULL AS uuid), cast(NULL AS int),
       d.vendor_id || ' in ' || d.compound_id || ' holds ' || d.balance_fen || ' fen, its entries '
       || 'come to ' || x.fen
  FROM deposit d CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE {_ACCOUNT} WHEN l.credit THEN l.fen WHEN l.debit THEN -l.fen
                        ELSE 0 END), 0) AS fen
      FROM ledger_entry l
     WHERE (l.vendor_id, l.compound_id) = (d.vendor_id, d.compound_id)) x
 WHERE d.balance_fen <> x.fen"""),
    # The two events that move money say how much; nothing else may have moved any.
    check_of("I2", "posting", """
SELECT coalesce(e.ticket_id, l.ticket_id), coalesce(e.seq, l.event_seq),
       coalesce(e.type, 'no line') || ' moves ' || coalesce(e.fen, 0) || ' fen, posted are '
       || coalesce(l.fen, 0)
  FROM (
    SELECT t.id AS ticket_id, p.seq, 'penalize' AS type,
           (t.facts->'penalties'->cast(p.n - 1 AS int)->>'deduction_fen')::bigint AS fen
      FROM ticket t JOIN (
        SELECT ticket_id, seq, row_number() OVER (PARTITION BY ticket_id ORDER BY seq) AS n
          FROM event WHERE kind = 'rectification_order' AND type = 'penalize') p
        ON p.ticket_id = t.id
    UNION ALL
    SELECT ticket_id, seq, type, (data->>'amount_fen')::bigint FROM event
     WHERE kind = 'rectification_order' AND type = 'record_top_up') e
  FULL JOIN (
    SELECT ticket_id, event_seq, sum(fen) AS fen FROM ledger_entry
     WHERE ticket_id IS NOT NULL GROUP BY 1, 2) l
    ON (l.ticket_id, l.event_seq) = (e.ticket_id, e.seq)
 WHERE coalesce(e.fen, 0) <> coalesce(l.fen, 0)"""),
    check_of("I2", "points", """
SELECT c.ticket_id, c.seq, c.points || ' points of ' || c.vendor_id || ' without a line'
  FROM credit_event c LEFT JOIN event e ON (e.ticket_id, e.seq) = (c.ticket_id, c.seq)
 WHERE e.id IS NULL"""),
    check_of("I6", "cause", """
SELECT c.effect_id, c.effect_seq, c.relation || ' names a line that is not there'
  FROM ticket_cause c LEFT JOIN event f ON (f.ticket_id, f.seq) = (c.effect_id, c.effect_seq)
  LEFT JOIN event b ON (b.ticket_id, b.seq) = (c.cause_id, c.cause_seq)
 WHERE f.id IS NULL OR b.id IS NULL
UNION ALL
SELECT t.id, 1, 'opened because of ' || (t.facts->'source'->>'number') || ', and not linked to it'
  FROM ticket t JOIN event e ON e.ticket_id = t.id AND e.seq = 1 AND e.actor_role = 'system'
 WHERE t.facts->'source'->>'ticket' IS NOT NULL
   AND NOT EXISTS (SELECT FROM ticket_cause c WHERE c.effect_id = t.id
                      AND cast(c.cause_id AS text) = t.facts->'source'->>'ticket')"""),
    check_of("I9", "sight", r"""
SELECT t.id, cast(NULL AS int), 'tier ' || (stay->>'tier') || ' had the case and cannot see it'
  FROM ticket t CROSS JOIN LATERAL jsonb_array_elements(t.facts->'tiers') stay
 WHERE t.kind = 'dispute_case'
   AND NOT EXISTS (SELECT FROM ticket_stake s WHERE s.ticket_id = t.id
                      AND s.holder = 'tier\:' || (stay->>'tier'))"""),
    check_of("I6", "note", """
SELECT coalesce(e.ticket_id, n.ticket_id), coalesce(e.seq, n.seq),
       'a note is told as ' || coalesce(e.level, 'nothing') || ' and kept as '
       || coalesce(n.level, 'nothing')
  FROM note n FULL JOIN (
    SELECT DISTINCT ON (data->>'note') ticket_id, min(seq) OVER (PARTITION BY data->>'note') AS seq,
           data->>'note' AS id, data->>'level' AS level
      FROM event WHERE type = 'add_note' ORDER BY data->>'note', event.seq DESC) e
    ON e.id = cast(n.id AS text)
 WHERE (n.ticket_id, n.seq, n.level) IS DISTINCT FROM (e.ticket_id, e.seq, e.level)"""),
    check_of("I6", "link", """
SELECT coalesce(e.ticket_id, l.ticket_id), e.seq,
       CASE WHEN l.id IS NULL THEN e.type || ' of a link that is not there'
            ELSE 'a link is told otherwise than it is kept' END
  FROM (SELECT * FROM event WHERE type = 'make_link') e
  FULL JOIN link l ON cast(l.id AS text) = e.data->>'link'
 WHERE (e.ticket_id, e.actor_id, e.data->>'party')
       IS DISTINCT FROM (l.ticket_id, l.created_by, cast(l.party AS text))
UNION ALL
SELECT l.ticket_id, cast(NULL AS int), 'a link is revoked and its history does not say so'
  FROM link l
 WHERE (l.revoked_at IS NOT NULL) <> EXISTS (
       SELECT FROM event e WHERE e.ticket_id = l.ticket_id AND e.type = 'revoke_link'
                             AND e.data->>'link' = cast(l.id AS text))"""),
)  # fmt: skip
