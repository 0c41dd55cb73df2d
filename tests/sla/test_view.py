"""A clock as the API shows it."""

from datetime import datetime, timedelta

import pytest

from service.sla.clocks import Op
from service.sla.view import clock_view
from tests.sla.tickets import CALENDARS, MS, T0, Ticket, hours, minutes, start, stop

DAY = timedelta(days=1)


def test_every_member_of_the_contract() -> None:
    ticket = Ticket().event("submit", T0, start("handle"))
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident")
    ticket.event("resume", T0 + hours(2), to="assigned").sweep(T0 + hours(26))
    now = T0 + hours(26)

    view = clock_view(ticket.clock("handle"), now, CALENDARS, noticed_at=T0 + hours(25) + 412 * MS)

    assert view == {
        "clock": "handle",
        "epoch": 1,
        "state": "running",
        "result": "breached",
        "display": "overdue",
        "started_at": "2026-11-21T00:00:00.000Z",
        "warn_at": "2026-11-21T21:00:00.000Z",
        "due_at": "2026-11-22T01:00:00.000Z",
        "stopped_at": None,
        "breached_at": "2026-11-22T01:00:00.000Z",
        "noticed_at": "2026-11-22T01:00:00.412Z",
        "target_s": 86400,
        "target": "PT24H",
        "used_s": 90000,
        "used": "PT25H",
        "remaining_s": -3600,
        "remaining": "-PT1H",
        "paused_s": 3600,
        "paused": "PT1H",
        "pause_cause": None,
        "profile": "REP-DEFAULT",
        "profile_version": 0,
        "calendar": "all-hours",
        "calendar_version": 1,
        "rule": "R-REP-02",
    }


@pytest.mark.parametrize(
    ("now", "display"),
    [
        (T0, "running"),
        (T0 + minutes(21) - MS, "running"),
        (T0 + minutes(21), "due_soon"),
        (T0 + minutes(30), "due_soon"),
        (T0 + minutes(30) + MS, "overdue"),
    ],
)
def test_the_token_changes_at_the_warn_point_and_after_due(now: datetime, display: str) -> None:
    ticket = Ticket().event("submit", T0, start("arrive"))

    assert clock_view(ticket.clock("arrive"), now, CALENDARS)["display"] == display


@pytest.mark.parametrize(
    ("op", "at", "display"),
    [
        (stop("arrive"), T0 + minutes(30), "met"),
        (stop("arrive"), T0 + minutes(31), "missed"),
        (Op("end", "*"), T0 + minutes(30), None),
    ],
)
def test_the_token_of_a_stopped_clock_is_its_verdict(
    op: Op, at: datetime, display: str | None
) -> None:
    ticket = Ticket().event("submit", T0, start("arrive")).event("done", at, op)

    assert clock_view(ticket.clock("arrive"), at + DAY, CALENDARS)["display"] == display


def test_a_paused_clock_has_a_rest_but_no_due_time() -> None:
    ticket = Ticket().event("submit", T0, start("handle"))
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident")

    view = clock_view(ticket.clock("handle"), T0 + hours(3), CALENDARS, profile=ticket.profile)

    assert (view["display"], view["due_at"], view["warn_at"]) == ("paused", None, None)
    assert (view["remaining_s"], view["paused_s"]) == (82800, 7200)
    assert view["pause_cause"] == "awaiting_resident"


def test_with_its_profile_a_pause_beyond_the_cap_is_shown_as_running() -> None:
    ticket = Ticket().event("submit", T0, start("handle"))
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident")

    view = clock_view(ticket.clock("handle"), T0 + 16 * DAY, CALENDARS, profile=ticket.profile)

    assert (view["state"], view["remaining_s"]) == ("running", 0)
    assert view["paused"] == "PT360H"
