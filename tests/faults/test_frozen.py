"""A process frozen in the middle wakes up to find that it was done without it (F06, F08)."""

import signal

import pytest

from service.jobs import rounds
from tests.faults.callers import Faulty, is_stopped
from tests.faults.conftest import Plant
from tests.faults.verdicts import assert_sound, marks
from tests.notify.endpoints import endpoint
from tests.notify.receiver import receiving
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]


def test_f06_the_database_ends_a_frozen_sweeper_and_its_late_commit_fails(
    plant: Plant, processes: Faulty
) -> None:
    live, story = plant.live, plant.live.story
    story.submit()
    story.advance(minutes=16)
    processes.fault("idle_ms", "400")
    processes.fault("before_commit", "SIGSTOP")

    frozen = processes.start("sweep")
    eventually(lambda: is_stopped(frozen.pid))
    assert story.sweep().tickets == 0, "the frozen one holds the ticket's lock"
    eventually(lambda: story.sweep().fired == 2)
    processes.signal(frozen, signal.SIGCONT)

    assert frozen.wait(20) == 0, "it looks again, and finds nothing left to do"
    assert b"sweep_batch_failed" in processes.log.read_bytes()
    assert marks(live, story.order, "ack", 0) == 1
    assert live.rows("SELECT DISTINCT fired_by FROM escalation") == [("test",)]
    assert_sound(live)


def test_f08_a_sender_that_lost_its_lease_says_nothing(plant: Plant, processes: Faulty) -> None:
    live = plant.live
    with receiving() as receiver:
        receiver.gate.clear()
        endpoint(live, receiver.url, "repair_order.opened")
        live.story.submit()
        rounds.relay_round(live.app)
        first = processes.start("deliver")
        eventually(lambda: len(receiver.got) == 1)
        processes.signal(first, signal.SIGSTOP)
        eventually(lambda: is_stopped(first.pid))
        live.do("UPDATE delivery SET lease_until = clock_timestamp() - interval '1 s'")
        receiver.gate.set()

        assert rounds.deliver_round(live.app).sent == 1
        settled = live.rows("SELECT sent_at, status, lease_token FROM delivery")
        live.story.advance(hours=1)
        receiver.status = 500
        processes.signal(first, signal.SIGCONT)
        assert first.wait(20) == 0

    assert live.rows("SELECT sent_at, status, lease_token FROM delivery") == settled
    assert settled[0][2] == 2
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert_sound(live)
