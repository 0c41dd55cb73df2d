"""Many callers at once over the API: one wins, nobody gets a 500 (API 5; A36)."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from tests.support.http import Http, http_on, order
from tests.support.live import Live, living
from tests.support.servers import Database

AT_ONCE = 8  # as many as the pool has connections


@pytest.fixture
def live(clean_database: Database) -> Iterator[Live]:
    """A world that commits."""
    with living(clean_database) as world:
        yield world


@pytest.fixture
def crowd(live: Live) -> Http:
    """A client of the committed world whose credential is known already."""
    http = http_on(live.story)
    assert http.get("/v1/repair-orders").status_code == 200
    return http


def together(http: Http, calls: list[tuple[str, Any, dict[str, str]]]) -> list[Any]:
    """Send POSTs at the same time, each by a client of its own."""
    http.key("dispatcher")

    def send(call: tuple[str, Any, dict[str, str]]) -> Any:
        path, body, headers = call
        return replace(http, client=http.app.test_client()).post(path, body, headers=headers)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, calls))


def test_of_many_callers_exactly_one_accepts(crowd: Http, live: Live) -> None:
    for _ in range(5):
        opened = crowd.open()
        path = f"/v1/repair-orders/{opened['id']}/events"
        body = {"type": "accept", "data": crowd.story.data("accept", "dispatcher")}

        answers = together(crowd, [(path, body, {})] * AT_ONCE)

        found = Counter(answer.status_code for answer in answers)
        assert found == {201: 1, 409: AT_ONCE - 1}
        assert live.value("SELECT count(*) FROM event WHERE type = 'accept'"
                          " AND ticket_id = :id", id=opened["id"]) == 1  # fmt: skip


@pytest.mark.attack
def test_one_key_sent_by_many_at_once_has_one_effect(crowd: Http, live: Live) -> None:
    key = {"Idempotency-Key": "at-once"}

    answers = together(crowd, [("/v1/repair-orders", order(), key)] * AT_ONCE)

    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.data for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in made) == 1
    assert live.value("SELECT count(*) FROM ticket") == 1


@pytest.mark.attack
def test_one_ticket_id_sent_by_many_at_once_opens_one(crowd: Http, live: Live) -> None:
    body = order(id=str(uuid4()))

    answers = together(crowd, [("/v1/repair-orders", body, {})] * AT_ONCE)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert live.value("SELECT count(*) FROM ticket") == 1


@pytest.mark.attack
def test_one_event_id_on_several_tickets_at_once_is_taken_once(crowd: Http, live: Live) -> None:
    tickets = [crowd.open() for _ in range(4)]
    body = {
        "id": str(uuid4()),
        "type": "accept",
        "data": crowd.story.data("accept", "dispatcher"),
    }
    calls = [(f"/v1/repair-orders/{t['id']}/events", body, {}) for t in tickets]

    answers = together(crowd, calls)

    found = Counter(answer.status_code for answer in answers)
    assert found == {201: 1, 422: 3}, [answer.text for answer in answers]
    assert live.value("SELECT count(*) FROM event WHERE id = :id", id=body["id"]) == 1


def test_numbers_given_at_once_are_all_different(crowd: Http) -> None:
    answers = together(crowd, [("/v1/repair-orders", order(), {})] * 24)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_json()["number"] for answer in answers}) == 24
