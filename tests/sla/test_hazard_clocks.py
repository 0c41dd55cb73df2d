"""Clocks of hazards (DOMAIN 4.1): one tick before, at and after each edge."""

from datetime import timedelta

import pytest

from service.workflows.hazard import GRADES, HAZARD
from tests.sla.tickets import MS, T0, Ticket, hours, profiles, start, stop

DAY = timedelta(days=1)
PROFILE = profiles("hazard")["HAZ-DEFAULT"]
LADDERS = {
    ("grade", "ordinary"): {-1: hours(2), 0: hours(4), 1: hours(8)},
    ("interim", "major"): {-1: hours(12), 0: hours(24), 1: hours(48)},
    ("cure", "immediate"): {-1: hours(19.2), 0: DAY, 1: 2 * DAY, 2: 4 * DAY},
    ("cure", "ordinary"): {-1: 5.6 * DAY, 0: 7 * DAY, 1: 8 * DAY, 2: 10 * DAY},
    ("cure", "major"): {-1: 24 * DAY, 0: 30 * DAY, 1: 31 * DAY, 2: 33 * DAY},
    ("reinspect", "ordinary"): {-1: 2 * DAY, 0: 3 * DAY, 1: 5 * DAY},
}
RUNGS = [
    pytest.param(clock, variant, level, after, id=f"{clock}-{variant}-level{level}")
    for (clock, variant), ladder in LADDERS.items()
    for level, after in ladder.items()
]


def started(clock: str, variant: str) -> Ticket:
    return Ticket(profile=PROFILE, variant=variant).event("begin", T0, start(clock), to="graded")


def test_the_file_has_the_workflows_clocks_for_every_grade() -> None:
    assert set(PROFILE.clocks) == set(HAZARD.clock_names)
    assert all(set(rule.target) == set(GRADES) for rule in PROFILE.clocks.values())


@pytest.mark.parametrize(("clock", "variant", "level", "after"), RUNGS)
def test_a_rung_fires_at_its_tick_and_not_one_before(
    clock: str, variant: str, level: int, after: timedelta
) -> None:
    fires = T0 + after + (MS if level == 0 else 0 * MS)  # at due it is still in time

    early = started(clock, variant).sweep(fires - MS)
    there = started(clock, variant).sweep(fires)
    later = started(clock, variant).sweep(fires + MS)

    assert level not in early.levels(clock)
    assert there.levels(clock)[-1] == level
    assert later.levels(clock) == there.levels(clock)
    assert there.rings[-1].at == T0 + after


@pytest.mark.parametrize(("clock", "variant"), LADDERS)
def test_stopping_at_the_due_time_is_met_and_one_tick_later_breached(
    clock: str, variant: str
) -> None:
    due = T0 + LADDERS[clock, variant][0]
    results = [
        started(clock, variant).event("done", at, stop(clock)).clock(clock).result
        for at in (due - MS, due, due + MS)
    ]

    assert results == ["met", "met", "breached"]


def test_the_breach_of_a_cure_asks_the_service_to_expire_it() -> None:
    ticket = started("cure", "immediate").sweep(T0 + 5 * DAY)

    assert [ring.action for ring in ticket.rings] == [None, "expire", None, None]
