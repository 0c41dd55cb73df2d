"""Checks that hold only when everything has healed and nothing is left to do.

On a busy system letters wait for a moment and a rung may be due this very second; so these are
asked for apart (`anju audit verify --drained`), after a run or in a quiet hour.
"""

from typing import Final

from service.store.audit.letters import check_of

AGE_S: Final = 15.0
"""No armed rung may be older, in the service's time, and no transaction, in real time."""

CHECKS: Final = (
    check_of("I1", "rung_age", """
SELECT ticket_id, cast(NULL AS int), name || ' (epoch ' || epoch || ') level ' || next_level
       || CASE WHEN parked_at IS NULL THEN ' is armed' ELSE ' is parked' END
       || ' since ' || next_at
  FROM clock WHERE next_at < (SELECT app_now()) - make_interval(secs => :age_s)"""),
    check_of("I8", "letter_waits", """
SELECT ticket_id, event_seq, dedupe_key || ' is not sent after ' || attempts || ' tries'
  FROM outbox WHERE sent_at IS NULL AND dead_at IS NULL"""),
    check_of("I8", "delivery_waits", """
SELECT o.ticket_id, o.event_seq,
       d.channel || ' ' || d.id || ' waits after ' || d.attempts || ' tries'
  FROM delivery d LEFT JOIN outbox o ON o.id = d.outbox_id
 WHERE d.sent_at IS NULL AND d.superseded_at IS NULL AND d.dead_at IS NULL"""),
    check_of("I8", "feed_waits", """
SELECT ticket_id, event_seq, topic || ' is not in the feed' FROM outbox WHERE feeds"""),
    check_of("I10", "transaction", """
SELECT cast(NULL AS uuid), cast(NULL AS int), coalesce(nullif(application_name, ''), usename)
       || ' (' || pid || ', ' || state || ') since ' || xact_start
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND xact_start < clock_timestamp() - make_interval(secs => :age_s)"""),
    # A session's lock outlives its transaction, and so does a prepared transaction; nothing of
    # the service uses either. The two views are not read at one moment: hence the second.
    check_of("I10", "lock", """
SELECT cast(NULL AS uuid), cast(NULL AS int),
       l.mode || ' on ' || l.locktype || ' by ' || coalesce(a.application_name, 'nobody')
  FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
 WHERE l.granted
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (l.pid IS NULL OR a.state = 'idle' AND a.state_change < clock_timestamp() - interval '1 s')
"""),
)  # fmt: skip
