"""Moves the simulated clock, and tells for each simulated moment when it really was."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg

_READ = "SELECT wall_at, app_at, rate FROM app_clock"
_RUN = "UPDATE app_clock SET wall_at = clock_timestamp(), app_at = app_now(), rate = %s"
_JUMP = "UPDATE app_clock SET wall_at = clock_timestamp(), app_at = app_now() + %s"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the real moment `wall` on, the clock shows `shown` and goes `rate` times as fast."""

    wall: datetime
    shown: datetime
    rate: float


@dataclass
class Clockwork:
    """The clock row of one database; `url` is the application role's."""

    url: str
    stretches: list[Stretch] = field(default_factory=list)

    def run(self, rate: float) -> bool:
        """Let the clock go on at a rate; 0 stands still. False when the database is away."""
        return self._move(_RUN, rate)

    def jump(self, by: timedelta) -> bool:
        """Jump forward; False when the database is away or did not say that it did."""
        return self._move(_JUMP, by)

    def real(self, shown: datetime) -> datetime:
        """Return when the clock began to show a moment, or to have passed it by a jump."""
        at = max(0, bisect_right([stretch.shown for stretch in self.stretches], shown) - 1)
        stretch = self.stretches[at]
        if stretch.rate == 0:
            return stretch.wall
        passed = (shown - stretch.shown) / stretch.rate
        end = self.stretches[at + 1].wall if at + 1 < len(self.stretches) else None
        real = stretch.wall + passed
        return real if end is None else min(real, end)

    def _move(self, statement: str, by: float | timedelta) -> bool:
        try:
            with self._connect() as conn:
                conn.execute(statement, (by,))
            done = True
        except psycopg.Error:
            done = False
        return self._note() and done

    def _note(self) -> bool:
        """Read back what the row says: a move without an answer may have happened."""
        try:
            with self._connect() as conn:
                row = conn.execute(_READ).fetchone()
        except psycopg.Error:
            return False
        assert row is not None
        if not self.stretches or self.stretches[-1].wall != row[0]:
            self.stretches.append(Stretch(*row))
        return True

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        url = self.url.replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True, connect_timeout=2)
