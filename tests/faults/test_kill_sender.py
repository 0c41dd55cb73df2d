"""A sender that dies between sending and acknowledging sends again, under the same id (F07)."""

import pytest

from tests.faults.conftest import Plant
from tests.notify.endpoints import endpoint
from tests.notify.receiver import receiving
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]


def test_a_killed_sender_sends_again_under_the_same_id(plant: Plant) -> None:
    with receiving() as receiver:
        receiver.gate.clear()
        endpoint(plant.live, receiver.url, "repair_order.opened")
        worker = plant.parts.start("worker")
        ticker = plant.parts.start("ticker")
        plant.live.story.submit()
        eventually(lambda: len(receiver.got) == 1)

        plant.parts.kill(worker)
        plant.parts.kill(ticker)
        receiver.gate.set()
        assert plant.live.value("SELECT sent_at IS NULL FROM delivery") is True
        plant.live.do("UPDATE delivery SET lease_until = clock_timestamp() - interval '1 s'")
        plant.parts.start("ticker")
        eventually(lambda: plant.live.value("SELECT sent_at IS NOT NULL FROM delivery"))

    assert len(receiver.got) == 2
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert plant.live.value("SELECT attempts FROM delivery") == 2
