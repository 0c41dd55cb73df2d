"""A story whose transaction is rolled back at the end."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.support import house
from tests.support.ports import ports_on
from tests.support.servers import Database
from tests.support.story import Story


@pytest.fixture
def story(database: Database) -> Iterator[Story]:
    """A world at 08:00 on 21 November 2026, nothing opened yet."""
    engine = create_engine(database.app_url)
    with engine.connect() as conn, conn.begin() as outer:
        conn.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        told = Story(ports_on(conn), conn, house.build(conn), house.START)
        told.at(house.START)
        yield told
        outer.rollback()
    engine.dispose()
