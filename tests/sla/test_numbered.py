"""Clocks with a number, reminders, and what an event holds or extends, a tick at a time."""

from datetime import datetime, timedelta

import pytest

from service.sla.clocks import Clock, Op, derive, effects, read_effects
from service.sla.explain import Ask, explain
from service.sla.notation import iso
from service.sla.view import clock_view
from tests.sla.tickets import CALENDARS, MS, RICH, T0, Ticket, hours, start, stop
from tests.store.test_verify_reckoning import found, record_of

DAY = timedelta(days=1)
TARGET = hours(30)
EXTEND = Op("extend", "cure-2")
RESUME = Op("resume", "cure-2")


def pause(word: str, clock: str = "cure-2") -> Op:
    return Op("pause", clock, cause=word)


def curing(due: datetime | None = None) -> Ticket:
    """A ticket whose second cure runs since T0: reminders at 3 h and 24 h, due after 30 h."""
    return Ticket(profile=RICH).event("issue", T0, start("cure-2", due=due), to="issued")


def proof(ticket: Ticket, now: datetime, epoch: int | None = None, **how: str) -> dict[str, object]:
    ask = Ask("cure-2", now=now, epoch=epoch, **how)  # type: ignore[arg-type]
    return explain(ticket.marks, ask, ticket.versions, CALENDARS)


def cured(ticket: Ticket, now: datetime) -> Clock:
    """Return the clock as it stands; the fold, both explanations and the verifier agree."""
    ticket.sweep(now)
    assert derive(ticket.marks, ticket.versions, CALENDARS) == ticket.clocks
    assert found(record_of(ticket)) == set()
    clock = ticket.clock("cure-2")
    told = proof(ticket, now)
    view = clock_view(clock, now, CALENDARS, profile=RICH)
    assert (told["verdict"], told["arithmetic"]["counted_s"]) == (clock.result, view["used_s"])  # type: ignore[index]
    assert told["arithmetic"]["due_at"] == view["due_at"]  # type: ignore[index]
    return clock


# ── numbers and reminders ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("after", "level"), [(hours(3), -2), (hours(24), -1), (TARGET + MS, 0), (TARGET + DAY, 1)]
)
def test_each_rung_of_a_numbered_clock_fires_at_its_tick(after: timedelta, level: int) -> None:
    assert level not in curing().sweep(T0 + after - MS).levels("cure-2")
    assert curing().sweep(T0 + after).levels("cure-2")[-1] == level
    assert curing().sweep(T0 + after + MS).levels("cure-2")[-1] == level


def test_numbered_clocks_have_the_rule_of_their_family_and_a_date_of_their_own() -> None:
    ticket = Ticket(profile=RICH)
    ops = (start("cure-1", due=T0 + DAY), start("cure-2"), start("cure-11"))
    ticket.event("issue", T0, *ops, to="issued")
    ticket.event("done", T0 + hours(1), stop("cure-1"))

    assert [(c.name, c.rule) for c in ticket.clocks] == [
        ("cure-1", "R-VEN-07"), ("cure-11", "R-VEN-07"), ("cure-2", "R-VEN-07"),
    ]  # fmt: skip
    assert ticket.clock("cure-1").result == "met"
    assert cured(ticket, T0 + hours(2)).due_at == T0 + TARGET
    assert ticket.clock("cure-1").target_ms == DAY // MS


def test_reminders_stand_by_their_time_whatever_the_target_is() -> None:
    """Of 3 h 20 min, 80 % come before the three hours after the start."""
    ticket = curing(due=T0 + hours(10) / 3).sweep(T0 + hours(3))

    assert [(r.level, r.at) for r in ticket.rings] == [
        (-2, T0 + hours(8) / 3),
        (-1, T0 + hours(3)),
    ]
    assert [r.roles for r in ticket.rings] == [("manager",), ("crew",)]


def test_the_first_reminder_is_when_a_clock_is_due_soon() -> None:
    ticket = curing()
    shown = [
        clock_view(cured(ticket, at), at, CALENDARS)
        for at in (T0 + hours(3) - MS, T0 + hours(3), T0 + hours(25))
    ]

    assert [view["display"] for view in shown] == ["running", "due_soon", "due_soon"]
    assert {view["warn_at"] for view in shown} == {iso(T0 + hours(3))}


def test_a_late_report_takes_both_reminders_back() -> None:
    ticket = curing().sweep(T0 + hours(25))

    ticket.event("visit", T0 + hours(2), to="awaiting_resident", received=T0 + hours(25))

    assert ticket.withdrawn == [("cure-2", 1, -2), ("cure-2", 1, -1)]
    assert cured(ticket, T0 + hours(25)).next_level == -2


# ── held by an event ────────────────────────────────────────────────────────


def test_a_held_clock_waits_until_it_is_let_go() -> None:
    ticket = curing().event("object", T0 + hours(1), pause("objection"))
    ticket.event("visit", T0 + hours(2), to="awaiting_resident")
    ticket.event("leave", T0 + hours(3), to="issued")
    held = cured(ticket, T0 + hours(4))
    assert (held.state, held.pause_cause, held.counted_ms) == ("paused", "@objection", 3_600_000)

    ticket.event("fix", T0 + hours(5), RESUME)

    going = cured(ticket, T0 + hours(6))
    assert (going.state, going.pause_cause, going.due_at) == ("running", None, T0 + hours(34))
    waits = [p for p in proof(ticket, T0 + hours(6))["intervals"] if not p["counted"]]  # type: ignore
    assert [(p["reason"], p["seconds"]) for p in waits] == [
        ("@objection", 3600), ("@objection", 3600), ("@objection", 7200),
    ]  # fmt: skip
    assert (waits[0]["paused_by"], waits[-1]["resumed_by"]) == (
        {"event": "object", "seq": 2},
        {"event": "fix", "seq": 5},
    )


def test_a_clock_let_go_in_a_pausing_state_goes_on_waiting_for_the_state() -> None:
    ticket = curing().event("visit", T0 + hours(1), to="awaiting_resident")
    ticket.event("object", T0 + hours(2), pause("objection"))
    assert cured(ticket, T0 + hours(2)).pause_cause == "@objection"

    ticket.event("fix", T0 + hours(3), RESUME)

    waiting = cured(ticket, T0 + hours(4))
    assert (waiting.pause_cause, waiting.counted_ms) == ("awaiting_resident", 3_600_000)
    ticket.event("leave", T0 + hours(5), to="issued")
    assert cured(ticket, T0 + hours(5)).due_at == T0 + TARGET + hours(4)


@pytest.mark.parametrize(
    ("word", "state"), [("weather", "running"), (None, "running"), ("objection", "paused")]
)
def test_a_resume_ends_the_pause_that_it_names(word: str | None, state: str) -> None:
    ticket = curing().event("storm", T0 + hours(1), pause("weather"))

    ticket.event("end", T0 + hours(2), Op("resume", "cure-2", cause=word))

    assert cured(ticket, T0 + hours(3)).state == state


def test_the_last_cause_is_the_one_that_holds() -> None:
    ticket = curing().event("storm", T0 + hours(1), pause("weather"))

    ticket.event("object", T0 + hours(2), pause("objection", "*"))

    assert cured(ticket, T0 + hours(3)).pause_cause == "@objection"
    ticket.event("storm_over", T0 + hours(4), Op("resume", "*", cause="weather"))
    assert cured(ticket, T0 + hours(4)).state == "paused"


def test_a_resume_does_not_end_the_pause_of_a_state() -> None:
    ticket = curing().event("visit", T0 + hours(1), to="awaiting_resident")

    ticket.event("fix", T0 + hours(2), RESUME)

    assert cured(ticket, T0 + hours(3)).pause_cause == "awaiting_resident"


@pytest.mark.parametrize(("tick", "level"), [(-MS, -2), (0 * MS, 0), (MS, 0)])
def test_a_held_clock_goes_on_when_its_own_cap_is_used_up(tick: timedelta, level: int) -> None:
    ticket = curing().event("object", T0 + hours(29), pause("objection"))
    breach = T0 + TARGET + 2 * DAY + MS

    clock = cured(ticket, breach + tick)

    assert (0 in ticket.levels("cure-2")) is (level == 0)
    assert clock.breached_at == (breach - MS if level == 0 else None)
    assert RICH.longest_pause(RICH.rule("handle")) == 15 * DAY


def test_a_pause_reported_late_takes_the_breach_back_and_goes_on_as_the_next_epoch() -> None:
    ticket = curing().sweep(T0 + hours(31))

    ticket.event("object", T0 + hours(20), pause("objection"), received=T0 + hours(31))
    assert ticket.withdrawn == [("cure-2", 1, -1), ("cure-2", 1, 0)]
    ticket.event("fix", T0 + hours(22), RESUME, received=T0 + hours(31))

    clock = cured(ticket, T0 + hours(31))
    assert (clock.epoch, clock.due_at, clock.next_level) == (2, T0 + hours(32), 0)


def test_a_pause_that_is_told_late_did_not_stop_the_clock_by_receipt() -> None:
    ticket = curing()
    ticket.event("object", T0 + hours(1), pause("objection"), received=T0 + hours(5))

    by_receipt = proof(ticket, T0 + hours(6), basis="received")

    assert by_receipt["arithmetic"]["counted_s"] == 5 * 3600  # type: ignore[index]


# ── extended ────────────────────────────────────────────────────────────────


def test_an_extended_clock_keeps_what_it_counted_and_gets_its_target_once_more() -> None:
    ticket = curing().event("visit", T0 + hours(1), to="awaiting_resident")
    ticket.event("leave", T0 + hours(3), to="issued")

    ticket.event("extend", T0 + hours(27), EXTEND)

    first, second = ticket.clock("cure-2", 1), cured(ticket, T0 + hours(28))
    assert (first.state, first.result, first.stopped_at) == (
        "stopped", "not_applicable", T0 + hours(27),
    )  # fmt: skip
    assert (second.epoch, second.started_at, second.paused_ms) == (2, T0, hours(2) // MS)
    assert (second.target_ms, second.due_at) == (2 * TARGET // MS, T0 + 2 * TARGET + hours(2))


def test_the_ladder_of_an_extended_clock_begins_with_what_is_not_yet_counted() -> None:
    """The reminder after three hours was given; the one at 80 % comes again."""
    ticket = curing().event("extend", T0 + hours(25), EXTEND).sweep(T0 + 2 * TARGET + MS)

    assert ticket.levels("cure-2", 1) == [-2, -1]
    assert [(r.level, r.at) for r in ticket.rings if r.epoch == 2] == [
        (-1, T0 + hours(48)),
        (0, T0 + 2 * TARGET),
    ]
    assert cured(ticket, T0 + 3 * DAY).breached_at == T0 + 2 * TARGET


@pytest.mark.parametrize(
    ("at", "result"),
    [(TARGET - MS, "not_applicable"), (TARGET, "not_applicable"), (TARGET + MS, "breached")],
)
def test_an_epoch_that_was_breached_before_its_extension_stays_so(
    at: timedelta, result: str
) -> None:
    ticket = curing().event("extend", T0 + at, EXTEND)

    assert ticket.clock("cure-2", 1).result == result
    assert cured(ticket, T0 + at).result is None


def test_an_extension_that_is_too_short_is_breached_at_once() -> None:
    ticket = curing().event("extend", T0 + 3 * DAY, EXTEND).sweep(T0 + 3 * DAY)

    assert ticket.levels("cure-2", 2) == [0]
    assert cured(ticket, T0 + 3 * DAY).breached_at == T0 + 2 * TARGET


def test_an_extension_reported_late_takes_the_breach_back() -> None:
    ticket = curing().sweep(T0 + hours(31))

    ticket.event("extend", T0 + hours(29), EXTEND, received=T0 + hours(31))

    assert ticket.withdrawn == [("cure-2", 1, 0)]
    assert ticket.clock("cure-2", 1).result == "not_applicable"
    assert cured(ticket, T0 + hours(31)).due_at == T0 + 2 * TARGET


def test_a_date_of_its_own_is_extended_by_its_own_length_each_time() -> None:
    ticket = curing(due=T0 + hours(10))
    ticket.event("extend", T0 + hours(9), EXTEND)
    assert cured(ticket, T0 + hours(9)).due_at == T0 + hours(20)

    ticket.event("extend", T0 + hours(19), EXTEND)

    assert cured(ticket, T0 + hours(19)).due_at == T0 + hours(30)


@pytest.mark.parametrize("state", ["issued", "awaiting_resident"])
def test_an_extended_clock_waits_on_as_it_did(state: str) -> None:
    ticket = curing()
    ops = (pause("objection"),) if state == "issued" else ()
    ticket.event("wait", T0 + hours(1), *ops, to=state)

    ticket.event("extend", T0 + hours(2), EXTEND)

    waiting = cured(ticket, T0 + hours(4))
    assert (waiting.state, waiting.epoch, waiting.counted_ms) == ("paused", 2, 3_600_000)
    ticket.event("go_on", T0 + hours(5), RESUME, to="issued")
    assert cured(ticket, T0 + hours(5)).due_at == T0 + 2 * TARGET + hours(4)
    assert proof(ticket, T0 + hours(5), basis="received")["target_s"] == 2 * 108_000


def test_only_a_clock_that_runs_is_held_or_extended() -> None:
    ticket = curing().event("done", T0 + hours(1), stop("cure-2"))
    before = ticket.clocks

    ticket.event("late", T0 + hours(2), EXTEND, pause("objection"), Op("extend", "cure-9"))

    assert ticket.clocks == before


def test_what_a_line_says_to_its_clocks_survives_its_json() -> None:
    ops = (EXTEND, pause("weather"), RESUME, Op("resume", "*", cause="weather"))
    terms = curing().terms

    assert read_effects(effects(ops, terms)) == (ops, terms)
