"""The only jobs a worker runs, whatever stands in Redis.

A job's payload names a Python function, and RQ would import and call any; it would run
callbacks and send webhooks that a stranger wrote into the job's hash as well. So a job is
read here field by field: JSON, one of a few names, no arguments, nothing attached. All
else is refused and forgotten, and the worker goes on: the rows it would have served are
looked at within a second anyway.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Final

import orjson
import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq.exceptions import NoSuchJobError
from rq.job import Job, parse_job_id

log = structlog.get_logger()

BELLS: Final[Mapping[str, str]] = {
    "sweep": "service.jobs.sweep_clocks.run",
    "relay": "service.jobs.relay_outbox.run",
    "deliver": "service.jobs.deliver.run",
    "schedules": "service.jobs.keep_schedules.run",
}
"""Bell -> function."""

ALLOWED: Final = frozenset(BELLS.values())
MOST_BYTES: Final = 1024
TIMEOUT_S: Final = 120
"""Above the sum of the statement timeouts of any round."""

_KEPT = frozenset(
    {"data", "origin", "status", "created_at", "enqueued_at", "started_at", "ended_at",
     "last_heartbeat", "worker_name"}
)  # fmt: skip
_FORBIDDEN = frozenset(
    {"success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks",
     "dependency_id", "dependency_ids", "retries_left", "number_of_retries", "repeats_left",
     "group_id", "meta", "result"}
)  # fmt: skip


class Refused(Exception):
    """The payload is not one of ours; the message says why."""


class AllowedJob(Job):
    """A job that is one of `ALLOWED`, or no job at all."""

    @classmethod
    def fetch(cls, id: str, connection: Any = None, serializer: Any = None) -> "AllowedJob":
        """Return the job. Raises NoSuchJobError when it is absent or refused.

        RQ passes over absent jobs; any other exception would end the worker.
        """
        try:
            job = cls(parse_job_id(id), connection=connection, serializer=serializer)
            job.refresh()  # type: ignore[no-untyped-call]
        except (NoSuchJobError, RedisConnectionError, RedisTimeoutError):
            raise
        except Exception as exc:
            reason = str(exc) if isinstance(exc, Refused) else type(exc).__name__
            log.error("job_refused", job=ascii(id)[:80], reason=reason)  # noqa: TRY400 — no trace
            _forget(connection, cls.redis_job_namespace_prefix + id)
            raise NoSuchJobError(id) from exc
        return job

    def restore(self, raw_data: Mapping[bytes | str, bytes]) -> None:
        """Take over what the hash says. Raises Refused."""
        fields = {_text(name): value for name, value in raw_data.items()}
        attached = sorted(name for name in _FORBIDDEN & fields.keys() if fields[name])
        if attached:
            raise Refused(f"carries {', '.join(attached)}")
        name = read_name(fields.get("data", b""))
        super().restore({n.encode(): v for n, v in fields.items() if n in _KEPT})
        self.data = self.serializer.dumps((name, None, [], {}))
        self.timeout, self.result_ttl, self.failure_ttl = TIMEOUT_S, 0, 60

    @property
    def func(self) -> Any:
        """The function to call. Raises Refused."""
        if self.func_name not in ALLOWED or self.instance is not None:
            raise Refused("not allowed")
        return super().func


def read_name(packed: bytes) -> str:
    """Return the function a payload names. Raises Refused unless it is one of ours."""
    try:
        function, instance, args, kwargs = orjson.loads(_unpacked(packed))
    except (ValueError, TypeError) as exc:
        raise Refused("not our JSON") from exc
    if instance is not None or args or kwargs:
        raise Refused("carries an instance or arguments")
    if not isinstance(function, str) or function not in ALLOWED:
        raise Refused("names a function that is not allowed")
    return function


def _unpacked(packed: bytes) -> bytes:
    """Return the payload, at most `MOST_BYTES` of it: a bomb must not go off."""
    if len(packed) > MOST_BYTES:
        raise Refused("too large")
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, MOST_BYTES)
    except zlib.error:
        return packed
    if inflater.unconsumed_tail:
        raise Refused("too large")
    return plain


def _text(name: bytes | str) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _forget(connection: Any, key: str) -> None:
    try:
        connection.delete(key)
    except (RedisError, ResponseError) as exc:
        log.warning("job_not_forgotten", error=type(exc).__name__)
