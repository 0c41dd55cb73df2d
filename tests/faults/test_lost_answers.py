"""The answer is lost, the command is not: the client's retry settles it (F02, F03)."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.core.ids import derived
from tests.faults.callers import Caller, Faulty
from tests.faults.conftest import Plant
from tests.faults.proxy import Drop, Proxy, proxying
from tests.faults.verdicts import assert_sound
from tests.support.http import order

pytestmark = [pytest.mark.fault, pytest.mark.db]

ORDERS = "/v1/repair-orders"


def accepting(plant: Plant) -> tuple[str, dict[str, Any]]:
    """Open an order; return the path of its events and a command for it."""
    story = plant.live.story
    story.submit()
    body = {
        "type": "accept", "id": str(derived("fault", "accept")),
        "data": story.data("accept", "dispatcher"),
    }  # fmt: skip
    return f"{ORDERS}/{story.order}/events", body


def events(plant: Plant, kind: str) -> object:
    return plant.live.value("SELECT count(*) FROM event WHERE type = :kind", kind=kind)


def test_f02_an_api_killed_before_it_answers_has_done_it_once(
    plant: Plant, processes: Faulty
) -> None:
    caller = processes.web()
    path, body = accepting(plant)

    processes.fault("after_commit", "SIGKILL")
    lost = caller.post(path, body)
    again = caller.post(path, body)

    assert lost.status is None
    assert (again.status, again.body["outcome"]) == (200, "duplicate")
    assert events(plant, "accept") == 1
    assert_sound(plant.live)


def test_f01_an_api_killed_before_its_commit_has_done_nothing(
    plant: Plant, processes: Faulty
) -> None:
    caller = processes.web()
    body = order(id="01a1fb67-1800-739e-91ec-6f8e92746a79")

    processes.fault("before_commit", "SIGKILL")
    lost = caller.post(ORDERS, body, Idempotency_Key="once")
    before = events(plant, "submit")
    again = caller.post(ORDERS, body, Idempotency_Key="once")

    assert (lost.status, before) == (None, 0)
    assert again.status == 201
    assert events(plant, "submit") == 1
    assert_sound(plant.live)


@pytest.fixture
def proxy(plant: Plant) -> Iterator[Proxy]:
    with (
        tempfile.TemporaryDirectory(prefix="anju-proxy-", dir="/tmp") as folder,
        proxying(plant.live.app.settings.database_url, Path(folder)) as made,
    ):
        yield made


def lose(proxy: Proxy, drop: Drop, caller: Caller, path: str, body: Any) -> None:
    """Lose the connection at COMMIT; the client must hear that nobody knows."""
    proxy.drop = drop
    lost = caller.post(path, body)
    assert (lost.status, lost.code) == (503, "outcome-unknown")
    assert int(lost.headers["retry-after"]) > 0


def test_f03_a_connection_cut_while_committing_is_settled_by_the_retry(
    plant: Plant, processes: Faulty, proxy: Proxy
) -> None:
    caller = processes.web(database_url=proxy.through)
    path, body = accepting(plant)

    lose(proxy, "before", caller, path, body)
    assert events(plant, "accept") == 0, "the COMMIT never arrived"
    assert caller.post(path, body).status == 201

    body |= {"type": "cancel", "id": str(derived("fault", "cancel")), "data": {"reason": "误报"}}
    lose(proxy, "after", caller, path, body)
    assert events(plant, "cancel") == 1, "it was committed, and nobody heard of it"
    again = caller.post(path, body)

    assert (again.status, again.body["outcome"]) == (200, "duplicate")
    assert (events(plant, "accept"), events(plant, "cancel")) == (1, 1)
    assert proxy.dropped == 2
    assert_sound(plant.live)
