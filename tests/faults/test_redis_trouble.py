"""Redis away, mute, full or read-only: the API accepts everything, in its usual time (F12–F14)."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
import redis

from tests.faults.callers import Caller, Faulty
from tests.faults.conftest import Plant
from tests.faults.verdicts import assert_sound
from tests.support.http import order

pytestmark = [pytest.mark.fault, pytest.mark.db]

CALLS = 8
# Far above what a call takes, far below what waiting for Redis would add to each of them.
SLOWEST_S = 1.5


@contextmanager
def away(plant: Plant) -> Iterator[None]:
    plant.stop_valkey()
    yield
    plant.start_valkey()


@contextmanager
def mute(plant: Plant) -> Iterator[None]:
    pid = plant.servers.supervisor.pid("valkey")
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def full(plant: Plant) -> Iterator[None]:
    with redis.Redis.from_url(plant.servers.redis_url) as client:
        before = client.config_get("maxmemory")["maxmemory"]
        client.config_set("maxmemory", "1")
        with pytest.raises(redis.OutOfMemoryError):
            client.set("anything", "x")
        yield
        client.config_set("maxmemory", before)


@contextmanager
def read_only(plant: Plant) -> Iterator[None]:
    with redis.Redis.from_url(plant.servers.redis_url) as client:
        client.replicaof("127.0.0.1", "1")
        with pytest.raises(redis.ReadOnlyError):
            client.set("anything", "x")
        yield
        client.replicaof("NO", "ONE")


def open_orders(caller: Caller) -> None:
    """Open some orders; each must be accepted in time."""
    for _ in range(CALLS):
        began = monotonic()
        answer = caller.post("/v1/repair-orders", order())
        assert answer.status == 201, answer
        assert monotonic() - began < SLOWEST_S


def test_f12_to_f14_the_api_does_not_mind(plant: Plant, processes: Faulty) -> None:
    processes.redis_url = plant.servers.redis_url
    processes.rate_limit = "6000/minute"
    with away(plant):
        caller = processes.web()
        open_orders(caller)

    for trouble in (mute, full, read_only, away):
        open_orders(caller)
        with trouble(plant):
            open_orders(caller)

    assert plant.live.value("SELECT count(*) FROM ticket") == 9 * CALLS
    assert_sound(plant.live)
