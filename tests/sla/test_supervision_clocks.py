"""Clocks of listed supervision (R-INS-24…30): one tick before, at and after each edge."""

from datetime import timedelta

import pytest

from service.sla.profile import URGENCIES
from service.workflows.listed_supervision import LISTED_SUPERVISION
from tests.sla.tickets import MS, T0, Ticket, hours, profiles, start, stop

DAY = timedelta(days=1)
PROFILE = profiles("supervision")["SUP-DEFAULT"]
STREET, DISTRICT, VENDOR = "street_officer", "district_officer", "vendor_head"

LADDERS = {
    "decide": {-1: 12 * DAY, 0: 15 * DAY},
    "plan": {-1: 5.6 * DAY, 0: 7 * DAY, 1: 14 * DAY},
    "rectify": {-1: 83 * DAY, 0: 90 * DAY, 1: 105 * DAY},
    "verify": {-1: 12 * DAY, 0: 15 * DAY},
    "monthly_report": {-1: 59 * DAY, 0: 60 * DAY, 1: 67 * DAY},
    "weekly_report": {-1: 7 * DAY - hours(6), 0: 7 * DAY, 1: 14 * DAY},
    "lookback": {-1: 76 * DAY, 0: 90 * DAY},
}
TOLD = {
    "decide": [(DISTRICT,), (DISTRICT,)],
    "plan": [(STREET, VENDOR), (STREET, DISTRICT), (DISTRICT,)],
    "rectify": [(STREET, VENDOR), (STREET, DISTRICT), (STREET, DISTRICT)],
    "verify": [(DISTRICT,), (DISTRICT,)],
    "monthly_report": [(DISTRICT,), (DISTRICT,), (DISTRICT,)],
    "weekly_report": [(STREET,), (STREET, DISTRICT), (DISTRICT,)],
    "lookback": [(DISTRICT,), (DISTRICT,)],
}
CLOCKS = [pytest.param(clock, ladder, id=clock) for clock, ladder in LADDERS.items()]
RUNGS = [
    pytest.param(clock, level, after, id=f"{clock}-level{level}")
    for clock, ladder in LADDERS.items()
    for level, after in ladder.items()
]


def started(clock: str, due: timedelta | None = None) -> Ticket:
    ticket = Ticket(profile=PROFILE, variant="normal")
    when = None if due is None else T0 + due
    return ticket.event("list", T0, start(clock, due=when), to="listed")


def test_the_file_has_the_workflows_clocks_whatever_the_urgency() -> None:
    assert set(PROFILE.clocks) == set(LISTED_SUPERVISION.clock_names) == set(LADDERS)
    assert all(set(rule.target) == set(URGENCIES) for rule in PROFILE.clocks.values())


@pytest.mark.parametrize(("clock", "level", "after"), RUNGS)
def test_a_rung_fires_at_its_tick_and_not_one_before(
    clock: str, level: int, after: timedelta
) -> None:
    fires = T0 + after + (MS if level == 0 else 0 * MS)  # at due it is still in time

    early = started(clock).sweep(fires - MS)
    there = started(clock).sweep(fires)
    later = started(clock).sweep(fires + MS)

    assert level not in early.levels(clock)
    assert there.levels(clock)[-1] == level
    assert later.levels(clock) == there.levels(clock)
    assert there.rings[-1].at == T0 + after


@pytest.mark.parametrize(("clock", "ladder"), CLOCKS)
def test_stopping_at_the_due_time_is_met_and_one_tick_later_breached(
    clock: str, ladder: dict[int, timedelta]
) -> None:
    due = T0 + ladder[0]
    results = [
        started(clock).event("done", at, stop(clock)).clock(clock).result
        for at in (due - MS, due, due + MS)
    ]

    assert results == ["met", "met", "breached"]


@pytest.mark.parametrize("clock", LADDERS)
def test_a_ladder_is_climbed_once_and_told_in_order(clock: str) -> None:
    ticket = started(clock)

    for day in range(120):
        ticket.sweep(T0 + day * DAY)

    assert ticket.levels(clock) == sorted(LADDERS[clock])
    assert [ring.roles for ring in ticket.rings] == TOLD[clock]
    assert ticket.clock(clock).next_at is None


@pytest.mark.parametrize("clock", ["plan", "rectify", "monthly_report", "weekly_report"])
def test_escalation_ends_at_accountability(clock: str) -> None:
    ticket = started(clock).sweep(T0 + 120 * DAY)

    assert [ring.action for ring in ticket.rings] == [None, "supervise", "accountability"]


@pytest.mark.parametrize(
    ("clock", "due", "warned"),
    [
        ("rectify", 30 * DAY, 23 * DAY),
        ("rectify", 5 * DAY, 4 * DAY),
        ("monthly_report", 12 * DAY, 11 * DAY),
        ("weekly_report", hours(30), hours(24)),
        ("weekly_report", hours(5), hours(4)),
    ],
)
def test_a_clock_with_its_own_date_warns_before_it(
    clock: str, due: timedelta, warned: timedelta
) -> None:
    ticket = started(clock, due).sweep(T0 + due + MS)

    assert [(ring.level, ring.at) for ring in ticket.rings] == [(-1, T0 + warned), (0, T0 + due)]


def test_each_report_starts_an_epoch_of_its_own() -> None:
    ticket = started("weekly_report", DAY)

    ticket.event(
        "report_progress", T0 + DAY + MS, stop("weekly_report"),
        start("weekly_report", due=T0 + 8 * DAY),
    )  # fmt: skip
    ticket.event("report_progress", T0 + 8 * DAY, stop("weekly_report"))

    assert [ticket.clock("weekly_report", epoch).result for epoch in (1, 2)] == ["breached", "met"]
