"""The bell never delays and never fails whoever rings it."""

import os
import signal
from time import monotonic

import pytest
import redis

from service.jobs import queue
from service.jobs.bell import Bell, Breaker
from service.local.servers import Servers
from tests.support.servers import ready_folder


def jobs(url: str) -> list[str]:
    client = queue.connect(url, timeout_s=1)
    try:
        return [ident.partition("-")[0] for ident in queue.queue(client).job_ids]
    finally:
        client.close()


def test_a_bell_becomes_one_job(valkey: str) -> None:
    bell = Bell(valkey)

    for _ in range(50):
        bell.ring("relay")
    bell.flush(2)

    assert jobs(valkey).count("relay") <= 2
    assert "relay" in jobs(valkey)


def test_a_slot_is_rung_once(valkey: str) -> None:
    client = queue.connect(valkey, timeout_s=1)
    into = queue.queue(client)

    rung = [queue.put(into, "sweep", "7") for _ in range(3)]
    client.close()

    assert rung == [True, False, False]
    assert jobs(valkey) == ["sweep"]


def test_a_queue_nobody_empties_does_not_grow(valkey: str) -> None:
    client = queue.connect(valkey, timeout_s=1)
    into = queue.queue(client)
    for slot in range(150):
        queue.put(into, "sweep", str(slot))
    client.close()

    assert len(jobs(valkey)) == 100


@pytest.mark.parametrize("url", [None, "unix:///nowhere/valkey.sock", "redis://127.0.0.1:1"])
def test_ringing_without_redis_returns_at_once(url: str | None) -> None:
    bell = Bell(url)
    began = monotonic()

    for _ in range(1000):
        bell.ring("relay")

    assert monotonic() - began < 0.5


def test_ringing_a_mute_redis_returns_at_once() -> None:
    with ready_folder() as folder, Servers(folder, durable=False) as servers:
        pid = servers.supervisor.pid("valkey")
        assert pid
        os.kill(pid, signal.SIGSTOP)
        bell = Bell(servers.redis_url)
        began = monotonic()
        for _ in range(1000):
            bell.ring("relay")
        took = monotonic() - began
        os.kill(pid, signal.SIGCONT)

    assert took < 0.5


def test_an_unknown_bell_is_ignored(valkey: str) -> None:
    bell = Bell(valkey)
    bell.ring("os.system")
    bell.flush(1)

    assert jobs(valkey) == []


def test_a_fork_rings_by_itself(valkey: str) -> None:
    bell = Bell(valkey)
    bell.ring("relay")
    bell.flush(2)
    with redis.Redis.from_url(valkey) as client:
        client.flushall()

    def rung_by_a_fork() -> bool:
        pid = os.fork()
        if pid == 0:
            bell.ring("sweep")
            bell.flush(2)
            os._exit(0)
        os.waitpid(pid, 0)
        return jobs(valkey) == ["sweep"]

    # On a busy machine a ring may be missed: it is given only so long. A deaf fork misses all.
    assert any(rung_by_a_fork() for _ in range(10))


def test_the_third_failure_opens_the_breaker_for_five_seconds() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    breaker.failed()
    breaker.failed()
    closed = breaker.is_open
    breaker.failed()

    now[0] = 4.999
    still = breaker.is_open
    now[0] = 5.0

    assert (closed, still, breaker.is_open) == (False, True, False)
    breaker.failed()
    assert breaker.is_open
