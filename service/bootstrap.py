"""Composition root: builds ports, the web application and the workers' application.

The only reader of `config`. Nothing connects before the first use.
"""

import gc
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import structlog
from flask import Flask
from sqlalchemy import Engine
from structlog.typing import EventDict

from config import settings as conf
from config.settings import Settings
from service.api.all import ROUTES
from service.commands.ports import Ports
from service.core.catalogue import Catalogue
from service.core.ids import TimeOrderedIds
from service.edge.application import mount
from service.edge.settings import EdgeSettings
from service.jobs.bell import Bell
from service.sla.calendar import Calendar, parse_calendars
from service.sla.policy import Profile, parse_profiles
from service.store import migrate
from service.store.policy import StoredPolicies
from service.store.unit_of_work import UnitOfWork, is_simulated, make_engine
from service.web import home
from service.workflows import REGISTRY, by_kind

BadSetting = conf.BadSetting
"""A setting is missing or wrong; the command line says which."""


@dataclass(frozen=True, slots=True)
class Application:
    """Ports with what runs behind them."""

    settings: Settings
    ports: Ports
    engine: Engine


class SimulatedClock(Exception):
    """A production process was started on a database whose time can be moved."""


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Return settings from ANJU_* variables, by default the process's. Raises BadSetting."""
    return conf.load_settings(env)


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue of `config/`."""
    return Catalogue(conf.catalogue())


@cache
def load_profiles() -> tuple[Profile, ...]:
    """Return every SLA profile of `config/`."""
    return tuple(
        profile
        for kind, raw in conf.sla_profiles().items()
        for profile in parse_profiles(kind, raw).values()
    )


@cache
def load_calendars() -> dict[str, Calendar]:
    """Return every calendar of `config/`."""
    return parse_calendars(conf.calendars().values())


def build(
    settings: Settings, *, name: str = "anju", ring: Callable[[str], None] | None = None
) -> Application:
    """Return the application for one process; `name` shows in the database's sessions."""
    engine = make_engine(settings.database_url, name=name)
    ports = Ports(
        ids=TimeOrderedIds(),
        uow=UnitOfWork(engine),
        policies=StoredPolicies(),
        calendars=load_calendars(),
        catalogue=load_catalogue(),
        registry=by_kind(REGISTRY),
        ring=ring or Bell(settings.redis_url).ring,
    )
    return Application(settings=settings, ports=ports, engine=engine)


def create_app(settings: Settings) -> Flask:
    """Return the web application with every declared route; `extensions["anju"]` is behind it."""
    configure_logging(settings.log_level)
    application = build(settings, name="anju-web")
    app = Flask("service", static_folder=None)
    app.extensions["anju"] = application
    edge = EdgeSettings(
        base_url=settings.base_url,
        secret=settings.secret,
        environment=settings.environment,
        rate_limit=settings.rate_limit,
        guess_limit=settings.guess_limit,
        proxies=settings.proxies,
        redis_url=settings.redis_url,
        webhook_allow=settings.webhook_allow,
        version=version("anju"),
        simulated=settings.environment != "production",
    )
    mount(app, ports=application.ports, settings=edge, routes=(*ROUTES, *home.ROUTES))
    return app


def refuse_wrong_clock(application: Application) -> None:
    """Stop a production start on a database with a movable clock. Raises SimulatedClock."""
    if application.settings.environment != "production":
        return
    with application.ports.uow() as tx:
        if is_simulated(tx):
            raise SimulatedClock("this database has a movable clock; it serves demo and tests only")


def settle() -> None:
    """Spare the garbage collector what was loaded for good, and the rows of a batch.

    For a process that begins to serve. A fifth of a sweep went into walking over imported
    modules again and again; after a fork, doing so also copies the pages that were shared.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _without_values(_: object, __: str, line: EventDict) -> EventDict:
    """Log an exception as its kind and the lines it passed, without message or variables.

    Either may quote a name or a phone; the database's messages quote whole rows.
    """
    found = line.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        line["trace"] = [
            f"{frame.name} {frame.filename}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return line


def configure_logging(level: str) -> None:
    """Log one JSON line an event to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def upgrade(owner_url: str, *, app_role: str = "anju_app", simulated: bool = False) -> None:
    """Bring a database to the current shape; see `store.migrate.upgrade`."""
    migrate.upgrade(
        owner_url,
        app_role=app_role,
        registry=by_kind(REGISTRY),
        profiles=load_profiles(),
        simulated=simulated,
    )
