"""Times and durations as they are written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sla.notation import duration, iso, moment, read_duration, read_moment, seconds
from service.sla.wording import spell


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("PT30M", timedelta(minutes=30)),
        ("P1DT2H30M", timedelta(hours=26.5)),
        ("PT0S", timedelta()),
        ("PT1.5S", timedelta(seconds=1.5)),
    ],
)
def test_durations_are_read(written: str, span: timedelta) -> None:
    assert read_duration(written) == span


@pytest.mark.parametrize("written", ["", "P", "PT", "30M", "P1M", "PT5", "-PT5M", "P1DT"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        read_duration(written)


@given(st.integers(0, 10**12))
def test_durations_survive_writing(amount: int) -> None:
    span = timedelta(milliseconds=amount)

    assert read_duration(duration(span)) == span


@pytest.mark.parametrize(
    ("amount", "written"), [(timedelta(days=15), "PT360H"), (-timedelta(minutes=5), "-PT5M")]
)
def test_durations_are_written_in_hours_at_most(amount: timedelta, written: str) -> None:
    assert duration(amount) == written


def test_times_are_written_in_utc_with_milliseconds() -> None:
    east = datetime.fromisoformat("2026-11-21T08:00:00.412999+08:00")

    assert iso(east) == "2026-11-21T00:00:00.412Z"
    assert read_moment("2026-11-21T00:00:00.412Z") == datetime(2026, 11, 21, 0, 0, 0, 412000, UTC)
    assert iso(None) is moment(None) is None


@pytest.mark.parametrize(("amount", "written"), [(1000, 1), (-1000, -1), (1500, 1.5), (-1, -0.001)])
def test_seconds_are_whole_when_they_can_be(amount: int, written: float) -> None:
    assert seconds(amount) == written
    assert isinstance(seconds(amount), type(written))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (90_000, "1 min 30 s"),
        (3_690_000, "1 h 1 min"),
        (86_400_000, "24 h"),
        (172_800_000, "2 d"),
        (176_400_000, "2 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_spans_are_spelled_as_people_say_them(amount: int, words: str) -> None:
    assert spell(amount, "en") == words
