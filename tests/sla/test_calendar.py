"""Counted time: every hour, working days with 调休, and zones that shift (PROOF 6, F32)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sla.calendar import (
    ALL_HOURS,
    Calendar,
    CalendarGap,
    local_instant,
    newest,
    next_time_of_day,
    parse_calendars,
    pinned,
)
from tests.sla.tickets import CALENDARS, MS, hours

DAY = timedelta(days=1)
OFFICE = (("09:00", "12:00"), ("13:00", "18:00"))


def office(zone: str = "Asia/Shanghai") -> Calendar:
    return Calendar(
        id="office",
        version=1,
        time_zone=zone,
        weekly=(OFFICE,) * 5 + ((), ()),
        first=date(2011, 1, 1),
        last=date(2027, 12, 31),
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shanghai(text: str) -> datetime:
    return utc(text) - hours(8)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        pytest.param(
            "2026-11-19 17:00", 1, "2026-11-19 18:00", id="ends-at-closing-not-next-opening"
        ),
        pytest.param("2026-11-19 17:00", 1.5, "2026-11-20 09:30", id="over-night"),
        pytest.param("2026-11-20 17:00", 2, "2026-11-23 10:00", id="R-SLA-13-friday-evening"),
        pytest.param("2026-11-21 10:00", 1, "2026-11-23 10:00", id="starts-on-saturday"),
        pytest.param("2026-11-19 11:00", 2, "2026-11-19 14:00", id="over-lunch"),
        pytest.param("2026-11-19 12:30", 0, "2026-11-19 12:30", id="nothing-to-count"),
    ],
)
def test_closed_hours_do_not_count(start: str, span: float, end: str) -> None:
    assert office().add(shanghai(start), hours(span)) == shanghai(end)
    assert office().between(shanghai(start), shanghai(end)) == hours(span)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        pytest.param("2026-09-20", True, id="make-up-sunday"),
        pytest.param("2026-10-10", True, id="make-up-saturday"),
        pytest.param("2026-10-01", False, id="national-day"),
        pytest.param("2026-10-07", False, id="moved-day-off"),
        pytest.param("2026-10-08", True, id="after-the-holiday"),
        pytest.param("2026-11-21", False, id="ordinary-saturday"),
    ],
)
def test_days_off_and_make_up_days_follow_the_notice(day: str, counts: bool) -> None:
    start = shanghai(f"{day} 00:00")

    assert CALENDARS["cn-workdays"].between(start, start + DAY) == (DAY if counts else 0 * DAY)


def test_five_working_days_leap_over_the_holiday() -> None:
    workdays = CALENDARS["cn-workdays"]

    due = workdays.add(shanghai("2026-09-29 10:00"), 5 * DAY)

    assert due == shanghai("2026-10-12 10:00")  # 29, 30 Sep; 8, 9, 10 (make-up), 12 Oct


def test_an_unproclaimed_year_is_marked_provisional() -> None:
    assert CALENDARS["cn-workdays"].provisional == {2027}


def test_a_calendar_that_ends_too_early_says_so() -> None:
    with pytest.raises(CalendarGap):
        CALENDARS["cn-workdays"].add(shanghai("2027-12-31 10:00"), 2 * DAY)
    with pytest.raises(CalendarGap):
        office().between(shanghai("2010-12-31 10:00"), shanghai("2011-01-03 10:00"))


def test_no_time_lies_between_an_instant_and_an_earlier_one() -> None:
    late, early = shanghai("2026-11-19 17:00"), shanghai("2026-11-19 10:00")

    assert office().between(late, early) == ALL_HOURS.between(late, early) == timedelta()


@pytest.mark.parametrize(
    ("zone", "day", "wall", "instant"),
    [
        pytest.param(
            "Europe/Berlin", "2026-03-29", "02:30", "2026-03-29 01:00", id="berlin-skipped"
        ),
        pytest.param("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25 00:30", id="berlin-twice"),
        pytest.param(
            "America/New_York", "2026-03-08", "02:00", "2026-03-08 07:00", id="new-york-skipped"
        ),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03 15:30", id="30-min-zone"
        ),
        pytest.param("Pacific/Apia", "2011-12-30", "09:00", "2011-12-30 10:00", id="skipped-day"),
        pytest.param("Asia/Shanghai", "2028-02-29", "24:00", "2028-02-29 16:00", id="29-feb"),
    ],
)
def test_local_times_that_do_not_exist_or_exist_twice(
    zone: str, day: str, wall: str, instant: str
) -> None:
    assert local_instant(date.fromisoformat(day), wall, zone) == utc(instant)


@pytest.mark.parametrize(
    ("zone", "start", "length"),
    [
        pytest.param("Europe/Berlin", "2026-03-28 23:00", 23, id="berlin-spring"),
        pytest.param("Europe/Berlin", "2026-10-24 22:00", 25, id="berlin-autumn"),
        pytest.param("America/New_York", "2026-11-01 04:00", 25, id="new-york-autumn"),
        pytest.param("Australia/Lord_Howe", "2026-04-04 13:00", 24.5, id="lord-howe-autumn"),
        pytest.param("Pacific/Apia", "2011-12-29 10:00", 24, id="apia-before-the-skipped-day"),
    ],
)
def test_a_local_day_is_as_long_as_its_zone_makes_it(zone: str, start: str, length: float) -> None:
    whole = Calendar("all", 1, zone, weekly=((("00:00", "24:00"),),) * 7)

    end = next_time_of_day(utc(start), "24:00", zone)

    assert end - utc(start) == hours(length)
    assert whole.between(utc(start), end) == hours(length)
    assert whole.add(utc(start), hours(length)) == end


def test_office_hours_of_a_skipped_day_are_empty() -> None:
    assert office("Pacific/Apia").open_on(date(2011, 12, 30)) == ()


def test_an_office_hour_that_happens_twice_counts_twice() -> None:
    night = Calendar("n", 1, "Europe/Berlin", weekly=((("01:00", "02:30"),),) * 7)

    (stretch,) = night.open_on(date(2026, 10, 25))

    assert stretch[1] - stretch[0] == hours(2.5)


def test_closing_within_a_skipped_hour_is_closing_at_the_jump() -> None:
    night = Calendar("n", 1, "Europe/Berlin", weekly=((("01:00", "02:30"),),) * 7)

    (stretch,) = night.open_on(date(2026, 3, 29))

    assert stretch == (utc("2026-03-29 00:00"), utc("2026-03-29 01:00"))


@given(
    start=st.integers(0, 300 * 86_400_000),
    span=st.integers(0, 20 * 86_400_000),
    zone=st.sampled_from(
        ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
    ),
)
def test_what_is_added_lies_in_between(start: int, span: int, zone: str) -> None:
    calendar = office(zone)
    begin = utc("2026-01-02") + start * MS

    end = calendar.add(begin, span * MS)

    assert calendar.between(begin, end) == span * MS
    assert span == 0 or calendar.between(begin, end - MS) == (span - 1) * MS


def test_a_running_clock_keeps_the_version_it_started_with() -> None:
    raw = {"id": "x", "version": 1}
    both = parse_calendars([{**raw, "version": 2}, raw])

    assert newest(both, "x").version == 2
    assert pinned(both, "x", 1).version == 1
    assert pinned({}, "all-hours", 1) is newest({}, "all-hours") is ALL_HOURS


@pytest.mark.parametrize("calendars", [{}, {"x": Calendar("x", 2)}])
def test_a_calendar_that_is_not_there_is_a_gap(calendars: dict[str, Calendar]) -> None:
    with pytest.raises(CalendarGap):
        pinned(calendars, "x", 1)
    with pytest.raises(CalendarGap):
        newest({}, "x")
