"""How many statements a call may cost (ARCHITECTURE 6)."""

import pytest

from tests.support.http import Http
from tests.support.statements import counted

OPEN, FIRE, PAGE = 8, 10, 3
KEYED = 2  # RULINGS 27: a key may add two statements
ROAD = (
    ("accept", "dispatcher"), ("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
    ("diagnose", "crew"), ("start_work", "crew"), ("complete_work", "crew"),
    ("confirm", "resident"),
)  # fmt: skip


def test_opening_a_ticket_costs_at_most_eight_statements(http: Http) -> None:
    http.open()

    with counted(http.story.conn) as statements:
        http.open()

    assert len(statements) <= OPEN, "\n\n".join(statements)


def test_every_event_of_the_plain_road_costs_at_most_ten_statements(http: Http) -> None:
    opened = http.open()
    http.story.order = opened["id"]
    for event, who in ROAD:
        data = http.story.data(event, who)
        http.key(who)
        with counted(http.story.conn) as statements:
            answer = http.fire(opened, event, who, data)
        assert answer.status_code == 201, answer.text
        assert len(statements) <= FIRE, event + "\n\n" + "\n\n".join(statements)


def test_a_key_adds_at_most_two_statements(http: Http) -> None:
    opened = http.open()
    body = {"type": "accept", "data": http.story.data("accept", "dispatcher")}

    with counted(http.story.conn) as statements:
        http.post(
            f"/v1/repair-orders/{opened['id']}/events", body, headers={"Idempotency-Key": "k1"}
        )

    assert len(statements) <= FIRE + KEYED, "\n\n".join(statements)


@pytest.mark.parametrize(
    "query", ["limit=50", "limit=50&include=clocks,crew", "limit=50&include=clocks&place=lotus",
              "limit=50&include=clocks&place=lotus&count=exact"],
)  # fmt: skip
def test_a_page_of_fifty_costs_at_most_three_statements(http: Http, query: str) -> None:
    for _ in range(3):
        http.open()

    with counted(http.story.conn) as statements:
        answer = http.get(f"/v1/repair-orders?{query}")

    assert len(answer.get_json()["data"]) == 3
    assert len(statements) <= PAGE, "\n\n".join(statements)
