"""Fifty dispatchers at once, no connection left, a restart in mid-traffic (F25, F40, F41)."""

import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.faults.callers import Answer, Caller, Faulty
from tests.faults.conftest import Plant
from tests.faults.verdicts import assert_sound
from tests.support.http import SETTINGS, http_on, order
from tests.support.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.db]

ORDERS = "/v1/repair-orders"


def test_f25_one_of_many_dispatchers_assigns(plant: Plant, processes: Faulty) -> None:
    caller = processes.web()
    for crowd, known, refused in ((2, {}, 409), (50, {"expected_version": 2}, 412)):
        plant.live.story.order = None
        story = plant.live.story.until("accepted")
        body = {"type": "assign", "data": story.data("assign", "dispatcher"), **known}

        answers = together(caller, f"{ORDERS}/{story.order}/events", body, crowd)

        assert answers == {201: 1, refused: crowd - 1}
    assert plant.live.value("SELECT count(*) FROM assignment") == 2
    assert_sound(plant.live)


def together(caller: Caller, path: str, body: Any, crowd: int) -> Counter[int | None]:
    """Let a crowd send the same at once; count the answers."""
    start = threading.Barrier(crowd)

    def send(_: int) -> int | None:
        start.wait(20)
        return caller.post(path, body).status

    with ThreadPoolExecutor(crowd) as pool:
        return Counter(pool.map(send, range(crowd)))


def test_f40_without_a_free_connection_callers_are_sent_away_within_a_second(plant: Plant) -> None:
    # A simulated clock is shown in each answer, and would be asked for on a connection too.
    http = http_on(plant.live.story, replace(SETTINGS, simulated=False))
    assert http.get(ORDERS).status_code == 200
    engine = plant.live.app.engine

    with ExitStack() as leaks:
        for _ in range(10):
            leaks.enter_context(engine.connect())
        began = monotonic()
        answer = http.post(ORDERS, order())
        waited = monotonic() - began

    assert (answer.status_code, answer.get_json()["code"]) == (503, "storage-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert waited < 1.5
    assert http.post(ORDERS, order()).status_code == 201
    assert plant.live.value("SELECT count(*) FROM ticket") == 1


@contextmanager
def traffic(caller: Caller) -> Iterator[list[Answer]]:
    """Open orders one after another for as long as the body runs."""
    answers: list[Answer] = []
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            answers.append(caller.post(ORDERS, order()))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def test_f41_workers_are_replaced_under_load_without_a_failed_request(
    plant: Plant, processes: Faulty
) -> None:
    caller = processes.web()
    server = processes.running[0]
    with traffic(caller) as answers:
        for _ in range(3):
            replace_workers(server, answers)

    assert Counter(answer.status for answer in answers) == {201: len(answers)}
    assert plant.live.value("SELECT count(*) FROM ticket") == len(answers)
    assert_sound(plant.live)


def replace_workers(server: subprocess.Popen[bytes], answers: list[Answer]) -> None:
    """Replace every worker process, and wait for some answers of the new ones."""
    before = workers_of(server.pid)
    server.send_signal(signal.SIGHUP)
    eventually(lambda: workers_of(server.pid) and workers_of(server.pid).isdisjoint(before))
    enough = len(answers) + 10
    eventually(lambda: len(answers) >= enough)


def test_f41_what_is_in_flight_is_finished_before_the_server_ends(
    plant: Plant, processes: Faulty
) -> None:
    caller = processes.web()
    story = plant.live.story
    story.submit()
    path = f"{ORDERS}/{story.order}/events"
    body = {"type": "accept", "data": story.data("accept", "dispatcher")}
    holder = create_engine(plant.live.app.settings.database_url)

    with ThreadPoolExecutor(1) as pool, holder.connect() as conn:
        conn.execute(text("SELECT FROM ticket FOR UPDATE"))
        answer = pool.submit(caller.post, path, body)
        eventually(
            lambda: plant.live.value(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            )
        )
        processes.running[0].send_signal(signal.SIGTERM)
        conn.rollback()
        assert answer.result(20).status == 201

    holder.dispose()
    assert processes.running[0].wait(20) == 0
    assert_sound(plant.live)


def workers_of(pid: int) -> set[int]:
    """Return the children of a process."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return {int(child) for child in children.read().split()}
