"""A host whose own clock is wrong makes no difference: only the database's counts (F30)."""

from pathlib import Path

import pytest

from tests.faults.callers import Faulty, faulty
from tests.faults.conftest import Plant
from tests.faults.processes import FROZEN
from tests.faults.verdicts import assert_sound
from tests.support.http import order
from tests.support.live import Live
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]

DAY = "86400"  # seconds


def lines(live: Live) -> list[tuple[object, ...]]:
    """Return every line of the story, and every mark."""
    return live.rows(
        "SELECT seq, type, occurred_at, received_at, data->>'due_at' FROM event ORDER BY seq"
    ) + live.rows("SELECT clock, level, due_at, noticed_at FROM escalation ORDER BY 1, 2")


def tell_here(live: Live) -> list[tuple[object, ...]]:
    """Tell the story in this process, whose clock is right."""
    live.story.submit()
    live.story.advance(minutes=5)
    live.story.fire("accept", "dispatcher")
    live.story.advance(minutes=30)
    live.story.sweep()
    return lines(live)


def tell_there(live: Live, processes: Faulty, web: str, ticker: str) -> list[tuple[object, ...]]:
    """Tell it by a web server and a ticker whose clocks are wrong."""
    processes.fault("clock", web)
    caller = processes.web()
    made = caller.post("/v1/repair-orders", order())
    assert made.status == 201, made
    live.story.advance(minutes=5)
    body = {"type": "accept", "data": live.story.data("accept", "dispatcher")}
    assert caller.post(f"/v1/repair-orders/{made.body['id']}/events", body).status == 201
    live.story.advance(minutes=30)
    processes.fault("clock", ticker)
    processes.start("ticker")
    eventually(lambda: live.value("SELECT count(*) FROM escalation WHERE level = 0"))
    eventually(lambda: live.value("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0)
    return lines(live)


def test_f30_a_shifted_or_frozen_clock_of_the_host_changes_nothing(
    plant: Plant, tmp_path: Path
) -> None:
    live = plant.live
    told = tell_here(live)
    assert len(told) > 5
    for web, ticker in ((DAY, f"-{DAY}"), (FROZEN, FROZEN)):
        live.app.engine.dispose()
        plant.parts.database.reset()
        live.build_house()
        folder = tmp_path / web
        folder.mkdir()
        with faulty(live.app, folder) as processes:
            assert tell_there(live, processes, web, ticker) == told
        assert_sound(live)
