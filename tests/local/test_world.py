"""The demo world: whole, sound, and left alone where visitors are."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from service import bootstrap
from service.commands.notes import AddNote, add_note
from service.commands.ports import Ports
from service.core.actors import Actor, Role
from service.edge.authentication import Authenticator
from service.local import cast, demo_file, first_breach, world
from service.local.demo_file import DemoFile
from service.local.fates import left_alone
from service.local.history import Told
from service.local.simulated_clock import SimulatedClock
from service.local.simulator import Simulator
from service.store.audit.walk import Verifier
from tests.support.replaying import committing_ports
from tests.support.servers import Database, copied_database

pytestmark = pytest.mark.db


@dataclass
class Made:
    ports: Ports
    told: Told
    keys: DemoFile

    def ask(self, query: str, **params: object) -> list[tuple]:
        with self.ports.uow() as tx:
            return [tuple(row) for row in tx.conn.execute(text(query), params)]

    def actor(self, label: str) -> Actor:
        return Authenticator(self.ports).actor_of(f"Bearer {self.keys.keys[label]}").actor


def build(database: Database, ports: Ports, seed: int) -> Told:
    return world.build(
        ports, owner_url=database.owner_url, profiles=bootstrap.load_profiles(), seed=seed
    )


@contextmanager
def a_world(servers, name: str) -> Iterator[Made]:
    with (
        copied_database(servers, name) as database,
        committing_ports(database.app_url) as ports,
    ):
        told = build(database, ports, 1)
        yield Made(ports, told, demo_file.make(ports, None))


@pytest.fixture(scope="module")
def made(servers, template) -> Iterator[Made]:
    """A fresh world that no test changes."""
    with a_world(servers, "anju_world") as found:
        yield found


@pytest.fixture
def moving(servers, template) -> Iterator[Made]:
    """A world to set in motion."""
    with a_world(servers, "anju_moving") as found:
        yield found


def test_200_orders_lived_by_the_rules_and_stand_in_every_state(made: Made):
    states = dict(
        made.ask("SELECT state, count(*) FROM ticket WHERE place_path LIKE 'jinjiang/%' GROUP BY 1")
    )

    assert not made.told.refused
    assert sum(states.values()) == 200
    # `completed` lasts no longer than its own transaction (RULINGS 18).
    everywhere = {s.name for s in bootstrap.REGISTRY[0].states} - {"completed"}
    assert set(states) == everywhere


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
        "base_url", "keys", "keys_other_district", "place", "crew", "vendor",
        "ticket_other_district", "links",
    }  # fmt: skip
    roles = {made.actor(label).role for label in body["keys"]}
    assert roles == set(Role) - {Role.SYSTEM}
    assert made.actor("resident").place_id == body["place"]["household"]
    assert made.actor("dispatcher").place_id == "jinjiang"
    assert made.actor("mediator_t3").tier == 3


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


def test_the_same_seed_makes_the_same_world(servers, template):
    facts = "SELECT number, state, category, place_id, title, seq FROM ticket ORDER BY number"
    worlds = []
    for name in ("anju_twin_a", "anju_twin_b"):
        with (
            copied_database(servers, name) as database,
            committing_ports(database.app_url) as ports,
        ):
            clock = SimulatedClock(ports.uow)
            clock.set(clock.now().replace(hour=3, minute=0, second=0, microsecond=0))
            build(database, ports, 7)
            with ports.uow() as tx:
                worlds.append([tuple(row) for row in tx.conn.execute(text(facts))])

    assert worlds[0] == worlds[1]


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
