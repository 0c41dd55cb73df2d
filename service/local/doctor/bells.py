"""Redis: it may be away, but it must not throw queued jobs out."""

import shlex
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.local.doctor.finding import Finding, Installation, judged

PATIENCE_S: Final = 2.0
AWAY_CURE: Final = (
    "start Redis or Valkey, or correct ANJU_REDIS_URL; until then the ticker works alone"
)
_WORKERS = "rq:workers"


def look(installation: Installation) -> Iterator[Finding]:
    """Judge Redis by one connection that gives up after `PATIENCE_S`."""
    url = installation.application.settings.redis_url
    if url is None:
        yield Finding("redis", True, "not configured: the ticker does every round itself")
        return
    try:
        # The client would otherwise try a mute server four times over.
        with redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        ) as client:
            yield _policy(client, url)
    except (redis.RedisError, OSError, ValueError) as exc:
        yield Finding("redis", False, type(exc).__name__, AWAY_CURE)


def _policy(client: Any, url: str) -> Finding:
    """Judge by INFO, which hosted servers answer even where they refuse CONFIG."""
    policy = str(client.info("memory").get("maxmemory_policy", "unknown"))
    alive = sum(bool(client.exists(key)) for key in client.smembers(_WORKERS))
    cure = f"{_client_for(url)} config set maxmemory-policy noeviction  # and in its own file"
    said = f"maxmemory-policy {policy}, workers registered: {alive}"
    return judged("redis", said, cure, ok=policy == "noeviction")


def _client_for(url: str) -> str:
    """Return the client's command for a URL, its password left out."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis-cli -s {shlex.quote(parts.path)}"
    return f"redis-cli -h {shlex.quote(parts.hostname or 'localhost')} -p {parts.port or 6379}"
