"""The verifier finds whatever was changed behind the service's back."""

from collections.abc import Iterator

import psycopg
import pytest

from service.local.postgres import OWNER
from service.local.replay.run import run
from service.local.servers import Servers
from service.store.audit.walk import Verdict, Verifier
from tests.support.replaying import committing_ports, rows_of_excerpt
from tests.support.servers import Database, copied_database

pytestmark = pytest.mark.db

ORIGINAL = "anju_verified"


@pytest.fixture(scope="module")
def original(servers: Servers, template: str, tmp_path_factory) -> Iterator[Database]:
    """A database with some thirty sound histories, to which nobody is connected."""
    with copied_database(servers, ORIGINAL) as made:
        with committing_ports(made.app_url) as ports:
            run(ports, rows_of_excerpt(tmp_path_factory.mktemp("rows"), 22, 62), "nyc311_full")
        yield made


@pytest.fixture
def copy(servers: Servers, original: Database) -> Iterator[Database]:
    """A copy of it that the test may spoil."""
    name = "anju_tampered"
    servers.postgres.drop_database(name)
    servers.postgres.create_database(name, ORIGINAL)
    url = servers.postgres.url
    yield Database(name, url(OWNER, name), original.app_url.replace(ORIGINAL, name))
    servers.postgres.drop_database(name)


def tamper(database: Database, *statements: str) -> None:
    """Change rows as the owner, with triggers and foreign keys switched off."""
    with psycopg.connect(database.owner_url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        for statement in statements:
            assert conn.execute(statement).rowcount == 1, statement


def verify(database: Database, **options: int) -> Verdict:
    with committing_ports(database.app_url) as ports:
        return Verifier(ports.uow, ports.registry, ports.calendars, **options).verify()


# One ticket that has been through everything, and one of its lines.
TICKET = "(SELECT ticket_id FROM event WHERE type = 'auto_confirm' ORDER BY ticket_id LIMIT 1)"
ASSIGN = f"ticket_id = {TICKET} AND type = 'assign'"
LAST = f"ticket_id = {TICKET} AND seq = (SELECT max(seq) FROM event WHERE ticket_id = {TICKET})"
BREACH = f"ticket_id = {TICKET} AND clock = 'confirm' AND level = 0"


def test_sound_histories_have_no_findings(original: Database):
    verdict = verify(original)

    assert verdict.sound
    assert verdict.findings == ()
    assert verdict.tickets > 20
    assert verdict.events > 10 * verdict.tickets


@pytest.mark.parametrize(
    ("statement", "invariant", "check"),
    [
        pytest.param(
            f"UPDATE event SET data = data || '{{\"price_shown_fen\": 9}}' WHERE {ASSIGN}",
            "I6",
            "hash",
            id="data-changed",
        ),
        pytest.param(
            f"UPDATE event SET comment = 'nothing happened' WHERE {ASSIGN}",
            "I6",
            "hash",
            id="comment-changed",
        ),
        pytest.param(
            f"UPDATE event SET occurred_at = occurred_at - interval '1 ms' WHERE {ASSIGN}",
            "I6",
            "hash",
            id="time-changed-by-one-tick",
        ),
        pytest.param(
            f"UPDATE event SET actor_id = gen_random_uuid() WHERE {ASSIGN}",
            "I6",
            "hash",
            id="actor-changed",
        ),
        pytest.param(
            f"UPDATE event SET effects = '{{}}' WHERE {ASSIGN}",
            "I1",
            "clock",
            id="clock-effect-removed",
        ),
        pytest.param(
            f"UPDATE event SET hash = sha256('x') WHERE {ASSIGN}", "I6", "chain", id="resealed"
        ),
        pytest.param(f"DELETE FROM event WHERE {ASSIGN}", "I6", "sequence", id="line-removed"),
        pytest.param(f"DELETE FROM event WHERE {LAST}", "I6", "head_seq", id="tail-removed"),
        pytest.param(
            f"UPDATE event SET to_state = 'closed' WHERE {ASSIGN}",
            "I5",
            "legal_move",
            id="illegal-move",
        ),
        pytest.param(
            f"UPDATE event SET from_state = 'rework' WHERE {ASSIGN}",
            "I5",
            "from_state",
            id="does-not-continue",
        ),
        pytest.param(
            f"UPDATE event SET version = version + 1 WHERE {ASSIGN}",
            "I6",
            "version",
            id="version-jumps",
        ),
        pytest.param(
            f"UPDATE event SET received_at = occurred_at - interval '1 ms' WHERE {ASSIGN}",
            "I5",
            "time",
            id="known-before-it-happened",
        ),
        pytest.param(
            f"UPDATE ticket SET state = 'cancelled' WHERE id = {TICKET}",
            "I6",
            "head_state",
            id="head-state",
        ),
        pytest.param(
            f"UPDATE ticket SET version = version + 1 WHERE id = {TICKET}",
            "I6",
            "head_version",
            id="head-version",
        ),
        pytest.param(
            f"UPDATE ticket SET closed_at = closed_at - interval '1 ms' WHERE id = {TICKET}",
            "I6",
            "head_closed_at",
            id="head-closed-earlier",
        ),
        pytest.param(
            f"UPDATE ticket SET opened_at = opened_at + interval '1 h' WHERE id = {TICKET}",
            "I1",
            "head_opened_at",
            id="head-opened-later",
        ),
        pytest.param(
            f"UPDATE clock SET due_at = due_at + interval '1 ms'"
            f" WHERE ticket_id = {TICKET} AND name = 'handle'",
            "I1",
            "clock",
            id="clock-due-one-tick-later",
        ),
        pytest.param(
            f"UPDATE clock SET result = 'met' WHERE ticket_id = {TICKET} AND name = 'confirm'",
            "I1",
            "clock",
            id="breach-made-good",
        ),
        pytest.param(
            f"UPDATE clock SET next_at = NULL, next_level = NULL"
            f" WHERE ticket_id = {TICKET} AND name = 'confirm' AND next_at IS NULL",
            None,
            None,
            id="nothing-changed",
        ),
        pytest.param(
            f"UPDATE escalation SET noticed_at = noticed_at + interval '1 ms' WHERE {BREACH}",
            "I13",
            "noticed_at",
            id="noticed-at-another-time",
        ),
        pytest.param(
            f"UPDATE escalation SET due_at = due_at + interval '1 ms' WHERE {BREACH}",
            "I2",
            "escalation",
            id="escalation-moved",
        ),
        pytest.param(
            f"UPDATE escalation SET withdrawn_at = noticed_at WHERE {BREACH}",
            "I2",
            "withdrawn",
            id="withdrawn-without-a-word",
        ),
        pytest.param(f"DELETE FROM escalation WHERE {BREACH}", "I2", "escalation", id="rung-lost"),
        pytest.param(
            f"INSERT INTO escalation SELECT ticket_id, clock, epoch, 7, due_at, noticed_at,"
            f" fired_by, event_seq, told FROM escalation WHERE {BREACH}",
            "I2",
            "escalation",
            id="rung-invented",
        ),
        pytest.param(
            f"DELETE FROM clock WHERE ticket_id = {TICKET} AND name = 'handle'",
            "I1",
            "clock",
            id="clock-lost",
        ),
        pytest.param(
            f"UPDATE assignment SET assignee_id = 'somebody' WHERE ticket_id = {TICKET}",
            "I9",
            "assignee",
            id="held-by-another",
        ),
        pytest.param(
            f"UPDATE assignment SET ended_at = assigned_at WHERE ticket_id = {TICKET}",
            "I9",
            "assignee",
            id="held-by-nobody",
        ),
        pytest.param(
            f"DELETE FROM ticket WHERE id = {TICKET}", "I6", "orphan", id="ticket-removed"
        ),
    ],
)
def test_a_change_behind_the_services_back_is_found(copy: Database, statement, invariant, check):
    tamper(copy, statement)

    verdict = verify(copy)

    found = {(f.invariant, f.check) for f in verdict.findings}
    assert (not found) if invariant is None else (invariant, check) in found
    assert len({f.ticket for f in verdict.findings}) <= 1


def test_a_breach_that_nobody_was_told_of_is_found(copy: Database):
    """A rung removed with its line and its row leaves the clocks that derive without it."""
    tamper(
        copy,
        f"DELETE FROM escalation WHERE {BREACH}",
        f"DELETE FROM event WHERE ticket_id = {TICKET} AND type = 'clock_breached'"
        " AND data->>'clock' = 'confirm'",
    )

    found = {(f.invariant, f.check) for f in verify(copy).findings}

    assert {("I6", "sequence"), ("I6", "chain")} <= found


def test_an_unreadable_history_is_a_finding_not_a_crash(copy: Database):
    tamper(copy, f"UPDATE event SET effects = '{{}}' WHERE ticket_id = {TICKET} AND seq = 1")

    assert ("I1", "derive") in {(f.invariant, f.check) for f in verify(copy).findings}


def test_findings_beyond_the_most_are_counted_but_not_kept(copy: Database):
    tamper(copy, f"UPDATE event SET version = version + 1 WHERE {ASSIGN}")

    everything = verify(copy)
    few = verify(copy, most=1)

    assert len(few.findings) == 1
    assert few.found == everything.found == len(everything.findings) > 1


def test_small_batches_find_the_same(copy: Database):
    tamper(copy, f"DELETE FROM event WHERE {ASSIGN}")

    assert verify(copy, batch=1).findings == verify(copy).findings


def test_the_walk_tells_how_far_it_is(original: Database):
    told: list[tuple[int, int]] = []

    with committing_ports(original.app_url) as ports:
        verdict = Verifier(ports.uow, ports.registry, ports.calendars, batch=10).verify(
            lambda done, of: told.append((done, of))
        )

    assert told[-1] == (verdict.tickets, verdict.tickets)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
