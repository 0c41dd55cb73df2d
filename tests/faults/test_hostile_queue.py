"""Jobs lost, tripled, late, forged: the rows end up the same (PROOF F10, F11, F15)."""

import pickle
import random
import zlib
from collections.abc import Callable

import pytest
import redis

from service.jobs import queue, rounds
from tests.faults.conftest import Plant
from tests.support.live import Live
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]

ORDERS = 12


def due(live: Live) -> None:
    """Open orders and let everything of theirs run out."""
    for _ in range(ORDERS):
        live.story.submit()
    live.story.advance(hours=3)


def state(live: Live) -> tuple[object, ...]:
    """Return what was done, without who did it and when it was noticed."""
    return (
        live.rows("SELECT t.number, e.seq, e.type, e.to_state FROM event e "
                  "JOIN ticket t ON t.id = e.ticket_id ORDER BY 1, 2"),
        live.rows("SELECT t.number, e.clock, e.epoch, e.level, e.told FROM escalation e "
                  "JOIN ticket t ON t.id = e.ticket_id ORDER BY 1, 2, 3, 4"),
        live.rows("SELECT t.number, a.name, i.event_seq, i.topic FROM inbox i "
                  "JOIN ticket t ON t.id = i.ticket_id JOIN account a ON a.id = i.account_id "
                  "ORDER BY 1, 2, 3, 4"),
        live.value("SELECT max(seq) = count(*) FROM feed"),
    )  # fmt: skip


def drained(live: Live) -> bool:
    return live.value(
        "SELECT NOT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL OR feeds) "
        "AND NOT EXISTS (SELECT FROM clock WHERE next_at <= (SELECT app_now()))"
    ) is True  # fmt: skip


def expected(plant: Plant) -> tuple[object, ...]:
    """Return the state that one quiet round leads to, and undo it."""
    due(plant.live)
    rounds.sweep_round(plant.live.app, by="quiet")
    rounds.relay_round(plant.live.app)
    found = state(plant.live)
    plant.parts.database.reset()
    plant.live.build_house()
    return found


def triple(client: redis.Redis) -> None:
    """Put every job in three times over, in disorder."""
    into = queue.queue(client)
    jobs = [(bell, f"{n}x{m}") for bell in ("sweep", "relay") for n in range(4) for m in range(3)]
    random.shuffle(jobs)
    for bell, slot in jobs:
        queue.put(into, bell, slot)


def forge(client: redis.Redis) -> None:
    """Put in what a stranger with access to Redis might."""
    data = zlib.compress(pickle.dumps(("os.system", None, ("kill -9 $PPID",), {})))
    for n, fields in enumerate((
        {"data": data},
        {"data": zlib.compress(b'["os.system", null, ["kill -9 $PPID"], {}]')},
        {"data": zlib.compress(b'["service.jobs.sweep_clocks.run", null, [], {}]'),
         "failure_callback_name": "os.abort", "success_callback_name": "os.abort"},
    )):  # fmt: skip
        client.hset(f"rq:job:forged-{n}", mapping=fields)
        client.rpush("rq:queue:anju", f"forged-{n}")
    client.rpush("rq:queue:anju", b"\xff\xfe", b"a:b:c", b"")
    client.set("rq:job:text", "text")
    client.rpush("rq:queue:anju", "text")


def empty(client: redis.Redis) -> None:
    """Lose every job."""
    client.flushall()


@pytest.mark.parametrize("mischief", [triple, forge, empty], ids=["tripled", "forged", "emptied"])
def test_whatever_happens_to_jobs_the_state_is_the_same(
    plant: Plant, mischief: Callable[[redis.Redis], None]
) -> None:
    quiet = expected(plant)
    with redis.Redis.from_url(plant.servers.redis_url) as client:
        workers = [plant.parts.start("worker") for _ in range(2)]
        plant.parts.start("ticker")
        eventually(lambda: client.scard("rq:workers") == 2)
        mischief(client)
        due(plant.live)
        mischief(client)
        eventually(lambda: drained(plant.live))
        mischief(client)
        eventually(lambda: client.llen("rq:queue:anju") == 0)

    assert state(plant.live) == quiet
    assert [worker.poll() for worker in workers] == [None, None]
