"""Demo worlds for tests: one is made, the others are copies of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from service import bootstrap
from service.commands.ports import Ports
from service.core.actors import Actor
from service.edge.authentication import Authenticator
from service.local import demo_file, world
from service.local.demo_file import DemoFile
from service.local.history import Told
from service.local.simulated_clock import SimulatedClock
from tests.support.replaying import committing_ports
from tests.support.servers import Database, copied_database

FIRST = "anju_world"


@dataclass
class Built:
    """The world that others copy: what came of it, and when "today" is there."""

    told: Told
    at: datetime


@dataclass
class Made:
    ports: Ports
    told: Told
    keys: DemoFile

    def ask(self, query: str, **params: object) -> list[tuple]:
        with self.ports.uow() as tx:
            return [tuple(row) for row in tx.conn.execute(text(query), params)]

    def states(self, kind: str) -> Counter[str]:
        return Counter(state for (state,) in self.ask(
            "SELECT state FROM ticket WHERE kind = :kind", kind=kind
        ))  # fmt: skip

    def actor(self, label: str) -> Actor:
        return Authenticator(self.ports).actor_of(f"Bearer {self.keys.keys[label]}").actor


def build(database: Database, ports: Ports, seed: int) -> Told:
    return world.build(
        ports, owner_url=database.owner_url, profiles=bootstrap.load_profiles(), seed=seed
    )


@contextmanager
def built_world(servers, name: str = FIRST, at: datetime | None = None) -> Iterator[Built]:
    """Make a world in a database of its own, at three in the morning; nobody stays connected."""
    with copied_database(servers, name) as database:
        with committing_ports(database.app_url) as ports:
            clock = SimulatedClock(ports.uow)
            at = at or clock.now().replace(hour=3, minute=0, second=0, microsecond=0)
            clock.set(at)
            told = build(database, ports, 1)
        yield Built(told, at)


@contextmanager
def copied_world(servers, name: str, built: Built, source: str = FIRST) -> Iterator[Made]:
    """Copy a world, and hand out keys to the copy."""
    with (
        copied_database(servers, name, source) as database,
        committing_ports(database.app_url) as ports,
    ):
        yield Made(ports, built.told, demo_file.make(ports, None))
