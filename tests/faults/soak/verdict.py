"""What must be true after a run: the invariants of PROOF 2, each looked at where it shows."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from service.bootstrap import Application
from service.notify.channels.webhook import webhook_id
from service.store.audit.finding import Finding
from service.store.audit.walk import Verifier
from tests.faults import checker
from tests.faults.journal import Call
from tests.faults.soak.clockwork import Clockwork
from tests.faults.soak.takeover import Rung, rungs
from tests.faults.soak.world import World

OLDEST_S = 15.0
_GIVEN_UP = text("""
SELECT 'outbox' AS what, topic AS name, last_error FROM outbox WHERE dead_at IS NOT NULL
UNION ALL SELECT 'clock', name, last_error FROM clock WHERE parked_at IS NOT NULL
UNION ALL SELECT 'delivery', channel, last_error FROM delivery
 WHERE dead_at IS NOT NULL AND channel = 'webhook'""")
_SENT = text("SELECT id FROM delivery WHERE channel = 'webhook' AND sent_at IS NOT NULL")
# The reader is no mediator: it is not told that there is a private note.
_FEED = text("""
SELECT f.seq FROM feed f LEFT JOIN event e ON (e.ticket_id, e.seq) = (f.ticket_id, f.event_seq)
 WHERE f.place_key LIKE 'jinjiang/%'
   AND NOT (coalesce(e.type, '') = 'add_note' AND coalesce(e.data->>'level', '') = 'private')
 ORDER BY f.seq""")
# A clock may be armed with a due time that has passed: it counts from the opening, or somebody
# reported late. Nobody could fire it before the line that last moved it.
_FIRED = text("""
SELECT greatest(e.due_at, (
         SELECT max(v.received_at) FROM event v
          WHERE v.ticket_id = e.ticket_id AND v.seq < e.event_seq
            AND v.type NOT IN ('clock_warned', 'clock_breached', 'escalated')
            AND (v.effects -> 'ops' @> jsonb_build_array(jsonb_build_object('clock', e.clock))
                 OR v.effects -> 'ops' @> '[{"clock": "*"}]' OR v.effects ? 'terms'))),
       e.noticed_at, e.fired_by FROM escalation e""")
_LOCKS = text("""
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
 WHERE NOT l.granted AND a.datname = current_database()""")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run brings to the judgement.

    `received` are the ids of webhooks as they came, repeats included; `seen` the numbers the
    reader of the change feed read; `oldest_s` the age of the oldest transaction ever seen.
    """

    app: Application
    world: World
    before: Set[UUID]
    calls: Sequence[Call]
    received: Sequence[str]
    seen: Sequence[int]
    oldest_s: float
    logs: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and what it was found in. No findings is what everybody hopes for."""

    findings: Sequence[Finding]
    tickets: int
    events: int
    rungs: Sequence[Rung]


def judge(evidence: Evidence, clock: Clockwork) -> Verdict:
    """Hold everything against the invariants."""
    ports = evidence.app.ports
    walked = Verifier(ports.uow, ports.registry, ports.calendars, drained=True).verify()
    told = checker.check(
        evidence.calls, ports.uow, before=evidence.before, logs=evidence.logs,
        secrets=evidence.world.secrets,
    )  # fmt: skip
    with ports.uow() as tx:
        fired = rungs(clock, [tuple(row) for row in tx.conn.execute(_FIRED)])
    found = (*walked.findings, *told, *_rows(evidence), *_faults_of_ours(evidence.calls))
    return Verdict(found, walked.tickets, walked.events, fired)


def _rows(evidence: Evidence) -> Iterator[Finding]:
    """Yield what was given up, sent but never received, skipped by the feed, or left locked."""
    with evidence.app.ports.uow() as tx:
        for row in tx.conn.execute(_GIVEN_UP):
            detail = f"{row.what} {row.name} was given up: {row.last_error}"
            yield Finding("", "", None, "I8", "given_up", detail)
        sent = {webhook_id(ident) for ident in tx.conn.execute(_SENT).scalars()}
        feed = tx.conn.execute(_FEED).scalars().all()
        locked = tx.conn.execute(_LOCKS).scalar_one()
    if missing := sent - set(evidence.received):
        yield Finding("", "", None, "I8", "received", f"{len(missing)} were sent and never came")
    if list(feed) != list(evidence.seen):
        detail = f"the reader saw {len(evidence.seen)} of {len(feed)} lines, or in other order"
        yield Finding("", "", None, "I4", "feed", detail)
    if locked or evidence.oldest_s > OLDEST_S:
        detail = f"{locked} wait for a lock; oldest transaction {evidence.oldest_s:.1f} s"
        yield Finding("", "", None, "I10", "transaction", detail)


def _faults_of_ours(calls: Sequence[Call]) -> Iterator[Finding]:
    """Yield each answer that says that we did not know what to do."""
    for call in calls:
        if call.status is not None and call.status >= 500 and call.status != 503:
            detail = f"{call.status} to {call.method} {call.path} ({call.asks})"
            yield Finding(call.ticket or "", "", None, "I12", "internal", detail)


def summary(findings: Sequence[Finding]) -> Mapping[str, int]:
    """Return how many findings there are of each invariant and check."""
    counted: dict[str, int] = {}
    for found in findings:
        name = f"{found.invariant} {found.check}"
        counted[name] = counted.get(name, 0) + 1
    return counted
