"""Settings from the environment, checked at start: a bad value stops the process by name."""

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_WEAK = {"", "secret", "changeme", "password", "anju"}
_ENVIRONMENTS = ("production", "demo", "test")
_LEAST_SECRET = 32


class BadSetting(Exception):
    """A setting is missing or wrong; the message names it and what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. `rate_limit` None means no quota.

    `guess_limit` is wrong credentials a minute, by address and by key; it is never off.
    `proxies` are networks whose X-Forwarded-For is believed. `database_url` is the
    application role's; `owner_database_url` migrates and is not needed to serve.
    `webhook_allow` are networks webhooks may reach besides public ones.
    """

    database_url: str
    secret: str
    environment: str = "production"
    owner_database_url: str | None = None
    redis_url: str | None = None
    base_url: str = "http://127.0.0.1:8000"
    rate_limit: int | None = 600
    guess_limit: int = 10
    proxies: tuple[str, ...] = ()
    webhook_allow: tuple[str, ...] = ()
    log_level: str = "info"

    @property
    def demo(self) -> bool:
        """Tell whether this is the demo world."""
        return self.environment == "demo"


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Return settings read from ANJU_* variables. Raises BadSetting."""
    env = os.environ if env is None else env
    environment = env.get("ANJU_ENVIRONMENT", "production")
    if environment not in _ENVIRONMENTS:
        raise BadSetting(f"ANJU_ENVIRONMENT must be one of {', '.join(_ENVIRONMENTS)}")
    database_url = _url(env, "ANJU_DATABASE_URL")
    if database_url is None:
        raise BadSetting("ANJU_DATABASE_URL is not set: postgresql://user@host/database")
    owner = _url(env, "ANJU_OWNER_DATABASE_URL")
    if environment == "production" and owner == database_url:
        raise BadSetting("ANJU_OWNER_DATABASE_URL must be another role than ANJU_DATABASE_URL")
    return Settings(
        database_url=database_url,
        secret=_secret(env, environment),
        environment=environment,
        owner_database_url=owner,
        redis_url=env.get("ANJU_REDIS_URL") or None,
        base_url=env.get("ANJU_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        rate_limit=_rate(env.get("ANJU_RATE_LIMIT", "600/minute")),
        guess_limit=_guesses(env.get("ANJU_GUESS_LIMIT", "10/minute")),
        proxies=_networks(env, "ANJU_PROXIES"),
        webhook_allow=_networks(env, "ANJU_WEBHOOK_ALLOW"),
        log_level=env.get("ANJU_LOG_LEVEL", "info"),
    )


def _url(env: Mapping[str, str], name: str) -> str | None:
    value = env.get(name, "")
    if not value:
        return None
    scheme, _, rest = value.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not rest:
        raise BadSetting(f"{name} must start with postgresql://")
    return f"postgresql+psycopg://{rest}"


def _secret(env: Mapping[str, str], environment: str) -> str:
    secret = env.get("ANJU_SECRET", "")
    if environment == "production" and (secret in _WEAK or len(secret) < _LEAST_SECRET):
        raise BadSetting(f"ANJU_SECRET must have at least {_LEAST_SECRET} characters")
    return secret or f"only-for-{environment}-0000000000000000000000"


def _rate(value: str) -> int | None:
    if value == "off":
        return None
    calls = _per_minute(value)
    if calls is None:
        raise BadSetting('ANJU_RATE_LIMIT must be calls per minute such as "600/minute", or "off"')
    return calls


def _guesses(value: str) -> int:
    guesses = _per_minute(value)
    if guesses is None:
        raise BadSetting('ANJU_GUESS_LIMIT must be guesses per minute such as "10/minute"')
    return guesses


def _per_minute(value: str) -> int | None:
    found = re.fullmatch(r"(\d+)(?:/minute)?", value)
    return int(found[1]) or None if found else None


def _networks(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    networks = tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as exc:
            raise BadSetting(f"{name}: {network} is not a network") from exc
    return networks


def catalogue() -> dict[str, dict[str, Any]]:
    """Return parsed category files by kind of ticket."""
    return {path.stem: _toml(path) for path in sorted((HERE / "catalogue").glob("*.toml"))}


def sla_profiles() -> dict[str, dict[str, Any]]:
    """Return parsed SLA profile files by stem: repair, …."""
    return {path.stem: _toml(path) for path in sorted((HERE / "sla").glob("*.toml"))}


def calendars() -> dict[str, dict[str, Any]]:
    """Return parsed calendar files by stem."""
    return {path.stem: _toml(path) for path in sorted((HERE / "calendars").glob("*.toml"))}


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)
