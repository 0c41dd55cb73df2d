"""Firing is held while the database's clock parts from ours."""

from datetime import UTC, datetime, timedelta

import pytest

from service.jobs.clock_guard import JUMP_S, ClockGuard

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("jump_s", "steady"),
    [(JUMP_S, True), (JUMP_S + 0.001, False), (-JUMP_S, True), (-JUMP_S - 0.001, False)],
)
def test_a_jump_of_more_than_five_seconds_holds(jump_s: float, steady: bool) -> None:
    guard = ClockGuard()
    guard.steady(NOON, 100.0)

    assert guard.steady(NOON + timedelta(seconds=1 + jump_s), 101.0) is steady


def test_three_steady_readings_resume() -> None:
    guard = ClockGuard()
    guard.steady(NOON, 0.0)
    later = NOON + timedelta(hours=1)

    readings = [guard.steady(later + timedelta(seconds=s), float(s)) for s in range(1, 6)]

    assert readings == [False, False, False, True, True]


def test_a_paused_process_sees_no_jump() -> None:
    guard = ClockGuard()
    guard.steady(NOON, 0.0)

    assert guard.steady(NOON + timedelta(minutes=10), 600.0)
