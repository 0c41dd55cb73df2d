"""Repeating a call: keys, event ids, ticket ids (API 1, 4, 5; A36)."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.http import Http, order

PATH = "/v1/repair-orders"


def count(http: Http, table: str) -> int:
    """Return how many rows a table has."""
    found: int = http.story.conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    return found


def test_a_repeated_key_answers_the_same_and_acts_once(http: Http) -> None:
    key = {"Idempotency-Key": '"call-88213"'}
    first = http.post(PATH, order(), headers=key)
    again = http.post(PATH, order(), headers={"Idempotency-Key": "call-88213"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count(http, "ticket") == 1


def test_a_key_is_the_callers_own_and_the_routes_own(http: Http) -> None:
    key = {"Idempotency-Key": "k"}
    http.post(PATH, order(), headers=key)

    other = http.post(PATH, order(), "resident", headers=key)
    opened = other.get_json()
    body = {"type": "accept", "data": http.story.data("accept", "dispatcher")}
    event = http.post(f"{PATH}/{opened['id']}/events", body, headers=key)

    assert (other.status_code, event.status_code) == (201, 201)
    assert count(http, "ticket") == 2


def test_a_key_with_other_content_is_refused(http: Http) -> None:
    key = {"Idempotency-Key": "k"}
    http.post(PATH, order(), headers=key)

    refused = http.post(PATH, order(title="别的"), headers=key)

    assert (refused.status_code, refused.get_json()["code"]) == (422, "idempotency-key-reused")


def test_the_order_of_members_and_spaces_are_the_same_content(http: Http) -> None:
    key = {"Idempotency-Key": "k"}
    http.post(PATH, order(), headers=key)
    turned = dict(reversed(order().items()))

    assert http.post(PATH, turned, headers=key).headers["Idempotent-Replayed"] == "true"


def test_a_refused_call_is_not_kept(http: Http) -> None:
    key = {"Idempotency-Key": "k"}
    assert http.post(PATH, order(place="atlantis"), headers=key).status_code == 422

    assert http.post(PATH, order(), headers=key).status_code == 201


@pytest.mark.attack
def test_a_malformed_key_is_refused(http: Http) -> None:
    refused = http.post(PATH, order(), headers={"Idempotency-Key": "a b"})

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["code"] == "idempotency_key"


def test_an_event_id_works_for_ever_without_a_key(http: Http) -> None:
    opened = http.open()
    ident = str(uuid4())
    first = http.fire(opened, "accept", "dispatcher", id=ident)
    http.fire(opened, "assign", "dispatcher")
    http.story.advance(days=30)

    again = http.fire(opened, "accept", "dispatcher", id=ident)
    reused = http.fire(opened, "accept", "dispatcher", id=ident, comment="anders")

    assert first.status_code == 201
    assert again.status_code == 200
    assert again.get_json()["outcome"] == "duplicate"
    assert again.get_json()["event"] == first.get_json()["event"]
    assert (reused.status_code, reused.get_json()["code"]) == (422, "idempotency-key-reused")


def test_a_tickets_own_id_opens_it_once(http: Http) -> None:
    ident = str(uuid4())
    first = http.post(PATH, order(id=ident))
    again = http.post(PATH, order(id=ident))
    other = http.post(PATH, order(id=ident, title="别的"))
    stranger = http.post(PATH, order(id=ident), "resident")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["id"] == again.get_json()["id"] == ident
    assert (other.status_code, other.get_json()["code"]) == (409, "already-exists")
    assert stranger.status_code == 409
    assert ident not in other.text


def test_a_dry_run_writes_nothing_not_even_the_key(http: Http) -> None:
    key = {"Idempotency-Key": "k"}
    tried = http.post(f"{PATH}?dry_run=true", order(), headers=key)
    opened = http.open()
    body = {"type": "accept", "data": http.story.data("accept", "dispatcher")}
    would = http.post(f"{PATH}/{opened['id']}/events?dry_run=true", body, headers=key)
    refused = http.post(f"{PATH}/{opened['id']}/events?dry_run=true", {"type": "take"}, "crew")

    assert tried.status_code == 200
    assert would.status_code == 200
    assert would.get_json()["ticket"]["state"] == "accepted"
    assert refused.status_code == 404  # a crew never assigned
    assert http.get(f"{PATH}/{opened['id']}").get_json()["state"] == "submitted"
    assert (count(http, "ticket"), count(http, "idempotency")) == (1, 0)


def test_notes_links_and_patches_honour_the_key(http: Http) -> None:
    opened = http.open()
    path = f"{PATH}/{opened['id']}"
    for route, body, table in ((f"{path}/notes", {"text": "x"}, "note"), (f"{path}/links", {},
                                                                          "link")):  # fmt: skip
        key = {"Idempotency-Key": "k"}
        first, again = (http.post(route, body, headers=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert count(http, table) == 1

    headers = {"Idempotency-Key": "k", "If-Match": '"v1"',
               "Content-Type": "application/merge-patch+json"}  # fmt: skip
    for _ in range(2):
        answer = http.call("PATCH", path, "dispatcher", json={"title": "新"}, headers=headers)
        assert (answer.status_code, answer.get_json()["version"]) == (200, 2)


@pytest.mark.attack
def test_a_replayed_link_shows_its_token_no_second_time(http: Http) -> None:
    opened = http.open()
    key = {"Idempotency-Key": "k"}
    first = http.post(f"{PATH}/{opened['id']}/links", {}, headers=key).get_json()
    again = http.post(f"{PATH}/{opened['id']}/links", {}, headers=key)

    assert first["token"] not in again.text
    kept = http.story.conn.execute(text("SELECT body::text FROM idempotency")).scalar_one()
    assert first["token"] not in kept
