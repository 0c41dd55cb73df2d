"""The JSON front door over a story that is rolled back."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.support import house
from tests.support.http import Http, http_on
from tests.support.ports import ports_on
from tests.support.servers import Database
from tests.support.story import Story


@pytest.fixture
def http(database: Database) -> Iterator[Http]:
    """A client; the world is at 08:00 on 21 November 2026, nothing opened yet."""
    engine = create_engine(database.app_url)
    with engine.connect() as conn, conn.begin() as outer:
        conn.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        story = Story(ports_on(conn), conn, house.build(conn), house.START)
        story.at(house.START)
        yield http_on(story)
        outer.rollback()
    engine.dispose()
