"""What is measured is real: planted histories are sound, and the floor does Anju's statements."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest

from benchmarks import client, sweeping
from benchmarks.calls import stand_on
from benchmarks.world import World, prepare
from service import bootstrap
from service.commands.sweep import Swept, sweep_all
from service.local.servers import Servers
from service.store.audit.walk import Verifier

pytestmark = pytest.mark.db

NAME = "anju_bench_test"


@pytest.fixture
def world(servers: Servers) -> Iterator[World]:
    """A small world with one cohort of rungs to come."""
    yield prepare(servers, NAME, tickets=120, pending_clocks=150, cohorts=[(20, 1.0)])
    servers.postgres.drop_database(NAME)


def test_planted_orders_are_sound_and_exactly_the_cohort_falls_due(world: World) -> None:
    app = world.application()
    try:
        assert sweep_all(app.ports, by="test").fired == 0
        cohort = world.make_due()
        assert sweep_all(app.ports, by="test").fired == cohort.number == 20
        verifier = Verifier(app.ports.uow, app.ports.registry, app.ports.calendars)
        verdict = verifier.verify()
    finally:
        app.engine.dispose()

    assert verdict.findings == ()
    assert verdict.tickets >= 120


def test_a_sweep_that_fires_something_else_is_no_figure() -> None:
    with pytest.raises(sweeping.Missed):
        sweeping._timed(lambda: Swept(tickets=2, fired=2), due=1)


def test_the_floor_leaves_the_rows_that_anju_leaves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Recording is done in this process, whose logging belongs to the other tests.
    monkeypatch.setattr(bootstrap, "configure_logging", lambda _level: None)
    with stand_on(world) as stand:
        opened = [
            json.loads(side.run("open", [""], 1, keep=True).bodies[0])["id"]
            for side in (stand.floor, stand.anju)
        ]
        for side, order in zip((stand.floor, stand.anju), opened, strict=True):
            side.run("accept", [order], 1)
            side.run("assign", [order], 1)
            side.run("get", [order], 1)
            side.run("list50", [""], 1)
        with pytest.raises(client.Refused, match="404"):
            stand.anju.run("get", ["00000000-0000-7000-8000-000000000000"], 1)

    floor, anju = (_rows_of(world, order) for order in opened)
    assert floor == anju
    assert len(floor) > 8


def _rows_of(world: World, order: str) -> list[tuple[object, ...]]:
    with world.owner() as conn:
        return conn.execute(
            "SELECT 'event', seq, type, to_state, data - 'occurred_at' FROM event"
            " WHERE ticket_id = %(id)s UNION ALL"
            " SELECT 'clock', epoch, name, state, to_jsonb(target_ms) FROM clock"
            " WHERE ticket_id = %(id)s UNION ALL"
            " SELECT 'letter', event_seq, topic, '', payload FROM outbox"
            " WHERE ticket_id = %(id)s UNION ALL"
            " SELECT 'ticket', seq, state, assignee_id, to_jsonb(version) FROM ticket"
            " WHERE id = %(id)s ORDER BY 1, 2, 3",
            {"id": UUID(order)},
        ).fetchall()
