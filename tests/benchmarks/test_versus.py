"""Two checkouts take turns, and what is told is how neighbours compare."""

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.versus import CONCURRENCIES, interval, measure, row


class Fake:
    """A side that takes as long as it is told, on a machine that slows down and wakes up."""

    def __init__(self, costs: float, log: list[str]) -> None:
        self.costs = costs
        self.log = log

    def block(self, at_once: int) -> Mapping[str, float]:
        self.log.append(f"{self.costs}@{at_once}")
        slow = 1.0 + (len(self.log) - 1) // 2 % 3  # the same for both neighbours
        return {"open": self.costs * slow}


def sides() -> tuple[Any, list[str]]:
    log: list[str] = []
    return (Fake(2.0, log), Fake(3.0, log)), log


def test_a_machine_that_wanders_does_not_blur_the_ratio() -> None:
    both, _ = sides()

    found = measure(both, rounds=9)

    assert set(found) == {("open", at_once) for at_once in CONCURRENCIES}
    for pairs in found.values():
        assert len(pairs) == 9
        assert {here / there for there, here in pairs} == {1.5}
    assert row("open", 8, found["open", 8]).endswith("| 1.500 | 1.500 … 1.500 |")


def test_who_begins_changes_every_round() -> None:
    both, log = sides()

    measure(both, rounds=2)

    assert log[0::4] == ["3.0@1", "2.0@1", "3.0@1", "2.0@1"]


def test_the_interval_holds_the_median_and_narrows() -> None:
    few, many = [0.9, 1.0, 1.1], [0.9, 1.0, 1.1] * 40

    low, high = interval(few)
    near, far = interval(many)

    assert low <= 1.0 <= high
    assert (near, far) == (1.0, 1.0)
    assert interval(few) == (low, high)


@pytest.mark.parametrize("value", [0.5, 1.0, 2.0])
def test_what_never_varies_has_no_width(value: float) -> None:
    assert interval([value] * 5) == (value, value)
