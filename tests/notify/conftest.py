"""A world that commits, without Redis."""

from collections.abc import Iterator

import pytest

from tests.support.live import Live, living
from tests.support.servers import Database


@pytest.fixture
def live(clean_database: Database) -> Iterator[Live]:
    """The house at 08:00 on 21 November 2026; its clock stands still."""
    with living(clean_database) as world:
        yield world
