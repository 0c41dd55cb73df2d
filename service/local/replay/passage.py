"""How time passes in a replay: the clock stands still between jumps.

It jumps to whatever comes first, the next move or the next armed rung, so that every rung is
noticed when it is due and not when somebody looks; and does what the calendar asks for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from service.commands.ports import Outcome, Ports
from service.commands.sweep import sweep_all
from service.local.replay.hands import Hands
from service.local.replay.source_map import SourceMap
from service.store import clock

BY = "replay"
_NEVER = datetime.max.replace(tzinfo=UTC)
_INTO_NEXT_MONTH = timedelta(days=32)


class ReplayStuck(Exception):
    """A rung is due and no sweep takes it: a fault of the service, not of the file."""


@dataclass(frozen=True, slots=True)
class Chores:
    """What other processes do in a running service, done here at the simulated time.

    `react` does what follows when a follower was merged; None lets the stage do it.
    `follow` does what follows in other tickets when the map says that an event leads there.
    `monthly` is called when a month has ended in the source's zone, and at the very end;
    `daily` likewise for a day, where the map asks for the detector of clusters.
    """

    react: Callable[[Ports], object] | None = None
    follow: Callable[[Ports], object] | None = None
    monthly: Callable[[Ports, datetime], object] | None = None
    daily: Callable[[Ports, datetime], object] | None = None


@dataclass(slots=True)
class Passage:
    """The time of one replay.

    `horizon` is a time before which no rung is armed; None when it must be looked up.
    `forget` drops what the stage remembers of tickets, since somebody else touched them.
    """

    ports: Ports
    hands: Hands
    source: SourceMap
    chores: Chores
    forget: Callable[[], None]
    horizon: datetime | None = field(default=None)

    def to(self, until: datetime) -> None:
        """Sweep at each armed rung, and do each day's and month's chores, up to `until`."""
        while True:
            now = self.hands.at or until
            rung, day, month = self._next_rung(until), self._next_day(now), self._next_month(now)
            first = min(rung, day, month)
            if first > until:
                break
            self.hands.at = max(first, now)
            if first == rung:
                self._sweep()
            if first == day:
                self._end(self.chores.daily)
            if first == month:
                self._end(self.chores.monthly)
        self.hands.at = until

    def end(self) -> None:
        """Do the chores of the last day and month, though they are not over."""
        if self.source.clusters is not None:
            self._end(self.chores.daily)
        self._end(self.chores.monthly)

    def arm(self, outcome: Outcome) -> None:
        """Note the rungs that a move has armed."""
        armed = [c.next_at for c in outcome.clocks if c.next_at is not None]
        if armed and self.horizon is not None:
            self.horizon = min(self.horizon, *armed)

    def lost(self) -> None:
        """Note that somebody else has moved tickets."""
        self.forget()
        self.horizon = None

    def _next_month(self, now: datetime) -> datetime:
        """Return the local midnight after `now` that begins a month."""
        if self.chores.monthly is None:
            return _NEVER
        begun = self._midnight(now).replace(day=1)
        return (begun + _INTO_NEXT_MONTH).replace(day=1).astimezone(UTC)

    def _next_day(self, now: datetime) -> datetime:
        """Return the local midnight after `now`."""
        if self.chores.daily is None or self.source.clusters is None:
            return _NEVER
        return (self._midnight(now) + timedelta(days=1)).astimezone(UTC)

    def _midnight(self, now: datetime) -> datetime:
        local = now.astimezone(self.source.zone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0)

    def _end(self, chore: Callable[[Ports, datetime], object] | None) -> None:
        if chore is not None and self.hands.at is not None:
            chore(self.ports, self.hands.at)
            self.lost()

    def _next_rung(self, until: datetime) -> datetime:
        """Return when the next rung fires, or something later than `until`."""
        if self.horizon is None or self.horizon <= until:
            with self.hands.uow() as tx:  # looking does not move the clock
                self.horizon = clock.next_at(tx) or _NEVER
        return self.horizon

    def _sweep(self) -> None:
        self.forget()
        self.hands.looking = True
        swept = sweep_all(self.ports, by=BY)
        self.hands.looking = False
        if swept.tickets == 0 or swept.failed:
            raise ReplayStuck(f"a rung due at {self.horizon} was not fired; see the log")
        self.horizon = self.hands.armed or _NEVER
