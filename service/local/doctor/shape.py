"""The database itself: its shape, its clock, the zones it names, the rights it gives."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text

from service.local.doctor.finding import Finding, Installation, judged
from service.store import migrate
from service.store.unit_of_work import Tx, is_simulated

SKEW_S: Final = 2.0

_VERSIONED = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_VERSION = text("SELECT version_num FROM alembic_version")
_WALL = text("SELECT clock_timestamp()")
_RATE = text("SELECT rate FROM app_clock")
_ZONES = text("SELECT DISTINCT time_zone FROM place ORDER BY 1")
_ZONES_CURE = (
    'psql "$ANJU_DATABASE_URL" -c "UPDATE place SET time_zone = \'Asia/Shanghai\' WHERE time_zone'
    ' NOT IN (SELECT name FROM pg_timezone_names)"  # or, if its name is new, pip install -U tzdata'
)
# Rights can be taken from an owner too, but an owner can give them back to itself.
_MAY_REWRITE = text("""
SELECT has_table_privilege('event', 'UPDATE') OR has_table_privilege('event', 'DELETE')
    OR pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = 'event'::regclass""")


def schema(tx: Tx, installation: Installation) -> Iterator[Finding]:
    """Judge whether the tables are those that this code needs."""
    versioned = tx.conn.execute(_VERSIONED).scalar_one()
    version = tx.conn.execute(_VERSION).scalar() if versioned else None
    needed = migrate.head()
    said = f"at {version}, this code needs {needed}"
    newer = version is not None and version > needed
    cure = "deploy the newer code" if newer else f"{installation.command} db upgrade"
    yield judged("migrations", said, cure, ok=version == needed)


def clock(tx: Tx, _installation: Installation) -> Iterator[Finding]:
    """Judge how far our clock is from the database's, the time of asking taken off."""
    before = datetime.now(UTC)
    theirs: datetime = tx.conn.execute(_WALL).scalar_one()
    after = datetime.now(UTC)
    skew = max(0.0, (before - theirs).total_seconds(), (theirs - after).total_seconds())
    cure = "timedatectl set-ntp true  # here and on the database's machine"
    yield judged("clock", f"{skew:.1f} s from the database's", cure, ok=skew <= SKEW_S)


def rate_of(tx: Tx) -> float | None:
    """Return how many seconds pass in one, None in real time."""
    return float(tx.conn.execute(_RATE).scalar_one()) if is_simulated(tx) else None


def simulated(tx: Tx, installation: Installation) -> Iterator[Finding]:
    """Judge whether the database's time suits the environment."""
    rate = rate_of(tx)
    said = "real time" if rate is None else f"simulated time, rate {rate:g}"
    wrong = rate is not None and installation.application.settings.environment == "production"
    cure = "let ANJU_DATABASE_URL name another database: this one is for demo or tests"
    yield judged("time", said, cure, ok=not wrong)


def zones(tx: Tx, _installation: Installation) -> Iterator[Finding]:
    """Judge whether every place's time zone is known here."""
    named = list(tx.conn.execute(_ZONES).scalars())
    bad = [zone for zone in named if not _is_zone(zone)]
    said = f"unknown: {', '.join(bad)}" if bad else ", ".join(named) or "no place yet"
    yield judged("time zones", said, _ZONES_CURE, ok=not bad)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def rights(tx: Tx, installation: Installation) -> Iterator[Finding]:
    """Judge whether the role we work by could change what has happened."""
    rewrites = bool(tx.conn.execute(_MAY_REWRITE).scalar_one())
    said = "the application role may rewrite histories" if rewrites else "histories are append-only"
    cure = (
        "let ANJU_DATABASE_URL name a role that owns nothing and ANJU_OWNER_DATABASE_URL the "
        f"owner, then {installation.command} db upgrade"
    )
    yield judged("rights", said, cure, ok=not rewrites)
