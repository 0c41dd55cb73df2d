"""The application as jobs see it, and where a job finds it.

The worker's parent process says how to build it before it takes the first job; each job
runs in a fork of that process and inherits it.
"""

from collections.abc import Callable
from typing import Protocol

from sqlalchemy import Engine

from service.commands.ports import Ports


class Environment(Protocol):
    """The settings that jobs read."""

    @property
    def environment(self) -> str:
        """production, demo or test."""

    @property
    def redis_url(self) -> str | None:
        """Where bells are rung; None is nowhere."""

    @property
    def webhook_allow(self) -> tuple[str, ...]:
        """Networks that webhooks may reach besides public ones."""


class Application(Protocol):
    """Ports with what runs behind them."""

    @property
    def settings(self) -> Environment:
        """What the operator decided."""

    @property
    def ports(self) -> Ports:
        """What commands receive."""

    @property
    def engine(self) -> Engine:
        """The database connections behind the ports."""


Build = Callable[[Callable[[str], None]], Application]
"""Builds the application around a `ring`."""


class NotConfigured(RuntimeError):
    """A job ran in a process that is no worker of ours."""


_held: list[Application] = []


def configure(application: Application) -> None:
    """Set the application of this process and its forks."""
    _held[:] = [application]


def current() -> Application:
    """Return the application of this process. Raises NotConfigured."""
    if not _held:
        raise NotConfigured
    return _held[0]
