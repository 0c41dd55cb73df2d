"""How clocks start, pause, are excused and end (DOMAIN 3A.3; RULINGS 7, 11, 13)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.sla.clocks import Clock, Op, Terms, due_rungs, effects, read_effects
from tests.sla.tickets import CALENDARS, MS, PROFILES, T0, Ticket, hours, minutes, start, stop

DAY = timedelta(days=1)
END = Op("end", "*")


def handling(**more: object) -> Ticket:
    """A ticket whose `handle` runs since the report; due after 24 h."""
    ticket = Ticket(**more)  # type: ignore[arg-type]
    ticket.event("submit", T0, start("ack"))
    return ticket.event("accept", T0 + minutes(3), stop("ack"), start("handle", since=T0))


def test_a_clock_counts_from_the_report_when_the_event_says_so() -> None:
    ticket = handling()

    handle = ticket.clock("handle")
    assert (handle.started_at, handle.due_at, handle.anchor) == (T0, T0 + DAY, "opened")


def test_a_clock_that_the_profile_does_not_have_is_not_started() -> None:
    ticket = Ticket(profile=PROFILES["REP-STATION-30"])

    ticket.event("submit", T0, start("handle"), start("water_same_day"))

    assert ticket.clocks == ()


def test_an_agreed_time_is_the_due_time_even_without_a_target() -> None:
    ticket = Ticket(profile=PROFILES["REP-CONTRACT-60"], variant="normal")

    ticket.event("submit", T0, start("arrive"))
    ticket.event("accept", T0 + minutes(1), start("arrive", since=T0, due=T0 + hours(5)))

    arrive = ticket.clock("arrive")
    assert (arrive.epoch, arrive.due_at, arrive.target_ms) == (1, T0 + hours(5), 18_000_000)


def test_an_agreed_time_that_has_passed_is_due_at_once() -> None:
    ticket = Ticket().event("submit", T0, start("arrive", due=T0 - hours(1)))

    assert ticket.clock("arrive").due_at == T0


def test_starting_again_opens_the_next_epoch_and_ends_the_first_without_verdict() -> None:
    ticket = Ticket().event("submit", T0, start("arrive"))

    ticket.event("waive_arrival", T0 + minutes(30), start("arrive", due=T0 + hours(2)))

    assert [(c.epoch, c.state, c.result) for c in ticket.clocks] == [
        (1, "stopped", "not_applicable"),
        (2, "running", None),
    ]


def test_starting_again_after_the_breach_leaves_the_first_epoch_breached() -> None:
    ticket = Ticket().event("submit", T0, start("arrive"))

    ticket.event("rework", T0 + minutes(30) + MS, start("arrive"))

    assert ticket.clock("arrive", 1).result == "breached"
    assert ticket.clock("arrive", 2).epoch == 2


@pytest.mark.parametrize(
    ("after", "result"),
    [(minutes(30) - MS, "not_applicable"), (minutes(30), "not_applicable"), (hours(1), "breached")],
)
def test_ending_everything_leaves_breached_clocks_breached(after: timedelta, result: str) -> None:
    ticket = Ticket().event("submit", T0, start("arrive"))

    ticket.event("cancel", T0 + after, END, to="cancelled")

    assert (ticket.clock("arrive").state, ticket.clock("arrive").result) == ("stopped", result)
    assert ticket.clock("arrive").next_at is None


# ── pausing ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["awaiting_resident", "awaiting_fund"])
def test_handle_pauses_while_others_must_act_and_goes_on_with_what_is_left(state: str) -> None:
    ticket = handling().event("wait", T0 + minutes(45), to=state)

    paused = ticket.clock("handle")
    assert (paused.state, paused.due_at, paused.counted_ms) == ("paused", None, 2_700_000)
    assert paused.pause_cause == state

    ticket.event("resume", T0 + hours(2), to="assigned")

    handle = ticket.clock("handle")
    assert handle.due_at == T0 + DAY + minutes(75)
    assert (handle.paused_ms, handle.warn_at) == (4_500_000, T0 + hours(20) + minutes(75))


def test_waiting_for_parts_never_pauses() -> None:
    ticket = handling().event("request_parts", T0 + hours(1), to="waiting_parts")

    assert ticket.clock("handle").state == "running"


def test_promise_pauses_for_the_resident_but_not_for_the_fund() -> None:
    ticket = Ticket().event("postpone", T0, start("promise", due=T0 + 3 * DAY), to="postponed")

    ticket.event("need_fund", T0 + DAY, to="awaiting_fund")
    assert ticket.clock("promise").state == "running"

    ticket.event("no_access", T0 + 2 * DAY, to="awaiting_resident")
    assert ticket.clock("promise").state == "paused"


def test_a_clock_started_while_the_ticket_waits_is_paused_at_once() -> None:
    ticket = Ticket().event("submit", T0, start("ack"))

    ticket.event("need_fund", T0 + hours(1), start("handle", since=T0), to="awaiting_fund")

    handle = ticket.clock("handle")
    assert (handle.state, handle.counted_ms) == ("paused", 3_600_000)


def test_a_new_cause_closes_one_pause_and_opens_the_next() -> None:
    ticket = handling().event("no_access", T0 + hours(1), to="awaiting_resident")

    ticket.event("need_fund", T0 + hours(3), to="awaiting_fund")

    handle = ticket.clock("handle")
    assert (handle.pause_cause, handle.paused_at) == ("awaiting_fund", T0 + hours(3))
    assert (handle.paused_ms, handle.counted_ms) == (7_200_000, 3_600_000)


def test_a_pause_at_exactly_the_due_time_is_not_a_breach_but_one_tick_after_resume_is() -> None:
    ticket = handling().event("no_access", T0 + DAY, to="awaiting_resident")
    ticket.event("resume", T0 + 2 * DAY, to="assigned")

    assert ticket.clock("handle").due_at == T0 + 2 * DAY
    assert 0 not in ticket.sweep(T0 + 2 * DAY).levels("handle")
    assert 0 in ticket.sweep(T0 + 2 * DAY + MS).levels("handle")


def test_rungs_before_the_pause_fire_and_later_ones_wait_for_the_rest() -> None:
    ticket = handling().event("no_access", T0 + hours(26), to="awaiting_resident")
    assert ticket.levels("handle") == [-1, 0]

    ticket.sweep(T0 + 5 * DAY)
    assert ticket.levels("handle") == [-1, 0]

    back = T0 + 6 * DAY
    ticket.event("resume", back, to="assigned")
    assert ticket.clock("handle").due_at == T0 + DAY
    assert 1 not in ticket.sweep(back + hours(2) - MS).levels("handle")
    assert 1 in ticket.sweep(back + hours(2)).levels("handle")


# ── the cap on pauses (max_pause, 15 d) ─────────────────────────────────────


def test_counting_goes_on_when_pauses_add_up_to_the_cap() -> None:
    ticket = handling().event("no_access", T0 + hours(1), to="awaiting_resident")
    due = T0 + DAY + 15 * DAY

    ticket.sweep(due)
    assert ticket.levels("handle") == [-1]

    ticket.sweep(due + MS)
    handle = ticket.clock("handle")
    assert ticket.levels("handle") == [-1, 0]
    assert (handle.state, handle.breached_at, handle.result) == ("running", due, "breached")


def test_two_pauses_share_one_cap() -> None:
    ticket = handling().event("no_access", T0 + hours(1), to="awaiting_resident")
    ticket.event("resume", T0 + 10 * DAY + hours(1), to="assigned")
    ticket.event("no_access", T0 + 10 * DAY + hours(2), to="awaiting_resident")

    handle = ticket.sweep(T0 + 40 * DAY).clock("handle")

    assert handle.breached_at == T0 + 16 * DAY
    assert handle.paused_ms == 15 * 86_400_000


def test_after_the_cap_waiting_no_longer_pauses() -> None:
    ticket = handling().event("no_access", T0 + hours(1), to="awaiting_resident")
    ticket.event("resume", T0 + 15 * DAY + hours(2), to="assigned")
    assert ticket.clock("handle").counted_ms == 3_600_000
    assert ticket.clock("handle").since == T0 + 15 * DAY + hours(1)

    ticket.event("need_fund", T0 + 15 * DAY + hours(3), to="awaiting_fund")

    assert ticket.clock("handle").state == "running"
    assert ticket.clock("handle").due_at == T0 + 16 * DAY


def test_finishing_in_a_capped_pause_is_judged_by_the_counted_time() -> None:
    waits = handling().event("no_access", T0 + hours(1), to="awaiting_resident")

    ticket = waits.event("cancel", T0 + 16 * DAY + MS, END, to="cancelled")

    assert ticket.clock("handle").result == "breached"


def test_finishing_after_the_cap_and_its_warning_is_met_until_the_due_time() -> None:
    ticket = handling().event("no_access", T0 + hours(1), to="awaiting_resident")
    ticket.sweep(T0 + 15 * DAY + hours(23))
    assert ticket.levels("handle") == [-1]

    ticket.event("complete_work", T0 + 16 * DAY, stop("handle"), to="completed")

    assert ticket.clock("handle").result == "met"
    assert ticket.clock("handle").counted_ms == ticket.clock("handle").target_ms


# ── postponing (R-SLA-20…22) ────────────────────────────────────────────────


def postponed(at: datetime) -> Ticket:
    return handling().event(
        "report_cannot_finish",
        at,
        Op("excuse", "handle"),
        start("promise", due=at + 2 * DAY),
        to="postponed",
    )


def test_a_postponed_clock_stops_excused_when_it_falls_due_and_climbs_no_ladder() -> None:
    ticket = postponed(T0 + hours(23)).sweep(T0 + 9 * DAY)

    handle = ticket.clock("handle")
    assert (handle.state, handle.result) == ("stopped", "breached_excused")
    assert handle.stopped_at == handle.breached_at == T0 + DAY
    assert ticket.levels("handle") == [-1, 0]
    assert ticket.levels("promise") == [-1, 0, 1, 2]


def test_a_postponed_clock_costs_the_vendor_no_score() -> None:
    for postponed_at, action in ((T0 + hours(23), None), (T0 + hours(25), "vendor_score")):
        rings = postponed(postponed_at).sweep(T0 + 2 * DAY).rings
        assert [r.action for r in rings if (r.name, r.level) == ("handle", 0)] == [action]


def test_a_postponed_clock_that_is_finished_in_time_is_met() -> None:
    ticket = postponed(T0 + hours(23)).event("complete_work", T0 + DAY, stop("handle"))

    assert ticket.clock("handle").result == "met"


@pytest.mark.parametrize(
    ("at", "result"),
    [
        (T0 + DAY - MS, "breached_excused"),
        (T0 + DAY, "breached_excused"),
        (T0 + DAY + MS, "breached"),
    ],
)
def test_postponing_after_the_due_time_leaves_the_breach(at: datetime, result: str) -> None:
    ticket = postponed(at).sweep(T0 + DAY + hours(1))

    ticket.event("complete_work", T0 + 2 * DAY, stop("handle"))

    assert ticket.clock("handle").result == result


def test_finishing_after_an_excused_due_time_counts_until_the_due_time_only() -> None:
    ticket = postponed(T0 + hours(23))
    late = replace(ticket.marks[-1], seq=9, at=T0 + 2 * DAY, ops=(stop("handle"),))

    # No sweep came by: the verdict must not depend on it.
    ticket._take(late.event, late.at, late.ops, "completed", late.at)

    handle = ticket.clock("handle")
    assert (handle.result, handle.stopped_at) == ("breached_excused", T0 + DAY)
    assert handle.counted_ms == handle.target_ms


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_rung_of_a_stopped_or_unknown_epoch_changes_nothing(epoch: int) -> None:
    ticket = handling()
    before = ticket.clocks

    ticket.event("clock_breached", T0 + hours(1), Op("fired", "ack", epoch=epoch, level=0))

    assert ticket.clocks == before


# ── due rungs and JSON ──────────────────────────────────────────────────────


def test_without_calendars_a_working_day_clock_gives_one_rung_at_a_time() -> None:
    profile = PROFILES["REP-DEFAULT"]
    rule = replace(profile.clocks["ack"], calendar="cn-workdays")
    ticket = Ticket(profile=replace(profile, clocks={"ack": rule})).event(
        "submit", T0, start("ack")
    )
    ack: Clock = ticket.clock("ack")

    alone = due_rungs(ack, ticket.profile, T0 + 9 * DAY, ticket.terms)
    both = due_rungs(ack, ticket.profile, T0 + 9 * DAY, ticket.terms, CALENDARS)

    assert [r.level for r in alone] == [-1]
    assert [r.level for r in both] == [-1, 0, 1, 2]
    assert alone[0] == both[0]


@pytest.mark.parametrize(
    "op",
    [
        start("ack"),
        start("arrive", since=T0, due=T0 + hours(5)),
        stop("ack"),
        END,
        Op("excuse", "handle"),
        Op("rebase", "*", since=T0),
        Op("fired", "arrive", epoch=2, level=-1),
    ],
)
def test_what_a_line_does_survives_its_json(op: Op) -> None:
    terms: Terms = Ticket(absolute=frozenset({"water_same_day"})).terms

    assert read_effects(effects((op,), terms)) == ((op,), terms)
    assert read_effects(effects((), None)) == ((), None)
