"""What leaves the house: signed, at least once, fenced, and no endpoint delays another."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from standardwebhooks import Webhook as Verifier

from service.notify.channel import PermanentError, TransientError
from service.notify.channels import CHANNELS
from service.notify.channels.webhook import Sender, signed_headers
from service.notify.deliver import SCHEDULE_S, Delivered, Delivery, pause_s
from service.notify.relay import Relay
from service.store import delivery
from service.store.delivery import Leased
from service.store.endpoint import Endpoint
from tests.notify.endpoints import SECRET, endpoint
from tests.notify.receiver import receiving
from tests.support.live import Live
from tests.support.servers import Database
from tests.support.waiting import eventually

LOOPBACK = ("127.0.0.0/8",)


def relayed(live: Live, orders: int = 1) -> None:
    for _ in range(orders):
        live.story.submit()
    Relay(live.app.ports.uow, CHANNELS).run_once()


def deliver(live: Live, seconds: float = 5.0) -> Delivered:
    return Delivery(live.app.ports.uow, Sender(LOOPBACK), seconds=seconds).run()


VECTORS = {
    "Standard Webhooks": (
        SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    "API 19, example 6": (
        "whsec_YW5qdS1leGFtcGxlLXNlY3JldC0zMi1ieXRlcy1vayE=",
        "msg_01a1fb828f4070008000000000000001", 1795221001,
        '{"type":"sla.breached","timestamp":"2026-11-21T00:30:00.000Z","data":{"ticket":{"id":'
        '"01a1fb67-1800-7000-8000-000000000007","kind":"repair_order","number":'
        '"RO-20261121-0007","state":"en_route","version":4},"clock":"arrive","epoch":1,'
        '"due_at":"2026-11-21T00:30:00.000Z","noticed_at":"2026-11-21T00:30:00.412Z","level":0}}',
        "v1,a1/YDg2sYXUlHrXYDPhfkR5/l2eXIMeGdW4rB5iilEE=",
    ),
}  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_published_vectors_are_met(vector: tuple[str, str, int, str, str]) -> None:
    secret, ident, seconds, body, expected = vector
    to = Endpoint(UUID(int=1), UUID(int=2), "https://x.example", (), "", secret, None)

    headers = signed_headers(ident, datetime.fromtimestamp(seconds, UTC), body.encode(), to)

    assert headers == {
        "webhook-id": ident,
        "webhook-timestamp": str(seconds),
        "webhook-signature": expected,
    }


def test_a_breach_is_spelled_as_the_contract_shows(live: Live) -> None:
    endpoint(live, "https://one.example/", "sla.*")
    live.story.submit()
    live.story.advance(minutes=16)
    live.story.sweep()
    Relay(live.app.ports.uow, CHANNELS).run_once()

    bodies: list[dict[str, Any]] = [row[0] for row in live.rows("SELECT body FROM delivery")]  # type: ignore[misc]
    [body] = [body for body in bodies if body["type"] == "sla.breached"]
    assert body["timestamp"] == "2026-11-21T00:15:00.000Z"
    assert body["data"].keys() == {
        "ticket", "seq", "clock", "epoch", "level", "due_at", "noticed_at"
    }  # fmt: skip
    assert body["data"]["due_at"] == "2026-11-21T00:15:00.000Z"
    assert body["data"]["noticed_at"] == "2026-11-21T00:16:00.000Z"
    assert body["data"]["ticket"].keys() == {"id", "kind", "number", "state", "version"}


def test_a_delivery_arrives_and_its_signature_holds(live: Live) -> None:
    with receiving() as receiver:
        endpoint(live, receiver.url, "repair_order.*")
        relayed(live)

        done = deliver(live)

    [(headers, body)] = receiver.got
    assert done == Delivered(sent=1, failed=0)
    assert Verifier(SECRET).verify(body, dict(headers))["type"] == "repair_order.opened"
    assert len(body) < 20_000
    assert live.rows("SELECT sent_at IS NOT NULL, status, attempts FROM delivery") == [
        (True, 204, 1)
    ]


def test_while_a_secret_is_replaced_both_sign(live: Live) -> None:
    with receiving() as receiver:
        ident = endpoint(live, receiver.url, "repair_order.*")
        live.do(
            "UPDATE webhook_endpoint SET old_secret = :old, old_until = app_now() + interval '1 h' "
            "WHERE id = :id", old="whsec_" + "QUJD" * 8, id=ident,
        )  # fmt: skip
        relayed(live)
        deliver(live)

    [(headers, body)] = receiver.got
    assert Verifier("whsec_" + "QUJD" * 8).verify(body, dict(headers))
    assert Verifier(SECRET).verify(body, dict(headers))


def test_a_failure_is_tried_again_with_the_same_id(live: Live) -> None:
    with receiving() as receiver:
        receiver.status = 500
        endpoint(live, receiver.url, "repair_order.*")
        relayed(live)
        deliver(live, seconds=0.5)
        wait_s = live.value("SELECT extract(epoch FROM retry_at - clock_timestamp()) FROM delivery")
        live.do("UPDATE delivery SET retry_at = '-infinity'")
        receiver.status = 200
        deliver(live)

    assert 3 < float(str(wait_s)) <= 6
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 2
    assert live.value("SELECT status FROM delivery WHERE sent_at IS NOT NULL") == 200


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_overburdened_receiver_is_left_alone_as_long_as_it_asks(live: Live, status: int) -> None:
    with receiving() as receiver:
        receiver.status, receiver.headers = status, {"Retry-After": "900"}
        ident = endpoint(live, receiver.url, "repair_order.*")
        relayed(live)
        deliver(live, seconds=0.5)
        relayed(live)
        deliver(live, seconds=0.5)

    assert len(receiver.got) == 1
    assert live.value(
        "SELECT slow_until > clock_timestamp() + interval '890 s' FROM webhook_endpoint "
        "WHERE id = :id", id=ident,
    ) is True  # fmt: skip
    assert live.value(
        "SELECT retry_at > clock_timestamp() + interval '890 s' FROM delivery WHERE attempts = 1"
    ) is True  # fmt: skip


def test_a_redirect_is_a_failure_and_is_not_followed(live: Live) -> None:
    with receiving() as elsewhere, receiving() as receiver:
        receiver.status, receiver.headers = 302, {"Location": elsewhere.url}
        endpoint(live, receiver.url, "repair_order.*")
        relayed(live)
        deliver(live, seconds=0.5)

    assert elsewhere.got == []
    assert live.value("SELECT last_error FROM delivery") == "answered_302"


def test_gone_disables_the_endpoint_and_tells_its_owner(live: Live) -> None:
    with receiving() as receiver:
        receiver.status = 410
        endpoint(live, receiver.url, "repair_order.*")
        relayed(live, orders=5)
        deliver(live)

    assert live.value("SELECT disabled_why FROM webhook_endpoint") == "gone"
    assert live.value("SELECT count(*) FROM delivery WHERE dead_at IS NULL") == 0
    owner = live.rows("SELECT account_id FROM inbox WHERE topic = 'webhook.disabled'")
    assert owner == [(live.story.actor("admin").id,)]


def test_the_last_failure_disables_the_endpoint(live: Live) -> None:
    with receiving() as receiver:
        receiver.status = 500
        endpoint(live, receiver.url, "repair_order.*")
        relayed(live)
        live.do("UPDATE delivery SET attempts = 9")
        deliver(live, seconds=0.5)

    assert live.value("SELECT disabled_why FROM webhook_endpoint") == "retries_exhausted"
    assert live.value("SELECT dead_at IS NOT NULL FROM delivery") is True


def test_a_hanging_endpoint_delays_no_other(live: Live) -> None:
    with receiving() as slow, receiving() as quick:
        slow.gate.clear()
        endpoint(live, slow.url, "repair_order.*", name="slow")
        endpoint(live, quick.url, "repair_order.*", name="quick")
        relayed(live, orders=20)
        round_ = Delivery(live.app.ports.uow, Sender(LOOPBACK), seconds=8.0, at_once=8)
        hanging = threading.Thread(target=round_.run)
        hanging.start()
        eventually(lambda: len(quick.got) == 20, within_s=5)
        answered = len(slow.got)
        slow.gate.set()
        hanging.join()

    assert answered == 4


@pytest.mark.parametrize("lease", [delivery.lease, partial(delivery.lease_fairly, each=4)])
def test_no_plan_leases_more_than_was_asked_for(
    live: Live, clean_database: Database, lease: Callable[..., Sequence[Leased]]
) -> None:
    """Whoever thinks the table empty puts it on the outside of a loop and runs the rest inside."""
    with psycopg.connect(clean_database.owner_url.replace("+psycopg", "")) as conn:
        conn.execute("ANALYZE delivery")
    for name in ("one", "two"):
        endpoint(live, f"https://{name}.example/", "repair_order.*", name=name)
    relayed(live, orders=20)

    with live.app.ports.uow() as tx:
        for join in ("hashjoin", "mergejoin", "material"):
            tx.conn.execute(text(f"SET LOCAL enable_{join} = off"))
        leased = lease(tx, "webhook", batch=8)

    assert len(leased) == 8


def test_an_acknowledgement_after_the_lease_was_lost_changes_nothing(live: Live) -> None:
    endpoint(live, "https://one.example/", "repair_order.*")
    relayed(live)
    with live.app.ports.uow() as tx:
        [first] = delivery.lease_fairly(tx, "webhook", batch=5, each=5)
        assert delivery.lease_fairly(tx, "webhook", batch=5, each=5) == []
    live.do("UPDATE delivery SET lease_until = clock_timestamp() - interval '1 s'")
    with live.app.ports.uow() as tx:
        [second] = delivery.lease_fairly(tx, "webhook", batch=5, each=5)

    with live.app.ports.uow() as tx:
        late = delivery.acknowledge(tx, first, status=200)
        late_failure = delivery.try_again(tx, first, after_s=5, error="late")
        mine = delivery.acknowledge(tx, second, status=204)

    assert (late, late_failure, mine) == (False, False, True)
    assert live.rows("SELECT status, attempts FROM delivery") == [(204, 2)]


def test_deliveries_of_a_deleted_endpoint_are_settled(live: Live) -> None:
    endpoint(live, "https://one.example/", "repair_order.*")
    relayed(live)
    live.do("DELETE FROM webhook_endpoint")

    deliver(live)

    assert live.value("SELECT superseded_at IS NOT NULL FROM delivery") is True


def test_a_fault_of_ours_stops_neither_round_nor_neighbour(live: Live) -> None:
    class Faulty:
        def send(self, leased: Leased, to: Endpoint) -> int:
            if to.url.startswith("https://bad"):
                raise KeyError("secret")
            return 200

    endpoint(live, "https://bad.example/", "repair_order.*", name="bad")
    endpoint(live, "https://good.example/", "repair_order.*", name="good")
    relayed(live)

    done = Delivery(live.app.ports.uow, Faulty(), seconds=0.5).run()

    assert done == Delivered(sent=1, failed=1)
    assert live.value("SELECT last_error FROM delivery WHERE sent_at IS NULL") == "KeyError"


def test_a_private_address_is_not_connected_to(live: Live) -> None:
    with receiving() as receiver:
        to = Endpoint(UUID(int=1), UUID(int=2), receiver.url, (), "", SECRET, None)
        leased = Leased(UUID(int=3), 1, to.id, {}, 1, 1, datetime.now(UTC))

        with pytest.raises(TransientError, match="url_not_allowed"):
            Sender(()).send(leased, to)

    assert receiver.got == []


@pytest.mark.parametrize("attempt", range(1, 10))
def test_pauses_follow_the_schedule_with_a_fifth_of_jitter(attempt: int) -> None:
    pause = pause_s(UUID(int=7), attempt)

    assert pause is not None
    assert SCHEDULE_S[attempt - 1] <= pause <= SCHEDULE_S[attempt - 1] * 1.2
    assert pause == pause_s(UUID(int=7), attempt)


def test_after_the_tenth_try_comes_none() -> None:
    assert pause_s(UUID(int=7), 10) is None


def test_gone_is_permanent() -> None:
    assert PermanentError("gone", 410).status == 410
