"""What somebody who can write to Redis, or bad luck, does to the queue (PROOF F10, F15)."""

import pickle
import zlib
from random import Random

import redis

from service.jobs import queue

_QUEUE = "rq:queue:anju"
_BELLS = ("sweep", "relay", "deliver", "schedules")


def triple(client: redis.Redis, rng: Random) -> None:
    """Put in every bell many times over, each three times, in disorder."""
    into = queue.queue(client)
    turn = rng.getrandbits(32)
    jobs = [(bell, f"s{turn}-{n}") for bell in _BELLS for n in range(3)]
    rng.shuffle(jobs)
    for bell, slot in jobs:
        queue.put(into, bell, slot)
        client.rpush(_QUEUE, *[f"{bell}-{slot}"] * 2)


def reorder(client: redis.Redis, rng: Random) -> None:
    """Take out everything that waits and put back half of it in disorder."""
    waiting = client.lrange(_QUEUE, 0, -1)
    client.delete(_QUEUE)
    kept = rng.sample(waiting, len(waiting) // 2)
    if kept:
        client.lpush(_QUEUE, *kept)


def forge(client: redis.Redis, rng: Random) -> None:
    """Put in jobs that would run code, or that are nothing at all."""
    turn = rng.getrandbits(32)
    payloads = (
        zlib.compress(pickle.dumps(("os.system", None, ("kill -9 $PPID",), {}))),
        zlib.compress(b'["os.system", null, ["kill -9 $PPID"], {}]'),
        b"\xff" * 64,
    )
    for n, data in enumerate(payloads):
        client.hset(f"rq:job:forged-{turn}-{n}", mapping={"data": data})
        client.rpush(_QUEUE, f"forged-{turn}-{n}")
    client.rpush(_QUEUE, b"\xff\xfe", b"a:b:c", b"")
