"""The verifier also finds what did not follow from a history, or followed twice."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from service.jobs import reacting, reactions
from service.local.postgres import OWNER
from service.local.replay.run import run
from service.local.servers import Servers
from service.notify.channels import CHANNELS
from service.notify.relay import Relay
from service.store.audit import drained
from service.store.audit.finding import Finding
from service.store.audit.walk import Verifier
from tests.support.replaying import committing_ports, rows_of_excerpt
from tests.support.servers import Database, copied_database
from tests.support.waiting import eventually

pytestmark = pytest.mark.db

ORIGINAL = "anju_relayed"
LETTER = "id = (SELECT min(id) FROM outbox WHERE topic = 'sla.breached')"
PLAIN = "id = (SELECT min(id) FROM outbox WHERE topic LIKE 'repair_order.%')"
NUMBERED = "seq = (SELECT max(seq) / 2 FROM feed)"
DELIVERY = (
    "INSERT INTO delivery (id, outbox_id, channel, recipient, body, created_at, {names})"
    " SELECT gen_random_uuid(), {letter}, 'webhook', gen_random_uuid(), '{{}}', at, {values}"
    f" FROM outbox WHERE {LETTER}"
)
DEAD = "dead_at = at, sent_at = NULL"


@pytest.fixture(scope="module")
def original(servers: Servers, template: str, tmp_path_factory) -> Iterator[Database]:
    """A database in which everything was relayed, to which nobody is connected."""
    with copied_database(servers, ORIGINAL) as made:
        with committing_ports(made.app_url) as ports:
            run(ports, rows_of_excerpt(tmp_path_factory.mktemp("rows"), 22, 34), "nyc311_full")
            relay = Relay(ports.uow, CHANNELS, reacting=reactions.wanted)
            while relay.run_once(batch=1000).more:
                pass
            reacting.react(ports)
            while relay.run_once(batch=1000).more:
                pass

            def numbered() -> bool:
                relay.number_feed(batch=10_000)
                with ports.uow() as tx:
                    waits = tx.conn.execute(text("SELECT EXISTS (SELECT FROM outbox WHERE feeds)"))
                    return not waits.scalar_one()

            eventually(numbered)
        yield made


@pytest.fixture
def copy(servers: Servers, original: Database) -> Iterator[Database]:
    """A copy of it that the test may spoil."""
    name = "anju_spoilt"
    servers.postgres.drop_database(name)
    servers.postgres.create_database(name, ORIGINAL)
    url = servers.postgres.url
    yield Database(name, url(OWNER, name), original.app_url.replace(ORIGINAL, name))
    servers.postgres.drop_database(name)


def spoil(database: Database, statement: str) -> None:
    with psycopg.connect(database.owner_url.replace("+psycopg", ""), autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        assert conn.execute(statement).rowcount == 1, statement


def verify(database: Database, **options: bool) -> tuple[Finding, ...]:
    with committing_ports(database.app_url) as ports:
        return Verifier(ports.uow, ports.registry, ports.calendars, **options).verify().findings


def kinds(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(found.invariant, found.check) for found in findings}


def test_what_was_relayed_is_sound_and_drained(original: Database):
    assert verify(original, drained=True) == ()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        pytest.param(f"DELETE FROM outbox WHERE {PLAIN}", ("I8", "letter"), id="letter-lost"),
        pytest.param(
            f"UPDATE outbox SET event_seq = 99 WHERE {PLAIN}", ("I2", "letter"), id="of-no-line"
        ),
        pytest.param(
            f"UPDATE outbox SET dedupe_key = 'esc:x:1:0' WHERE {LETTER}",
            ("I2", "letter"),
            id="another-key",
        ),
        pytest.param(
            f"UPDATE outbox SET {DEAD} WHERE {PLAIN}", ("I8", "letter_end"), id="dead-and-no-word"
        ),
        pytest.param(
            "DELETE FROM inbox WHERE id = (SELECT min(id::text)::uuid FROM inbox"
            " WHERE topic = 'sla.breached')",
            ("I8", "told"),
            id="somebody-not-told",
        ),
        pytest.param(
            "UPDATE inbox SET event_seq = 99 WHERE id = (SELECT min(id::text)::uuid FROM inbox)",
            ("I2", "told"),
            id="told-of-nothing",
        ),
        pytest.param(
            DELIVERY.format(names="sent_at", letter="id", values="at"),
            ("I8", "delivery"),
            id="sent-without-a-try",
        ),
        pytest.param(
            DELIVERY.format(
                names="sent_at, dead_at, attempts, lease_token, status",
                letter="id",
                values="at, at, 1, 1, 200",
            ),
            ("I8", "delivery"),
            id="sent-and-dead",
        ),
        pytest.param(
            DELIVERY.format(names="superseded_at", letter="id + 1000000", values="at"),
            ("I2", "delivery"),
            id="delivery-of-no-letter",
        ),
        pytest.param(f"DELETE FROM feed WHERE {NUMBERED}", ("I8", "feed_gap"), id="feed-gap"),
        pytest.param(
            f"UPDATE feed SET event_seq = 99 WHERE {NUMBERED}", ("I8", "feed"), id="feed-of-no-line"
        ),
        pytest.param(
            f"UPDATE outbox SET feeds = true WHERE {PLAIN}", ("I8", "feed"), id="to-be-fed-again"
        ),
        pytest.param(
            f"UPDATE outbox SET xid = '1' WHERE {LETTER}", ("I8", "feed_order"), id="feed-order"
        ),
        pytest.param(
            "INSERT INTO idempotency (actor_id, route, key, fingerprint, created_at)"
            " VALUES (gen_random_uuid(), 'POST /', 'k', '\\x00', app_now())",
            ("I4", "key"),
            id="key-without-an-answer",
        ),
    ],
)
def test_what_did_not_follow_is_found(copy: Database, statement: str, kind: tuple[str, str]):
    spoil(copy, statement)

    assert kind in kinds(verify(copy))


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        pytest.param(
            f"UPDATE outbox SET sent_at = NULL WHERE {PLAIN}",
            ("I8", "letter_waits"),
            id="letter-waits",
        ),
        pytest.param(
            DELIVERY.format(names="attempts", letter="id", values="3"),
            ("I8", "delivery_waits"),
            id="delivery-waits",
        ),
        pytest.param(
            "WITH last AS (DELETE FROM feed WHERE seq = (SELECT max(seq) FROM feed) RETURNING *)"
            " UPDATE outbox o SET feeds = true FROM last l"
            " WHERE (o.ticket_id, o.event_seq, o.topic) = (l.ticket_id, l.event_seq, l.topic)",
            ("I8", "feed_waits"),
            id="feed-waits",
        ),
        pytest.param(
            "UPDATE clock SET next_level = 1, next_at = started_at, parked_at = clock_timestamp()"
            " WHERE (ticket_id, name, epoch) = (SELECT ticket_id, name, epoch FROM clock"
            " ORDER BY 1, 2, 3 LIMIT 1)",
            ("I1", "rung_age"),
            id="rung-parked",
        ),
    ],
)
def test_what_is_left_to_do_matters_only_when_all_is_quiet(
    copy: Database, statement: str, kind: tuple[str, str]
):
    spoil(copy, statement)

    assert kind not in kinds(verify(copy))
    assert kind in kinds(verify(copy, drained=True))


def test_an_old_transaction_and_a_lock_left_behind_are_seen(
    copy: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drained, "AGE_S", 0.0)
    url = copy.app_url.replace("+psycopg", "")
    with psycopg.connect(url) as open_one, psycopg.connect(url, autocommit=True) as locker:
        open_one.execute("SELECT FROM ticket LIMIT 1")
        locker.execute("SELECT pg_advisory_lock(1)")

        eventually(lambda: {("I10", "transaction"), ("I10", "lock")}
                   <= kinds(verify(copy, drained=True)))  # fmt: skip
