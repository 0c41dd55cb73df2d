"""Journeys: those of a repair are told to the commands, the others over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import story
from tests.support.journey import Journey, journey_in
from tests.support.servers import Database

__all__ = ["story"]


@pytest.fixture
def journey(clean_database: Database, valkey: str, tmp_path: Path) -> Iterator[Journey]:
    """The house at 08:00 on 21 November 2026, with a worker and a ticker at work."""
    with journey_in(clean_database, valkey, tmp_path) as told:
        yield told
