"""The clocks of one ticket while one history line is taken."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from service.sla.calendar import Calendars, pinned
from service.sla.history import Mark, Terms
from service.sla.late import stopped_by_excuse
from service.sla.profile import ClockRule, Profile
from service.sla.timer import STOPPED, Clock, Ground, ground_of


@dataclass(slots=True)
class Book:
    """Working copy: clocks by (name, epoch), the newest epoch of each, rungs taken back."""

    mark: Mark
    terms: Terms
    profile: Profile
    calendars: Calendars
    held: dict[tuple[str, int], Clock] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    withdrawn: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """When the line took effect."""
        return self.mark.at

    def put(self, clock: Clock) -> None:
        """Keep a clock; the last epoch put is the newest of its name."""
        self.held[clock.name, clock.epoch] = clock
        self.newest[clock.name] = clock.epoch

    def open(self, name: str) -> list[Clock]:
        """Return the newest epochs by that name ("*" = any) that a line at this time may move."""
        names = list(self.newest) if name == "*" else [name] if name in self.newest else []
        found = (self.held[each, self.newest[each]] for each in names)
        return [clock for clock in found if clock.state != STOPPED or self._undoable(clock)]

    def _undoable(self, clock: Clock) -> bool:
        due = clock.breached_at
        return stopped_by_excuse(clock) and due is not None and due >= self.at

    def next_epoch(self, name: str) -> int:
        """Return the number of a clock's next epoch."""
        return self.newest.get(name, 0) + 1

    def rule(self, name: str) -> ClockRule:
        """Return the profile's rule of a clock, an empty one if it has none."""
        return self.profile.rule(name)

    def ground(self, clock: Clock) -> Ground:
        """Return what the clock is judged by, on the calendar that it pinned."""
        calendar = pinned(self.calendars, clock.calendar, clock.calendar_version)
        return ground_of(self.profile, clock.name, calendar, self.terms.variant)

    def take_back(self, clock: Clock, levels: Iterable[int]) -> None:
        """Note rungs that this line proved wrong."""
        self.withdrawn += [(clock.name, clock.epoch, level) for level in levels]

    def clocks(self) -> tuple[Clock, ...]:
        """Return every clock by start, name and epoch."""
        return tuple(sorted(self.held.values(), key=lambda c: (c.started_at, c.name, c.epoch)))
