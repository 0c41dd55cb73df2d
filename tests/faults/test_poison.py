"""What can never be done backs off and is parked, seen, and in nobody's way (F35)."""

import pytest

from tests.faults.callers import Faulty
from tests.faults.conftest import Plant
from tests.faults.verdicts import marks
from tests.support.live import Live
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]

LAST_BUT_ONE = 11


def poisoned(live: Live) -> tuple[object, object]:
    """Open an order whose clock cannot be reckoned, and its healthy neighbour."""
    culprit = live.story.submit().ticket["id"]
    neighbour = live.story.submit().ticket["id"]
    live.do("UPDATE clock SET calendar = 'lost' WHERE ticket_id = :id", id=culprit)
    return culprit, neighbour


def poison_letter(live: Live, order: object) -> None:
    live.do(
        "UPDATE outbox SET topic = 'sla.breached', payload = '{\"told\": [{}]}' "
        "WHERE ticket_id = :id AND sent_at IS NULL", id=order,
    )  # fmt: skip


def test_f35_poison_backs_off_and_at_the_twelfth_time_is_parked(
    plant: Plant, processes: Faulty
) -> None:
    live = plant.live
    culprit, neighbour = poisoned(live)
    poison_letter(live, culprit)
    live.story.advance(minutes=16)

    processes.start("ticker")
    eventually(lambda: marks(live, neighbour, "ack", 0))
    eventually(lambda: live.value("SELECT attempts FROM clock WHERE ticket_id = :id", id=culprit))
    eventually(lambda: live.value("SELECT count(*) FROM inbox WHERE ticket_id = :id", id=neighbour))

    for table, error in (("clock", "CalendarGap"), ("outbox", "KeyError")):
        assert live.rows(
            f"SELECT attempts, last_error, retry_at > clock_timestamp() FROM {table} "
            "WHERE ticket_id = :id", id=culprit,
        ) == [(1, error, True)]  # fmt: skip
        live.do(f"UPDATE {table} SET attempts = {LAST_BUT_ONE}, retry_at = '-infinity' "
                "WHERE ticket_id = :id", id=culprit)  # fmt: skip

    eventually(lambda: b"clock_parked" in processes.log.read_bytes())
    eventually(lambda: b"letter_dead" in processes.log.read_bytes())
    assert live.value("SELECT parked_at IS NOT NULL FROM clock WHERE ticket_id = :id", id=culprit)
    assert live.value("SELECT dead_at IS NOT NULL FROM outbox WHERE ticket_id = :id", id=culprit)
    assert marks(live, culprit, "ack", 0) == 0
    assert marks(live, neighbour, "ack", 0) == 1
    assert live.value("SELECT count(*) FROM outbox WHERE sent_at IS NULL AND ticket_id = :id",
                      id=neighbour) == 0  # fmt: skip
