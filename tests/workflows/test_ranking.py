"""The quarterly top ten: what counts, which quarter, and how ties are told."""

from datetime import UTC, datetime

import pytest

from service.workflows.ranking import Grievance, Quarter, quarter_before, ranked
from tests.support.bench import TICK

START = datetime(2026, 6, 30, 16, tzinfo=UTC)  # 1 July in Shanghai
END = datetime(2026, 9, 30, 16, tzinfo=UTC)
QUARTER = Quarter("2026Q3", START, END)


def filed(compound: str, *, petitions: int = 0, hotline: int = 0) -> list[Grievance]:
    return [
        *(Grievance(compound, START, petition=True, hotline=False) for _ in range(petitions)),
        *(Grievance(compound, START, petition=False, hotline=True) for _ in range(hotline)),
    ]


def test_petitions_and_hotline_complaints_are_added_up():
    first, second = ranked(
        [*filed("lotus", petitions=2, hotline=3), *filed("plum", hotline=4)], QUARTER
    )

    assert (first.compound, first.rank, first.total, first.tie) == ("lotus", 1, 5, None)
    assert (second.compound, second.rank, second.total) == ("plum", 2, 4)
    assert first.figures("2026Q3") == {
        "quarter": "2026Q3", "petitions": 2, "hotline": 3, "rank": 1,
    }  # fmt: skip


def test_a_complaint_that_came_both_ways_counts_once_as_a_petition():
    both = Grievance("lotus", START, petition=True, hotline=True)

    found = ranked([both], QUARTER)

    assert [(one.petitions, one.hotline) for one in found] == [(1, 0)]


def test_what_came_neither_way_does_not_count():
    assert ranked([Grievance("lotus", START, petition=False, hotline=False)], QUARTER) == ()


@pytest.mark.parametrize(
    ("at", "counted"),
    [(START - TICK, 0), (START, 1), (END - TICK, 1), (END, 0)],
    ids=["before", "first-moment", "last-moment", "after"],
)
def test_only_what_was_received_in_the_quarter_counts(at, counted):
    assert len(ranked([Grievance("lotus", at, petition=True, hotline=False)], QUARTER)) == counted


def test_more_petitions_come_first_when_the_sum_is_the_same():
    rows = [*filed("a", hotline=3), *filed("b", petitions=1, hotline=2)]

    found = [(one.compound, one.rank, one.tie) for one in ranked(rows, QUARTER)]

    assert found == [("b", 1, "more_petitions"), ("a", 2, "fewer_petitions")]


def test_those_whom_nothing_tells_apart_share_a_place():
    rows = [*filed("a", hotline=2), *filed("b", hotline=2), *filed("c", hotline=1)]

    found = [(one.compound, one.rank, one.tie) for one in ranked(rows, QUARTER)]

    assert found == [("a", 1, "equal"), ("b", 1, "equal"), ("c", 3, None)]


def test_ten_are_proposed_and_the_eleventh_is_not():
    rows = [g for n in range(11) for g in filed(f"c{n:02}", hotline=20 - n)]

    assert [one.compound for one in ranked(rows, QUARTER)] == [f"c{n:02}" for n in range(10)]


def test_all_who_share_the_tenth_place_are_proposed():
    rows = [g for n in range(9) for g in filed(f"c{n:02}", hotline=20 - n)]
    rows += [*filed("x", hotline=3), *filed("y", hotline=3), *filed("z", hotline=2)]

    found = ranked(rows, QUARTER)

    assert [(one.compound, one.rank) for one in found[9:]] == [("x", 10), ("y", 10)]
    assert found[9].figures("2026Q3")["tie"] == "equal"


def test_a_tie_on_the_sum_alone_is_cut_at_the_tenth_place():
    rows = [g for n in range(9) for g in filed(f"c{n:02}", hotline=20 - n)]
    rows += [*filed("x", petitions=1, hotline=2), *filed("y", hotline=3)]

    found = ranked(rows, QUARTER)

    assert (found[-1].compound, found[-1].tie) == ("x", "more_petitions")
    assert len(found) == 10


def test_fewer_places_may_be_proposed():
    rows = [*filed("a", hotline=2), *filed("b", hotline=1)]

    assert [one.compound for one in ranked(rows, QUARTER, places=1)] == ["a"]


@pytest.mark.parametrize(
    ("at", "name", "start", "end"),
    [
        (END, "2026Q3", START, END),
        (END - TICK, "2026Q2", datetime(2026, 3, 31, 16, tzinfo=UTC), START),
        (
            datetime(2026, 1, 1, tzinfo=UTC),
            "2025Q4",
            datetime(2025, 9, 30, 16, tzinfo=UTC),
            datetime(2025, 12, 31, 16, tzinfo=UTC),
        ),
    ],
    ids=["first-moment-of-october", "last-moment-of-september", "new-year"],
)
def test_the_quarter_is_the_last_one_that_is_over_by_the_zones_calendar(at, name, start, end):
    assert quarter_before(at, "Asia/Shanghai") == Quarter(name, start, end)
