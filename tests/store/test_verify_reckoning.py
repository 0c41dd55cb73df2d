"""Clocks are reckoned in two ways that share no arithmetic, and come to the same."""

import ast
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import service.store.audit as audit
from service.sla.calendar import Calendar, local_instant
from service.sla.clocks import Clock
from service.sla.history import Mark, Op, effects
from service.store.audit.finding import Record
from service.store.audit.hours import Almanac, Hours, instants
from service.store.audit.reckoning import Reckoning
from service.store.audit.timers import check_reckoning, check_variant
from tests.sla.test_derive import Happening, happenings, play
from tests.sla.tickets import (
    CALENDARS,
    PROFILES,
    RICH,
    T0,
    Ticket,
    hours,
    minutes,
    start,
    stop,
)

KNOWN = {(profile.id, profile.version): profile for profile in (*PROFILES.values(), RICH)}
DATA_ONLY = {"service.sla.calendar": {"Calendar", "Calendars"},
             "service.sla.profile": {"ClockRule", "Profile", "Warn"}}  # fmt: skip
ZONES = (
    "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
)  # fmt: skip


def line_of(mark: Mark) -> SimpleNamespace:
    """Return a history line as it is stored."""
    told = {"levels": [], "clock": "", "epoch": 0}
    return SimpleNamespace(
        seq=mark.seq, type=mark.event, occurred_at=mark.at, to_state=mark.to_state,
        actor_role="dispatcher", effects=effects(mark.ops, mark.terms), data=told,
    )  # fmt: skip


def record_of(ticket: Ticket, clocks: tuple[Clock, ...] | None = None) -> Record:
    """Return what is stored of a ticket, its corrections included."""
    lines = [line_of(mark) for mark in ticket.marks]
    for name, epoch, level in ticket.withdrawn:
        said = {"clock": name, "epoch": epoch, "levels": [level]}
        lines.append(SimpleNamespace(
            seq=len(lines) + 1, type="clock_corrected", occurred_at=lines[-1].occurred_at,
            to_state=ticket.state, actor_role="system", effects={}, data=said,
        ))  # fmt: skip
    kept = ticket.clocks if clocks is None else clocks
    return Record(
        ticket=SimpleNamespace(id="t", number="RO-1"), lines=lines,
        clocks={(clock.name, clock.epoch): clock for clock in kept},
        escalations=(), assignments=(),
    )  # fmt: skip


def found(record: Record) -> set[tuple[str, str]]:
    return {(f.invariant, f.check) for f in check_reckoning(record, KNOWN, Almanac(CALENDARS))}


# The same histories each time: what a larger search found once has a test of its own.
@settings(
    max_examples=250, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(happenings)
def test_both_reckonings_agree_on_any_history(story: list[Happening]) -> None:
    ticket, _ = play(story)

    assert found(record_of(ticket)) == set()


def test_the_second_reckoning_shares_only_data_with_the_first() -> None:
    for name in ("hours", "life", "reckoning"):
        source = Path(str(audit.__file__)).with_name(f"{name}.py").read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("service.sla"):
                assert {alias.name for alias in node.names} <= DATA_ONLY[str(node.module)]
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("service.sla") for alias in node.names)


def a_late_order() -> Ticket:
    """Return an order whose acknowledgement came after the ladder's first rungs."""
    ticket = Ticket()
    ticket.event("submit", T0, start("ack"), start("handle"), to="submitted")
    ticket.sweep(T0 + minutes(40))
    ticket.event("accept", T0 + minutes(45), stop("ack"), to="accepted")
    return ticket.sweep(T0 + hours(2))


@pytest.mark.parametrize(
    ("level", "check"),
    [
        pytest.param(0, ("I1", "rung_order"), id="a-rung-is-passed-over"),
        pytest.param(None, ("I1", "rung_missed"), id="no-rung-fired-before-the-event"),
    ],
)
def test_rungs_that_did_not_fire_are_missed(level: int | None, check: tuple[str, str]) -> None:
    ticket = a_late_order()
    ticket.marks = [
        mark for mark in ticket.marks
        if not (mark.ops and mark.ops[0].verb == "fired" and level in (None, mark.ops[0].level))
    ]  # fmt: skip

    assert check in found(record_of(ticket))


@pytest.mark.parametrize(
    ("shift", "check"),
    [(-1, ("I13", "rung_early")), (1, ("I1", "rung_late"))],
)
def test_a_rung_a_tick_beside_its_time_is_seen(shift: int, check: tuple[str, str]) -> None:
    record = record_of(a_late_order())
    fired = next(line for line in record.lines if "fired" in str(line.effects))
    fired.occurred_at += timedelta(milliseconds=shift)

    assert check in found(record)


def test_a_breach_found_beyond_the_cap_moves_back_when_the_pause_turns_out_shorter() -> None:
    """The target was used up as the pause began; counting went on when the resident came home."""
    ticket = Ticket()
    ticket.event("submit", T0, start("handle"), to="assigned")
    used_up = T0 + timedelta(milliseconds=ticket.clocks[0].target_ms)
    ticket.event("no_access", used_up, to="awaiting_resident")
    later = used_up + timedelta(days=16)
    ticket.sweep(later)
    ticket.event("resume", used_up + hours(1), to="assigned", received=later)

    assert ticket.clocks[0].breached_at == ticket.clocks[0].due_at == used_up + hours(1)
    assert found(record_of(ticket)) == set()


def test_a_clock_too_many_and_one_too_few_are_seen() -> None:
    ticket = a_late_order()

    assert ("I1", "reckoned") in found(record_of(ticket, ticket.clocks[:1]))


def test_a_history_without_sense_is_a_finding() -> None:
    record = record_of(a_late_order())
    record.lines[0].effects["terms"]["profile"] = "nobody's"

    assert found(record) == {("I1", "reckoning")}


def test_a_pinned_calendar_stays_the_one_that_counted() -> None:
    """A newer version of the opening hours does not reach a clock that was already running."""
    old = Calendar("office", 1, "UTC", (((("09:00", "17:00"),)),) * 7)
    new = Calendar("office", 2, "UTC", (((("10:00", "12:00"),)),) * 7)
    reckoning = Reckoning(
        KNOWN, Almanac({"office": new, "office@1": old, "office@2": new}), {("handle", 1): 1}
    )
    assert reckoning._hours("office", ("handle", 1)).calendar is old
    assert reckoning._hours("office", ("handle", 2)).calendar is new


moments = st.integers(0, 3 * 365 * 24 * 3_600_000).map(
    lambda ms: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
WALLS = ("00:00", "01:30", "02:15", "03:00", "09:00", "12:00", "13:00", "17:30", "24:00")


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=25, deadline=None)
@given(moments, st.integers(0, 40 * 24 * 3_600_000), st.sets(st.sampled_from(WALLS), min_size=2))
def test_hours_are_walked_to_the_same_end(
    zone: str, begins: datetime, span_ms: int, walls: set[str]
) -> None:
    """Opening hours that cross every jump of the clocks, in two ways."""
    pairs = list(zip(*[iter(sorted(walls))] * 2, strict=False))
    known = Calendar("any", 1, zone, (tuple(pairs),) * 6 + ((),))
    walked, span = Hours(known), timedelta(milliseconds=span_ms)
    ends = begins + span

    assert walked.counted(begins, ends) == known.between(begins, ends)
    counted = known.between(begins, ends)
    assert walked.after(begins, counted) == known.add(begins, counted)


@pytest.mark.parametrize("calendar", [c for name, c in CALENDARS.items() if "@" in name])
def test_the_calendars_that_ship_are_walked_alike(calendar: Calendar) -> None:
    first = calendar.first or date(2026, 1, 1)
    begins = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    ends = begins + timedelta(days=300)

    assert Hours(calendar).counted(begins, ends) == calendar.between(begins, ends)


def test_days_beyond_the_calendar_are_not_guessed() -> None:
    known = Calendar("short", 1, "UTC", ((("09:00", "17:00"),),) * 7, last=date(2026, 1, 3))

    with pytest.raises(LookupError):
        Hours(known).counted(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC))


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_of_an_hour_of_a_year_is_the_same_instant(zone: str) -> None:
    for n in range(0, 366 * 96, 17):
        day, quarter = date(2024, 1, 1) + timedelta(days=n // 96), n % 96
        wall = f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"

        assert instants(day, wall, zone)[0] == local_instant(day, wall, zone)


@pytest.mark.parametrize(("variant", "wrong"), [("urgent", 0), ("normal", 1), (None, 1)])
def test_a_row_that_stands_under_another_variant_than_its_history_is_seen(
    variant: str | None, wrong: int
) -> None:
    findings = [*check_variant(record_of(a_late_order()), variant)]

    assert [(f.invariant, f.check) for f in findings] == [("I1", "head_variant")] * wrong


def test_a_rung_of_a_clock_that_ended_is_passed_over() -> None:
    """It lost the race with the event that stopped the clock, and changes nothing."""
    ticket = a_late_order()
    last = ticket.marks[-1]
    ops = (Op("fired", "ack", epoch=1, level=3),)
    ticket.marks.append(Mark(last.seq + 1, "escalated", last.at, last.at, last.to_state, ops))

    assert found(record_of(ticket)) == set()
