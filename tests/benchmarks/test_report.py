"""The figures that programs read have one shape, and what was left out is told as such."""

from dataclasses import replace

import pytest

from benchmarks.calls import Figure
from benchmarks.lateness import Lateness
from benchmarks.outage import Outage
from benchmarks.report import Goal, Results
from benchmarks.sweeping import Sweeping, Sweeps

FIGURE = Figure(
    call="open",
    at_once=8,
    floor_per_s=(400.0, 380.0),
    anju_per_s=273.0,
    floor_ms=20.0,
    anju_ms=29.0,
    anju_p99_ms=38.0,
)
SWEEPS = Sweeps(pending=20_000, idle_ms=1.5, due100_s=0.1, due10k_s=3.0)


def results() -> Results:
    return Results(
        sizes={"requests": 10},
        calls=[replace(FIGURE, call=name) for name in ("open", "event", "get", "list50")],
        growth={"get": 1.01, "list50": 1.1},
        sweeping=Sweeping(few=SWEEPS, many=replace(SWEEPS, pending=1_000_000, idle_ms=1.7)),
        lateness=Lateness(4000, 0.003, 0.4, 0.9, 25, 0.8, 1.6, 98.0),
        outage=Outage(100_000, 48.0, 20.0, 30.0),
        replay_events_per_s=350.0,
        rss_mb={"web": 101.0, "worker": 98.0},
    )


def test_the_figures_have_the_agreed_names() -> None:
    figures = results().figures()

    ratios = {"open_c8", "event_c8", "get_c8", "list50_c8", "get_100k_vs_1k", "list50_100k_vs_1k"}
    assert set(figures["ratios"]) == ratios
    assert figures["ratios"]["open_c8"] == 0.7
    assert figures["event_c8_p99_ms"] == 38.0
    assert {"idle_1m_ms", "due100_1m_s", "due10k_20k_s", "due10k_1m_s"} <= set(figures["sweep"])
    assert figures["lateness"] == {"p50_s": 0.4, "p99_s": 0.9}
    assert figures["rss_mb"] == {"web": 101.0, "worker": 98.0}


def test_what_was_left_out_has_no_figures() -> None:
    figures = Results(sizes={}).figures()

    assert figures["ratios"] == {}
    assert figures["event_c8_p99_ms"] is None
    assert figures["sweep"] == figures["lateness"] == figures["outage"] == {}


@pytest.mark.parametrize(("last", "steady"), [(340.0, True), (339.9, False)])
def test_floors_more_than_15_percent_apart_are_unsteady(last: float, steady: bool) -> None:
    assert replace(FIGURE, floor_per_s=(400.0, last)).steady is steady


@pytest.mark.parametrize(
    ("measured", "at_least", "verdict"),
    [
        (4.0, False, "reached"),
        (4.01, False, "**missed**"),
        (4.0, True, "reached"),
        (3.99, True, "**missed**"),
    ],
)
def test_a_goal_is_reached_or_missed(measured: float, at_least: bool, verdict: str) -> None:
    assert verdict in Goal("sweep", measured, 4, at_least=at_least).row()


def test_every_goal_has_a_row() -> None:
    table = results().markdown()

    for name in ("open ÷ floor", "p99 of an event", "10,000 due of many", "RSS of a worker"):
        assert name in table
    assert "missed" not in table
