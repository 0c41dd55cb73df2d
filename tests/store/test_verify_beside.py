"""The verifier finds what does not fit beside a history: money, votes, causes, notes, links."""

from collections.abc import Iterator

import psycopg
import pytest

from service.jobs import rounds
from service.local.postgres import OWNER
from service.local.servers import Servers
from service.store.audit.walk import Verdict, Verifier
from tests.faults.killing import disputes, follow_ups, vendors
from tests.faults.killing.ways import Way, go
from tests.support.any_story import AnyStory
from tests.support.live import living
from tests.support.replaying import committing_ports
from tests.support.roads import road_of
from tests.support.servers import Database, copied_database

pytestmark = pytest.mark.db

ORIGINAL = "anju_beside"
VOTE = "noun = 'sealed' AND seq = (SELECT max(seq) FROM ticket_child WHERE noun = 'sealed')"
CASE = "kind = 'dispute_case'"
UP = "kind = 'dispute_case' AND type = 'escalate'"


def told(story: AnyStory) -> None:
    """Tell of a case that went up a tier, with notes; a penalty; a vote and its cure."""
    go(story, road_of("dispute_case"), Way("", "", at="in_session", then=(disputes.ADJOURNED,)))
    story.note("mediator", "先分别谈话", level="private")
    story.note("mediator", "请携带发票", level="shared", party=1)
    made = [story.link("mediator", party) for party in (1, 2)]
    story.unlink("mediator", made[1])
    story.pass_time(days=8)
    penalised = (*vendors.DEDUCTION, vendors.FINISH)
    go(story, road_of("rectification_order"),
       Way("", "", at="reinspecting", then=penalised, ready=vendors.paid))  # fmt: skip
    then = (*vendors.graded("basically_satisfied"),
            ("order_rectification", "committee", follow_ups.CURES))  # fmt: skip
    go(story, road_of("vendor_assessment"), Way("", "", then=then))


@pytest.fixture(scope="module")
def original(servers: Servers, template: str) -> Iterator[Database]:
    """A database with such histories, to which nobody is connected."""
    with copied_database(servers, ORIGINAL) as made:
        with living(made) as live:
            told(live.story)
            rounds.relay_round(live.app)
        yield made


@pytest.fixture
def copy(servers: Servers, original: Database) -> Iterator[Database]:
    """A copy of it that the test may spoil."""
    name = "anju_beside_spoilt"
    servers.postgres.drop_database(name)
    servers.postgres.create_database(name, ORIGINAL)
    url = servers.postgres.url
    yield Database(name, url(OWNER, name), original.app_url.replace(ORIGINAL, name))
    servers.postgres.drop_database(name)


def verify(database: Database) -> Verdict:
    with committing_ports(database.app_url) as ports:
        return Verifier(ports.uow, ports.registry, ports.calendars).verify()


def test_what_was_told_is_sound(original: Database) -> None:
    verdict = verify(original)

    assert verdict.findings == ()
    assert verdict.tickets == 4


@pytest.mark.parametrize(
    ("statement", "invariant", "check"),
    [
        pytest.param(
            "UPDATE deposit SET balance_fen = balance_fen + 1", "I2", "balance", id="balance-moved"
        ),
        pytest.param(
            "UPDATE ledger_entry SET fen = fen - 1 WHERE reason = 'deduction'",
            "I2",
            "posting",
            id="another-sum-than-decided",
        ),
        pytest.param(
            "DELETE FROM ledger_entry WHERE reason = 'deduction'",
            "I2",
            "posting",
            id="a-deduction-without-entry",
        ),
        pytest.param(
            "INSERT INTO ledger_entry (vendor_id, compound_id, debit, credit, fen, reason, "
            "ticket_id, event_seq, actor_id, at) SELECT vendor_id, compound_id, credit, debit, "
            "fen, reason, ticket_id, 1, actor_id, at FROM ledger_entry WHERE reason = 'deduction'",
            "I2",
            "posting",
            id="money-that-no-event-moves",
        ),
        pytest.param(
            "UPDATE credit_event SET seq = 99 WHERE ctid = (SELECT min(ctid) FROM credit_event)",
            "I2",
            "points",
            id="points-without-a-line",
        ),
        pytest.param(
            "DELETE FROM ticket_cause WHERE relation = 'cure'", "I6", "cause", id="no-link"
        ),
        pytest.param(
            "UPDATE ticket_cause SET cause_seq = 99 WHERE relation = 'cure'",
            "I6",
            "cause",
            id="a-link-to-no-line",
        ),
        pytest.param(
            "DELETE FROM ticket_stake WHERE holder = 'tier:2'", "I9", "sight", id="tier-is-blind"
        ),
        pytest.param(
            f"UPDATE event SET effects = jsonb_set(effects, '{{terms,variant}}', '\"t3\"') "
            f"WHERE {UP}",
            "I9",
            "tier",
            id="tier-skipped",
        ),
        pytest.param(
            f"UPDATE ticket SET facts = facts || '{{\"tiers\": []}}' WHERE {CASE}",
            "I9",
            "tier",
            id="stays-forgotten",
        ),
        pytest.param(
            f"UPDATE event SET effects = effects - 'terms' WHERE {UP}",
            "I9",
            "tier",
            id="went-up-and-stayed",
        ),
        pytest.param(
            "UPDATE note SET level = 'recorded' WHERE level = 'private'",
            "I6",
            "note",
            id="note-opened-behind-its-author",
        ),
        pytest.param("DELETE FROM link WHERE party = 1", "I6", "link", id="a-link-that-is-gone"),
        pytest.param(
            "UPDATE link SET created_by = gen_random_uuid() WHERE party = 1",
            "I6",
            "link",
            id="a-link-by-somebody-else",
        ),
        pytest.param(
            "UPDATE link SET party = 3 WHERE party = 1", "I6", "link", id="a-link-for-another-party"
        ),
        pytest.param(
            "UPDATE link SET revoked_at = NULL WHERE party = 2",
            "I6",
            "link",
            id="a-link-that-lives-again",
        ),
        pytest.param(
            "UPDATE link SET revoked_at = app_now() WHERE party = 1",
            "I6",
            "link",
            id="a-link-ended-in-silence",
        ),
        pytest.param(
            "DELETE FROM note WHERE level = 'shared'", "I6", "note", id="a-note-without-words"
        ),
        pytest.param(
            f"UPDATE ticket_child SET row = jsonb_set(row, '{{data,grade}}', '\"satisfied\"') "
            f"WHERE {VOTE}",
            "I6",
            "sealed",
            id="vote-changed",
        ),
        pytest.param(f"DELETE FROM ticket_child WHERE {VOTE}", "I6", "sealed", id="vote-removed"),
        pytest.param(
            f"UPDATE ticket_child SET row = '{{}}' WHERE {VOTE}", "I6", "sealed", id="vote-emptied"
        ),
        pytest.param(
            f"UPDATE ticket_child SET seq = 99 WHERE {VOTE}", "I6", "sealed", id="vote-moved"
        ),
        pytest.param(
            'UPDATE event SET data = data || \'{"grade": "satisfied"}\' '
            "WHERE kind = 'vendor_assessment' AND type = 'grade'",
            "I11",
            "sealed",
            id="vote-shown",
        ),
        pytest.param(
            "UPDATE ticket SET facts = jsonb_set(facts, '{tally,n}', '2') "
            "WHERE kind = 'vendor_assessment'",
            "I2",
            "votes",
            id="voter-counted-twice",
        ),
    ],
)
def test_what_was_changed_beside_is_found(
    copy: Database, statement: str, invariant: str, check: str
) -> None:
    with psycopg.connect(copy.owner_url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        assert conn.execute(statement).rowcount == 1, statement

    found = {(finding.invariant, finding.check) for finding in verify(copy).findings}

    assert (invariant, check) in found
