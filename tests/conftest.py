"""Fixtures every test may ask for. Servers start on first use: pure tests never start one."""

from collections.abc import Iterator

import pytest
import redis

from service.local.servers import Servers
from tests.support import servers as support
from tests.support.servers import Database


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey of this test process."""
    with support.started_servers() as started:
        yield started


@pytest.fixture(scope="session")
def template(servers: Servers) -> str:
    """The name of a migrated, otherwise empty database, to which nobody is connected."""
    return support.make_template(servers)


@pytest.fixture(scope="session")
def database(servers: Servers, template: str) -> Iterator[Database]:
    """One database for tests that roll back what they do."""
    with support.copied_database(servers, "anju_rolled_back") as made:
        yield made


@pytest.fixture(scope="session")
def committed(servers: Servers, template: str) -> Iterator[Database]:
    """The database behind `clean_database`; tests ask for that one."""
    with support.copied_database(servers, "anju_committed") as made:
        yield made


@pytest.fixture
def clean_database(committed: Database) -> Database:
    """A database as migration leaves it, for a test that commits."""
    committed.reset()
    return committed


@pytest.fixture
def valkey(servers: Servers) -> str:
    """The URL of an empty Valkey."""
    with redis.Redis.from_url(servers.redis_url) as client:
        client.flushall()
    return servers.redis_url
