"""Servers that a test may stop and empty, and a world in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from service.local.servers import Servers
from tests.faults.callers import Faulty, faulty
from tests.support import servers as support
from tests.support.live import Live, living
from tests.support.parts import Parts, parts_of
from tests.support.waiting import eventually


@dataclass
class Plant:
    """Everything a fault needs at hand."""

    servers: Servers
    live: Live
    parts: Parts

    def stop_valkey(self) -> None:
        self.servers.supervisor.remove("valkey")

    def start_valkey(self) -> None:
        if self.servers.supervisor.pid("valkey") is None:
            self.servers.supervisor.add(self.servers.valkey.child())
        eventually(self.servers.valkey.answers)


@pytest.fixture(scope="session")
def plant_servers() -> Iterator[Servers]:
    """Servers of their own: other tests must not meet a stopped one."""
    with support.started_servers() as servers:
        support.make_template(servers)
        yield servers


@pytest.fixture
def plant(plant_servers: Servers, tmp_path: Path) -> Iterator[Plant]:
    """A house in an empty database, an empty Valkey, and nothing running."""
    servers = plant_servers
    with (
        support.copied_database(servers, "anju_faults") as database,
        parts_of(database, servers.redis_url, tmp_path) as parts,
        living(database, servers.redis_url) as live,
    ):
        made = Plant(servers, live, parts)
        yield made
        made.start_valkey()
        with redis.Redis.from_url(servers.redis_url) as client:
            client.flushall()


@pytest.fixture
def processes(plant: Plant, tmp_path: Path) -> Iterator[Faulty]:
    """Processes that can be told where to die, in the plant's house; they have no Redis."""
    with faulty(plant.live.app, tmp_path) as made:
        yield made
