"""Calendars: how much counted time lies between two instants, and when it has passed."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.sla.notation import MS

Hours = tuple[tuple[str, str], ...]
"""Local opening times of one day, `(("09:00", "12:00"), ("13:00", "24:00"))`."""

_DAY = timedelta(days=1)


class CalendarGap(Exception):
    """The calendar ends before the time that was asked for."""


def local_instant(day: date, wall: str, zone: str) -> datetime:
    """Return the UTC instant of a local time of day, "24:00" being the next midnight.

    A time the zone skips is the instant of the jump; one it has twice, the first.
    """
    if wall == "24:00":
        day, wall = day + _DAY, "00:00"
    naive = datetime.combine(day, time.fromisoformat(wall))
    early, late = (naive.replace(tzinfo=ZoneInfo(zone), fold=f).astimezone(UTC) for f in (0, 1))
    return early if early <= late else _jump(late, early, ZoneInfo(zone))


def next_time_of_day(start: datetime, wall: str, zone: str) -> datetime:
    """Return the first UTC instant after `start` at which clocks of the zone show `wall`."""
    day = start.astimezone(ZoneInfo(zone)).date()
    found = local_instant(day, wall, zone)
    while found <= start:
        day += _DAY
        found = local_instant(day, wall, zone)
    return found


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the first millisecond after the zone's offset changes between two instants."""
    before = low.astimezone(zone).utcoffset()
    steps = range((high - low) // MS + 1)
    moved = bisect_left(
        steps, True, key=lambda n: (low + n * MS).astimezone(zone).utcoffset() != before
    )
    return low + moved * MS


@dataclass(frozen=True)
class Calendar:
    """Opening hours of one zone; `weekly` None means that all time counts.

    Days off are closed, make-up days (调休) open with `make_up_hours`. Known from `first`
    to `last`, both inclusive. The years in `provisional` are not yet proclaimed.
    """

    id: str
    version: int
    time_zone: str = "UTC"
    weekly: tuple[Hours, ...] | None = None
    days_off: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()
    make_up_hours: Hours = ()
    first: date | None = None
    last: date | None = None
    provisional: frozenset[int] = frozenset()
    _days: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def add(self, start: datetime, span: timedelta) -> datetime:
        """Return the UTC instant when `span` of counted time has passed since `start`.

        A start outside opening hours counts from the next opening; a span that ends
        exactly at closing time ends then, not at the next opening.

        Raises CalendarGap if the calendar ends before.
        """
        if self.weekly is None or not span:
            return start + span
        day = start.astimezone(ZoneInfo(self.time_zone)).date()
        while True:
            for opens, closes in self.open_on(day):
                here = max(opens, start)
                if here >= closes:
                    continue
                if closes - here >= span:
                    return here + span
                span -= closes - here
            day += _DAY

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the counted time from `start` to `end`; zero when `end` is not later.

        Raises CalendarGap if the calendar does not cover both.
        """
        if end <= start:
            return timedelta()
        if self.weekly is None:
            return end - start
        return sum((closes - opens for opens, closes in self.opened(start, end)), timedelta())

    def opened(self, start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime]]:
        """Yield the open stretches between two instants, in order."""
        if self.weekly is None:
            yield start, end
            return
        zone = ZoneInfo(self.time_zone)
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            for opens, closes in self.open_on(day):
                if max(opens, start) < min(closes, end):
                    yield max(opens, start), min(closes, end)
            day += _DAY

    def open_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the open stretches of a local day as UTC instants.

        Raises CalendarGap outside `first`…`last`.
        """
        if (self.first and day < self.first) or (self.last and day > self.last):
            raise CalendarGap(f"calendar {self.id} {self.version} does not cover {day}")
        found = self._days.get(day)
        if found is None:
            stretches = (
                (local_instant(day, opens, self.time_zone), self._close(day, closes))
                for opens, closes in self._hours(day)
            )
            found = self._days[day] = tuple((o, c) for o, c in stretches if o < c)
        return found

    def _close(self, day: date, wall: str) -> datetime:
        # A closing time that happens twice is the later one, "24:00" the midnight itself.
        if wall == "24:00":
            return local_instant(day, wall, self.time_zone)
        zone = ZoneInfo(self.time_zone)
        naive = datetime.combine(day, time.fromisoformat(wall))
        late = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
        return max(late, local_instant(day, wall, self.time_zone))

    def _hours(self, day: date) -> Hours:
        if day in self.make_up:
            return self.make_up_hours
        if day in self.days_off or self.weekly is None:
            return ()
        return self.weekly[day.weekday()]


ALL_HOURS: Final = Calendar("all-hours", 1)
"""Every hour of every day counts."""

Calendars = Mapping[str, Calendar]
"""By id the newest version, by `id@version` each that a running clock may have pinned."""


def pinned(calendars: Calendars, name: str, version: int) -> Calendar:
    """Return that version of a calendar. Raises CalendarGap when it is not there."""
    newest = calendars.get(name) or (ALL_HOURS if name == ALL_HOURS.id else None)
    if newest is not None and newest.version == version:
        return newest
    found = calendars.get(f"{name}@{version}")
    if found is None:
        raise CalendarGap(f"calendar {name} has no version {version}")
    return found


def newest(calendars: Calendars, name: str) -> Calendar:
    """Return the newest version of a calendar. Raises CalendarGap when there is none."""
    found = calendars.get(name) or (ALL_HOURS if name == ALL_HOURS.id else None)
    if found is None:
        raise CalendarGap(f"no calendar {name}")
    return found


_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_calendars(raws: Iterable[Mapping[str, Any]]) -> dict[str, Calendar]:
    """Return calendars from parsed files, under `id` (newest) and `id@version`."""
    found: dict[str, Calendar] = {}
    for raw in raws:
        calendar = _parse(raw)
        found[f"{calendar.id}@{calendar.version}"] = calendar
        if calendar.id not in found or found[calendar.id].version < calendar.version:
            found[calendar.id] = calendar
    return found


def _parse(raw: Mapping[str, Any]) -> Calendar:
    if "weekly" not in raw:
        return Calendar(raw["id"], raw["version"])
    years = raw.get("year", {})
    return Calendar(
        id=raw["id"],
        version=raw["version"],
        time_zone=raw["time_zone"],
        weekly=tuple(_hours(raw["weekly"].get(day, [])) for day in _WEEK),
        days_off=frozenset(d for year in years.values() for d in year["days_off"]),
        make_up=frozenset(d for year in years.values() for d in year["make_up"]),
        make_up_hours=_hours(raw.get("make_up_hours", [])),
        first=raw["first"],
        last=raw["last"],
        provisional=frozenset(int(n) for n, year in years.items() if year["provisional"]),
    )


def _hours(raw: Iterable[Iterable[str]]) -> Hours:
    return tuple((opens, closes) for opens, closes in raw)
