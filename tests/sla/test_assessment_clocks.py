"""Every clock of DOMAIN 3C.3 that an assessment has, and the year of a listing.

Each rung one tick before, at and after it; each target met at the tick and missed after it.
"""

from datetime import timedelta

import pytest

from service.sla.clocks import Op
from service.workflows.list_decision import LIST_DECISION
from service.workflows.vendor_assessment import VENDOR_ASSESSMENT
from tests.sla.tickets import MS, T0, Ticket, profiles, start, stop

DAY = timedelta(days=1)
ASSESS = profiles("assessment")
LIST = profiles("list_decision")
PROFILE = {
    **dict.fromkeys(("collect", "objection", "exit", "notice"), ASSESS["ASSESS-DEFAULT"]),
    "validity": LIST["LIST-DEFAULT"],
}
STATE = {
    "collect": "collecting", "objection": "objection", "exit": "exit_review",
    "notice": "handover", "validity": "published",
}  # fmt: skip

# rule, clock, {level: days after the start}; level 0 is the breach, one tick later
NUMBERS = [
    ("R-VEN-01", "collect", {-1: 11, 0: 14, 1: 21}),
    ("R-VEN-04", "objection", {-1: 4, 0: 5}),
    ("R-VEN-04", "exit", {-1: 45, 0: 60}),
    ("R-VEN-04", "notice", {-1: 45, 0: 60}),
    ("R-VEN-09", "validity", {0: 360}),
]
CASES = [
    pytest.param(clock, level, days * DAY, id=f"{rule}-{clock}-{level}")
    for rule, clock, levels in NUMBERS
    for level, days in levels.items()
]
TARGETS = [
    pytest.param(clock, levels[0] * DAY, id=f"{rule}-{clock}") for rule, clock, levels in NUMBERS
]


def running(clock: str, **kwargs) -> Ticket:
    """Return a ticket whose clock started at T0."""
    ticket = Ticket(profile=PROFILE[clock], variant="normal")
    return ticket.event("begins", T0, start(clock, **kwargs), to=STATE[clock])


def lag(level: int) -> timedelta:
    """Return how long after its instant a rung fires: a breach is a tick past due."""
    return MS if level == 0 else timedelta()


@pytest.mark.parametrize(("clock", "level", "after"), CASES)
def test_a_rung_fires_at_its_instant_and_not_a_tick_before(clock, level, after):
    fires = T0 + after + lag(level)

    assert level not in running(clock).sweep(fires - MS).levels(clock)
    assert running(clock).sweep(fires).levels(clock)[-1] == level
    assert running(clock).sweep(fires + MS).levels(clock)[-1] == level


@pytest.mark.parametrize(("rule", "clock", "levels"), NUMBERS)
def test_there_are_no_other_rungs(rule, clock, levels):
    everything = running(clock).sweep(T0 + 1000 * DAY)

    assert everything.levels(clock) == sorted(levels)
    assert PROFILE[clock].clocks[clock].rule == rule


@pytest.mark.parametrize(("clock", "target"), TARGETS)
@pytest.mark.parametrize(
    ("off", "result"), [(-MS, "met"), (timedelta(), "met"), (MS, "breached")],
    ids=["before", "at", "after"],
)  # fmt: skip
def test_stopping_at_the_due_time_is_in_time(clock, target, off, result):
    ticket = running(clock).event("ends", T0 + target + off, stop(clock))

    assert ticket.clock(clock).result == result


@pytest.mark.parametrize("clock", ["collect", "notice"])
@pytest.mark.parametrize("days", [7, 30, 90])
def test_a_named_date_replaces_the_target(clock, days):
    ticket = running(clock, due=T0 + days * DAY)

    assert ticket.clock(clock).due_at == T0 + days * DAY
    assert ticket.sweep(T0 + days * DAY).levels(clock)[-1:] == [-1]
    assert ticket.sweep(T0 + days * DAY + MS).levels(clock)[-1] == 0


@pytest.mark.parametrize(
    ("family", "workflow"), [(ASSESS, VENDOR_ASSESSMENT), (LIST, LIST_DECISION)]
)
def test_the_event_that_a_due_clock_tries_is_the_breach_rungs(family, workflow):
    for profile in family.values():
        for clock, event in workflow.on_due.items():
            assert profile.clocks[clock].ladder[0].action == event


def test_a_vote_opened_again_runs_seven_days_in_an_epoch_of_its_own():
    ticket = running("collect").sweep(T0 + 14 * DAY + MS)

    again = T0 + 14 * DAY + MS
    ticket.event("tally", again, start("collect", due=again + 7 * DAY))

    first, second = ticket.clock("collect", 1), ticket.clock("collect", 2)
    assert first.state == "stopped"
    assert second.due_at == again + 7 * DAY
    assert ticket.sweep(again + 7 * DAY + MS).levels("collect", 2) == [-1, 0]


def test_an_appeal_moves_the_end_of_the_review_by_as_long_as_it_took():
    ticket = running("exit")
    ticket.event("appeal_exit", T0 + 10 * DAY, Op("pause", "exit", cause="appeal"))
    assert ticket.clock("exit").state == "paused"

    ticket.event("appeal_decided", T0 + 16 * DAY, Op("resume", "exit", cause="appeal"))

    assert ticket.clock("exit").due_at == T0 + 66 * DAY
    assert 0 not in ticket.sweep(T0 + 66 * DAY).levels("exit")
    assert ticket.sweep(T0 + 66 * DAY + MS).levels("exit") == [-1, 0]


@pytest.mark.parametrize(
    ("decided_after", "due_after"),
    [(15 * DAY - MS, 75 * DAY - MS), (15 * DAY, 75 * DAY), (15 * DAY + MS, 75 * DAY)],
    ids=["before the cap", "at the cap", "after the cap"],
)
def test_an_appeal_pauses_fifteen_days_at_most(decided_after, due_after):
    ticket = running("exit")
    ticket.event("appeal_exit", T0, Op("pause", "exit", cause="appeal"))

    ticket.event("appeal_decided", T0 + decided_after, Op("resume", "exit", cause="appeal"))

    assert ticket.clock("exit").due_at == T0 + due_after


def test_an_upheld_appeal_ends_the_clock_without_a_verdict():
    ticket = running("exit").event("appeal_exit", T0, Op("pause", "exit", cause="appeal"))

    ticket.event("appeal_decided", T0 + DAY, Op("end", "exit"), to="kept_on_probation")

    assert ticket.clock("exit").result == "not_applicable"


@pytest.mark.parametrize(
    ("profile", "threshold"),
    [("ASSESS-DEFAULT", 0.75), ("ASSESS-85", 0.85), ("ASSESS-90", 0.9), ("ASSESS-98", 0.98)],
)
def test_profiles_differ_in_the_threshold_alone(profile, threshold):
    found = ASSESS[profile]

    assert found.threshold == threshold
    assert found.clocks == ASSESS["ASSESS-DEFAULT"].clocks
    assert not found.missing
