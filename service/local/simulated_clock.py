"""Moves the clock row of a demo, replay or test database. A real clock cannot be moved."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import text

from service.store.unit_of_work import Tx

_EXISTS = text("SELECT to_regclass('app_clock') IS NOT NULL")
_SET = text("UPDATE app_clock SET wall_at = clock_timestamp(), app_at = :at, rate = :rate")
_RATE = text("UPDATE app_clock SET wall_at = clock_timestamp(), app_at = app_now(), rate = :rate")
_JUMP = text("UPDATE app_clock SET wall_at = clock_timestamp(), app_at = app_now() + :by")
_RUNS = text("SELECT rate > 0 FROM app_clock")
# What the clock certainly showed before everything was killed; null for an untouched database.
_LAST_SIGN = text("""
SELECT greatest((SELECT max(updated_at) FROM ticket), (SELECT max(app_at) FROM heartbeat))""")


class RealClock(Exception):
    """The database keeps real time."""


class SimulatedClock:
    """The one clock row. Every change counts from the moment it is committed."""

    def __init__(self, uow: Callable[[], AbstractContextManager[Tx]]) -> None:
        self._uow = uow
        with uow() as tx:
            if not tx.conn.execute(_EXISTS).scalar_one():
                raise RealClock

    def now(self) -> datetime:
        """Return what the clock shows."""
        with self._uow() as tx:
            return tx.now()

    def set(self, at: datetime, *, rate: float = 0.0) -> None:
        """Show `at` and go on at `rate` simulated seconds a second; 0 stands still."""
        with self._uow() as tx:
            set_in(tx, at, rate=rate)

    def run(self, rate: float) -> None:
        """Go on from what it shows now."""
        with self._uow() as tx:
            tx.conn.execute(_RATE, {"rate": rate})

    def advance(self, by: timedelta) -> None:
        """Jump forward."""
        with self._uow() as tx:
            tx.conn.execute(_JUMP, {"by": by})

    def hold(self) -> datetime:
        """Stand still and return the time shown.

        A clock found running belonged to somebody who was killed. It goes back to the last
        sign of life, so that the time nobody watched does not breach everything.
        """
        with self._uow() as tx:
            seen = tx.conn.execute(_LAST_SIGN).scalar()
            now = tx.now()
            if seen is not None and tx.conn.execute(_RUNS).scalar_one():
                now = min(now, seen)
            set_in(tx, now)
        return now


def set_in(tx: Tx, at: datetime, *, rate: float = 0.0) -> None:
    """Set the clock inside a transaction, which sees it at once; others after the commit."""
    tx.conn.execute(_SET, {"at": at, "rate": rate})
