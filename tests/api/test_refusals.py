"""What the API refuses, and how it says so (API 18; issue, Shows 2)."""

from uuid import uuid4

import pytest

from tests.support.http import BASE, Http, order

EVENTS = "/v1/repair-orders/{}/events"


def test_an_illegal_event_answers_409_with_what_is_allowed(http: Http) -> None:
    opened = http.open()
    http.fire(opened, "accept", "dispatcher")

    refused = http.fire(opened, "accept", "dispatcher")

    problem = refused.get_json()
    assert refused.status_code == 409
    assert refused.content_type == "application/problem+json"
    assert problem["type"] == f"{BASE}/problems/illegal-transition"
    assert problem["code"] == "illegal-transition"
    assert (problem["state"], problem["event"]) == ("accepted", "accept")
    assert "assign" in problem["allowed_events"]
    assert "instance" not in problem


def test_an_event_of_another_role_answers_403(http: Http) -> None:
    opened = http.open()

    refused = http.fire(opened, "accept", "resident")

    assert refused.status_code == 403
    assert refused.get_json()["code"] == "forbidden-event"
    assert refused.get_json()["roles"] == ["dispatcher"]


@pytest.mark.parametrize(
    "path", ["", "/events", "/clocks", "/available-events", "/attachments", "/notes", "/contact",
             "/work-log", "/links", "/clocks/arrive/explain"],
)  # fmt: skip
@pytest.mark.attack
def test_a_foreign_ticket_and_an_absent_one_answer_the_same_bytes(http: Http, path: str) -> None:
    opened = http.open()

    foreign = http.get(f"/v1/repair-orders/{opened['id']}{path}", "other_dispatcher")
    absent = http.get(f"/v1/repair-orders/{uuid4()}{path}", "other_dispatcher")

    assert foreign.status_code == absent.status_code == 404
    assert foreign.data == absent.data
    assert b"request_id" not in foreign.data
    assert _fixed(foreign) == _fixed(absent)


def _fixed(answer: object) -> dict[str, str]:
    moving = ("X-Request-Id", "Date", "RateLimit", "X-Anju-Time")
    return {k: v for k, v in answer.headers if k not in moving}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body", [{"type": "accept", "data": {}}, {"type": "nonsense"}, {"type": 1}, {"zzz": 1}]
)
def test_a_foreign_ticket_takes_no_event_whatever_the_body(http: Http, body: object) -> None:
    opened = http.open()

    foreign = http.post(EVENTS.format(opened["id"]), body, "other_dispatcher")
    absent = http.post(EVENTS.format(uuid4()), body, "other_dispatcher")

    assert foreign.status_code == absent.status_code == 404
    assert foreign.data == absent.data


def test_a_stale_if_match_answers_412_with_the_current_tag(http: Http) -> None:
    opened = http.open()
    http.fire(opened, "accept", "dispatcher")

    refused = http.post(
        EVENTS.format(opened["id"]),
        {"type": "assign", "data": {}},
        headers={"If-Match": '"v1"'},
    )

    assert refused.status_code == 412
    assert refused.get_json()["current_version"] == 2
    assert refused.headers["ETag"] == '"v2"'


def test_if_match_and_expected_version_may_not_disagree(http: Http) -> None:
    opened = http.open()

    refused = http.post(
        EVENTS.format(opened["id"]),
        {"type": "accept", "expected_version": 2},
        headers={"If-Match": '"v1"'},
    )

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/expected_version"


def test_a_weak_tag_never_matches(http: Http) -> None:
    opened = http.open()

    refused = http.post(
        EVENTS.format(opened["id"]), {"type": "accept"}, headers={"If-Match": 'W/"v1"'}
    )

    assert refused.status_code == 412


def test_a_missing_datum_answers_422_naming_the_pointer(http: Http) -> None:
    opened = http.open()

    refused = http.fire(opened, "accept", "dispatcher", {"category": "water_leak"})

    faults = {(e["pointer"], e["code"]) for e in refused.get_json()["errors"]}
    assert refused.status_code == 422
    assert ("/data/urgency", "required") in faults
    assert ("/data/part", "required") in faults


@pytest.mark.parametrize(
    ("origin", "status"),
    [("customer", 422), ("hazard", 422), ("self_inspection", 201), ("patrol", 201)],
)
def test_only_an_own_finding_needs_no_phone(http: Http, origin: str, status: int) -> None:
    body = order(reporter={"name": "张三", "channel": "web"}, facts={"origin": origin})

    answer = http.post("/v1/repair-orders", body)

    assert answer.status_code == status, answer.text
    if status == 422:
        faults = [(e["pointer"], e["code"]) for e in answer.get_json()["errors"]]
        assert faults == [("/reporter/phone", "required")]


def test_a_second_postponement_answers_409_with_the_rule(http: Http) -> None:
    opened = http.open()
    http.story.order = opened["id"]
    for event, who in (
        ("accept", "dispatcher"), ("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
        ("diagnose", "crew"), ("start_work", "crew"), ("report_cannot_finish", "crew"),
        ("resume_work", "crew"),
    ):  # fmt: skip
        answer = http.fire(opened, event, who)
        assert answer.status_code == 201, (event, answer.text)

    refused = http.fire(opened, "report_cannot_finish", "crew")

    assert refused.status_code == 409
    assert refused.get_json()["code"] == "guard-refused"
    reason = refused.get_json()["reasons"][0]
    assert (reason["code"], reason["rule"]) == ("already_postponed", "R-SLA-20")
    assert reason["title"] not in ("", "guard.already_postponed")


@pytest.mark.attack
@pytest.mark.parametrize("name", ["state", "version", "actor_id", "received_at", "kind", "number"])
def test_members_nobody_may_set_are_refused_by_name(http: Http, name: str) -> None:
    refused = http.post("/v1/repair-orders", order(**{name: "x"}))

    assert refused.status_code == 422
    assert {"pointer": f"/{name}", "code": "unknown_field"}.items() <= refused.get_json()["errors"][
        0
    ].items()


def test_place_outside_the_scope_and_unknown_answer_alike(http: Http) -> None:
    foreign = http.post("/v1/repair-orders", order(place="pine"))
    unknown = http.post("/v1/repair-orders", order(place="atlantis"))

    assert foreign.status_code == unknown.status_code == 422
    assert foreign.get_json()["errors"] == unknown.get_json()["errors"]
    assert foreign.get_json()["errors"][0]["code"] == "unknown_place"


def test_a_wrong_category_is_told_the_right_ones(http: Http) -> None:
    refused = http.post("/v1/repair-orders", order(category="dragon"))

    assert refused.status_code == 422
    assert "water_leak" in refused.get_json()["errors"][0]["allowed"]


def test_a_role_that_may_not_open_hears_so(http: Http) -> None:
    refused = http.post("/v1/repair-orders", order(), "street_officer")

    assert refused.status_code == 403
    assert refused.get_json()["code"] == "forbidden-event"


def test_the_language_follows_the_reader(http: Http) -> None:
    path = "/v1/repair-orders/nowhere"

    german = http.get(path, headers={"Accept-Language": "de, en;q=0.5"})
    taiwan = http.get(path, headers={"Accept-Language": "zh-TW"})
    chosen = http.get(f"{path}?lang=en", headers={"Accept-Language": "zh-TW"})

    assert german.headers["Content-Language"] == "en"
    assert taiwan.headers["Content-Language"] == "zh-Hant"
    assert chosen.headers["Content-Language"] == "en"
    assert german.get_json()["title"] == "Not found"


def test_an_unknown_language_is_refused(http: Http) -> None:
    refused = http.get("/v1/repair-orders?lang=tlh")

    unseen = http.get("/v1/repair-orders/nowhere?lang=tlh")

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "?lang"
    assert unseen.status_code == 404


def test_labels_are_on_or_off(http: Http) -> None:
    refused = http.get("/v1/repair-orders?labels=x")

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "?labels"
    assert http.get("/v1/repair-orders?labels=false").status_code == 200


def test_a_ticket_is_never_deleted(http: Http) -> None:
    opened = http.open()

    refused = http.call("DELETE", f"/v1/repair-orders/{opened['id']}", "dispatcher")

    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) >= {"GET", "PATCH"}


def test_a_local_time_is_no_time(http: Http) -> None:
    opened = http.open()
    body = {"type": "take", "data": {"eta": "2026-11-21T09:00:00"}}

    in_body = http.post(EVENTS.format(opened["id"]), body)
    in_query = http.get("/v1/repair-orders?opened_from=2026-11-21T09:00:00")

    assert (in_body.status_code, in_body.get_json()["code"]) == (400, "time-without-offset")
    assert in_body.get_json()["pointer"] == "/data/eta"
    assert (in_query.status_code, in_query.get_json()["pointer"]) == (400, "?opened_from")


def test_an_unknown_parameter_is_refused_with_the_nearest_name(http: Http) -> None:
    refused = http.get("/v1/repair-orders?statee=assigned")

    assert refused.status_code == 400
    assert refused.get_json()["parameter"] == "statee"
    assert refused.get_json()["suggestion"] == "state"
