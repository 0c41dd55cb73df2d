"""A world that commits: several processes and connections can work in it at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import create_engine, text

from config.settings import Settings
from service import bootstrap
from service.bootstrap import Application
from tests.support import house
from tests.support.servers import Database
from tests.support.story import Story


@dataclass
class Live:
    """An application on a committed database, and a story told in it."""

    app: Application
    story: Story
    rung: list[str]

    def rows(self, query: str, **params: object) -> list[tuple[object, ...]]:
        """Return the rows of a query, as anybody sees them now."""
        return [tuple(row) for row in self.story.conn.execute(text(query), params)]

    def value(self, query: str, **params: object) -> object:
        """Return the first value of a query."""
        return self.story.conn.execute(text(query), params).scalar()

    def build_house(self) -> None:
        """Build the house anew, after the database was reset."""
        self.story.house = house.build(self.story.conn)
        self.story.at(house.START)

    def do(self, statement: str, **params: object) -> None:
        """Execute and commit a statement."""
        self.story.conn.execute(text(statement), params)


@contextmanager
def living(database: Database, redis_url: str | None = None) -> Iterator[Live]:
    """Build the house in an empty database; the clock stands still at its start."""
    settings = Settings(
        database_url=database.app_url,
        secret="only-for-tests",
        environment="test",
        redis_url=redis_url,
        webhook_allow=("127.0.0.0/8",),
    )
    rung: list[str] = []
    app = bootstrap.build(settings, name="test", ring=rung.append)
    engine = create_engine(database.app_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        story = Story(app.ports, conn, house.build(conn), house.START)
        story.at(house.START)
        yield Live(app, story, rung)
    engine.dispose()
    app.engine.dispose()
