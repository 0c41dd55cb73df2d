"""What is stored equals what follows from the history, whenever sweeps ran (PROOF I1)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.sla.clocks import Clock, Mark, Op, derive
from service.sla.explain import Ask, explain
from service.sla.notation import iso, seconds
from service.sla.timer import OPENED, ground_of, settled, used_ms
from tests.sla.tickets import CALENDARS, MS, RICH, T0, Ticket

HOUR = 3_600_000
DAY_MS = 24 * HOUR
NAMES = ("handle", "promise", "water_same_day", "arrive", "cure-2")
STATES = ("assigned", "on_site", "awaiting_resident", "awaiting_fund", "postponed")
VERBS = (
    "start", "since", "due", "stop", "end", "excuse", "rebase", "extend",
    "survey", "weather", "resume", "go_on", "none",
)  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One event: how long after the last one, how late it is reported, what it does."""

    after_ms: int
    late_ms: int
    state: str
    verb: str
    clock: str
    swept: bool


spans = st.one_of(
    st.integers(0, 2 * HOUR),
    st.integers(0, 20 * DAY_MS),
    st.sampled_from([0, 30 * 60_000, DAY_MS, DAY_MS + 1, 15 * DAY_MS, 16 * DAY_MS]),
)
happenings = st.lists(
    st.builds(
        Happening,
        after_ms=spans,
        late_ms=st.one_of(st.just(0), spans),
        state=st.sampled_from(STATES),
        verb=st.sampled_from(VERBS),
        clock=st.sampled_from(NAMES),
        swept=st.booleans(),
    ),
    max_size=8,
)


def _ops(h: Happening, at: datetime, first: datetime) -> tuple[Op, ...]:
    if h.verb == "none":
        return ()
    if h.verb == "since":
        return (Op("start", h.clock, since=first),)
    if h.verb == "due":
        return (Op("start", h.clock, due=at + timedelta(hours=30)),)
    if h.verb == "rebase":
        return (Op("rebase", "*", since=first - timedelta(hours=5)),)
    if h.verb in ("survey", "weather"):
        return (Op("pause", h.clock, cause=h.verb),)
    if h.verb == "go_on":
        return (Op("resume", "*", cause="weather"),)
    return (Op(h.verb, h.clock),)  # type: ignore[arg-type]


def play(story: list[Happening], *, sweeps: bool = True) -> tuple[Ticket, datetime]:
    """Play a story; events may be reported late, and sweeps run in between or not at all."""
    ticket = Ticket(profile=RICH, absolute=frozenset({"water_same_day"}))
    ticket.event("submit", T0, *(Op("start", name, since=T0) for name in NAMES), to="submitted")
    at = now = T0
    for h in story:
        at += h.after_ms * MS
        now = max(now, at + h.late_ms * MS)
        if sweeps and h.swept:
            ticket.sweep(now)
        ticket.event(h.verb, at, *_ops(h, at, T0), to=h.state, received=now)
    return ticket.sweep(now), now


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(happenings)
def test_the_stored_clocks_are_those_that_the_history_gives(story: list[Happening]) -> None:
    ticket, _ = play(story)

    assert derive(ticket.marks, ticket.versions, CALENDARS) == ticket.clocks


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(happenings)
def test_no_rung_fires_twice_or_early(story: list[Happening]) -> None:
    ticket, now = play(story)

    keys = [(r.name, r.epoch, r.level) for r in ticket.rings]
    assert len(keys) == len(set(keys))
    assert all(r.at <= now for r in ticket.rings)
    assert set(ticket.withdrawn) <= set(keys)


def _as_it_stands(ticket: Ticket, clock: Clock, now: datetime) -> Clock:
    return settled(clock, ground_of(RICH, clock.name, CALENDARS["all-hours"], "urgent"), now)


def _known(ticket: Ticket, name: str, now: datetime) -> Clock:
    # Numbering and what is still armed may differ: rungs fired before stay fired.
    clock = _as_it_stands(ticket, ticket.clock(name), now)
    return replace(clock, epoch=0, next_level=None, next_at=None, warn_at=None)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(happenings)
def test_the_verdict_does_not_depend_on_when_sweeps_ran(story: list[Happening]) -> None:
    swept, now = play(story)
    unswept, _ = play(story, sweeps=False)

    for name in NAMES:
        assert _known(swept, name, now) == _known(unswept, name, now)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(happenings, st.integers(0, 3 * DAY_MS))
def test_every_explanation_adds_up_and_agrees_with_the_clock(
    story: list[Happening], later: int
) -> None:
    ticket, now = play(story)
    now += later * MS
    ticket.sweep(now)

    for clock in ticket.clocks:
        proof = explain(
            ticket.marks, Ask(clock.name, now=now, epoch=clock.epoch), ticket.versions, CALENDARS
        )
        standing = _as_it_stands(ticket, clock, now)
        _check(proof, standing, now)
        if _dated(ticket, standing):
            assert proof["arithmetic"]["due_at"] == iso(standing.breached_at or standing.due_at)


def _dated(ticket: Ticket, clock: Clock) -> bool:
    """Tell whether the due time is known exactly.

    Where it lies before the last pause, it is not known how it moves with the opening, nor when
    what an extension added was used up.
    """
    if clock.breached_at is None and clock.state != "running":
        return False
    if not clock.paused_ms:
        return True
    if clock.anchor == OPENED and clock.started_at != T0:
        return False
    extended = Op("extend", clock.name) in {op for mark in ticket.marks for op in mark.ops}
    return not extended or clock.target_ms > clock.counted_ms


def _check(proof: dict[str, Any], clock: Clock, now: datetime) -> None:
    found, sums = proof["intervals"], proof["arithmetic"]
    ends = iso(min(clock.stopped_at or now, now))
    assert [a["to"] for a in found[:-1]] == [b["from"] for b in found[1:]]
    assert not found or (found[0]["from"], found[-1]["to"]) == (iso(clock.started_at), ends)
    assert sums["counted_s"] + sums["excluded_s"] == pytest.approx(sums["elapsed_s"])
    assert proof["verdict"] == clock.result
    if not clock.excused or clock.result is None:
        assert sums["counted_s"] == seconds(used_ms(clock, CALENDARS["all-hours"], now))


def test_a_history_without_terms_is_refused() -> None:
    with pytest.raises(LookupError, match="terms"):
        derive([Mark(1, "submit", T0, T0, "submitted")], {}, CALENDARS)
