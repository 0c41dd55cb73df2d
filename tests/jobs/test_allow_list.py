"""Whatever stands in Redis, a worker runs our few functions and nothing else."""

import json
import os
import pickle
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
import redis
from rq.exceptions import NoSuchJobError
from rq.serializers import JSONSerializer

from service.jobs import allow_list, queue
from service.jobs.allow_list import AllowedJob, Refused, read_name

OURS = allow_list.BELLS["sweep"]


def packed(*call: object) -> bytes:
    return zlib.compress(json.dumps(call).encode())


class Exploding:
    """Writes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


HOSTILE: Mapping[str, Mapping[str, bytes]] = {
    "another function": {"data": packed("os.system", None, ["true"], {})},
    "a method of an instance": {"data": packed("run", {"a": 1}, [], {})},
    "arguments": {"data": packed(OURS, None, ["x"], {})},
    "keyword arguments": {"data": packed(OURS, None, [], {"x": 1})},
    "a list for a name": {"data": packed([OURS], None, [], {})},
    "too few parts": {"data": packed(OURS)},
    "no data": {"origin": b"anju"},
    "not JSON": {"data": zlib.compress(b"\x80\x05garbage")},
    "a bomb": {"data": zlib.compress(b" " * 50_000_000)[:1000]},
    "a wide bomb": {"data": zlib.compress(b"[" + b" " * 100_000)},
    "a large payload": {"data": os.urandom(5000)},
    "a success callback": {
        "data": packed(OURS, None, [], {}), "success_callback_name": b"os.system",
    },
    "a failure callback": {
        "data": packed(OURS, None, [], {}), "failure_callback_name": b"os.system",
    },
    "a stopped callback": {
        "data": packed(OURS, None, [], {}), "stopped_callback_name": b"os.system",
    },
    "a webhook": {
        "data": packed(OURS, None, [], {}),
        "webhooks": json.dumps([{"url": "http://x", "job_status": "finished"}]).encode(),
    },
    "retries": {"data": packed(OURS, None, [], {}), "retries_left": b"9"},
    "repeats": {"data": packed(OURS, None, [], {}), "repeats_left": b"9"},
    "a broken status": {"data": packed(OURS, None, [], {}), "status": b"mad"},
    "a broken time": {"data": packed(OURS, None, [], {}), "enqueued_at": b"yesterday"},
}  # fmt: skip


@pytest.fixture
def client(valkey: str) -> redis.Redis:
    return queue.connect(valkey, timeout_s=2)


@pytest.mark.parametrize("fields", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.attack
def test_a_hostile_job_is_refused_and_forgotten(
    client: redis.Redis, fields: Mapping[str, bytes]
) -> None:
    client.hset("rq:job:bad", mapping=dict(fields))

    with pytest.raises(NoSuchJobError):
        AllowedJob.fetch("bad", connection=client, serializer=JSONSerializer)

    assert not client.exists("rq:job:bad")
    client.close()


@pytest.mark.attack
def test_a_pickle_is_never_loaded(client: redis.Redis, tmp_path: Path) -> None:
    mark = tmp_path / "exploded"
    data = zlib.compress(pickle.dumps((OURS, Exploding(mark), [], {})))
    client.hset("rq:job:bad", mapping={"data": data, "meta": data, "result": data})

    with pytest.raises(NoSuchJobError):
        AllowedJob.fetch("bad", connection=client, serializer=JSONSerializer)

    assert not mark.exists()
    client.close()


@pytest.mark.attack
def test_a_job_that_is_no_hash_is_refused(client: redis.Redis) -> None:
    client.set("rq:job:bad", "text")

    with pytest.raises(NoSuchJobError):
        AllowedJob.fetch("bad", connection=client, serializer=JSONSerializer)
    client.close()


def test_our_own_job_is_taken(client: redis.Redis) -> None:
    into = queue.queue(client)
    queue.put(into, "sweep", "1")

    job = AllowedJob.fetch("sweep-1", connection=client, serializer=JSONSerializer)

    assert job.func_name == OURS
    assert job.args == []
    assert job.timeout == allow_list.TIMEOUT_S
    client.close()


def test_the_names_are_functions_that_exist() -> None:
    for bell, name in allow_list.BELLS.items():
        job = AllowedJob(id=bell, connection=redis.Redis(), serializer=JSONSerializer)
        job.data = JSONSerializer.dumps((name, None, [], {}))
        assert callable(job.func)


def test_a_name_is_read_or_refused() -> None:
    assert read_name(packed(OURS, None, [], {})) == OURS
    with pytest.raises(Refused):
        read_name(packed("builtins.exec", None, [], {}))
