"""A database to measure in: a district with as many orders, and clocks, as wanted.

Its time is production's, moved by a constant: `app_now()` costs what it costs there, and a
cohort of rungs can be made due by moving on instead of rewriting rows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

import psycopg

from benchmarks import mould, planting
from benchmarks.planting import CLOSED, OPEN, Band, Connection
from config.settings import Settings
from service import bootstrap
from service.bootstrap import Application
from service.local.postgres import APP, OWNER
from service.local.servers import Servers

_APART = timedelta(minutes=2)  # between cohorts
_REST_FROM = timedelta(minutes=60)  # the other rungs lie further ahead
_CALM = timedelta(minutes=40)  # no fired order has another rung due sooner
_PAST = timedelta(days=180)
_OPEN_SHARE = 0.3
_ANALYZED = "ticket, event, clock, assignment, ticket_child, escalation, place, account"


class NoCohort(Exception):
    """Every cohort of rungs was made due already."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Rungs on so many distinct orders that fall due within `seconds`, from `since` on."""

    number: int
    seconds: float
    since: datetime

    @property
    def until(self) -> datetime:
        """When the last one is due."""
        return self.since + timedelta(seconds=self.seconds)


@dataclass(slots=True)
class World:
    """A prepared database. `keys` are API keys by role; `cohorts` those not yet due."""

    name: str
    owner_url: str
    app_url: str
    redis_url: str
    keys: Mapping[str, str]
    tickets: int
    pending: int
    now_as_shipped: str
    cohorts: list[Cohort] = field(default_factory=list)

    def settings(self) -> Settings:
        """Return production's settings for it, without a quota."""
        return Settings(
            database_url=self.app_url,
            redis_url=self.redis_url,
            secret=mould.SECRET,
            rate_limit=None,
            log_level="warning",
        )

    def environment(self) -> Mapping[str, str]:
        """Return the same settings as ANJU_* variables, for processes."""
        return {
            "ANJU_ENVIRONMENT": "production",
            "ANJU_DATABASE_URL": self.app_url,
            "ANJU_REDIS_URL": self.redis_url,
            "ANJU_SECRET": mould.SECRET,
            "ANJU_RATE_LIMIT": "off",
            "ANJU_LOG_LEVEL": "warning",
        }

    def application(self) -> Application:
        """Return a worker's application whose bells nobody hears. Dispose of its engine."""
        return bootstrap.build(self.settings(), name="anju-worker", ring=lambda _: None)

    def owner(self) -> Connection:
        """Connect as the owner; every statement commits at once."""
        return _connect(self.owner_url)

    def now(self) -> datetime:
        """Return the service's time."""
        with self.owner() as conn:
            return _moment(conn, "SELECT app_now()")

    def move_to(self, moment: datetime) -> None:
        """Let the service's time go on from `moment`."""
        with self.owner() as conn:
            ahead = moment - _moment(conn, "SELECT clock_timestamp()")
            moved = f"(clock_timestamp() + interval '{ahead.total_seconds():.6f} s')"
            conn.execute(self.now_as_shipped.replace("clock_timestamp()", moved))

    def make_due(self) -> Cohort:
        """Make all rungs of the next cohort due, exactly these. Raises NoCohort."""
        cohort = self.take_cohort()
        self.move_to(cohort.until)
        return cohort

    def take_cohort(self) -> Cohort:
        """Return the next cohort without moving time. Raises NoCohort."""
        if not self.cohorts:
            raise NoCohort
        return self.cohorts.pop(0)


def prepare(
    servers: Servers,
    name: str,
    *,
    tickets: int = 0,
    pending_clocks: int = 0,
    cohorts: Sequence[tuple[int, float]] = (),
) -> World:
    """Make the database `name` anew and return it, ready to be measured.

    About `pending_clocks` armed clocks stand on open orders besides the rungs of `cohorts`,
    which are (rungs, seconds they are spread over). Closed orders are added until there are
    `tickets`; when no clocks are asked for, three orders in ten are open.
    """
    made = mould.make(servers, f"{name}_mould")
    owner_url, app_url = (servers.postgres.url(role, name) for role in (OWNER, APP))
    servers.postgres.drop_database(name)
    servers.postgres.create_database(name)
    bootstrap.upgrade(owner_url)
    with _connect(owner_url) as conn, _connect(made.owner_url) as source:
        planting.install(conn, source)
        shipped = str(_value(conn, "SELECT pg_get_functiondef('app_now'::regproc)"))
        base = _moment(conn, "SELECT app_now()")
        coming = _laid_out(cohorts, base)
        with planting.quickly(conn):
            planted, pending = _plant(conn, base, coming, tickets, pending_clocks)
        conn.execute("VACUUM (ANALYZE)")
        conn.execute("CHECKPOINT")
    servers.postgres.drop_database(f"{name}_mould")
    world = World(
        name=name,
        owner_url=owner_url,
        app_url=app_url,
        redis_url=servers.redis_url,
        keys=made.keys,
        tickets=planted,
        pending=pending,
        now_as_shipped=shipped,
        cohorts=coming,
    )
    world.move_to(base)
    return world


def _laid_out(cohorts: Sequence[tuple[int, float]], base: datetime) -> list[Cohort]:
    """Return the cohorts one after the other. Raises ValueError when they take too long."""
    coming: list[Cohort] = []
    at = base
    for number, seconds in cohorts:
        at += _APART
        coming.append(Cohort(number, seconds, at))
        at = coming[-1].until
    if at > base + _CALM:
        raise ValueError("the first cohort's orders would have the next rung due before the last")
    return coming


def _plant(
    conn: Connection, base: datetime, cohorts: Sequence[Cohort], tickets: int, pending_clocks: int
) -> tuple[int, int]:
    """Plant open and closed orders; return how many orders and pending clocks there are."""
    rungs = float(str(_value(conn, f"SELECT avg(rungs) FROM mould.free WHERE {OPEN}")))
    due = sum(cohort.number for cohort in cohorts)
    beside = ceil((rungs - 1) * due)  # other clocks of the orders that fall due
    waiting = ceil(max(0, pending_clocks - beside) / rungs)
    if not pending_clocks:
        waiting = ceil(tickets * _OPEN_SHARE)
    bands = [Band(c.number, c.since, c.seconds) for c in cohorts]
    planted = planting.plant(conn, [*bands, Band(waiting, base + _REST_FROM, 0.0, loose=True)])
    closed = max(0, tickets - planted)
    if closed:
        old = Band(closed, base - _PAST, (_PAST - timedelta(days=1)).total_seconds())
        planted += planting.plant(conn, [old], CLOSED)
    armed = int(str(_value(conn, "SELECT count(*) FROM clock WHERE next_at IS NOT NULL")))
    return planted, armed - due


def _connect(url: str) -> Connection:
    return psycopg.connect(re.sub(r"^postgresql\+psycopg", "postgresql", url), autocommit=True)


def _value(conn: Connection, query: str) -> object:
    row = conn.execute(query).fetchone()
    return row and row[0]


def _moment(conn: Connection, query: str) -> datetime:
    found = _value(conn, query)
    if not isinstance(found, datetime):
        raise TypeError(query)
    return found
