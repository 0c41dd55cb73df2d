"""What only the composition root knows, handed down to the command line as plain callables.

`local` lies below `bootstrap` and may not import it; `__main__` fills this in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask
from sqlalchemy import Engine

from service.commands.ports import Ports
from service.local.replay.passage import Chores
from service.sla.policy import Profile

Environment = Mapping[str, str]
"""ANJU_* variables, from the process or made up for the servers of a folder."""


class Settings(Protocol):
    """The settings that the command line looks at."""

    @property
    def environment(self) -> str:
        """production, demo or test."""

    @property
    def database_url(self) -> str:
        """The application role's."""

    @property
    def owner_database_url(self) -> str | None:
        """The role that migrates."""

    @property
    def redis_url(self) -> str | None:
        """Where bells are rung."""

    @property
    def secret(self) -> str:
        """What cursors and links are signed with."""

    @property
    def base_url(self) -> str:
        """How clients reach the service."""


class Application(Protocol):
    """Ports with what runs behind them."""

    @property
    def settings(self) -> Settings:
        """What the operator decided."""

    @property
    def ports(self) -> Ports:
        """What commands receive."""

    @property
    def engine(self) -> Engine:
        """The database connections behind the ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The composition root's offers. Each raises BadSetting for a bad environment."""

    version: str
    build: Callable[[Environment, str], Application]
    create_app: Callable[[Environment], Flask]
    upgrade: Callable[..., None]
    profiles: Callable[[], Iterable[Profile]]
    run_ticker: Callable[[Environment], None]
    run_worker: Callable[[Environment], None]
    openapi: Callable[[Environment], Mapping[str, Any]]
    chores: Chores
