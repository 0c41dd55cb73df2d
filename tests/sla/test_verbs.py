"""Clocks of the local day, and what an earlier opening does to running ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.sla.clocks import Op
from tests.sla.test_clocks import handling
from tests.sla.tickets import PROFILES, T0, Ticket, hours, minutes, start

DAY = timedelta(days=1)


# ── water and power (3A.4) ──────────────────────────────────────────────────


def local(text: str, hours_east: int = 8) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - hours(hours_east)


@pytest.mark.parametrize(
    ("clock", "opened", "due"),
    [
        pytest.param("water_same_day", "2026-11-21 00:00", "2026-11-22 00:00", id="midnight"),
        pytest.param(
            "water_same_day", "2026-11-21 19:59:59.999", "2026-11-22 00:00", id="tick-before"
        ),
        pytest.param("water_same_day", "2026-11-21 20:00", "2026-11-22 00:00", id="exactly-4h"),
        pytest.param(
            "water_same_day", "2026-11-21 20:00:00.001", "2026-11-22 00:00:00.001", id="floor"
        ),
        pytest.param("water_same_day", "2026-11-21 23:00", "2026-11-22 03:00", id="late-evening"),
        pytest.param("power_same_night", "2026-11-21 06:00", "2026-11-22 06:00", id="at-six"),
        pytest.param("power_same_night", "2026-11-21 05:59", "2026-11-21 09:59", id="before-six"),
        pytest.param("power_same_night", "2026-11-21 02:00", "2026-11-21 06:00", id="power-4h"),
        pytest.param("power_same_night", "2026-11-21 18:00", "2026-11-22 06:00", id="evening"),
    ],
)
def test_water_and_power_are_due_on_the_local_day(clock: str, opened: str, due: str) -> None:
    ticket = Ticket(opened_at=local(opened), absolute=frozenset({clock}))

    ticket.event("accept", local(opened), start(clock, since=local(opened)))

    assert ticket.clock(clock).due_at == local(due)


def test_the_strict_power_rule_ends_with_the_calendar_day() -> None:
    profile = PROFILES["REP-DEFAULT"]
    strict = replace(profile.clocks["power_same_night"], absolute="24:00")
    ticket = Ticket(
        profile=replace(profile, clocks={"power_same_night": strict}),
        absolute=frozenset({"power_same_night"}),
    )

    ticket.event("accept", T0, start("power_same_night"))

    assert ticket.clock("power_same_night").due_at == T0 + hours(16)


def test_an_absolute_clock_starts_only_where_the_category_has_it() -> None:
    ticket = Ticket(absolute=frozenset({"water_same_day"}))

    ticket.event("accept", T0, start("water_same_day"), start("power_same_night"))

    assert [c.name for c in ticket.clocks] == ["water_same_day"]


def test_a_pause_moves_even_the_end_of_the_day() -> None:
    ticket = Ticket(absolute=frozenset({"water_same_day"}))
    ticket.event("accept", T0, start("water_same_day"), to="accepted")
    ticket.event("no_access", T0 + hours(1), to="awaiting_resident")

    ticket.event("resume", T0 + hours(2), to="assigned")

    assert ticket.clock("water_same_day").due_at == T0 + hours(17)


# ── an earlier opening (RULINGS 7) ──────────────────────────────────────────


def test_an_earlier_opening_derives_running_clocks_anew() -> None:
    ticket = handling(absolute=frozenset({"water_same_day"}))
    ticket.event("accept", T0 + minutes(4), start("water_same_day", since=T0))
    ticket.event("assign", T0 + minutes(5), start("feedback"))

    ticket.event("absorb", T0 + minutes(6), Op("rebase", "*", since=T0 - DAY))

    assert ticket.clock("handle", 1).result == "not_applicable"
    assert (ticket.clock("handle").epoch, ticket.clock("handle").due_at) == (2, T0)
    assert ticket.clock("water_same_day").due_at == T0 - hours(8)
    assert ticket.clock("feedback").epoch == 1


@pytest.mark.parametrize("opened_at", [T0, T0 + minutes(1)])
def test_a_later_opening_changes_nothing(opened_at: datetime) -> None:
    ticket = handling()
    before = ticket.clocks

    ticket.event("absorb", T0 + minutes(6), Op("rebase", "*", since=opened_at))

    assert ticket.clocks == before


def test_an_earlier_opening_keeps_the_pauses() -> None:
    ticket = handling().event("no_access", T0 + hours(1), to="awaiting_resident")

    ticket.event("absorb", T0 + hours(2), Op("rebase", "*", since=T0 - hours(3)))
    assert ticket.clock("handle").counted_ms == 4 * 3_600_000
    ticket.event("resume", T0 + hours(3), to="assigned")

    assert ticket.clock("handle").due_at == T0 - hours(3) + DAY + hours(2)


def test_an_excused_clock_that_a_sweep_stopped_is_derived_anew_too() -> None:
    """Only by an opening that is itself known late; it must not get lost."""
    ticket = handling().event("postpone", T0 + hours(20), Op("excuse", "handle"), to="postponed")
    ticket.sweep(T0 + hours(25))

    ticket.event("absorb", T0 + hours(22), Op("rebase", "*", since=T0 - hours(1)))

    assert ticket.clock("handle", 1).result == "not_applicable"
    assert ticket.clock("handle", 2).due_at == T0 + hours(23)


def test_a_second_excuse_of_a_clock_that_stopped_excused_changes_nothing() -> None:
    ticket = handling().event("postpone", T0 + hours(20), Op("excuse", "handle"), to="postponed")
    before = ticket.sweep(T0 + hours(25)).clock("handle")

    ticket.event("postpone", T0 + hours(22), Op("excuse", "handle"))

    assert ticket.clock("handle") == before
