"""How many calls a caller may make a minute, shared by all web processes when Redis is there.

Redis is asked with a short patience. When it is away, each process counts for itself:
that is never an error of the API (API 18).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import redis
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage

from service.edge.refusals import RateLimited

_PATIENCE_S = 0.05
_RETRY_S = 5.0
_WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a caller's window."""

    subject: str
    limit: int
    left: int
    reset_s: int

    def headers(self) -> Mapping[str, str]:
        """Return the RateLimit headers (IETF HTTPAPI draft)."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={_WINDOW_S}',
            "RateLimit": f'"default";r={max(0, self.left)};t={self.reset_s}',
        }


class Quota:
    """A fixed window of one minute for each subject. `policy` is named in a refusal."""

    def __init__(
        self, calls: int, redis_url: str | None = None, *, policy: str = "default"
    ) -> None:
        self._calls = calls
        self._policy = policy
        self._item = RateLimitItemPerMinute(calls)
        self._own = MemoryStorage()
        self._shared = None if redis_url is None else _shared(redis_url)
        self._away_until = 0.0

    def spend(self, subject: str) -> Spent:
        """Count one call; `left` is negative when it was one too many."""
        return self._count(subject, 1)

    def give_back(self, spent: Spent) -> Spent:
        """Uncount a call that was free: an answer 304."""
        return self._count(spent.subject, -1)

    def refuse(self, spent: Spent) -> None:
        """Raise RateLimited when the call was one too many."""
        if spent.left < 0:
            raise RateLimited(self._policy, max(1, spent.reset_s))

    def _count(self, subject: str, amount: int) -> Spent:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return self._counted(self._shared, subject, amount)
            except redis.RedisError:
                self._away_until = time.monotonic() + _RETRY_S
        return self._counted(self._own, subject, amount)

    def _counted(self, storage: Storage, subject: str, amount: int) -> Spent:
        key = self._item.key_for(subject)
        used = storage.incr(key, self._item.get_expiry(), amount)
        # The library tells when the window ends by the wall clock.
        reset = storage.get_expiry(key) - time.time()  # noqa: TID251 — a quota is real time
        return Spent(subject, self._calls, self._calls - used, min(_WINDOW_S, max(0, round(reset))))


def _shared(url: str) -> Storage:
    """Return the storage in Redis; nothing connects before the first count."""
    return RedisStorage(
        url.replace("unix://", "redis+unix://", 1),
        key_prefix="anju:quota",
        socket_timeout=_PATIENCE_S,
        socket_connect_timeout=_PATIENCE_S,
    )
