"""Scores and levels, and the floor of a deposit (DOMAIN 3C.4)."""

from datetime import UTC, datetime, timedelta

import pytest

from service.workflows.credit import (
    Points,
    Score,
    is_blocked,
    level,
    scores,
    span,
    top_up_due,
    year_of,
)

ZONE = "Asia/Shanghai"


def test_a_year_begins_at_a_hundred_for_a_company_of_which_nothing_is_known():
    assert scores([]) == (Score("company", None, 100, "red_candidate"),)


def test_points_add_up_apart_for_the_company_and_each_manager():
    year = [
        Points("manager", "m2", -20), Points("company", None, -5), Points("manager", "m1", 2),
        Points("company", None, -10), Points("manager", "m2", -25),
    ]  # fmt: skip

    assert scores(year) == (
        Score("company", None, 85, "normal"),
        Score("manager", "m1", 102, "red_candidate"),
        Score("manager", "m2", 55, "black_candidate"),
    )


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (102, "red_candidate"), (90, "red_candidate"), (89, "normal"), (60, "normal"),
        (59, "black_candidate"), (-40, "black_candidate"),
    ],
)  # fmt: skip
def test_levels_change_at_ninety_and_at_sixty(score, expected):
    assert level(score) == expected


@pytest.mark.parametrize(
    ("required", "balance", "blocked"),
    [
        (100_000, 50_000, False), (100_000, 49_999, True), (100_000, 0, True),
        (100_001, 50_000, True), (100_001, 50_001, False), (0, 0, False),
    ],
)  # fmt: skip
def test_a_deposit_below_half_blocks_and_half_itself_does_not(required, balance, blocked):
    assert is_blocked(required_fen=required, balance_fen=balance) is blocked


def test_a_year_is_that_of_the_place():
    last = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai

    assert year_of(last - timedelta(milliseconds=1), ZONE) == 2026
    assert year_of(last, ZONE) == 2027
    assert span(2026, ZONE) == (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), last)


def test_a_deposit_is_to_be_whole_again_after_thirty_days():
    since = datetime(2026, 11, 21, tzinfo=UTC)

    assert top_up_due(since) == datetime(2026, 12, 21, tzinfo=UTC)
    assert top_up_due(None) is None
