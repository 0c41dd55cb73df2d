"""The simulated clock's hands, and ids that two runs make alike."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from service.core.ids import derived
from service.store import clock
from service.store.unit_of_work import Tx

# What a crash loses is replayed again; waiting for the disk at each commit would take longer.
_SET = text("""
UPDATE app_clock SET wall_at = clock_timestamp(), app_at = :at, rate = 0
RETURNING set_config('synchronous_commit', 'off', true)""")


@dataclass(slots=True)
class Hands:
    """A unit of work whose transactions happen at `at`: each sets the clock first.

    `at` None leaves the clock alone. `looking` has each transaction end by reading when the
    next rung fires, into `armed`: a transaction for that alone would cost more than the look.
    """

    uow: Callable[[], AbstractContextManager[Tx]]
    at: datetime | None = None
    looking: bool = False
    armed: datetime | None = None

    @contextmanager
    def __call__(self) -> Iterator[Tx]:
        """Commit on a clean exit of the body, otherwise roll back."""
        with self.uow() as tx:
            if self.at is not None:
                tx.conn.execute(_SET, {"at": self.at})
            yield tx
            if self.looking:
                self.armed = clock.next_at(tx)


class CountedIds:
    """Ids by counting within a name."""

    def __init__(self, *name: object) -> None:
        self._name = name
        self._last = 0

    def new(self, now: datetime) -> UUID:
        """Return the next id."""
        self._last += 1
        return derived(*self._name, self._last, now.isoformat())
