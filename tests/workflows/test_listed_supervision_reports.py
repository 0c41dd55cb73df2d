"""The monthly and weekly reports about a listed compound: when due, from when, by whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.core.actors import Role
from tests.support.bench import DAY, TICK
from tests.support.repair import clock
from tests.support.samples.listed_supervision import BENCH, DATA

O, S, X = Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
PUBLIC = ("listed", "plan_submitted", "in_rectification", "verification_requested", "verifying")
FRIDAY = datetime(2026, 11, 27, 10, tzinfo=UTC)  # 18:00 in Shanghai
DECEMBER_3 = datetime(2026, 12, 3, 16, tzinfo=UTC)  # the end of the 3rd in Shanghai


def reporting(period: str, **around: Any) -> Any:
    role = X if period == "monthly" else S
    data = {"period": period, "progress": "完成过半"}
    return BENCH.play("report_progress", role, "in_rectification", data, **around)


@pytest.mark.parametrize("state", PUBLIC)
def test_a_report_stops_its_clock_and_starts_the_next(state):
    played = BENCH.play("report_progress", S, state, DATA["report_progress"])

    assert played.state == state
    assert played.clocks == ("stop weekly_report", "start weekly_report")
    assert [(r["period"], r["percent"]) for r in played.facts["reports"]] == [("weekly", 50)]


@pytest.mark.parametrize(
    ("at", "following"),
    [
        (FRIDAY - DAY, FRIDAY + 7 * DAY),
        (FRIDAY, FRIDAY + 7 * DAY),
        (FRIDAY + TICK, FRIDAY + 7 * DAY),
        (FRIDAY + 7 * DAY - TICK, FRIDAY + 7 * DAY),
        (FRIDAY + 7 * DAY, FRIDAY + 14 * DAY),
    ],
    ids=["early", "at", "late", "a-tick-before-the-next", "a-week-late"],
)
def test_the_next_weekly_report_is_due_on_the_next_friday(at, following):
    running = {"clocks": (clock("weekly_report", FRIDAY),)}

    assert reporting("weekly", refs=running, at=at, now=at).due["weekly_report"] == following


@pytest.mark.parametrize(
    ("at", "month", "day"),
    [
        (datetime(2026, 12, 1, 4, tzinfo=UTC), 1, 3),
        (DECEMBER_3, 1, 3),
        (datetime(2026, 12, 20, tzinfo=UTC), 1, 3),
        (datetime(2027, 1, 2, tzinfo=UTC), 1, 3),
        (datetime(2027, 1, 3, 15, 59, tzinfo=UTC), 1, 3),
        (datetime(2027, 1, 3, 16, tzinfo=UTC), 2, 3),
        (datetime(2027, 1, 4, tzinfo=UTC), 2, 3),
    ],
)
def test_the_next_monthly_report_is_due_on_the_third_of_a_month(at, month, day):
    running = {"clocks": (clock("monthly_report", DECEMBER_3),)}

    due = reporting("monthly", refs=running, at=at, now=at).due["monthly_report"]

    assert due == datetime(2027, month, day, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (datetime(2026, 11, 30, 16, tzinfo=UTC) - TICK, {"report_too_early"}),
        (datetime(2026, 11, 30, 16, tzinfo=UTC), set()),
    ],
    ids=["month-not-over", "first-of-the-month"],
)
def test_a_month_is_reported_about_when_it_is_over(at, refused):
    running = {"clocks": (clock("monthly_report", DECEMBER_3),)}
    data = {"period": "monthly", "progress": "完成过半"}

    found = BENCH.refusals("report_progress", X, "listed", data, refs=running, at=at, now=at)

    assert found == refused


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (FRIDAY - timedelta(days=7) - TICK, {"report_too_early"}),
        (FRIDAY - timedelta(days=7), set()),
    ],
    ids=["last-week", "this-week"],
)
def test_one_weekly_report_a_week(at, refused):
    running = {"clocks": (clock("weekly_report", FRIDAY),)}
    data = DATA["report_progress"]

    found = BENCH.refusals("report_progress", S, "listed", data, refs=running, at=at, now=at)

    assert found == refused


@pytest.mark.parametrize(("role", "period"), [(S, "monthly"), (O, "monthly"), (X, "weekly")])
def test_the_liaison_reports_monthly_and_the_street_weekly(role, period):
    data = {"period": period, "progress": "完成过半"}

    assert BENCH.refusals("report_progress", role, "listed", data) == {"not_the_reporter"}


@pytest.mark.parametrize(
    ("at", "due"),
    [(FRIDAY - TICK, FRIDAY), (FRIDAY, FRIDAY + timedelta(days=7))],
    ids=["before-six", "at-six"],
)
def test_who_is_listed_on_a_friday_evening_reports_a_week_later(at, due):
    assert BENCH.play("list", X, "proposed", {}, at=at, now=at).due["weekly_report"] == due


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 11, 30, 16, tzinfo=UTC) - TICK, 12),
        (datetime(2026, 11, 30, 16, tzinfo=UTC), 1),
    ],
    ids=["last-moment-of-november", "first-moment-of-december"],
)
def test_the_month_of_the_listing_is_reported_about_first(at, month):
    due = BENCH.play("list", X, "proposed", {}, at=at, now=at).due["monthly_report"]

    assert due == datetime(2027 if month == 1 else 2026, month, 3, 16, tzinfo=UTC)
