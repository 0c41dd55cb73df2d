"""Clocks of rectification orders (R-SLA-17, DOMAIN 3C.3): one tick before, at, after each edge."""

from datetime import timedelta

import pytest

from service.sla.clocks import Op
from service.workflows.rectification_order import RECTIFICATION_ORDER
from tests.sla.tickets import MS, T0, Ticket, hours, profiles, start, stop

DAY = timedelta(days=1)
PROFILE = profiles("rectification")["RECT-DEFAULT"]
VENDOR, COMMITTEE, MANAGER = "vendor_head", "committee", "manager"
STREET, DISTRICT = "street_officer", "district_officer"
FILED = {0: timedelta(), 1: DAY, 2: 3 * DAY, 3: 7 * DAY}
"""Rungs of `cure` after the deadline."""


def cure(target: timedelta) -> dict[int, timedelta]:
    return {-1: 0.8 * target, **{level: target + after for level, after in FILED.items()}}


LADDERS = {
    ("ack_notice", "immediate"): {-1: hours(1), 0: hours(2), 1: hours(26)},
    ("ack_notice", "ordinary"): {-1: hours(12), 0: hours(24), 1: hours(48)},
    ("ack_notice", "works"): {-1: hours(12), 0: hours(24), 1: hours(48)},
    ("cure", "immediate"): cure(DAY),
    ("cure", "ordinary"): cure(7 * DAY),
    ("cure", "works"): cure(30 * DAY),
    ("reinspect", "ordinary"): {-1: 2 * DAY, 0: 3 * DAY, 1: 5 * DAY},
    ("dispute_answer", "ordinary"): {-1: 2.4 * DAY, 0: 3 * DAY},
    ("top_up", "ordinary"): {-1: 24 * DAY, 0: 30 * DAY},
}
CLOCKS = [pytest.param(*key, ladder, id="-".join(key)) for key, ladder in LADDERS.items()]
RUNGS = [
    pytest.param(*key, level, after, id=f"{'-'.join(key)}-level{level}")
    for key, ladder in LADDERS.items()
    for level, after in ladder.items()
]


def started(clock: str, grade: str = "ordinary") -> Ticket:
    ticket = Ticket(profile=PROFILE, variant=grade)
    return ticket.event("issue_notice", T0, start(clock), to="issued")


def test_the_file_has_the_workflows_clocks_and_a_column_for_each_grade() -> None:
    assert set(PROFILE.clocks) == set(RECTIFICATION_ORDER.clock_names)
    assert {clock for clock, _ in LADDERS} == set(PROFILE.clocks)
    assert all(
        set(rule.target) == {"immediate", "ordinary", "works"} for rule in PROFILE.clocks.values()
    )


@pytest.mark.parametrize(("clock", "grade", "level", "after"), RUNGS)
def test_a_rung_fires_at_its_tick_and_not_one_before(
    clock: str, grade: str, level: int, after: timedelta
) -> None:
    fires = T0 + after + (MS if level == 0 else 0 * MS)  # at due it is still in time

    early = started(clock, grade).sweep(fires - MS)
    there = started(clock, grade).sweep(fires)
    later = started(clock, grade).sweep(fires + MS)

    assert level not in early.levels(clock)
    assert there.levels(clock)[-1] == level
    assert later.levels(clock) == there.levels(clock)
    assert there.rings[-1].at == T0 + after


@pytest.mark.parametrize(("clock", "grade", "ladder"), CLOCKS)
def test_stopping_at_the_due_time_is_met_and_one_tick_later_breached(
    clock: str, grade: str, ladder: dict[int, timedelta]
) -> None:
    due = T0 + ladder[0]
    results = [
        started(clock, grade).event("done", at, stop(clock)).clock(clock).result
        for at in (due - MS, due, due + MS)
    ]

    assert results == ["met", "met", "breached"]


@pytest.mark.parametrize(("clock", "grade", "ladder"), CLOCKS)
def test_a_ladder_is_climbed_once_and_whole(
    clock: str, grade: str, ladder: dict[int, timedelta]
) -> None:
    ticket = started(clock, grade)

    for day in range(40):
        ticket.sweep(T0 + day * DAY)

    assert ticket.levels(clock) == sorted(ladder)
    assert ticket.clock(clock).next_at is None


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        ("ack_notice", [(VENDOR,), (MANAGER,), (COMMITTEE,)]),
        (
            "cure",
            [(VENDOR,), (VENDOR, COMMITTEE), (STREET,), (DISTRICT,), (COMMITTEE, STREET, DISTRICT)],
        ),
        ("dispute_answer", [(COMMITTEE,), (STREET,)]),
        ("top_up", [(VENDOR,), (VENDOR, STREET)]),
    ],
)
def test_who_is_told_at_each_rung(clock: str, told: list[tuple[str, ...]]) -> None:
    ticket = started(clock).sweep(T0 + 60 * DAY)

    assert [ring.roles for ring in ticket.rings] == told


def test_an_overdue_reinspection_is_the_issuers_breach_and_never_tells_the_vendor() -> None:
    """S-64."""
    ticket = started("reinspect").sweep(T0 + 60 * DAY)

    assert [ring.roles for ring in ticket.rings] == [(COMMITTEE,), (COMMITTEE,), (STREET,)]


@pytest.mark.parametrize(("clock", "event"), RECTIFICATION_ORDER.on_due.items())
def test_the_rung_that_fires_an_event_is_in_the_file(clock: str, event: str) -> None:
    fired = {
        ring.level for ring in started(clock).sweep(T0 + 60 * DAY).rings if ring.action == event
    }

    assert fired == ({1} if event == "deem_served" else {0})


@pytest.mark.parametrize("word", ["weather", "act_of_authority"])
@pytest.mark.parametrize(
    ("paused", "moved"), [(DAY, DAY), (15 * DAY, 15 * DAY), (15 * DAY + MS, 15 * DAY)]
)
def test_a_suspended_cure_waits_fifteen_days_at_most(
    word: str, paused: timedelta, moved: timedelta
) -> None:
    ticket = started("cure")
    ticket.event("suspend_cure", T0 + DAY, Op("pause", "cure", cause=word))
    ticket.event("resume_cure", T0 + DAY + paused, Op("resume", "cure"))

    assert ticket.clock("cure").due_at == T0 + 7 * DAY + moved


def test_an_extended_cure_has_its_new_date_and_the_first_one_no_verdict() -> None:
    until = T0 + 10 * DAY
    ticket = started("cure").event("extend", T0 + 6 * DAY, start("cure", due=until))

    assert [(c.epoch, c.result, c.due_at) for c in ticket.clocks] == [
        (1, "not_applicable", T0 + 7 * DAY),
        (2, None, until),
    ]


def test_a_reissued_cure_leaves_the_breach_of_the_last_cycle() -> None:
    ticket = started("cure").event("penalize", T0 + 8 * DAY, stop("cure"))
    ticket.event("reissue", T0 + 9 * DAY, start("cure", due=T0 + 12 * DAY))

    assert [(c.epoch, c.result) for c in ticket.clocks] == [(1, "breached"), (2, None)]
