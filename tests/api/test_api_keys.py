"""Keys: shown once, one role and place each, revoked for good (API 2)."""

import pytest
from sqlalchemy import text

from tests.support.http import Http

BODY = {"role": "auditor", "place": "lotus", "name": "年度审计"}


def test_a_key_is_shown_once_and_works(http: Http) -> None:
    made = http.post("/v1/api-keys", BODY, "admin")
    assert made.status_code == 201, made.text
    key = made.get_json()["key"]

    me = http.get("/v1/me", None, headers={"Authorization": f"Bearer {key}"}).get_json()
    listed = http.get("/v1/api-keys", "admin")
    stored = http.story.conn.execute(text("SELECT string_agg(k::text, '') FROM api_key k")).scalar()

    assert (me["roles"], me["places"][0]["id"]) == (["auditor"], "lotus")
    assert me["scopes"] == ["exports:read", "reports:read", "tickets:read"]
    assert made.get_json()["prefix"] in listed.text
    assert key not in listed.text
    assert key not in str(stored)


def test_a_revoked_key_opens_nothing(http: Http) -> None:
    made = http.post("/v1/api-keys", BODY, "admin").get_json()
    auth = {"Authorization": f"Bearer {made['key']}"}

    gone = http.call("DELETE", f"/v1/api-keys/{made['id']}", "admin")
    answer = http.get("/v1/me", None, headers=auth)

    assert gone.status_code == 204
    assert (answer.status_code, answer.get_json()["reason"]) == (401, "revoked")
    listed = {key["id"]: key for key in http.get("/v1/api-keys", "admin").get_json()["data"]}
    assert listed[made["id"]]["revoked_at"] is not None


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"role": "system"}, "/role", "not_allowed"),
        ({"role": "king"}, "/role", "not_allowed"),
        ({"place": "pine"}, "/place", "unknown_place"),
        ({"scopes": ["events:write"]}, "/scopes", "not_allowed"),
        ({"role": "crew"}, "/crew", "required"),
        ({"role": "crew", "crew": "no-such"}, "/crew", "not_allowed"),
        ({"role": "vendor_manager"}, "/vendor", "required"),
        ({"crew": "c7"}, "/crew", "not_allowed"),
        ({"tier": 4}, "/tier", "out_of_range"),
        ({"expires_at": "2026-11-20T00:00:00Z"}, "/expires_at", "out_of_range"),
        ({"account_id": "x"}, "/account_id", "unknown_field"),
    ],
)
def test_a_key_that_must_not_be_is_refused(
    http: Http, change: dict[str, object], pointer: str, code: str
) -> None:
    answer = http.post("/v1/api-keys", BODY | change, "admin")

    assert answer.status_code == 422, answer.text
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.get_json()["errors"]]


@pytest.mark.attack
def test_only_an_admin_makes_keys_and_only_below(http: Http) -> None:
    for who in ("manager", "dispatcher", "auditor", "resident"):
        assert http.post("/v1/api-keys", BODY, who).status_code == 403
        assert http.get("/v1/api-keys", who).status_code == 403
    north = http.new_key(http.story.actor("other_dispatcher"))
    assert north
    keys = http.get("/v1/api-keys?limit=200", "admin").get_json()["data"]
    assert "north" not in {key["place"] for key in keys}


def test_a_repeated_call_makes_one_key_and_shows_it_no_second_time(http: Http) -> None:
    key = {"Idempotency-Key": "k-1"}

    first = http.post("/v1/api-keys", BODY, "admin", headers=key).get_json()
    again = http.post("/v1/api-keys", BODY, "admin", headers=key)
    kept = http.story.conn.execute(
        text("SELECT string_agg(body::text, '') FROM idempotency")
    ).scalar()

    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == first | {"key": None}
    assert first["key"] not in str(kept)


def test_a_crew_key_acts_for_its_crew(http: Http) -> None:
    body = {"role": "crew", "place": "jinjiang", "name": "王师傅", "crew": "c7", "lead": True}

    made = http.post("/v1/api-keys", body, "admin").get_json()
    auth = {"Authorization": f"Bearer {made['key']}"}

    assert http.get("/v1/me", None, headers=auth).get_json()["crew"] == "c7"
    assert made["lead"] is True
