"""Late reports: what happened before it became known takes back what fired since."""

from datetime import timedelta

from service.sla.clocks import Op
from tests.sla.tickets import MS, T0, Ticket, hours, minutes, start, stop

DAY = timedelta(days=1)


def test_an_arrival_reported_late_takes_the_breach_back() -> None:
    ticket = Ticket().event("accept", T0, start("arrive")).sweep(T0 + minutes(46))
    assert ticket.levels("arrive") == [-1, 0, 1]

    ticket.event("arrive", T0 + minutes(22), stop("arrive"), received=T0 + minutes(46))

    arrive = ticket.clock("arrive")
    assert (arrive.result, arrive.breached_at, arrive.counted_ms) == ("met", None, 1_320_000)
    assert ticket.withdrawn == [("arrive", 1, 0), ("arrive", 1, 1)]


def test_arriving_at_exactly_the_due_time_takes_the_breach_back_too() -> None:
    ticket = Ticket().event("accept", T0, start("arrive")).sweep(T0 + minutes(31))

    ticket.event("arrive", T0 + minutes(30), stop("arrive"))

    assert ticket.clock("arrive").result == "met"
    assert ticket.withdrawn == [("arrive", 1, 0)]


def test_an_arrival_after_the_due_time_takes_back_only_what_came_later() -> None:
    ticket = Ticket().event("accept", T0, start("arrive")).sweep(T0 + hours(2))

    ticket.event("arrive", T0 + minutes(45), stop("arrive"))

    assert ticket.clock("arrive").result == "breached"
    assert ticket.withdrawn == [("arrive", 1, 2)]


def test_a_pause_reported_late_goes_on_as_the_next_epoch() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site")
    ticket.sweep(T0 + hours(25))

    ticket.event("no_access", T0 + hours(22), to="awaiting_resident")

    first, second = ticket.clock("handle", 1), ticket.clock("handle", 2)
    assert (first.state, first.result, first.breached_at) == ("stopped", "not_applicable", None)
    assert (second.state, second.counted_ms, second.started_at) == ("paused", 79_200_000, T0)
    assert ticket.withdrawn == [("handle", 1, 0)]

    ticket.event("resume", T0 + 2 * DAY, to="assigned").sweep(T0 + 2 * DAY + hours(2) + MS)
    assert ticket.levels("handle", 2) == [0]
    assert ticket.clock("handle", 2).breached_at == T0 + 2 * DAY + hours(2)


def test_a_real_breach_is_carried_into_the_next_epoch() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site")
    ticket.sweep(T0 + hours(29))

    ticket.event("no_access", T0 + hours(26), to="awaiting_resident")

    assert ticket.withdrawn == [("handle", 1, 1)]
    assert ticket.clock("handle", 2).breached_at == T0 + DAY
    assert ticket.clock("handle", 2).next_level == 1


def test_an_event_that_does_not_touch_the_clock_takes_nothing_back() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site").sweep(T0 + hours(25))

    ticket.event("diagnose", T0 + hours(22))

    assert ticket.withdrawn == []
    assert ticket.clock("handle").result == "breached"


def test_a_postponement_announced_in_time_but_reported_late_excuses_the_breach() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site").sweep(T0 + hours(29))

    ticket.event("report_cannot_finish", T0 + hours(23), Op("excuse", "handle"), to="postponed")

    handle = ticket.clock("handle")
    assert (handle.state, handle.result) == ("stopped", "breached_excused")
    assert handle.stopped_at == T0 + DAY
    assert ticket.withdrawn == [("handle", 1, 1)]


def postponed() -> Ticket:
    ticket = Ticket().event("accept", T0, start("handle"), to="in_progress")
    ticket.event("report_cannot_finish", T0 + hours(22), Op("excuse", "handle"), to="postponed")
    return ticket.sweep(T0 + hours(25))


def test_work_finished_before_an_excused_due_time_but_reported_late_is_met() -> None:
    ticket = postponed()
    assert ticket.clock("handle").result == "breached_excused"

    ticket.event("complete_work", T0 + hours(23), stop("handle"), to="completed")

    handle = ticket.clock("handle")
    assert (handle.result, handle.stopped_at) == ("met", T0 + hours(23))
    assert handle.counted_ms == 23 * 3_600_000
    assert ticket.withdrawn == [("handle", 1, 0)]


def test_a_pause_before_an_excused_due_time_but_reported_late_goes_on() -> None:
    ticket = postponed().event("no_access", T0 + hours(23), to="awaiting_resident")

    second = ticket.clock("handle", 2)
    assert (second.state, second.result, second.excused) == ("paused", None, True)
    assert ticket.clock("handle", 1).result == "not_applicable"

    ticket.event("resume", T0 + 2 * DAY, to="assigned").sweep(T0 + 4 * DAY)
    assert ticket.clock("handle", 2).breached_at == T0 + 2 * DAY + hours(1)
    assert ticket.levels("handle", 2) == [0]


def test_events_after_an_excused_due_time_leave_it_alone() -> None:
    ticket = postponed()
    before = ticket.clock("handle")

    ticket.event("no_access", T0 + hours(26), to="awaiting_resident")
    ticket.event("resume", T0 + hours(27), to="assigned")
    ticket.event("report_again", T0 + hours(28), Op("excuse", "handle"))
    ticket.event("complete_work", T0 + hours(29), stop("handle"), Op("rebase", "*", since=T0 - DAY))

    assert ticket.clock("handle") == before


def capped() -> Ticket:
    """Waits since 1 h; the cap let counting go on at 15 d + 1 h; due and breached at 16 d."""
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site")
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident")
    return ticket.sweep(T0 + 16 * DAY + MS)


def test_a_resume_reported_late_from_before_the_cap_makes_the_due_time_earlier() -> None:
    ticket = capped().event("resume", T0 + 14 * DAY + hours(1), to="assigned")

    handle = ticket.clock("handle")
    assert handle.breached_at == handle.due_at == T0 + 15 * DAY
    assert handle.paused_ms == 14 * 86_400_000
    assert ticket.withdrawn == []


def test_work_finished_before_the_cap_but_reported_late_is_met() -> None:
    ticket = capped().event("complete_work", T0 + 14 * DAY, stop("handle"), to="completed")

    handle = ticket.clock("handle")
    assert (handle.result, handle.counted_ms) == ("met", 3_600_000)
    assert handle.due_at == T0 + 14 * DAY + hours(23)
    assert ticket.withdrawn == [("handle", 1, -1), ("handle", 1, 0)]


def test_a_late_resume_makes_an_excused_due_time_after_the_cap_earlier() -> None:
    ticket = Ticket().event("accept", T0, start("handle"), to="on_site")
    ticket.event("postpone", T0 + minutes(30), Op("excuse", "handle"), to="postponed")
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident").sweep(T0 + 17 * DAY)
    assert ticket.clock("handle").stopped_at == T0 + 16 * DAY

    ticket.event("resume", T0 + 14 * DAY + hours(1), to="assigned")

    handle = ticket.clock("handle")
    assert (handle.state, handle.result) == ("stopped", "breached_excused")
    assert handle.stopped_at == handle.due_at == handle.breached_at == T0 + 15 * DAY
    assert handle.counted_ms == handle.target_ms
