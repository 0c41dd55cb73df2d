"""The demo world: whole, sound, and left alone where visitors are."""

import stat
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from service import bootstrap
from service.commands.notes import AddNote, add_note
from service.commands.prospects import prospect
from service.core.actors import Role
from service.core.workflow import Workflow
from service.local import cast, demo_file, first_breach
from service.local.demo_file import DemoFile
from service.local.fates import left_alone
from service.local.lives import scripts
from service.local.simulated_clock import SimulatedClock
from service.local.simulator import Simulator
from service.store import ticket
from service.store.audit.walk import Verifier
from service.workflows import by_kind
from tests.support.worlds import Built, Made, built_world, copied_world

pytestmark = pytest.mark.db

# They last no longer than their own transaction (RULINGS 18).
TRANSIENT = {"completed", "confirmed", "closed_out", "agreement_effective"}


def test_everything_that_was_told_was_allowed_by_the_rules(made: Made):
    assert not made.told.refused


SHOWN = [
    w
    for w in bootstrap.REGISTRY
    if w.kind in {"repair_order", *scripts(by_kind(bootstrap.REGISTRY))}
]


@pytest.mark.parametrize("kind", SHOWN, ids=lambda workflow: workflow.kind)
def test_tickets_of_every_kind_stand_in_every_state(made: Made, kind: Workflow):
    states = made.states(kind.kind)

    assert set(states) == {s.name for s in kind.states} - TRANSIENT


def test_200_orders_and_as_many_other_tickets_as_their_scripts_tell(made: Made):
    orders = made.ask(
        "SELECT count(*) FROM ticket WHERE kind = 'repair_order' AND place_path LIKE 'jinjiang/%'"
    )

    assert orders == [(200,)]
    for kind, script in scripts(made.ports.registry).items():
        assert made.states(kind) == Counter(life.state for life in script.lives), kind
        assert 8 <= len(script.lives) <= 25


def test_no_contract_is_over_and_one_soon_will_be(made: Made):
    days = made.ask("SELECT contract_until - cast(app_now() AS date) FROM deposit ORDER BY 1")

    assert [left for (left,) in days] == [20, 500, 500, 500, 500]


def test_every_history_of_the_world_passes_the_verifier(made: Made):
    verdict = Verifier(made.ports.uow, made.ports.registry, made.ports.calendars).verify()

    assert verdict.sound, verdict.findings[:3]
    assert verdict.events > 1500


def test_some_are_overdue_postponed_reworked_referred_and_called_back(made: Made):
    found = {row[0] for row in made.ask("SELECT DISTINCT type FROM event")}

    assert {
        "clock_breached", "escalated", "report_cannot_finish", "refuse_confirmation", "reopen",
        "refer_out", "merge", "need_fund", "pick_pool_contractor", "auto_confirm", "revisit_ok",
        "no_access", "request_parts", "make_safe", "reject_assignment", "cancel",
    } <= found  # fmt: skip


def test_the_crew_of_the_walk_through_is_certified_and_on_shift_at_any_hour(made: Made):
    with made.ports.uow() as tx:
        found, now = cast.read(tx), tx.now()
    home = found.places["lotus-1-1-101"]

    for hour in range(24):
        for code in ("water_leak", "power_loss", "public_lighting"):
            category = made.ports.catalogue.get(code)
            assert "c-anxin" in found.fit_crews(home.path, category, now + timedelta(hours=hour))


def test_demo_json_has_a_working_key_for_every_role_and_is_private(made: Made, tmp_path: Path):
    file = made.keys.write(tmp_path, "http://127.0.0.1:8000")
    body = made.keys.body("http://127.0.0.1:8000")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert DemoFile.read(tmp_path) == made.keys
    assert set(body) == {
        "base_url", "keys", "keys_other_district", "accounts", "place", "crew", "vendor",
        "tickets", "ticket_other_district", "links",
    }  # fmt: skip
    roles = {made.actor(label).role for label in body["keys"]}
    assert roles == set(Role) - {Role.SYSTEM}
    assert made.actor("resident").place_id == body["place"]["household"]
    assert made.actor("dispatcher").place_id == "jinjiang"
    assert [made.actor(f"mediator{n}").tier for n in ("", "_t2", "_t3")] == [1, 2, 3]
    assert body["accounts"] == {label: str(made.actor(label).id) for label in body["keys"]}


def test_demo_json_names_a_ticket_of_every_other_kind_that_its_keys_may_work_on(made: Made):
    tickets = made.keys.tickets
    first_mover = {
        "complaint": "vendor_manager",
        "dispute_case": "mediator",
        "hazard": "community_officer",
        "list_decision": "district_officer",
        "listed_supervision": "district_officer",
        "rectification_order": "vendor_manager",
        "vendor_assessment": "resident",
    }

    assert set(tickets) == set(scripts(made.ports.registry)) == set(first_mover)
    with made.ports.uow() as tx:
        for kind, number in tickets.items():
            actor = made.actor(first_mover[kind])
            row = ticket.read(tx, kind=kind, ref=number, actor=actor)
            assert row is not None, kind
            assert left_alone(row["id"])
            offered = prospect(tx, made.ports, row, actor).events
            assert [one.event for one in offered if one.enabled], kind


def test_the_link_of_demo_json_opens_an_order_that_silence_never_confirms(made: Made):
    again = demo_file.make(made.ports, made.keys)
    (urgency,) = made.ask(
        "SELECT t.urgency FROM link l JOIN ticket t ON t.id = l.ticket_id"
        " WHERE t.state = 'awaiting_confirmation'"
    )

    assert again == made.keys
    assert urgency == ("emergency",)


def test_the_neighbours_order_is_invisible_to_the_district(made: Made):
    with made.ports.uow() as tx:
        path = tx.conn.execute(
            text("SELECT place_path FROM ticket WHERE id = :id"),
            {"id": made.keys.ticket_other_district},
        ).scalar_one()

    assert path.startswith("xishan/")
    assert not made.actor("manager").covers(path)


def test_the_same_seed_makes_the_same_world(servers, template, made: Made, built: Built):
    facts = "SELECT number, state, category, place_id, title, seq FROM ticket ORDER BY number"
    with (
        built_world(servers, "anju_twin", built.at) as twin,
        copied_world(servers, "anju_twins_copy", twin, "anju_twin") as other,
    ):
        assert other.ask(facts) == made.ask(facts)


def test_an_arrival_is_due_half_a_minute_after_the_clock_starts_at_any_rate(moving: Made):
    clock = SimulatedClock(moving.ports.uow)
    for rate in (1.0, 60.0, 600.0):
        breach = first_breach.prepare(moving.ports, clock, rate=rate, seed=1)
        ahead = (breach.due_at - clock.now()).total_seconds() / rate
        assert 0 < ahead <= first_breach.SECONDS


def test_the_simulator_moves_its_own_orders_and_leaves_the_rest_alone(moving: Made):
    versions = "SELECT id, version FROM ticket WHERE place_path LIKE 'jinjiang/%'"
    before = dict(moving.ask(versions))
    theirs = next(
        row[0]
        for row in moving.ask("SELECT id FROM ticket WHERE state = 'submitted' ORDER BY id DESC")
        if not left_alone(row[0])
    )
    note = AddNote(
        kind="repair_order", ticket=theirs, actor=moving.actor("manager"), text="我来处理"
    )
    add_note(moving.ports, note)
    clock = SimulatedClock(moving.ports.uow)
    simulator = Simulator(moving.ports, seed=1)

    for _ in range(25):
        clock.advance(timedelta(minutes=20))
        simulator.look()

    after = dict(moving.ask(versions))
    moved = {ident for ident, version in before.items() if after[ident] != version}
    assert len(moved) > 20
    assert len(after) > len(before)
    assert theirs not in moved
    swept = {
        row[0] for row in moving.ask("SELECT ticket_id FROM event WHERE actor_role = 'system'")
    }
    assert not {ident for ident in moved if left_alone(ident)} - swept
