"""Letters reach the people and endpoints they concern, each exactly once."""

import threading
from typing import Any

import psycopg
import pytest

from service.jobs import rounds
from service.notify.channels import CHANNELS
from service.notify.channels.webhook import wanted
from service.notify.relay import Relay, Relayed
from service.store.unit_of_work import UnitOfWork
from tests.notify.endpoints import endpoint
from tests.support.live import Live
from tests.support.servers import Database


def relay(live: Live) -> Relayed:
    return Relay(live.app.ports.uow, CHANNELS).run_once()


def told(live: Live, topic: str) -> set[str]:
    found = live.rows(
        "SELECT a.name FROM inbox i JOIN account a ON a.id = i.account_id WHERE i.topic = :topic",
        topic=topic,
    )
    return {str(row[0]) for row in found}


def test_crew_and_its_manager_hear_of_an_assignment(live: Live) -> None:
    live.story.until("assigned")

    relay(live)

    assert told(live, "repair_order.assign") == {"crew", "vendor_manager"}


def test_who_acts_is_not_told_of_the_own_act(live: Live) -> None:
    live.story.until("en_route")

    relay(live)

    assert told(live, "repair_order.take") == {"vendor_manager"}


def test_a_resident_who_opened_the_order_hears_of_it(live: Live) -> None:
    live.story.submit("resident")
    live.story.fire("accept", "dispatcher")

    relay(live)

    assert told(live, "repair_order.accept") == {"resident"}


def test_who_reported_a_duplicate_hears_of_the_master(live: Live) -> None:
    live.story.submit()
    master = live.story.order
    live.story.submit("resident")
    live.story.fire("merge", "dispatcher", data={"into": str(master)})
    rounds.relay_round(live.app)
    live.story.order = master
    live.story.fire("accept", "dispatcher")

    relay(live)

    assert told(live, "repair_order.merge") == {"resident"}
    assert told(live, "repair_order.accept") == {"resident"}


def test_the_manager_hears_of_a_postponement_and_of_a_failed_revisit(live: Live) -> None:
    live.story.until("in_progress")
    live.story.fire("report_cannot_finish", "crew")
    live.story.submit("resident")
    live.story.until("awaiting_confirmation")
    live.story.fire("confirm", "resident", data={"rating": "unsatisfied"})
    live.story.fire("revisit_fail", "dispatcher", data={"finding": "又漏了"})

    relay(live)

    assert "manager" in told(live, "repair_order.report_cannot_finish")
    assert "manager" in told(live, "repair_order.revisit_fail")


def test_the_crew_that_loses_an_order_is_told(live: Live) -> None:
    live.story.until("assigned")
    live.story.fire("reassign", "dispatcher")

    relay(live)

    assert told(live, "repair_order.reassign") == {"crew", "other_crew_member", "vendor_manager"}


def test_a_second_rework_is_told_to_manager_and_committee(live: Live) -> None:
    live.story.until("awaiting_confirmation")
    for _ in range(2):
        live.story.fire("refuse_confirmation", "resident")
        for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
                          ("diagnose", "crew"), ("start_work", "crew"),
                          ("complete_work", "crew")):  # fmt: skip
            live.story.fire(event, by)

    relay(live)

    assert told(live, "repair_order.rework_notice") == {"manager", "committee"}


def test_those_told_of_a_breach_that_was_none_are_corrected(live: Live) -> None:
    live.story.until("assigned")
    live.story.fire("take", "crew")
    live.story.advance(minutes=29)
    arrived = live.story.now
    live.story.advance(minutes=10)
    live.story.sweep()
    live.story.fire("arrive", "crew", occurred_at=arrived)

    relay(live)

    corrected = told(live, "sla.corrected")
    assert corrected
    assert corrected <= told(live, "sla.breached")


def test_a_poisoned_letter_backs_off_and_its_neighbour_is_sent(live: Live) -> None:
    live.story.submit()
    live.story.advance(minutes=16)
    live.story.sweep()
    live.do(
        'UPDATE outbox SET payload = \'{"told": [{"role": "x", "account": "no-uuid"}]}\' '
        "WHERE topic = 'sla.warned'"
    )

    done = relay(live)

    assert done.failed == 1
    assert live.rows(
        "SELECT topic, attempts, last_error, retry_at > clock_timestamp() FROM outbox "
        "WHERE sent_at IS NULL"
    ) == [("sla.warned", 1, "ValueError", True)]
    assert told(live, "sla.breached") == {"dispatcher"}


def test_the_twelfth_failure_of_a_letter_is_its_last(live: Live) -> None:
    live.story.submit()
    live.do("UPDATE outbox SET topic = 'sla.breached', payload = '{\"told\": [{}]}', attempts = 11")

    relay(live)

    assert live.value("SELECT dead_at IS NOT NULL FROM outbox") is True
    assert relay(live).letters == 0


def test_two_relays_at_once_share_the_letters(live: Live) -> None:
    live.story.until("closed")
    letters = live.value("SELECT count(*) FROM outbox")
    barrier = threading.Barrier(2)
    done: list[int] = []

    def run() -> None:
        work = Relay(UnitOfWork(live.app.engine), CHANNELS)
        barrier.wait()
        done.append(sum(work.run_once(batch=3).letters for _ in range(20)))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == letters
    assert live.value("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0


def test_the_feed_waits_for_a_late_committer_and_has_no_gap(
    live: Live, clean_database: Database
) -> None:
    numbers = Relay(live.app.ports.uow, CHANNELS)
    with psycopg.connect(clean_database.app_url.replace("+psycopg", "")) as late:
        live.story.submit()
        late.execute("SELECT pg_current_xact_id()")
        live.story.fire("accept", "dispatcher")

        early = numbers.number_feed()
        late.commit()
    numbers.number_feed()

    assert early == 1
    assert live.rows("SELECT seq, topic FROM feed ORDER BY seq") == [
        (1, "repair_order.opened"),
        (2, "repair_order.accept"),
    ]


def test_an_id_lost_in_a_rollback_leaves_no_gap_in_the_feed(live: Live) -> None:
    live.story.submit()
    live.value("SELECT nextval(pg_get_serial_sequence('outbox', 'id'))")
    live.story.fire("accept", "dispatcher")

    Relay(live.app.ports.uow, CHANNELS).number_feed()

    assert [row[0] for row in live.rows("SELECT seq FROM feed ORDER BY seq")] == [1, 2]


def test_an_endpoint_gets_its_types_of_its_place_and_no_names(live: Live) -> None:
    mine = endpoint(live, "https://one.example/", "repair_order.accept", "sla.*")
    endpoint(live, "https://two.example/", "repair_order.*", place="north", name="other")
    live.story.submit()
    live.story.fire("accept", "dispatcher")

    relay(live)

    [(recipient, body)] = live.rows("SELECT recipient, body FROM delivery")
    assert recipient == mine
    data: Any = body
    assert data["type"] == "repair_order.accept"
    assert data["data"]["ticket"]["state"] == "accepted"
    assert data["data"]["ticket"]["version"] == 2
    assert "张三" not in str(body)
    assert "13800000001" not in str(body)


@pytest.mark.parametrize(
    ("patterns", "names", "expected"),
    [
        (["sla.*"], ["sla.breached"], "sla.breached"),
        (["sla.*"], ["slack.breached"], None),
        (["repair_order.submit"], ["repair_order.opened", "repair_order.submit"],
         "repair_order.submit"),
        (["repair_order.*"], ["repair_order.opened", "repair_order.submit"],
         "repair_order.opened"),
        (["repair_order.take"], ["repair_order.taken"], None),
    ],
)  # fmt: skip
def test_a_pattern_covers_whole_words_only(
    patterns: list[str], names: list[str], expected: str | None
) -> None:
    assert wanted(patterns, names) == expected
