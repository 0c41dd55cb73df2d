"""Every number of DOMAIN 3B.4 and ruling 52, one tick before, at and after it."""

from datetime import datetime, timedelta

import pytest

from service.sla.clocks import Op
from tests.sla.tickets import MS, T0, Ticket, hours, profiles, start, stop

DAY = timedelta(days=1)
PROFILES = profiles("dispute")

# rule, profile, clock, tier, {level: counted time after the start}
NUMBERS = [
    ("R-DIS-05", "DIS-DEFAULT", "screen", "t1", {-1: 2 * DAY, 0: 3 * DAY, 1: 5 * DAY}),
    ("R-DIS-06", "DIS-DEFAULT", "take_over", "t2", {-1: hours(57.6), 0: 3 * DAY}),
    ("R-DIS-05", "DIS-DEFAULT", "appeal", "t1", {-1: 4 * DAY, 0: 5 * DAY}),
    ("R-DIS-18", "DIS-DEFAULT", "first_session", "t1",
     {-1: hours(57.6), 0: 3 * DAY, 1: 6 * DAY}),
    ("R-DIS-18", "DIS-DEFAULT", "first_session", "t2",
     {-1: hours(134.4), 0: 7 * DAY, 2: 10 * DAY}),
    ("R-DIS-18", "DIS-DEFAULT", "first_session", "t3", {-1: hours(134.4), 0: 7 * DAY}),
    ("R-SLA-15", "DIS-DEFAULT", "tier_limit", "t1", {-1: 4 * DAY, 0: 7 * DAY, 1: 8 * DAY}),
    ("R-SLA-15", "DIS-DEFAULT", "tier_limit", "t2", {-1: 12 * DAY, 0: 15 * DAY, 1: 16 * DAY}),
    ("R-SLA-15", "DIS-DEFAULT", "tier_limit", "t3", {-1: 27 * DAY, 0: 30 * DAY, 1: 31 * DAY}),
    ("R-SLA-16", "DIS-MONTH", "tier_limit", "t1", {-1: 27 * DAY, 0: 30 * DAY, 1: 31 * DAY}),
    ("R-SLA-16", "DIS-MONTH", "tier_limit", "t2", {-1: 27 * DAY, 0: 30 * DAY, 1: 31 * DAY}),
    ("R-SLA-16", "DIS-MONTH", "tier_limit", "t3", {-1: 27 * DAY, 0: 30 * DAY, 1: 31 * DAY}),
    ("R-SLA-15", "DIS-DEFAULT", "case_limit", "t3", {-1: 50 * DAY, 0: 60 * DAY, 1: 90 * DAY}),
    ("R-DIS-33", "DIS-DEFAULT", "sign", "t1", {-1: 2 * DAY, 0: 3 * DAY, 1: 7 * DAY}),
    ("R-DIS-35", "DIS-DEFAULT", "judicial_30d", "t1",
     {-2: 20 * DAY, -1: 27 * DAY, 0: 30 * DAY}),
    ("R-DIS-36", "DIS-DEFAULT", "court_accept", "t1", {0: 3 * DAY}),
    ("R-DIS-36", "DIS-DEFAULT", "court_decide", "t1", {0: 15 * DAY}),
    ("R-DIS-34", "DIS-DEFAULT", "urge", "t1", {-1: hours(57.6), 0: 3 * DAY}),
    ("R-DIS-31", "DIS-DEFAULT", "legal_choice", "t1", {-1: 12 * DAY, 0: 15 * DAY}),
]  # fmt: skip
CLOCKS = [pytest.param(*row[1:], id=f"{row[0]}-{row[1]}-{row[2]}-{row[3]}") for row in NUMBERS]
RUNGS = [
    pytest.param(*row[1:4], level, after, id=f"{row[0]}-{row[1]}-{row[2]}-{row[3]}-level{level}")
    for row in NUMBERS
    for level, after in row[4].items()
]
DUE = T0 + 20 * DAY
OBLIGATION = {-1: 17 * DAY, 0: 20 * DAY, 1: 27 * DAY, 2: 35 * DAY}


def started(profile: str, clock: str, tier: str = "t1", due: datetime | None = None) -> Ticket:
    ticket = Ticket(profile=PROFILES[profile], variant=tier)
    return ticket.event("file", T0, start(clock, due=due))


def actions(clock: str, due: datetime | None = None) -> dict[int, str | None]:
    ticket = started("DIS-DEFAULT", clock, due=due).sweep(T0 + 120 * DAY)
    return {ring.level: ring.action for ring in ticket.rings}


@pytest.mark.parametrize(("profile", "clock", "tier", "level", "after"), RUNGS)
def test_a_rung_fires_at_its_tick_and_not_one_before(
    profile: str, clock: str, tier: str, level: int, after: timedelta
) -> None:
    fires = T0 + after + (MS if level == 0 else 0 * MS)  # at due it is still in time

    early = started(profile, clock, tier).sweep(fires - MS)
    there = started(profile, clock, tier).sweep(fires)
    later = started(profile, clock, tier).sweep(fires + MS)

    assert level not in early.levels(clock)
    assert there.levels(clock)[-1] == level
    assert later.levels(clock) == there.levels(clock)
    assert there.rings[-1].at == T0 + after


@pytest.mark.parametrize(("profile", "clock", "tier", "ladder"), CLOCKS)
def test_stopping_at_the_due_time_is_met_and_one_tick_later_breached(
    profile: str, clock: str, tier: str, ladder: dict[int, timedelta]
) -> None:
    due = T0 + ladder[0]

    results = [
        started(profile, clock, tier).event("done", at, stop(clock)).clock(clock).result
        for at in (due - MS, due, due + MS)
    ]

    assert results == ["met", "met", "breached"]


@pytest.mark.parametrize(("profile", "clock", "tier", "ladder"), CLOCKS)
def test_a_ladder_is_climbed_once_and_in_order_and_no_further(
    profile: str, clock: str, tier: str, ladder: dict[int, timedelta]
) -> None:
    ticket = started(profile, clock, tier)

    for day in range(0, 120, 5):
        ticket.sweep(T0 + day * DAY)

    assert ticket.levels(clock) == sorted(ladder)


def test_every_clock_of_the_case_is_in_the_table() -> None:
    shown = {row[2] for row in NUMBERS} | {"obligation"}

    assert shown == set(PROFILES["DIS-DEFAULT"].clocks)


# ── obligations ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("level", "after"), OBLIGATION.items())
def test_an_obligation_climbs_its_ladder_from_its_own_date(level: int, after: timedelta) -> None:
    fires = T0 + after + (MS if level == 0 else 0 * MS)

    early = started("DIS-DEFAULT", "obligation-2", due=DUE).sweep(fires - MS)
    there = started("DIS-DEFAULT", "obligation-2", due=DUE).sweep(fires)

    assert level not in early.levels("obligation-2")
    assert there.levels("obligation-2")[-1] == level


def test_an_obligation_that_waits_falls_due_later_by_its_wait() -> None:
    ticket = started("DIS-DEFAULT", "obligation-1", due=DUE)
    ticket.event("suspend_obligation", T0 + DAY, Op("pause", "obligation-1", cause="agreed"))

    ticket.event("resume_obligation", T0 + 4 * DAY, Op("resume", "obligation-1"))

    assert ticket.clock("obligation-1").due_at == DUE + 3 * DAY


# ── pauses ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("waited", "due"),
    [(2 * DAY, 5 * DAY), (3 * DAY, 6 * DAY), (3 * DAY + MS, 6 * DAY), (9 * DAY, 6 * DAY)],
    ids=["shorter", "at-the-cap", "one-tick-over", "much-longer"],
)
def test_screening_waits_three_days_for_consent_and_no_longer(
    waited: timedelta, due: timedelta
) -> None:
    ticket = started("DIS-DEFAULT", "screen")
    ticket.event("screen", T0, Op("pause", "screen", cause="awaiting_consent"))

    ticket.event("record_consent", T0 + waited, Op("resume", "screen"))

    assert ticket.clock("screen").due_at == T0 + due


@pytest.mark.parametrize(
    ("waited", "due"),
    [(15 * DAY - MS, 22 * DAY - MS), (15 * DAY, 22 * DAY), (15 * DAY + MS, 22 * DAY)],
    ids=["before", "at", "after"],
)
def test_the_limit_waits_fifteen_days_for_a_survey_and_no_longer(
    waited: timedelta, due: timedelta
) -> None:
    ticket = started("DIS-DEFAULT", "tier_limit")
    ticket.event("wait_for", T0, Op("pause", "tier_limit", cause="survey"))

    ticket.event("go_on", T0 + waited, Op("resume", "tier_limit"))

    assert ticket.clock("tier_limit").due_at == T0 + due


# ── extension ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("tier", "days"), [("t1", 14), ("t2", 30), ("t3", 60)])
def test_an_extension_gives_the_tier_its_time_once_more(tier: str, days: int) -> None:
    ticket = started("DIS-DEFAULT", "tier_limit", tier)

    ticket.event("extend_limit", T0 + 2 * DAY, Op("extend", "tier_limit"))

    assert ticket.clock("tier_limit").due_at == T0 + days * DAY


def test_an_extension_within_a_day_of_the_limit_keeps_the_case_in_its_tier() -> None:
    ticket = started("DIS-DEFAULT", "tier_limit").sweep(T0 + 7 * DAY + MS)
    ticket.event("extend_limit", T0 + 8 * DAY - MS, Op("extend", "tier_limit"))

    ticket.sweep(T0 + 14 * DAY)

    assert "escalate" not in [ring.action for ring in ticket.rings]


# ── what a rung proposes or does ─────────────────────────────────────────────


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        ("tier_limit", {0: "propose_escalation", 1: "escalate"}),
        ("sign", {0: None, 1: "reject_terms"}),
        ("case_limit", {0: None, 1: "propose_listing"}),
        ("legal_choice", {0: "close_failed"}),
    ],
)
def test_what_the_rungs_lead_to(clock: str, found: dict[int, str | None]) -> None:
    climbed = {level: action for level, action in actions(clock).items() if level >= 0}

    assert climbed == found


def test_an_obligation_goes_into_default_and_later_to_enforcement() -> None:
    climbed = actions("obligation-1", due=DUE)

    assert climbed == {-1: None, 0: "obligation_overdue", 1: None, 2: "advise_enforcement"}
