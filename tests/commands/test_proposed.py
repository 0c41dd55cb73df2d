"""Which event the service tries by itself when a rung fires, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.commands.due import Proposal, proposed
from service.core.messages import clock_label
from service.sla.clocks import Ring
from service.workflows.repair_order import REPAIR_ORDER
from tests.sla.tickets import MS, T0

WORKFLOW = replace(REPAIR_ORDER, on_due={"cure": "expire"})


def ring(name: str, level: int, action: str | None) -> Ring:
    return Ring(name, 1, level, T0, ("manager",), action)


@pytest.mark.parametrize(("level", "after"), [(-1, 0 * MS), (0, MS), (1, 0 * MS), (3, 0 * MS)])
def test_it_follows_the_rung_that_names_it_and_is_past_due_at_a_breach(
    level: int, after: timedelta
) -> None:
    assert proposed(WORKFLOW, ring("cure", level, "expire")) == Proposal("expire", T0 + after, {})


def test_a_numbered_clock_says_which_one_it_was() -> None:
    found = proposed(WORKFLOW, ring("cure-12", 1, "expire"))

    assert found == Proposal("expire", T0, {"number": 12})


@pytest.mark.parametrize(
    "fired",
    [
        ring("cure", 0, None),
        ring("cure", 0, "pool_pick"),
        ring("handle", 0, "expire"),
    ],
    ids=["no-action", "another-action", "another-clock"],
)
def test_nothing_follows_any_other_rung(fired: Ring) -> None:
    assert proposed(WORKFLOW, fired) is None


@pytest.mark.parametrize(
    ("clock", "label"), [("arrive", "Arrive"), ("arrive-3", "Arrive 3"), ("x-1", "clock.x 1")]
)
def test_a_numbered_clock_is_called_by_its_family_and_number(clock: str, label: str) -> None:
    assert clock_label(clock, "en") == label
