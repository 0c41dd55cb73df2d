"""What moves the demo world's own tickets, what it leaves alone, and what follows by itself."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from service.commands.fire_event import Fire, fire
from service.commands.notes import AddNote, add_note
from service.commands.sweep import sweep_all
from service.jobs import reacting, reactions, schedules
from service.local import cast
from service.local.fates import left_alone
from service.local.lives import scripts
from service.local.lives.mover import Mover
from service.local.lives.scripted import Atlas
from service.local.simulated_clock import SimulatedClock
from service.notify.channels import CHANNELS
from service.notify.relay import Relay
from service.store.audit.walk import Verifier
from tests.support.worlds import Made

pytestmark = pytest.mark.db


def a_mover(made: Made, *kinds: str) -> Mover:
    with made.ports.uow() as tx:
        found = cast.read(tx)
    stories = scripts(kinds or made.ports.registry)
    return Mover(made.ports, Atlas(found, Random(1)), stories, "test")  # noqa: S311


def run(mover: Mover, made: Made, hours: int) -> None:
    """Let simulated hours go by, sweeping as a ticker would."""
    clock = SimulatedClock(made.ports.uow)
    for _ in range(hours):
        clock.advance(timedelta(hours=1))
        sweep_all(made.ports, by="test")
        mover.look(clock.now())


def moved_by_people(made: Made, since: datetime) -> set[tuple[str, UUID]]:
    found = made.ask(
        "SELECT kind, ticket_id FROM event WHERE actor_role <> 'system' AND received_at > :since",
        since=since,
    )
    return {(kind, ident) for kind, ident in found}


def test_tickets_of_every_kind_move_on_and_new_ones_begin(moving: Made):
    before = {row[0] for row in moving.ask("SELECT id FROM ticket")}
    since = SimulatedClock(moving.ports.uow).now()
    mover = a_mover(moving)

    run(mover, moving, 72)

    moved = moved_by_people(moving, since)
    assert {kind for kind, _ in moved} >= {
        "complaint", "dispute_case", "hazard", "rectification_order",
    }  # fmt: skip
    assert not any(left_alone(ident) for _, ident in moved if ident in before)
    born = {kind for kind, ident in moved if ident not in before}
    assert born
    assert born <= {"complaint", "dispute_case", "hazard"}
    verdict = Verifier(moving.ports.uow, moving.ports.registry, moving.ports.calendars).verify()
    assert verdict.sound, verdict.findings[:3]


def test_a_start_moves_nothing_at_once_however_long_tickets_have_rested(moving: Made):
    mover = a_mover(moving)
    now = SimulatedClock(moving.ports.uow).now()

    assert [mover.look(now + timedelta(minutes=5 * n)) for n in range(5)] == [0] * 5


def test_between_two_looks_some_simulated_time_goes_by(moving: Made):
    mover = a_mover(moving)
    now = SimulatedClock(moving.ports.uow).now()
    mover.look(now)

    assert mover.look(now + timedelta(minutes=1)) == 0
    assert mover.look(now + timedelta(days=30)) > 0


def test_tickets_that_a_visitor_touched_are_left_to_visitors(moving: Made):
    hazards = moving.ask("SELECT id FROM ticket WHERE kind = 'hazard' AND closed_at IS NULL")
    for (ident,) in hazards:
        note = AddNote(kind="hazard", ticket=ident, actor=moving.actor("manager"), text="我来处理")
        add_note(moving.ports, note)
    since = SimulatedClock(moving.ports.uow).now()

    run(a_mover(moving, "hazard"), moving, 30)

    moved = {ident for _, ident in moved_by_people(moving, since)}
    assert not moved & {ident for (ident,) in hazards}


def follow_up(made: Made) -> None:
    """Send the letters that wait, and do what follows from them."""
    relay = Relay(made.ports.uow, CHANNELS, reacting=reactions.wanted)
    while relay.run_once().more:
        pass
    reacting.react(made.ports)


def test_what_follows_from_a_visitors_doing_is_the_visitors_too(moving: Made):
    follow_up(moving)
    escalate = Fire(
        ticket=moving.keys.tickets["complaint"],
        event="escalate_to_mediation",
        actor=moving.actor("manager"),
        data={"request": "要求返工"},
    )
    fire(moving.ports, escalate)
    follow_up(moving)
    since = SimulatedClock(moving.ports.uow).now()
    ((mine,),) = moving.ask(
        "SELECT c.effect_id FROM ticket_cause c JOIN ticket t ON t.id = c.cause_id"
        " WHERE t.number = :number", number=moving.keys.tickets["complaint"],
    )  # fmt: skip

    run(a_mover(moving, "dispute_case"), moving, 30)

    assert mine not in {ident for _, ident in moved_by_people(moving, since)}


def test_follow_ups_of_the_past_open_what_they_should(moving: Made):
    follow_up(moving)

    linked = moving.ask("""
        SELECT c.relation, a.kind, b.kind, b.state FROM ticket_cause c
          JOIN ticket a ON a.id = c.cause_id JOIN ticket b ON b.id = c.effect_id
         WHERE a.kind <> 'repair_order'""")
    assert set(linked) == {
        ("converted", "complaint", "dispute_case", "filed"),
        ("cure", "vendor_assessment", "rectification_order", "found"),
        ("exit", "rectification_order", "vendor_assessment", "exit_review"),
        ("obligation", "dispute_case", "repair_order", "submitted"),
    }
    assert not moving.ask("SELECT topic FROM outbox WHERE dead_at IS NOT NULL")


def test_the_calendar_adds_little_to_the_world(moving: Made):
    before = moving.ask("SELECT count(*) FROM ticket")[0][0]
    schedules.run_due(moving.ports)

    assert 0 < moving.ask("SELECT count(*) FROM ticket")[0][0] - before <= 25
    assert moving.ask("SELECT count(*) FROM ticket WHERE facts->>'cluster' IS NOT NULL") == [(5,)]
