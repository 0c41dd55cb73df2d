"""Shows 5: whatever dies, the next breach fires once, within seconds."""

import os
import signal
from uuid import UUID

import pytest
import redis

from tests.faults.conftest import Plant
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]

SECONDS = 6.0


def breach(plant: Plant) -> UUID:
    """Open an order and let its first clock run out; nobody is asked to sweep."""
    story = plant.live.story
    story.submit()
    assert story.order
    story.advance(minutes=16)
    return story.order


def fired_by(plant: Plant, order: UUID) -> str | None:
    found = plant.live.value(
        "SELECT fired_by FROM escalation WHERE ticket_id = :id AND clock = 'ack' AND level = 0",
        id=order,
    )
    return None if found is None else str(found).partition("@")[0]


def assert_fired_once(plant: Plant, order: UUID) -> None:
    eventually(lambda: fired_by(plant, order), SECONDS)
    eventually(lambda: told(plant, order), SECONDS)
    marks = plant.live.value(
        "SELECT count(*) FROM event WHERE ticket_id = :id AND type = 'clock_breached' "
        "AND data->>'clock' = 'ack'", id=order,
    )  # fmt: skip
    assert marks == 1
    assert told(plant, order) == 1


def told(plant: Plant, order: UUID) -> object:
    return plant.live.value(
        "SELECT count(*) FROM inbox WHERE ticket_id = :id AND topic = 'sla.breached'", id=order
    )


def answers(plant: Plant) -> object:
    return plant.live.value(
        "SELECT clock_timestamp() - wall_at < interval '1 s' FROM heartbeat WHERE name = 'worker'"
    )


def test_a_breach_fires_once_whatever_is_killed_emptied_or_stopped(plant: Plant) -> None:
    worker = plant.parts.start("worker")
    plant.parts.start("ticker")
    eventually(lambda: answers(plant))
    first = breach(plant)
    assert_fired_once(plant, first)
    assert fired_by(plant, first) == "worker"

    plant.parts.kill(worker)
    second = breach(plant)
    assert_fired_once(plant, second)
    assert fired_by(plant, second) == "ticker"

    plant.parts.start("worker")
    eventually(lambda: answers(plant))
    with redis.Redis.from_url(plant.servers.redis_url) as client:
        client.flushall()
    assert_fired_once(plant, breach(plant))

    plant.stop_valkey()
    assert_fired_once(plant, breach(plant))

    plant.start_valkey()
    eventually(lambda: answers(plant))
    last = breach(plant)
    assert_fired_once(plant, last)


def test_a_worker_frozen_or_killed_in_mid_job_costs_nothing(plant: Plant) -> None:
    worker = plant.parts.start("worker")
    plant.parts.start("ticker")
    eventually(lambda: answers(plant))

    os.killpg(worker.pid, signal.SIGSTOP)
    assert_fired_once(plant, breach(plant))
    os.killpg(worker.pid, signal.SIGCONT)

    eventually(lambda: answers(plant))
    assert_fired_once(plant, breach(plant))


def test_a_mute_redis_delays_a_breach_by_seconds_only(plant: Plant) -> None:
    plant.parts.start("ticker")
    plant.parts.start("worker")
    eventually(lambda: answers(plant))
    pid = plant.servers.supervisor.pid("valkey")
    assert pid

    os.kill(pid, signal.SIGSTOP)
    try:
        assert_fired_once(plant, breach(plant))
    finally:
        os.kill(pid, signal.SIGCONT)


def test_sessions_ended_by_the_database_come_back(plant: Plant) -> None:
    plant.parts.start("worker")
    plant.parts.start("ticker")
    eventually(lambda: answers(plant))

    for _ in range(3):
        plant.live.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'anju-%'"
        )
        assert_fired_once(plant, breach(plant))


@pytest.mark.parametrize("part", ["worker", "ticker"])
def test_a_part_ends_cleanly_when_asked(plant: Plant, part: str) -> None:
    process = plant.parts.start(part)
    eventually(lambda: plant.live.value("SELECT count(*) FROM pg_stat_activity "
                                        "WHERE application_name LIKE 'anju-%'")
               if part == "ticker" else _listens(plant))  # fmt: skip

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0


@pytest.mark.parametrize("part", ["worker", "ticker"])
def test_a_part_starts_and_ends_without_redis(plant: Plant, part: str) -> None:
    plant.stop_valkey()
    process = plant.parts.start(part)
    eventually(lambda: b"without_redis" in plant.parts.log.read_bytes())

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0


def _listens(plant: Plant) -> bool:
    with redis.Redis.from_url(plant.servers.redis_url) as client:
        return bool(client.smembers("rq:workers"))
