"""The penalty ladder, deductions and points as arithmetic (DOMAIN 3C.4, 3C.5)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.workflows import penalties
from service.workflows.penalties import LADDERS
from tests.support.bench import DAY, TICK
from tests.support.samples.rectification_order import BENCH

POLICY = BENCH.policy
SUBJECTS = sorted(LADDERS)


@pytest.mark.parametrize(
    ("subject", "taken", "following"),
    [
        ("vendor", (), 2),
        ("vendor", (2,), 3),
        ("vendor", (2, 3, 2), 4),
        ("vendor", (7,), None),
        ("committee", (), 2),
        ("committee", (2,), 7),
        ("developer", (2, 7), None),
    ],
)
def test_the_next_rung_lies_above_the_highest_one_taken(subject, taken, following):
    assert penalties.next_step(taken, subject) == following


@pytest.mark.parametrize(
    ("step", "taken", "code"),
    [
        (2, (), None),
        (3, (), "step_skipped"),
        (3, (2,), None),
        (2, (2,), None),
        (4, (2,), "step_skipped"),
        (7, (2, 3, 4, 5, 6), None),
    ],
)
def test_a_step_is_refused_when_one_below_it_was_not_taken(step, taken, code):
    assert penalties.refusal(step, taken, "vendor", exempt=False) == code
    assert penalties.refusal(step, taken, "vendor", exempt=True) is None


@pytest.mark.parametrize("subject", ["committee", "developer"])
def test_only_a_vendor_has_deposit_list_and_market(subject):
    refused = {
        step for step in LADDERS["vendor"]
        if penalties.refusal(step, (2,), subject, exempt=True) == "no_such_step"
    }  # fmt: skip

    assert refused == {3, 4, 5, 6}


@given(st.sampled_from(SUBJECTS), st.lists(st.integers(1, 7), max_size=12))
def test_without_exemption_the_ladder_is_climbed_rung_by_rung(subject, wanted):
    taken: list[int] = []
    for step in wanted:
        if penalties.refusal(step, taken, subject, exempt=False) is None:
            taken.append(step)

    reached = sorted({1, *taken})
    assert reached == list(LADDERS[subject][: len(reached)])


@pytest.mark.parametrize(
    ("cycle", "amount_fen", "fen"),
    [(1, 10_001, 10_001), (2, 10_001, 15_002), (3, 10_001, 20_002), (9, 10_001, 20_002)],
)
def test_a_deduction_grows_with_the_cycle_and_is_whole_fen(cycle, amount_fen, fen):
    assert penalties.deduction(amount_fen, cycle, POLICY) == fen


@given(st.integers(1, 10**15), st.integers(1, 5))
def test_a_deduction_is_exact_however_large(amount_fen, cycle):
    doubled = 2 * penalties.deduction(amount_fen, cycle, POLICY)
    exact = amount_fen * {1: 2, 2: 3}.get(cycle, 4)

    assert doubled in (exact, exact + 1)


@pytest.mark.parametrize(
    ("late", "days"),
    [
        (-TICK, 0),
        (timedelta(), 0),
        (TICK, 1),
        (DAY, 1),
        (DAY + TICK, 2),
    ],
)
def test_a_begun_day_is_a_day_late(late, days):
    assert penalties.days_late(late) == days


@pytest.mark.parametrize(("days", "points"), [(0, 0), (1, -1), (5, -5), (6, -5)])
def test_late_days_cost_points_down_to_a_floor(days, points):
    assert penalties.late_points(days, POLICY) == points


@pytest.mark.parametrize(
    ("what", "points"),
    [
        ("cure_overdue", -2),
        ("cure_failed", -3),
        ("penalised", -5),
        ("hazard_ignored", -10),
        ("false_evidence", -10),
    ],
)
def test_each_event_costs_what_the_domain_says(what, points):
    assert penalties.points(what, POLICY) == points
