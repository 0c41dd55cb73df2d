"""The moment at which a client is about to send an event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.faults.checker import canary
from tests.faults.soak.world import Person

Data = Mapping[str, Any]
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """Who is about to send an event on which ticket, by which dice. `now` is simulated."""

    rng: Random
    person: Person
    ticket: Data
    now: datetime

    def later(self, hours: float) -> str:
        """Return a time ahead."""
        return (self.now + hours * _HOUR).isoformat()

    @property
    def words(self) -> str:
        """Return a text that belongs to the ticket's place."""
        return f"{canary(self.ticket['place']['path'])} {self.rng.randrange(10_000)}"

    @property
    def photo(self) -> str:
        """Return the person's own picture."""
        return str(self.person.photo)

    @property
    def photos(self) -> list[str]:
        """Return the person's own evidence."""
        return [self.photo]


Sent = Callable[[Moment], Data]
"""Makes the data of an event."""
