"""The one queue, and how a bell is put into it: one job an interval, never waited for."""

from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from service.jobs.allow_list import BELLS, TIMEOUT_S, AllowedJob

NAME = "anju"
_WAITS_S = 30  # a bell nobody heard for so long says nothing any more
_MOST_WAITING = 100


def connect(url: str, *, timeout_s: float) -> redis.Redis:
    """Return a client that gives up after `timeout_s` and does not try twice."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )


def queue(client: redis.Redis) -> Queue:
    """Return the queue on a connection."""
    return Queue(NAME, connection=client, job_class=AllowedJob, serializer=JSONSerializer)


def put(into: Queue, bell: str, slot: str) -> bool:
    """Enqueue a bell's job, once a slot; True when it was new. Raises RedisError.

    A queue that nobody empties does not grow: whoever comes back needs one job, not a heap.
    """
    if into.count >= _MOST_WAITING:
        return False
    options: dict[str, Any] = {
        "job_id": f"{bell}-{slot}", "unique": True, "timeout": TIMEOUT_S, "ttl": _WAITS_S,
        "result_ttl": 0, "failure_ttl": 60, "description": bell,
    }  # fmt: skip
    try:
        into.enqueue_call(BELLS[bell], **options)
    except DuplicateJobError:
        return False
    return True
