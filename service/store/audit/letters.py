"""Checks what followed from the histories: letters, inboxes, deliveries, the feed, kept answers.

Each check is one statement over the whole database, a snapshot of its own, and true at any
moment of a busy system: what one transaction writes is seen together or not at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import TextClause, text

from service.store.audit.finding import Finding
from service.store.unit_of_work import Tx

MOST: Final = 100
"""At most so many findings of one check; there is no use in more."""


@dataclass(frozen=True, slots=True)
class Check:
    """A statement that selects (ticket_id, seq, detail) of whatever is wrong."""

    invariant: str
    name: str
    statement: TextClause


def check_of(invariant: str, name: str, statement: str) -> Check:
    """Return a check; the ticket's number is looked up and the rows are limited."""
    wrapped = f"""
SELECT w.ticket_id, t.number, w.seq, w.detail FROM ({statement}) w (ticket_id, seq, detail)
  LEFT JOIN ticket t ON t.id = w.ticket_id ORDER BY w.ticket_id, w.seq LIMIT {MOST}"""
    return Check(invariant, name, text(wrapped))


# The key of a line's own letter is spelled here again: rung, correction, or plain event.
_KEY = r"""
  CASE WHEN e.type IN ('clock_warned', 'clock_breached', 'escalated')
       THEN concat_ws('\:', 'esc', e.data->>'clock', e.data->>'epoch', e.data->>'level',
                      e.ticket_id, e.seq)
       WHEN e.type = 'clock_corrected'
       THEN concat_ws('\:', 'cor', e.data->>'clock', e.data->>'epoch', e.ticket_id, e.seq)
       ELSE concat_ws('\:', 'ev', e.ticket_id, e.seq) END"""

CHECKS: Final = (
    check_of("I8", "letter", f"""
SELECT e.ticket_id, e.seq, e.type || ' has no letter' FROM event e
 WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.dedupe_key = {_KEY})"""),
    check_of("I2", "letter", f"""
SELECT o.ticket_id, o.event_seq, 'nothing happened that ' || o.dedupe_key || ' could tell'
  FROM outbox o LEFT JOIN event e ON e.ticket_id = o.ticket_id AND e.seq = o.event_seq
 WHERE e.id IS NULL OR (o.dedupe_key <> {_KEY} AND o.dedupe_key NOT LIKE 'nt\\:%')"""),
    check_of("I8", "letter_end", """
SELECT ticket_id, event_seq, dedupe_key || ' is both sent and dead, or died without a reason'
  FROM outbox WHERE dead_at IS NOT NULL AND (sent_at IS NOT NULL OR last_error IS NULL)"""),
    check_of("I8", "told", """
SELECT o.ticket_id, o.event_seq, a.name || ' was to be told of ' || o.dedupe_key
  FROM outbox o JOIN escalation e ON e.ticket_id = o.ticket_id AND e.event_seq = o.event_seq
 CROSS JOIN LATERAL jsonb_array_elements(e.told) who
  JOIN account a ON a.id = cast(who->>'account' AS uuid)
 WHERE o.sent_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM inbox i WHERE i.account_id = a.id AND i.ticket_id = o.ticket_id
                      AND i.event_seq = o.event_seq AND i.topic = o.topic)"""),
    check_of("I2", "told", """
SELECT i.ticket_id, i.event_seq, 'an entry ' || i.topic || ' without a sent letter'
  FROM inbox i WHERE i.ticket_id IS NOT NULL AND i.topic <> 'webhook.disabled'
   AND NOT EXISTS (SELECT FROM outbox o WHERE o.ticket_id = i.ticket_id
                      AND o.event_seq = i.event_seq AND o.topic = i.topic
                      AND o.sent_at IS NOT NULL)"""),
    # A test delivery has a negative number instead of a letter.
    check_of("I2", "delivery", """
SELECT o.ticket_id, o.event_seq, 'delivery ' || d.id || ' without a sent letter'
  FROM delivery d LEFT JOIN outbox o ON o.id = d.outbox_id
 WHERE d.outbox_id >= 0 AND o.sent_at IS NULL"""),
    check_of("I8", "delivery", """
SELECT o.ticket_id, o.event_seq, 'delivery ' || d.id || ' ended without having been tried, or twice'
  FROM delivery d LEFT JOIN outbox o ON o.id = d.outbox_id
 WHERE num_nonnulls(d.sent_at, d.superseded_at, d.dead_at) > 1
    OR (d.sent_at IS NOT NULL AND (d.attempts = 0 OR d.lease_token = 0))
    OR (d.sent_at IS NOT NULL AND d.channel = 'webhook' AND d.status IS NULL)"""),
    check_of("I8", "feed_gap", """
SELECT cast(NULL AS uuid), cast(NULL AS int),
       'numbers 1 to ' || max(seq) || ' are given to ' || count(*) || ' lines'
  FROM feed HAVING max(seq) <> count(*) OR min(seq) <> 1"""),
    check_of("I8", "feed", r"""
SELECT coalesce(o.ticket_id, f.ticket_id), coalesce(o.event_seq, f.event_seq),
       coalesce(o.topic, f.topic) || ' is in the feed ' || coalesce(f.n, 0) || ' times'
  FROM (SELECT ticket_id, event_seq, topic, feeds FROM outbox
         WHERE dedupe_key NOT LIKE 'nt\:%' OR topic LIKE 'sla.%') o
  FULL JOIN (SELECT ticket_id, event_seq, topic, count(*) AS n FROM feed GROUP BY 1, 2, 3) f
    ON (f.ticket_id, f.event_seq, f.topic) = (o.ticket_id, o.event_seq, o.topic)
 WHERE coalesce(f.n, 0) <> CASE WHEN o.feeds THEN 0 WHEN o.feeds IS NULL THEN -1 ELSE 1 END"""),
    # A reader keeps the last number it saw: a line that began before one already numbered may
    # not come after it, or a slow transaction could have been passed over.
    check_of("I8", "feed_order", """
SELECT x.ticket_id, x.event_seq, 'number ' || x.seq || ' is older than the one before'
  FROM (SELECT f.seq, f.ticket_id, f.event_seq, o.xid, lag(o.xid) OVER (ORDER BY f.seq) AS before
          FROM feed f JOIN outbox o ON (o.ticket_id, o.event_seq, o.topic)
                                     = (f.ticket_id, f.event_seq, f.topic)) x
 WHERE x.xid < x.before"""),
    check_of("I4", "key", """
SELECT k.ticket_id, cast(NULL AS int), 'key taken by ' || k.actor_id || ' without an answer'
  FROM idempotency k WHERE k.status IS NULL"""),
)  # fmt: skip


def run(tx: Tx, checks: tuple[Check, ...], **params: Any) -> Iterator[Finding]:
    """Yield what some checks find."""
    for check in checks:
        for row in tx.conn.execute(check.statement, params):
            ticket = "" if row.ticket_id is None else str(row.ticket_id)
            yield Finding(
                ticket, row.number or "", row.seq, check.invariant, check.name, row.detail
            )
