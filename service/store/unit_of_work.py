"""One command, one transaction. The only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.core.errors import OutcomeUnknown, StorageUnavailable

set_json_dumps(orjson.dumps)
set_json_loads(orjson.loads)

_SESSION = (
    "-c timezone=UTC -c lock_timeout={lock_ms} -c statement_timeout={statement_ms}"
    " -c idle_in_transaction_session_timeout=10000 -c client_connection_check_interval=2000"
    " -c application_name={name}"
)


def make_engine(
    url: str, *, name: str, pool: int = 8, lock_ms: int = 2000, statement_ms: int = 15000
) -> Engine:
    """Return an engine whose sessions speak UTC and give up rather than hang.

    `lock_ms` and `statement_ms` are milliseconds; a frozen client's locks are freed by
    the database after 10 s. Nothing connects before the first statement.
    """
    options = _SESSION.format(lock_ms=lock_ms, statement_ms=statement_ms, name=name)
    return create_engine(
        url,
        pool_size=pool,
        max_overflow=2,
        pool_timeout=1,
        pool_reset_on_return="rollback",
        hide_parameters=True,  # they hold names and phones, and errors are logged
        connect_args={
            "options": options,
            "connect_timeout": 2,
            "tcp_user_timeout": 10000,
            "prepare_threshold": 3,
        },
    )


class Tx:
    """An open transaction. Who is handed one neither commits nor rolls back."""

    __slots__ = ("abandoned", "conn")

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.abandoned = False

    def abandon(self) -> None:
        """Ask for a roll-back at the end: a dry run leaves nothing."""
        self.abandoned = True

    def now(self) -> datetime:
        """Return the service's time, to the millisecond."""
        now: datetime = self.conn.execute(_NOW).scalar_one()
        return now

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send the body's statements without waiting for each; none may return rows.

        A refused one is raised at the end of the body; those after it were not executed.
        """
        driver = self._driver()
        try:
            with driver.pipeline():
                yield
        except psycopg.Error as exc:
            if driver.closed:
                self.conn.invalidate(exc)
            raise DBAPIError.instance(
                None, None, exc, psycopg.Error, hide_parameters=True,
                connection_invalidated=driver.closed, dialect=self.conn.dialect,
            ) from exc  # fmt: skip

    @contextmanager
    def planned_by_values(self) -> Iterator[None]:
        """Let the planner see the body's values: for statements whose best plan hangs on them.

        A prepared statement soon gets one plan for all values. For a page of a list that one
        reads and sorts a whole district to show fifty rows.
        """
        driver = self._driver()
        kept, driver.prepare_threshold = driver.prepare_threshold, None
        try:
            yield
        finally:
            driver.prepare_threshold = kept

    def _driver(self) -> psycopg.Connection[Any]:
        driver = self.conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101 — there is one dialect
        return driver

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only the body when it fails."""
        with self.conn.begin_nested():
            yield


_NOW = text("SELECT app_now()")


_SIMULATED = text("SELECT to_regclass('app_clock') IS NOT NULL")


def is_simulated(tx: Tx) -> bool:
    """Tell whether the database's time can be moved."""
    found: bool = tx.conn.execute(_SIMULATED).scalar_one()
    return found


class UnitOfWork:
    """Opens transactions on one engine.

    Raises StorageUnavailable when the database cannot be reached or gives up (nothing
    was written), and OutcomeUnknown when the connection is lost while committing.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def __call__(self) -> Iterator[Tx]:
        """Commit on a clean exit of the body, otherwise roll back."""
        conn = self._connect()
        try:
            tx = Tx(conn)
            with _translated():
                yield tx
            if not tx.abandoned:
                _commit(conn)
        finally:
            # A session lost meanwhile has rolled back by itself; what the body said stands.
            with suppress(DBAPIError):
                conn.close()

    def _connect(self) -> Connection:
        try:
            conn = self._engine.connect()
        except (OperationalError, InterfaceError, PoolTimeout) as exc:
            raise StorageUnavailable from exc
        return conn


def _commit(conn: Connection) -> None:
    try:
        conn.commit()
    except DBAPIError as exc:
        if exc.connection_invalidated or isinstance(exc, (OperationalError, InterfaceError)):
            raise OutcomeUnknown from exc
        raise


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as exc:
        raise StorageUnavailable from exc
    except DBAPIError as exc:
        if exc.connection_invalidated:
            raise StorageUnavailable from exc
        raise


def violates(exc: IntegrityError, constraint: str) -> bool:
    """Tell whether a named constraint refused the row."""
    original = exc.orig
    return (
        isinstance(original, psycopg.errors.IntegrityError)
        and original.diag.constraint_name == constraint
    )


def is_lock_timeout(exc: DBAPIError) -> bool:
    """Tell whether the statement gave up waiting for a lock."""
    return isinstance(exc.orig, psycopg.errors.LockNotAvailable)
