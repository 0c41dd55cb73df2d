"""Opening hours reckoned a second time: a plain walk over days, from a calendar's data only.

An instant is open when the clocks of the calendar's zone show a time within the hours of
that local day. `service.sla.calendar` is asked for its data, never for its arithmetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from service.sla.calendar import Calendar, Calendars

Stretch = tuple[datetime, datetime]

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_NOTHING: Final = timedelta()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def instants(day: date, wall: str, zone: str) -> Stretch:
    """Return the first and the last instant at which clocks show `wall`, equal but for one hour.

    A time that clocks skip is the minute at which they jump; "24:00" is the next midnight.
    """
    if wall == "24:00":
        day, wall = day + _DAY, "00:00"
    shown = datetime.combine(day, time.fromisoformat(wall), _zone(zone))
    first, last = shown.astimezone(UTC), shown.replace(fold=1).astimezone(UTC)
    if first <= last:
        return first, last
    before = last.astimezone(_zone(zone)).utcoffset()
    while last.astimezone(_zone(zone)).utcoffset() == before:
        last += _MINUTE
    return last, last


def next_shown(wall: str, after: datetime, zone: str) -> datetime:
    """Return the first instant after another at which local clocks show `wall`."""
    day = after.astimezone(_zone(zone)).date() - _DAY
    while (found := instants(day, wall, zone)[0]) <= after:
        day += _DAY
    return found


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one calendar. Raises LookupError for days that it does not cover."""

    calendar: Calendar
    _days: dict[date, tuple[Stretch, ...]] = field(default_factory=dict)

    @property
    def always(self) -> bool:
        """Tell whether every hour counts."""
        return self.calendar.weekly is None

    def counted(self, begins: datetime, ends: datetime) -> timedelta:
        """Return the open time between two instants; nothing when they are the wrong way round."""
        if self.always:
            return max(ends - begins, _NOTHING)
        total = _NOTHING
        for opens, closes in self._from(begins):
            if opens >= ends:
                break
            total += min(closes, ends) - max(opens, begins)
        return max(total, _NOTHING)

    def after(self, begins: datetime, span: timedelta) -> datetime:
        """Return when `span` of open time has passed; used up at closing time, that is when."""
        if self.always or span <= _NOTHING:
            return begins + max(span, _NOTHING)
        for opens, closes in self._from(begins):
            here = max(opens, begins)
            if closes - here >= span:
                return here + span
            span -= closes - here
        raise LookupError("a calendar without end ended")

    def _from(self, begins: datetime) -> Iterator[Stretch]:
        """Yield the open stretches that end after an instant, in order, without end."""
        day = begins.astimezone(_zone(self.calendar.time_zone)).date()
        while True:
            for opens, closes in self._on(day):
                if closes > begins:
                    yield opens, closes
            day += _DAY

    def _on(self, day: date) -> tuple[Stretch, ...]:
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = tuple(self._worked_out(day))
        return found

    def _worked_out(self, day: date) -> Iterator[Stretch]:
        known = self.calendar
        if (known.first and day < known.first) or (known.last and day > known.last):
            raise LookupError(f"calendar {known.id} does not cover {day}")
        if known.weekly is None or (day in known.days_off and day not in known.make_up):
            return
        hours = known.make_up_hours if day in known.make_up else known.weekly[day.weekday()]
        for opens, closes in hours:
            first, _ = instants(day, opens, known.time_zone)
            begin_of_last, last = instants(day, closes, known.time_zone)
            ends = begin_of_last if closes == "24:00" else last
            if first < ends:
                yield first, ends


ALL_HOURS: Final = Hours(Calendar("all-hours", 1))


@dataclass(slots=True)
class Almanac:
    """The opening hours of each calendar version, worked out once."""

    calendars: Calendars
    _hours: dict[tuple[str, int | None], Hours] = field(default_factory=dict)

    def hours(self, name: str, version: int | None) -> Hours:
        """Return the hours of a version, of the newest for None. Raises LookupError."""
        if name == ALL_HOURS.calendar.id:
            return ALL_HOURS
        found = self._hours.get((name, version))
        if found is None:
            key = name if version is None else f"{name}@{version}"
            found = self._hours[name, version] = Hours(self.calendars[key])
        return found
