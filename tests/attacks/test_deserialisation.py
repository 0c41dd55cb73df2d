"""A48: what stands in Redis or in a body is never turned into code, with a real worker."""

import json
import os
import pickle
import zlib
from pathlib import Path

import pytest
import redis

from service.jobs import allow_list, queue
from service.local.servers import Servers
from tests.attacks.client import Caller
from tests.attacks.conftest import Tally
from tests.attacks.world import World
from tests.support.parts import parts_of
from tests.support.servers import Database
from tests.support.waiting import eventually

OURS = allow_list.BELLS["sweep"]


class Exploding:
    """Makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def _json(*call: object) -> bytes:
    return zlib.compress(json.dumps(call).encode())


@pytest.mark.attack("A48")
def test_a_worker_refuses_every_stranger_says_so_and_goes_on(
    attacked: Database, servers: Servers, world: World, tmp_path: Path, tally: Tally
) -> None:
    """A48: pickles, foreign functions, callbacks: refused with an alarm; our own job is run."""
    assert world.tickets
    mark = tmp_path / "exploded"
    pickled = pickle.dumps((OURS, Exploding(mark), [], {}))
    hostile = {
        "pickle": {"data": pickled},
        "packed pickle": {"data": zlib.compress(pickled)},
        "shell": {"data": _json("os.mkdir", None, [str(mark)], {})},
        "builtin": {"data": _json("builtins.exec", None, [f"open({str(mark)!r},'w')"], {})},
        "ours with arguments": {"data": _json(OURS, None, [str(mark)], {})},
        "callback": {"data": _json(OURS, None, [], {}), "success_callback_name": b"os.getcwd"},
        "webhook": {"data": _json(OURS, None, [], {}), "webhooks": b'[{"url":"http://x/"}]'},
        "pickled meta": {"data": _json(OURS, None, [], {}), "meta": zlib.compress(pickled)},
    }
    client = queue.connect(servers.redis_url, timeout_s=2)
    client.flushall()
    ours = queue.queue(client)
    for n, fields in enumerate(hostile.values()):
        client.hset(f"rq:job:evil-{n}", mapping=fields)  # type: ignore[arg-type]
        client.rpush(ours.key, f"evil-{n}")
    queue.put(ours, "sweep", "after-them")

    with parts_of(attacked, servers.redis_url, tmp_path) as parts:
        worker = parts.start("worker")
        eventually(lambda: _is_done(client, ours.key), 30)
        eventually(lambda: _alarms(parts.log) >= len(hostile), 10)
        assert worker.poll() is None, "the worker lives"

    assert not mark.exists()
    client.close()
    tally(len(hostile))


def _is_done(client: "redis.Redis[bytes]", key: str) -> bool:
    waiting = client.llen(key)
    return not waiting and not client.exists("rq:job:sweep-after-them")


def _alarms(log: Path) -> int:
    return log.read_text().count('"event": "job_refused"')


@pytest.mark.attack("A48")
@pytest.mark.parametrize("media", ["application/yaml", "application/x-yaml", "text/yaml",
    "application/python-pickle", "application/x-python-serialize", "application/octet-stream",
    "application/msgpack", "application/x-java-serialized-object"])  # fmt: skip
def test_no_door_takes_a_serialised_object(media: str, world: World, server: Caller) -> None:
    """A48: bodies are JSON; whatever else is 415 unread."""
    raw = b"!!python/object/apply:os.system ['true']" if "yaml" in media else pickle.dumps([1])

    for path in ("/v1/repair-orders", "/v1/places", "/v1/webhook-endpoints", "/v1/api-keys"):
        got = server.send("POST", path, world.key("admin@own"), raw=raw,
                          headers={"Content-Type": media})  # fmt: skip
        assert (got.status, got.code) == (415, "unsupported-media-type"), path
