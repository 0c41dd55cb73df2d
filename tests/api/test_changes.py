"""The change feed: gap-free, only what the caller may see, `gone` once (API 10)."""

import pytest
from sqlalchemy import text

from tests.support.http import Http

# Numbering waits for every older transaction to end; here there is only the test's own.
_NUMBER = text("""
INSERT INTO feed (seq, ticket_id, event_seq, topic, place_key, gone_key)
SELECT (SELECT coalesce(max(seq), 0) FROM feed) + row_number() OVER (ORDER BY id), ticket_id,
       event_seq, topic, place_key, gone_key
  FROM outbox o WHERE feeds AND NOT EXISTS (
    SELECT FROM feed f WHERE f.ticket_id = o.ticket_id AND f.event_seq = o.event_seq)""")


def number(http: Http) -> None:
    http.story.conn.execute(_NUMBER)


def test_a_reader_gets_everything_once_and_in_order(http: Http) -> None:
    order = http.open()
    http.fire(order, "accept", "dispatcher")
    http.patch(f"/v1/repair-orders/{order['id']}", {"title": "新题"}, version=2)
    number(http)

    first = http.get("/v1/changes?after=0&limit=2").get_json()
    rest = http.get(f"/v1/changes?after={first['next_after']}").get_json()

    assert [(e["op"], e["event"]["type"]) for e in first["data"] + rest["data"]] == [
        ("event", "submit"), ("event", "accept"), ("patch", "amend"),
    ]  # fmt: skip
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert rest["data"][-1]["ticket"]["version"] == 3
    assert [e["seq"] for e in first["data"] + rest["data"]] == [1, 2, 3]


def test_without_a_number_the_head_is_told(http: Http) -> None:
    http.open()
    number(http)

    body = http.get("/v1/changes").get_json()

    assert body == {"data": [], "next_after": 1, "has_more": False}


def test_a_quiet_feed_answers_304(http: Http) -> None:
    http.open()
    number(http)
    tag = http.get("/v1/changes?after=1").headers["ETag"]

    quiet = http.get("/v1/changes?after=1", headers={"If-None-Match": tag})
    foreign = http.get("/v1/changes?after=1", "manager", headers={"If-None-Match": tag})
    http.open(category="drain")
    number(http)
    moved = http.get("/v1/changes?after=1", headers={"If-None-Match": tag})

    assert (quiet.status_code, quiet.data) == (304, b"")
    assert foreign.status_code == 200
    assert (moved.status_code, len(moved.get_json()["data"])) == (200, 1)


@pytest.mark.parametrize(
    ("query", "status"), [("after=-1", 422), ("after=x", 422), ("after=99", 400)]
)
def test_a_wrong_position_is_refused(http: Http, query: str, status: int) -> None:
    assert http.get(f"/v1/changes?{query}").status_code == status


@pytest.mark.attack
def test_a_foreign_ticket_does_not_show_and_the_position_moves_past_it(http: Http) -> None:
    http.open()
    number(http)

    body = http.get("/v1/changes?after=0", "other_dispatcher").get_json()

    assert body == {"data": [], "next_after": 1, "has_more": False}


def test_a_ticket_that_leaves_the_scope_shows_once_as_gone(http: Http) -> None:
    order = http.open()
    moved = http.patch(f"/v1/repair-orders/{order['id']}", {"place": "h-2-102"}, version=1)
    assert moved.status_code == 200, moved.text
    number(http)

    left = http.get("/v1/changes?after=0", "resident").get_json()["data"]
    entered = http.get("/v1/changes?after=0", "neighbour").get_json()["data"]

    assert left == [{"seq": 2, "op": "gone", "ticket": {"id": order["id"]}}]
    assert [entry["op"] for entry in entered] == ["event", "patch"]


def test_kind_and_place_narrow_the_feed(http: Http) -> None:
    http.open()
    number(http)

    for query, found in (
        ("kind=repair_order", 1),
        ("kind=hazard", 0),
        ("place=compound:lotus", 1),
        ("place=old", 0),
    ):
        assert len(http.get(f"/v1/changes?after=0&{query}").get_json()["data"]) == found, query
