"""The demo worlds that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.support.worlds import Built, Made, built_world, copied_world


@pytest.fixture(scope="session")
def built(servers, template) -> Iterator[Built]:
    """A world that is made once, for others to copy."""
    with built_world(servers) as found:
        yield found


@pytest.fixture(scope="module")
def made(servers, built) -> Iterator[Made]:
    """A fresh world that no test changes."""
    with copied_world(servers, "anju_made", built) as found:
        yield found


@pytest.fixture
def moving(servers, built) -> Iterator[Made]:
    """A world to set in motion."""
    with copied_world(servers, "anju_moving", built) as found:
        yield found
