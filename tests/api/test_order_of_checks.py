"""A wrong call has one right answer (RULINGS 6): each step is wrong in everything after it too."""

from dataclasses import replace
from uuid import uuid4

from service.edge.settings import EdgeSettings
from tests.support.http import SETTINGS, Http, http_on

JSON = {"Content-Type": "application/json"}


def _path(ticket: object) -> str:
    return f"/v1/repair-orders/{ticket}/events"


def test_401_comes_before_an_unknown_path(http: Http) -> None:
    assert http.get("/v1/dragons?zzz=1", None).status_code == 401
    assert http.get("/v1", None).status_code == 401


def test_an_unknown_path_comes_before_the_body(http: Http) -> None:
    answer = http.call("POST", "/v1/dragons", "dispatcher", data=b"{", headers=JSON)

    assert answer.status_code == 404


def test_405_comes_before_the_body(http: Http) -> None:
    answer = http.call("PUT", "/v1/repair-orders", "dispatcher", data=b"{", headers=JSON)

    assert answer.status_code == 405


def test_413_comes_before_415(http: Http) -> None:
    big = b" " * ((1 << 20) + 1)
    answer = http.call("POST", _path(uuid4()), "dispatcher", data=big, content_type="text/plain")

    assert answer.status_code == 413
    assert answer.get_json()["limit"] == 1 << 20


def test_415_comes_before_400(http: Http) -> None:
    answer = http.call("POST", _path(uuid4()), "dispatcher", data=b"{", content_type="text/plain")

    assert answer.status_code == 415
    assert answer.headers["Accept"] == "application/json"


def test_400_comes_before_404(http: Http) -> None:
    answer = http.call("POST", _path(uuid4()), "dispatcher", data=b"{", headers=JSON)

    assert answer.status_code == 400


def test_404_comes_before_a_reused_key_and_the_envelope(http: Http) -> None:
    opened = http.open()
    answer = http.post(
        _path(opened["id"]), {"zzz": 1}, "other_dispatcher", headers={"Idempotency-Key": "k"}
    )

    assert answer.status_code == 404


def test_404_comes_before_a_malformed_key(http: Http) -> None:
    opened = http.open()
    bad = {"Idempotency-Key": "a b"}
    body = {"type": "accept", "data": {}}

    hidden = http.post(_path(opened["id"]), body, "other_dispatcher", headers=bad)
    seen = http.post(_path(opened["id"]), body, headers=bad)

    assert (hidden.status_code, seen.status_code) == (404, 422)


def test_a_replay_comes_before_403(http: Http) -> None:
    opened = http.open()
    key = {"Idempotency-Key": "once"}
    body = {"type": "accept", "data": http.story.data("accept", "dispatcher")}
    first = http.post(_path(opened["id"]), body, headers=key)
    assert first.status_code == 201

    again = http.post(_path(opened["id"]), body, headers=key)
    other = http.post(_path(opened["id"]), {"type": "arrive"}, headers=key)

    assert again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.data == first.data
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency-key-reused")
    crooked = http.post(_path(opened["id"]), {"zzz": 1}, headers=key)
    assert crooked.get_json()["code"] == "idempotency-key-reused"


def test_the_envelope_comes_before_403(http: Http) -> None:
    opened = http.open()

    unknown = http.post(_path(opened["id"]), {"type": "dance"}, "resident")
    surplus = http.post(_path(opened["id"]), {"type": "accept", "zzz": 1}, "resident")

    assert unknown.get_json()["errors"][0]["code"] == "unknown_event"
    assert surplus.get_json()["errors"][0] | {"detail": ""} == {
        "pointer": "/zzz", "code": "unknown_field", "detail": "",
    }  # fmt: skip


def test_403_comes_before_412(http: Http) -> None:
    opened = http.open()

    answer = http.post(_path(opened["id"]), {"type": "accept", "expected_version": 9}, "resident")

    assert answer.status_code == 403


def test_412_comes_before_409(http: Http) -> None:
    opened = http.open()

    answer = http.post(_path(opened["id"]), {"type": "assign", "expected_version": 9})

    assert answer.status_code == 412


def test_409_comes_before_the_data(http: Http) -> None:
    opened = http.open()

    answer = http.post(_path(opened["id"]), {"type": "assign", "data": {"zzz": 1}})

    assert answer.status_code == 409


def test_the_data_comes_before_the_guards(http: Http) -> None:
    opened = http.open()
    http.fire(opened, "accept", "dispatcher")
    data = http.story.data("assign", "dispatcher")

    wrong = http.fire(opened, "assign", "dispatcher", {**data, "crew": "c404", "zzz": 1})
    refused = http.fire(opened, "assign", "dispatcher", {**data, "crew": "c404"})

    assert wrong.status_code == 422
    assert refused.status_code == 409
    assert refused.get_json()["reasons"][0]["code"] == "unknown_crew"


def test_a_lacking_scope_is_told_only_after_404_and_the_envelope(http: Http) -> None:
    opened = http.open()
    poor = http.new_key(http.story.actor("dispatcher"), scopes=["tickets:read"])
    auth = {"Authorization": f"Bearer {poor}"}

    absent = http.post(_path(uuid4()), {"type": "accept"}, None, headers=auth)
    surplus = http.post(_path(opened["id"]), {"zzz": 1}, None, headers=auth)
    lacking = http.post(_path(opened["id"]), {"type": "accept"}, None, headers=auth)

    assert absent.status_code == 404
    assert surplus.status_code == 422
    assert (lacking.status_code, lacking.get_json()["needed"]) == (403, "events:write")


def test_428_comes_after_403_and_before_the_rest(http: Http) -> None:
    opened = http.open()
    path = f"/v1/repair-orders/{opened['id']}"

    assert http.patch(path, {"state": "closed"}, "auditor").status_code == 403
    assert http.patch(path, {"state": "closed"}).status_code == 428
    assert http.patch(path, {"state": "closed"}, version=7).status_code == 412
    assert http.patch(path, {"state": "closed"}, version=1).status_code == 422


def test_429_comes_after_401_and_before_404(http: Http) -> None:
    limited = http_on(http.story, _with_limit(2))
    limited._keys = {"dispatcher": http.key("dispatcher")}
    for _ in range(2):
        assert limited.get("/v1/repair-orders").status_code == 200

    refused = limited.get("/v1/dragons")

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["RateLimit-Policy"] == '"default";q=2;w=60'
    assert limited.get("/v1/dragons", None).status_code == 401


def _with_limit(calls: int) -> EdgeSettings:

    return replace(SETTINGS, rate_limit=calls)
