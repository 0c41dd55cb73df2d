"""Resident links: one ticket, four events, hashed, revocable, dead after 30 days (RULINGS 16)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.http import Http


@pytest.fixture
def waiting(http: Http) -> Any:
    """An order that waits for its resident."""
    http.story.until("awaiting_confirmation")
    return http.get(f"/v1/repair-orders/{http.story.order}").get_json()


def token_of(http: Http, ticket: Any, who: str = "dispatcher") -> str:
    """Make a link and return its token."""
    made = http.post(f"/v1/repair-orders/{ticket['id']}/links", {}, who)
    assert made.status_code == 201, made.text
    found: str = made.get_json()["token"]
    return found


def by_link(http: Http, token: str, event: str, data: Any = None) -> Any:
    """Fire an event by the link."""
    return http.post(f"/v1/track/{token}/events", {"type": event, "data": data or {}}, None)


def test_the_holder_sees_the_ticket_masked_and_what_may_be_done(http: Http, waiting: Any) -> None:
    token = token_of(http, waiting)

    seen = http.get(f"/v1/track/{token}", None)

    body = seen.get_json()
    assert body["ticket"]["reporter"]["name"] == "张**"
    assert {e["type"]: e["enabled"] for e in body["available_events"]["data"]} == {
        "confirm": True, "refuse_confirmation": True, "resume": False, "reopen": False,
    }  # fmt: skip
    assert "no-store" in seen.headers["Cache-Control"]


def test_a_refusal_by_link_sends_the_order_to_rework(http: Http, waiting: Any) -> None:
    answer = by_link(http, token_of(http, waiting), "refuse_confirmation", {"reason": "还在漏"})

    assert answer.status_code == 201
    assert answer.get_json()["ticket"]["state"] == "rework"
    assert answer.get_json()["event"]["actor"]["role"] == "resident"


def test_a_closed_order_is_reopened_by_link(http: Http, waiting: Any) -> None:
    token = token_of(http, waiting)
    by_link(http, token, "confirm", {"rating": "satisfied"})

    answer = by_link(http, token, "reopen", {"reason": "又漏了"})

    assert answer.status_code == 201, answer.text
    assert answer.get_json()["ticket"]["state"] == "rework"


@pytest.mark.attack
@pytest.mark.parametrize("event", ["cancel", "accept", "arrive", "reassign", "auto_confirm"])
def test_a_link_carries_no_other_event(http: Http, waiting: Any, event: str) -> None:
    answer = by_link(http, token_of(http, waiting), event, {"reason": "x"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden-event")


@pytest.mark.attack
def test_an_unknown_token_is_absent_and_a_revoked_one_gone(http: Http, waiting: Any) -> None:
    path = f"/v1/repair-orders/{waiting['id']}/links"
    made = http.post(path).get_json()

    assert http.get("/v1/track/nonsense", None).status_code == 404
    assert by_link(http, "nonsense", "confirm").status_code == 404
    ended = http.call("DELETE", f"{path}/{made['id']}", "manager")
    again = http.call("DELETE", f"{path}/{made['id']}", "manager")
    assert (ended.status_code, again.status_code) == (204, 204)
    for answer in (
        http.get(f"/v1/track/{made['token']}", None),
        by_link(http, made["token"], "confirm", {"rating": "satisfied"}),
        http.post(f"/v1/track/{made['token']}/events", {"zzz": 1}, None),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (410, "link-revoked")


@pytest.mark.attack
def test_a_link_dies_thirty_days_after_the_close(http: Http, waiting: Any) -> None:
    token = token_of(http, waiting)
    by_link(http, token, "confirm", {"rating": "satisfied"})
    closed = http.story.now

    http.story.at(closed + timedelta(days=30) - timedelta(milliseconds=1))
    assert http.get(f"/v1/track/{token}", None).status_code == 200
    http.story.at(closed + timedelta(days=30))
    assert http.get(f"/v1/track/{token}", None).status_code == 410


@pytest.mark.attack
def test_tokens_are_stored_nowhere(http: Http, waiting: Any) -> None:
    token = token_of(http, waiting)
    key = {"Idempotency-Key": "k"}
    body = {"type": "confirm", "data": {"rating": "satisfied"}}
    first = http.post(f"/v1/track/{token}/events", body, None, headers=key)
    again = http.post(f"/v1/track/{token}/events", body, None, headers=key)

    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    for table in ("link", "event", "idempotency", "outbox"):
        rows = http.story.conn.execute(text(f"SELECT {table}::text FROM {table}")).scalars()
        assert not any(token in row for row in rows), table


def test_only_the_desk_makes_links(http: Http, waiting: Any) -> None:
    path = f"/v1/repair-orders/{waiting['id']}/links"

    for who in ("crew", "resident", "street_officer"):
        assert http.post(path, {}, who).status_code == 403
    token_of(http, waiting, "manager")
    listed = http.get(path).get_json()["data"]
    assert len(listed) == 1
    assert "token" not in listed[0]


def test_a_link_of_another_ticket_cannot_be_revoked_here(http: Http, waiting: Any) -> None:
    other = http.open()
    made = http.post(f"/v1/repair-orders/{other['id']}/links").get_json()

    answer = http.call(
        "DELETE", f"/v1/repair-orders/{waiting['id']}/links/{made['id']}", "dispatcher"
    )

    assert answer.status_code == 404
    assert http.get(f"/v1/track/{made['token']}", None).status_code == 200


def lines_of(http: Http, path: str, who: str = "dispatcher") -> list[tuple[str, str, Any]]:
    """Return the links' lines in a ticket's history: what, by whom, of which link."""
    rows = http.get(f"{path}/events?limit=100", who).get_json()["data"]
    told = [row for row in rows if row["type"] in ("make_link", "revoke_link")]
    return [(row["type"], row["actor"]["role"], row["data"]) for row in told]


def test_the_history_says_who_made_a_link_and_who_took_it_back(http: Http, waiting: Any) -> None:
    path = f"/v1/repair-orders/{waiting['id']}"

    made = http.post(f"{path}/links", {}).get_json()
    for _ in range(2):
        http.call("DELETE", f"{path}/links/{made['id']}", "manager")

    assert lines_of(http, path) == [
        ("make_link", "dispatcher", {"link": made["id"], "party": None}),
        ("revoke_link", "manager", {"link": made["id"]}),
    ]
    assert http.get(path).get_json()["version"] == waiting["version"]


def test_an_act_by_link_names_the_link_that_the_history_names(http: Http, waiting: Any) -> None:
    token = token_of(http, waiting)

    taken = by_link(http, token, "confirm", {"rating": "satisfied"}).get_json()["event"]

    ((_, _, told),) = lines_of(http, f"/v1/repair-orders/{waiting['id']}")
    assert taken["actor"]["link"] == told["link"]
    lines = http.get(f"/v1/repair-orders/{waiting['id']}/events?limit=100").get_json()["data"]
    assert [line["type"] for line in lines if "link" in line["actor"]] == ["confirm"]


@pytest.mark.attack
@pytest.mark.parametrize("event", ["make_link", "revoke_link"])
def test_a_line_of_a_link_is_written_by_making_one_alone(
    http: Http, waiting: Any, event: str
) -> None:
    path = f"/v1/repair-orders/{waiting['id']}"
    answer = http.post(f"{path}/events", {"type": event, "data": {"link": "x"}})

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["code"] == "unknown_event"
    offered = http.get(f"{path}/available-events").get_json()["data"]
    assert event not in {each["type"] for each in offered}
