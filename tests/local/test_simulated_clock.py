"""The movable clock of demo and replay."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from service.commands.ports import Ports
from service.local.simulated_clock import RealClock, SimulatedClock
from service.store import heartbeat
from tests.support.replaying import committing_ports
from tests.support.servers import Database

pytestmark = pytest.mark.db

START = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def ports(clean_database: Database) -> Iterator[Ports]:
    with committing_ports(clean_database.app_url) as found:
        yield found


def test_a_clock_shows_what_it_was_set_to_and_jumps(ports: Ports):
    clock = SimulatedClock(ports.uow)

    clock.set(START)
    clock.advance(timedelta(minutes=30))

    assert clock.now() == START + timedelta(minutes=30)


def test_a_running_clock_goes_on_at_its_rate(ports: Ports):
    clock = SimulatedClock(ports.uow)
    clock.set(START, rate=36_000_000)

    first = clock.now()

    assert clock.now() > first >= START


def test_a_clock_that_stood_is_held_where_it_stood(ports: Ports):
    clock = SimulatedClock(ports.uow)
    clock.set(START)

    assert clock.hold() == START


def test_a_clock_found_running_goes_back_to_the_last_sign_of_life(ports: Ports):
    clock = SimulatedClock(ports.uow)
    clock.set(START)
    with ports.uow() as tx:
        heartbeat.beat(tx, "ticker")
    clock.set(START + timedelta(days=90), rate=60)

    assert clock.hold() == START
    assert clock.now() == START


def test_a_real_clock_cannot_be_moved(clean_database: Database, ports: Ports):
    engine = create_engine(clean_database.owner_url)
    with engine.begin() as conn:
        conn.execute(text("ALTER TABLE app_clock RENAME TO put_aside"))
    try:
        with pytest.raises(RealClock):
            SimulatedClock(ports.uow)
    finally:
        with engine.begin() as conn:
            conn.execute(text("ALTER TABLE put_aside RENAME TO app_clock"))
        engine.dispose()
