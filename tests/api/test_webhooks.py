"""Webhook endpoints: secrets shown once, safe URLs, deliveries, replay (API 15)."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.http import SETTINGS, Http, http_on

PATH = "/v1/webhook-endpoints"
# 127.0.0.0/8 is on the operator's list here, so no name is looked up.
URL = "http://127.0.0.1:9000/hook"
BODY = {"url": URL, "types": ["repair_order.arrive", "sla.*"]}


@pytest.fixture
def hooks(http: Http) -> Http:
    settings = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__}
    allowed = type(SETTINGS)(**{**settings, "webhook_allow": ("127.0.0.0/8",)})
    return http_on(http.story, allowed)


def make(hooks: Http, **members: Any) -> Any:
    answer = hooks.post(PATH, BODY | members, "manager")
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def test_the_secret_is_shown_once(hooks: Http) -> None:
    made = make(hooks)

    assert made["secret"].startswith("whsec_")
    assert "secret" not in hooks.get(f"{PATH}/{made['id']}", "manager").get_json()
    assert made["secret"] not in hooks.get(PATH, "manager").text
    assert (made["place"], made["types"]) == ("lotus", BODY["types"])


@pytest.mark.attack
@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.2./x", "http://10.0.0.1/", "https://10.0.0.1/", "https://[::1]/",
        "https://[::ffff:169.254.169.254]/", "https://169.254.169.254/latest", "ftp://127.0.0.1/",
        "https://0177.0.0.1/", "https://2130706433/", "https://u:p@127.0.0.1:9000/",
        "https://127.0.0.1:22/", "https://localhost\\@127.0.0.1/", "file:///etc/passwd",
        "//127.0.0.1", "https://", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_a_url_that_reaches_inside_is_refused(hooks: Http, url: str) -> None:
    answer = hooks.post(PATH, BODY | {"url": url}, "manager")

    assert answer.status_code == 422, answer.text
    assert answer.get_json()["errors"][0]["code"] == "url_not_allowed"
    made = make(hooks)
    moved = hooks.patch(f"{PATH}/{made['id']}", {"url": url}, "manager", version=1)
    assert moved.status_code == 422


def test_loopback_is_closed_unless_the_operator_opens_it(http: Http) -> None:
    assert http.post(PATH, BODY, "manager").status_code == 422


def test_unknown_types_are_refused_with_the_known_ones(hooks: Http) -> None:
    answer = hooks.post(PATH, BODY | {"types": ["sla.*", "repair_order.dance"]}, "manager")

    error = answer.get_json()["errors"][0]
    assert (error["pointer"], error["code"]) == ("/types/1", "not_allowed")
    assert {"sla.breached", "repair_order.opened", "repair_order.*"} <= set(error["allowed"])


@pytest.mark.attack
def test_a_foreign_endpoint_is_absent_on_every_route(hooks: Http) -> None:
    body = {"role": "manager", "place": "old", "name": "别的小区"}
    made, key = make(hooks), hooks.post("/v1/api-keys", body, "admin").get_json()["key"]
    auth = {"Authorization": f"Bearer {key}"}

    for method, tail in (
        ("GET", ""), ("DELETE", ""), ("POST", "/rotate"), ("POST", "/test"), ("POST", "/enable"),
        ("GET", "/deliveries"), ("POST", f"/deliveries/{made['id']}/replay"),
    ):  # fmt: skip
        answer = hooks.call(method, f"{PATH}/{made['id']}{tail}", None, headers=auth)
        assert answer.status_code == 404, (method, tail)
    assert hooks.call("GET", PATH, None, headers=auth).get_json()["data"] == []
    assert hooks.post(PATH, BODY, "dispatcher").status_code == 403
    assert hooks.get(f"{PATH}/{made['id']}", "manager").status_code == 200


def test_rotating_keeps_the_old_secret_for_a_day(hooks: Http) -> None:
    made = make(hooks)

    turned = hooks.post(f"{PATH}/{made['id']}/rotate", who="manager").get_json()

    assert turned["secret"] not in (made["secret"], None)
    assert turned["old_secret_until"] == "2026-11-22T00:00:00.000Z"
    row = hooks.story.conn.execute(text("SELECT secret, old_secret FROM webhook_endpoint")).one()
    assert tuple(row) == (turned["secret"], made["secret"])


def test_a_change_needs_the_version_and_a_delete_is_final(hooks: Http) -> None:
    path = f"{PATH}/{make(hooks)['id']}"

    assert hooks.patch(path, {"types": ["sla.*"]}, "manager").status_code == 428
    changed = hooks.patch(path, {"types": ["sla.*"]}, "manager", version=1)
    assert hooks.patch(path, {"types": ["sla.*"]}, "manager", version=1).status_code == 412
    assert hooks.patch(path, {"secret": "x"}, "manager", version=2).status_code == 422

    assert (changed.get_json()["types"], changed.get_json()["version"]) == (["sla.*"], 2)
    assert hooks.call("DELETE", path, "manager").status_code == 204
    assert hooks.get(path, "manager").status_code == 404


def test_a_test_message_is_a_delivery_that_can_be_replayed(hooks: Http) -> None:
    path = f"{PATH}/{make(hooks)['id']}"

    sent = hooks.post(f"{path}/test", who="manager")
    ident = sent.get_json()["delivery"]
    listed = hooks.get(f"{path}/deliveries", "manager").get_json()["data"]
    hooks.story.conn.execute(
        text("UPDATE delivery SET dead_at = app_now(), attempts = 10, last_error = 'x'")
    )
    failed = hooks.get(f"{path}/deliveries", "manager").get_json()["data"][0]
    again = hooks.post(f"{path}/deliveries/{ident}/replay", who="manager")
    renewed = hooks.get(f"{path}/deliveries", "manager").get_json()["data"][0]

    assert (sent.status_code, again.status_code) == (202, 202)
    assert [(d["id"], d["type"], d["state"]) for d in listed] == [
        (ident, "webhook.test", "pending")
    ]
    assert (failed["state"], renewed["state"], renewed["attempts"]) == ("failed", "pending", 0)
    foreign = hooks.post(f"{path}/deliveries/{path[-36:]}/replay", who="manager")
    assert foreign.status_code == 404


def test_a_disabled_endpoint_is_enabled_again(hooks: Http) -> None:
    path = f"{PATH}/{make(hooks)['id']}"
    hooks.story.conn.execute(
        text("UPDATE webhook_endpoint SET disabled_at = app_now(), disabled_why = 'gone'")
    )

    before = hooks.get(path, "manager").get_json()
    after = hooks.post(f"{path}/enable", who="manager").get_json()

    assert (before["disabled_reason"], after["disabled_at"]) == ("gone", None)


def test_a_replayed_call_keeps_no_secret(hooks: Http) -> None:
    key = {"Idempotency-Key": "h-1"}

    first = hooks.post(PATH, BODY, "manager", headers=key).get_json()
    again = hooks.post(PATH, BODY, "manager", headers=key)

    assert again.get_json() == first | {"secret": None}
    assert len(hooks.get(PATH, "manager").get_json()["data"]) == 1
