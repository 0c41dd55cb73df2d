"""Examines an installation: each finding says what it saw and what cures it."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import redis
from sqlalchemy import text

from service.core.errors import OutcomeUnknown, StorageUnavailable
from service.local.wiring import Application
from service.store import migrate
from service.store.queries import health
from service.store.unit_of_work import Tx, is_simulated

SKEW_S: Final = 2.0
TICKER_SILENT_S: Final = 15.0
WORKER_SILENT_S: Final = 60.0
LATE_S: Final = 10.0
LEAST_FREE_BYTES: Final = 512 << 20
LEAST_SECRET: Final = 32

_ZONES = text("SELECT DISTINCT time_zone FROM place ORDER BY 1")
_WALL = text("SELECT clock_timestamp()")
_RATE = text("SELECT rate FROM app_clock")
_MAY_REWRITE = text("""
SELECT has_table_privilege('event', 'UPDATE') OR has_table_privilege('event', 'DELETE')""")
_BROKEN = text("""
SELECT (SELECT count(*) FROM clock WHERE parked_at IS NOT NULL) AS parked,
       (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL)
       + (SELECT count(*) FROM delivery WHERE dead_at IS NOT NULL) AS dead""")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `cure` is a command or a setting, "" when all is well."""

    name: str
    ok: bool
    said: str
    cure: str = ""

    def body(self) -> Mapping[str, Any]:
        """Return what programs read."""
        return {"check": self.name, "ok": self.ok, "found": self.said, "cure": self.cure or None}


def examine(application: Application) -> tuple[Finding, ...]:
    """Look at everything; what needs the database is left out while that is away."""
    found = [_secret(application), _disk(), _redis(application)]
    try:
        with application.ports.uow() as tx:
            found += _database(tx, application)
    except (StorageUnavailable, OutcomeUnknown):
        cure = "start PostgreSQL, or correct ANJU_DATABASE_URL"
        found.append(Finding("database", False, "does not answer", cure))
    return tuple(found)


def _judged(name: str, said: str, cure: str, *, ok: bool) -> Finding:
    return Finding(name, ok, said, "" if ok else cure)


def _secret(application: Application) -> Finding:
    secret = application.settings.secret
    strong = len(secret) >= LEAST_SECRET and not secret.startswith("only-for-")
    cure = "export ANJU_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
    said = "long enough" if strong else "missing or short"
    return _judged("secret", said, cure, ok=strong)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    cure = "make room: attachments and logs grow; see df -h"
    return _judged("disk", f"{free >> 20} MiB free", cure, ok=free >= LEAST_FREE_BYTES)


def _redis(application: Application) -> Finding:
    """Redis may be away; but it must not throw queued jobs out."""
    url = application.settings.redis_url
    if url is None:
        return Finding("redis", True, "not configured: the ticker does every round itself")
    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            policy: Any = client.config_get("maxmemory-policy")
    except (redis.RedisError, OSError) as exc:
        cure = "start Redis or Valkey, or correct ANJU_REDIS_URL; until then the ticker works alone"
        return Finding("redis", False, type(exc).__name__, cure)
    kept = policy.get("maxmemory-policy", policy.get(b"maxmemory-policy"))
    kept = kept.decode() if isinstance(kept, bytes) else str(kept)
    cure = "redis-cli config set maxmemory-policy noeviction"
    return _judged("redis", f"maxmemory-policy {kept}", cure, ok=kept == "noeviction")


def _database(tx: Tx, application: Application) -> Iterator[Finding]:
    schema = _schema(tx)
    yield schema
    yield _clock(tx)
    if not schema.ok:
        return
    yield _simulated(tx, application)
    yield _zones(tx)
    yield _rights(tx)
    yield from _beats(tx)
    yield from _lags(tx)
    yield _broken(tx)


def _schema(tx: Tx) -> Finding:
    exists = tx.conn.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
    version = None
    if exists:
        version = tx.conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    said = f"at {version}, this code needs {migrate.head()}"
    return _judged("migrations", said, "anju db upgrade", ok=version == migrate.head())


def _clock(tx: Tx) -> Finding:
    theirs: datetime = tx.conn.execute(_WALL).scalar_one()
    skew = abs((theirs - datetime.now(UTC)).total_seconds())
    cure = "synchronise both machines: timedatectl set-ntp true"
    return _judged("clock", f"{skew:.1f} s from the database's", cure, ok=skew <= SKEW_S)


def _rate_of(tx: Tx) -> float | None:
    return float(tx.conn.execute(_RATE).scalar_one()) if is_simulated(tx) else None


def _simulated(tx: Tx, application: Application) -> Finding:
    rate = _rate_of(tx)
    said = "real time" if rate is None else f"simulated time, rate {rate:g}"
    wrong = rate is not None and application.settings.environment == "production"
    return _judged(
        "time", said, "use another database: this one is for demo or tests", ok=not wrong
    )


def _zones(tx: Tx) -> Finding:
    zones = list(tx.conn.execute(_ZONES).scalars())
    bad = [zone for zone in zones if not _is_zone(zone)]
    said = f"unknown: {', '.join(bad)}" if bad else ", ".join(zones) or "no place yet"
    cure = "PATCH /v1/places/{id} with an IANA name, or pip install -U tzdata"
    return _judged("time zones", said, cure, ok=not bad)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _rights(tx: Tx) -> Finding:
    rewrites = bool(tx.conn.execute(_MAY_REWRITE).scalar_one())
    said = "the application role may rewrite histories" if rewrites else "histories are append-only"
    cure = "let ANJU_DATABASE_URL name a role that owns nothing, then anju db upgrade"
    return _judged("rights", said, cure, ok=not rewrites)


def _beats(tx: Tx) -> Iterator[Finding]:
    state = health.state(tx)
    for name, most in (("ticker", TICKER_SILENT_S), ("worker", WORKER_SILENT_S)):
        age = state[f"{name}_age"]
        said = "never seen" if age is None else f"last seen {age:.0f} s ago"
        yield _judged(name, said, f"anju {name}", ok=age is not None and age <= most)


def _lags(tx: Tx) -> Iterator[Finding]:
    """Judge what waits in machine time: simulated time may run much faster."""
    rate = max(_rate_of(tx) or 1.0, 1.0)
    ages = health.ages(tx)
    for name, column, cure in (
        ("clocks", "timer_lag_s", "anju ticker"),
        ("outbox", "outbox_age_s", "anju worker"),
    ):
        late = max(0.0, ages[column]) / rate
        yield _judged(name, f"the oldest waits {late:.0f} s", cure, ok=late <= LATE_S)


def _broken(tx: Tx) -> Finding:
    row = tx.conn.execute(_BROKEN).one()
    said = f"{row.parked} parked clocks, {row.dead} letters given up"
    cure = "look at last_error of clock and outbox; the worker's log has the rest"
    return _judged("given up", said, cure, ok=not (row.parked or row.dead))
