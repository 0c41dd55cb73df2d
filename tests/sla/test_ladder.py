"""Every number of DOMAIN 3A.3, 3A.4 and 3A.6, one tick before, at and after it."""

from datetime import datetime, timedelta

import pytest

from service.sla.ladder import steps, warn_offset_ms
from service.sla.policy import ClockRule, Warn
from tests.sla.tickets import MS, PROFILES, T0, Ticket, hours, minutes, start, stop

DAY = timedelta(days=1)

# rule, profile, clock, urgency, {level: counted time after the start}
NUMBERS = [
    (
        "R-REP-17",
        "REP-DEFAULT",
        "ack",
        "urgent",
        {-1: minutes(12), 0: minutes(15), 1: minutes(45), 2: minutes(135)},
    ),
    (
        "R-REP-17",
        "REP-DEFAULT",
        "ack",
        "normal",
        {-1: minutes(96), 0: hours(2), 1: hours(2.5), 2: hours(4)},
    ),
    (
        "R-REP-18",
        "REP-DEFAULT",
        "dispatch",
        "urgent",
        {-1: minutes(4), 0: minutes(5), 1: minutes(20)},
    ),
    (
        "R-REP-18",
        "REP-DEFAULT",
        "dispatch",
        "normal",
        {-1: minutes(192), 0: hours(4), 1: hours(4.25)},
    ),
    (
        "R-SLA-01",
        "REP-DEFAULT",
        "arrive",
        "normal",
        {-1: minutes(21), 0: minutes(30), 1: minutes(45), 2: minutes(60)},
    ),
    (
        "R-SLA-01",
        "REP-DEFAULT",
        "arrive",
        "emergency",
        {-1: minutes(21), 0: minutes(30), 1: minutes(45), 2: minutes(60), 3: minutes(150)},
    ),
    ("R-SLA-02", "REP-STATION-30", "arrive", "urgent", {0: minutes(30)}),
    ("R-SLA-04", "REP-FAST-10", "arrive", "urgent", {-1: minutes(7), 0: minutes(10)}),
    ("R-SLA-04", "REP-FAST-10", "handle", "urgent", {-1: hours(8), 0: hours(12)}),
    ("R-SLA-05", "REP-VIP-15", "arrive", "normal", {-1: minutes(10.5), 0: minutes(15)}),
    ("R-SLA-06", "REP-CONTRACT-60", "arrive", "urgent", {-1: minutes(42), 0: minutes(60)}),
    ("R-SLA-06", "REP-CONTRACT-60", "handle", "urgent", {0: hours(24)}),
    ("R-SLA-07", "REP-PROMISE-3", "arrive", "normal", {-1: minutes(2.1), 0: minutes(3)}),
    ("R-SLA-07", "REP-PROMISE-3", "handle", "normal", {-1: hours(44), 0: hours(48)}),
    ("R-SLA-08", "REP-LEVEL1-30", "arrive", "urgent", {0: minutes(30)}),
    ("R-REP-07", "REP-DEFAULT", "make_safe", "emergency", {-1: hours(1), 0: hours(2), 1: hours(3)}),
    (
        "R-REP-02",
        "REP-DEFAULT",
        "handle",
        "normal",
        {-1: hours(20), 0: hours(24), 1: hours(28), 2: hours(48), 3: hours(96)},
    ),
    ("R-REP-32", "REP-DEFAULT", "handle", "urgent", {0: hours(24)}),
    ("R-SLA-03", "REP-LOCAL-24H", "handle", "normal", {0: hours(24)}),
    # 08:00 local: 24:00 is 16 h away, the next 06:00 is 22 h away.
    (
        "R-REP-08",
        "REP-DEFAULT",
        "water_same_day",
        "urgent",
        {-1: hours(14), 0: hours(16), 1: hours(20), 2: hours(40)},
    ),
    (
        "R-REP-08",
        "REP-DEFAULT",
        "power_same_night",
        "urgent",
        {-1: hours(20), 0: hours(22), 1: hours(26), 2: hours(46)},
    ),
    ("R-REP-29", "REP-DEFAULT", "feedback", "normal", {0: minutes(15)}),
    (
        "R-SLA-07",
        "REP-DEFAULT",
        "promise",
        "normal",
        {-1: 6 * DAY, 0: 7 * DAY, 1: 8 * DAY, 2: 10 * DAY},
    ),
    ("R-REP-25", "REP-DEFAULT", "confirm", "normal", {-1: hours(48), 0: hours(72)}),
    ("R-REP-26", "REP-DEFAULT", "revisit", "normal", {-1: 5 * DAY, 0: 7 * DAY}),
    ("R-REP-15", "REP-DEFAULT", "pool_answer", "urgent", {-1: minutes(8), 0: minutes(10)}),
]
CLOCKS = [pytest.param(*row, id=f"{row[0]}-{row[1]}-{row[2]}-{row[3]}") for row in NUMBERS]
RUNGS = [
    pytest.param(*row[1:4], level, after, id=f"{row[0]}-{row[1]}-{row[2]}-{row[3]}-level{level}")
    for row in NUMBERS
    for level, after in row[4].items()
]


def started(profile: str, clock: str, urgency: str) -> Ticket:
    ticket = Ticket(profile=PROFILES[profile], variant=urgency, absolute=frozenset({clock}))
    return ticket.event("submit", T0, start(clock))


@pytest.mark.parametrize(("profile", "clock", "urgency", "level", "after"), RUNGS)
def test_a_rung_fires_at_its_tick_and_not_one_before(
    profile: str, clock: str, urgency: str, level: int, after: timedelta
) -> None:
    fires = T0 + after + (MS if level == 0 else 0 * MS)  # at due it is still in time

    early = started(profile, clock, urgency).sweep(fires - MS)
    there = started(profile, clock, urgency).sweep(fires)
    later = started(profile, clock, urgency).sweep(fires + MS)

    assert level not in early.levels(clock)
    assert there.levels(clock)[-1] == level
    assert later.levels(clock) == there.levels(clock)
    assert there.rings[-1].at == T0 + after


@pytest.mark.parametrize(("rule", "profile", "clock", "urgency", "ladder"), CLOCKS)
def test_stopping_at_the_due_time_is_met_and_one_tick_later_breached(
    rule: str, profile: str, clock: str, urgency: str, ladder: dict[int, timedelta]
) -> None:
    due = T0 + ladder[0]
    results = [
        started(profile, clock, urgency).event("done", at, stop(clock)).clock(clock).result
        for at in (due - MS, due, due + MS)
    ]

    assert results == ["met", "met", "breached"]


@pytest.mark.parametrize(("rule", "profile", "clock", "urgency", "ladder"), CLOCKS)
def test_a_ladder_is_climbed_once_and_in_order(
    rule: str, profile: str, clock: str, urgency: str, ladder: dict[int, timedelta]
) -> None:
    ticket = started(profile, clock, urgency)

    for day in range(30):
        ticket.sweep(T0 + day * DAY)

    fired = ticket.levels(clock)
    assert fired == sorted(set(fired))
    assert set(ladder) <= set(fired)
    assert ticket.clock(clock).next_at is None
    assert ticket.clock(clock).breached_at == ticket.clock(clock).due_at == T0 + ladder[0]


def test_the_rung_for_emergencies_is_skipped_for_others() -> None:
    urgent = started("REP-DEFAULT", "arrive", "urgent").sweep(T0 + 9 * DAY)
    emergency = started("REP-DEFAULT", "arrive", "emergency").sweep(T0 + 9 * DAY)

    assert urgent.levels("arrive") == [-1, 0, 1, 2]
    assert emergency.levels("arrive") == [-1, 0, 1, 2, 3]


def test_a_missed_arrival_offers_the_street_a_pool_pick() -> None:
    ticket = started("REP-DEFAULT", "arrive", "urgent").sweep(T0 + hours(1))

    assert ticket.rings[-1].roles == ("street_officer",)
    assert ticket.rings[-1].action == "pool_pick"


@pytest.mark.parametrize(
    ("warn", "target_ms", "offset_ms"),
    [
        pytest.param(Warn(ratio=0.7), 1_800_000, 1_260_000, id="ratio"),
        pytest.param(Warn(after=hours(1)), 7_200_000, 3_600_000, id="after-start"),
        pytest.param(Warn(before=hours(1)), 3_600_001, 1, id="before-due"),
        pytest.param(Warn(before=hours(1)), 3_600_000, 2_880_000, id="R-SLA-24-lead-too-long"),
        pytest.param(Warn(after=hours(2)), 3_600_000, 2_880_000, id="R-SLA-24-delay-too-long"),
    ],
)
def test_a_warn_time_that_does_not_fit_falls_back_to_80_percent(
    warn: Warn, target_ms: int, offset_ms: int
) -> None:
    assert warn_offset_ms(warn, target_ms) == offset_ms


def test_a_rung_fires_late_but_keeps_its_own_time() -> None:
    ticket = started("REP-DEFAULT", "ack", "urgent").sweep(T0 + DAY)

    assert [(r.level, r.at) for r in ticket.rings] == [
        (-1, T0 + minutes(12)),
        (0, T0 + minutes(15)),
        (1, T0 + minutes(45)),
        (2, T0 + minutes(135)),
    ]


def test_a_second_mark_of_the_same_rung_changes_nothing() -> None:
    ticket = started("REP-DEFAULT", "ack", "urgent").sweep(T0 + minutes(16))
    before: datetime | None = ticket.clock("ack").next_at

    ticket.event("again", T0 + minutes(17), *ticket.marks[-1].ops)

    assert ticket.clock("ack").next_at == before


def test_a_clock_without_a_ladder_is_still_breached() -> None:
    assert [(s.level, s.offset_ms) for s in steps(ClockRule("x"), 5, "normal")] == [(0, 5)]
