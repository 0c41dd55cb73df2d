"""Clocks of complaints (R-SLA-10…14, 20–22, 27; 3B.4): one tick before, at, after each edge."""

from datetime import timedelta

import pytest

from service.sla.clocks import Op
from service.workflows.complaint import COMPLAINT
from service.workflows.complaint_facts import GRADES
from tests.sla.tickets import MS, T0, Ticket, hours, minutes, profiles, start, stop

DAY = timedelta(days=1)
PROFILES = profiles("complaint")
MANAGER, COMMUNITY = "manager", "community_officer"
STREET, DISTRICT = "street_officer", "district_officer"
# T0 is a Saturday, 08:00: the first working day begins 40 h later.
MONDAY = hours(40)


def company(target: timedelta) -> dict[int, timedelta]:
    return {-1: 0.8 * target, 0: target, 1: target + DAY, 2: target + 3 * DAY}


def authority(target: timedelta, warn: timedelta) -> dict[int, timedelta]:
    return {-1: warn, 0: target, 1: target + 3 * DAY, 2: target + 15 * DAY}


GRADED = {"danger": hours(2), "utility": DAY, "general": 7 * DAY, "complex": 15 * DAY}
LADDERS = {
    ("CMP-2D", "reply", "general"): company(2 * DAY),
    ("CMP-2D", "authority_accept", "general"): {-1: 12 * DAY, 0: 15 * DAY, 1: 18 * DAY},
    ("CMP-2D", "authority_reply", "general"): authority(15 * DAY, 12 * DAY),
    ("CMP-2D", "hotline", "general"): {-1: 12 * DAY, 0: 15 * DAY, 1: 16 * DAY},
    ("CMP-2D", "promise", "general"): {-1: 6 * DAY, 0: 7 * DAY, 1: 8 * DAY, 2: 10 * DAY},
    ("CMP-2D", "confirm", "general"): {-1: 5 * DAY, 0: 7 * DAY},
    ("CMP-2D", "joint_acceptance", "general"): {
        -1: MONDAY + 1.6 * DAY,
        0: MONDAY + 2 * DAY,
    },
    ("CMP-AUTH-15D", "reply", "general"): company(15 * DAY),
    ("CMP-AUTH-15D", "authority_reply", "general"): authority(15 * DAY, 12 * DAY),
    ("CMP-10D", "reply", "general"): company(10 * DAY),
    ("CMP-10D", "authority_reply", "general"): authority(15 * DAY, 12 * DAY),
    ("CMP-5WD", "reply", "general"): company(2 * DAY),
    # Working days: one weekend lies before the third day after due, three before the 15th.
    ("CMP-5WD", "authority_reply", "general"): {
        -1: MONDAY + 4 * DAY,
        0: MONDAY + 5 * DAY,
        1: MONDAY + 10 * DAY,
        2: MONDAY + 26 * DAY,
    },
    **{("CMP-12345-GRADED", "reply", grade): company(span) for grade, span in GRADED.items()},
    **{
        ("CMP-12345-GRADED", "authority_reply", grade): authority(span, 0.8 * span)
        for grade, span in GRADED.items()
    },
}
CLOCKS = [pytest.param(*key, ladder, id="-".join(key)) for key, ladder in LADDERS.items()]
RUNGS = [
    pytest.param(*key, level, after, id=f"{'-'.join(key)}-level{level}")
    for key, ladder in LADDERS.items()
    for level, after in ladder.items()
]


def started(profile: str, clock: str, grade: str = "general") -> Ticket:
    ticket = Ticket(profile=PROFILES[profile], variant=grade)
    return ticket.event("receive", T0, start(clock), to="received")


def test_every_profile_has_the_workflows_clocks_and_a_column_for_each_grade() -> None:
    assert set(PROFILES) == {"CMP-2D", "CMP-AUTH-15D", "CMP-10D", "CMP-5WD", "CMP-12345-GRADED"}
    for profile in PROFILES.values():
        assert set(profile.clocks) == set(COMPLAINT.clock_names)
        assert all(set(rule.target) == set(GRADES) for rule in profile.clocks.values())
    assert {clock for _, clock, _ in LADDERS} == set(COMPLAINT.clock_names)


@pytest.mark.parametrize(("profile", "clock", "grade", "level", "after"), RUNGS)
def test_a_rung_fires_at_its_tick_and_not_one_before(
    profile: str, clock: str, grade: str, level: int, after: timedelta
) -> None:
    fires = T0 + after + (MS if level == 0 else 0 * MS)  # at due it is still in time

    early = started(profile, clock, grade).sweep(fires - MS)
    there = started(profile, clock, grade).sweep(fires)
    later = started(profile, clock, grade).sweep(fires + MS)

    assert level not in early.levels(clock)
    assert there.levels(clock)[-1] == level
    assert later.levels(clock) == there.levels(clock)
    assert there.rings[-1].at == T0 + after


@pytest.mark.parametrize(("profile", "clock", "grade", "ladder"), CLOCKS)
def test_stopping_at_the_due_time_is_met_and_one_tick_later_breached(
    profile: str, clock: str, grade: str, ladder: dict[int, timedelta]
) -> None:
    due = T0 + ladder[0]
    results = [
        started(profile, clock, grade).event("done", at, stop(clock)).clock(clock).result
        for at in (due - MS, due, due + MS)
    ]

    assert results == ["met", "met", "breached"]


@pytest.mark.parametrize(("profile", "clock", "grade", "ladder"), CLOCKS)
def test_a_ladder_is_climbed_once_and_in_order(
    profile: str, clock: str, grade: str, ladder: dict[int, timedelta]
) -> None:
    ticket = started(profile, clock, grade)

    for day in range(45):
        ticket.sweep(T0 + day * DAY)

    assert ticket.levels(clock) == sorted(ladder)
    assert ticket.clock(clock).next_at is None


@pytest.mark.parametrize(
    ("profile", "clock", "told"),
    [
        ("CMP-2D", "reply", [("dispatcher",), (MANAGER,), (COMMUNITY,), (STREET,)]),
        ("CMP-10D", "reply", [("dispatcher",), (MANAGER, "reporter"), (COMMUNITY,), (STREET,)]),
        (
            "CMP-2D",
            "authority_reply",
            [(COMMUNITY, STREET), (STREET,), (DISTRICT,), (STREET,)],
        ),
        ("CMP-2D", "authority_accept", [(COMMUNITY,), (STREET,), (DISTRICT,)]),
        ("CMP-2D", "promise", [("dispatcher",), (MANAGER, "reporter"), (COMMUNITY,), (STREET,)]),
        ("CMP-2D", "hotline", [("dispatcher",), (MANAGER,), (STREET,)]),
        ("CMP-2D", "confirm", [("dispatcher",), (MANAGER,)]),
        ("CMP-2D", "joint_acceptance", [(COMMUNITY,), (STREET,)]),
    ],
)
def test_who_is_told_on_each_rung(profile: str, clock: str, told: list[tuple[str, ...]]) -> None:
    ticket = started(profile, clock).sweep(T0 + 60 * DAY)

    assert [ring.roles for ring in ticket.rings] == told


def test_a_late_company_opens_the_way_to_the_authority() -> None:
    ticket = started("CMP-10D", "reply").sweep(T0 + 10 * DAY + MS)

    assert ticket.rings[-1].action == "turn_to_authority"
    assert started("CMP-2D", "reply").sweep(T0 + 3 * DAY).rings[-1].action is None


def test_the_last_rung_of_an_authority_is_a_human_decision() -> None:
    ticket = started("CMP-2D", "authority_reply").sweep(T0 + 30 * DAY)

    assert (ticket.rings[-1].level, ticket.rings[-1].action) == (2, "discipline_option")


# ── promises ─────────────────────────────────────────────────────────────────


def promised(due: timedelta) -> Ticket:
    """Return a complaint whose first promise was moved, the person told in time."""
    ticket = started("CMP-2D", "reply")
    ticket.event("accept", T0, start("promise-1", due=T0 + DAY), to="accepted")
    ticket.event(
        "postpone", T0 + hours(20), Op("excuse", "promise-1"), Op("excuse", "reply"),
        start("promise-2", due=T0 + due), to="postponed",
    )  # fmt: skip
    return ticket


def test_every_promise_has_its_own_date_and_a_warning_that_fits() -> None:
    near = Ticket(profile=PROFILES["CMP-2D"], variant="general")
    near.event("accept", T0, start("promise-1", due=T0 + DAY), to="accepted").sweep(T0 + DAY)
    far = Ticket(profile=PROFILES["CMP-2D"], variant="general")
    far.event("accept", T0, start("promise-1", due=T0 + 3 * DAY), to="accepted").sweep(T0 + 3 * DAY)

    assert [(ring.level, ring.at) for ring in near.rings] == [(-1, T0 + 0.8 * DAY)]
    assert [(ring.level, ring.at) for ring in far.rings] == [(-1, T0 + 2 * DAY)]


def test_a_moved_promise_ends_excused_and_climbs_no_ladder() -> None:
    ticket = promised(4 * DAY).sweep(T0 + 3 * DAY)

    assert ticket.clock("promise-1").result == "breached_excused"
    assert ticket.clock("reply").result == "breached_excused"
    assert max(ticket.levels("promise-1")) == 0
    assert max(ticket.levels("reply")) == 0


@pytest.mark.parametrize(
    ("done", "result"),
    [(-MS, "met"), (0 * MS, "met"), (MS, "breached")],
    ids=["before", "at", "after"],
)
def test_the_second_promise_is_kept_or_broken_like_the_first(done: timedelta, result: str) -> None:
    ticket = promised(4 * DAY)

    ticket.event("resolve", T0 + 4 * DAY + done, stop("promise-1"), stop("promise-2"))

    assert ticket.clock("promise-2").result == result
    assert ticket.clock("promise-1").result == "breached_excused"


def test_what_is_done_before_the_old_promise_was_due_is_in_time() -> None:
    ticket = promised(4 * DAY).event("resolve", T0 + DAY, stop("promise-1"), stop("promise-2"))

    assert ticket.clock("promise-1").result == ticket.clock("promise-2").result == "met"


def test_a_hotline_ticket_brings_its_own_date() -> None:
    ticket = Ticket(profile=PROFILES["CMP-2D"], variant="general")
    ticket.event("receive", T0, start("hotline", due=T0 + hours(5)), to="received")

    ticket.sweep(T0 + hours(5) + MS)

    assert [(ring.level, ring.at) for ring in ticket.rings] == [
        (-1, T0 + hours(4)), (0, T0 + hours(5)),
    ]  # fmt: skip


def test_a_weekend_does_not_count_for_an_authority_with_working_days() -> None:
    ticket = started("CMP-5WD", "authority_reply")

    ticket.event("reply", T0 + MONDAY + minutes(1), stop("authority_reply"))

    assert ticket.clock("authority_reply").counted_ms == 60_000
