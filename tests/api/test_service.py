"""Meta, me, health, metrics, workflows, profiles, the demo's clock, the front page."""

import hashlib
import json
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from service.edge.application import mount
from service.web import home
from service.workflows import REGISTRY
from tests.support.http import SETTINGS, Http, http_on


def test_meta_tells_time_limits_and_that_the_clock_is_simulated(http: Http) -> None:
    body = http.get("/v1/meta", None).get_json()

    assert body["server_time"] == "2026-11-21T00:00:00.000Z"
    assert (body["clock"], body["demo"]) == ("simulated", False)
    assert body["limits"]["attachment_bytes"] == 20 << 20
    assert body["languages"] == ["zh-Hans", "zh-Hant", "en"]


def test_me_tells_role_place_and_crew(http: Http) -> None:
    body = http.get("/v1/me", "crew").get_json()

    assert (body["roles"], body["crew"]) == (["crew"], "c7")
    assert body["places"] == [{"id": "jinjiang", "path": "jinjiang"}]


def test_the_demos_clock_moves_forward_only(http: Http) -> None:
    moved = http.post("/v1/demo/clock", {"advance": "PT30M"}, "admin")

    assert moved.get_json()["server_time"] == "2026-11-21T00:30:00.000Z"
    for wrong in ("-PT1M", "PT0S", "soon", 5, "P9999D"):
        answer = http.post("/v1/demo/clock", {"advance": wrong}, "admin")
        assert answer.status_code == 422, wrong
    assert http.post("/v1/demo/clock", {"advance": "PT1M"}, "resident").status_code == 403


def test_simulated_time_stands_on_every_answer_beside_the_servers_own(http: Http) -> None:
    read, refused = http.get("/v1/me"), http.get("/v1/repair-orders/nowhere")
    moved = http.post("/v1/demo/clock", {"advance": "PT30M"}, "admin")
    after = http.get("/v1/me")

    for answer in (read, refused):
        assert answer.headers["X-Anju-Time"].startswith("2026-11-21T00:00:")
    assert moved.headers["X-Anju-Time"] == moved.get_json()["server_time"]
    assert after.headers["X-Anju-Time"].startswith("2026-11-21T00:30:")
    assert "X-Anju-Time" not in http.get("/healthz", None).headers


def test_real_time_needs_no_header(http: Http) -> None:
    real = http_on(http.story, replace(SETTINGS, simulated=False))

    assert "X-Anju-Time" not in real.get("/v1/meta", None).headers


def beat(http: Http, name: str, detail: str = "{}", age: str = "0 s") -> None:
    http.story.conn.execute(
        text("INSERT INTO heartbeat VALUES (:n, clock_timestamp() - cast(:age AS interval), "
             "app_now(), cast(:d AS jsonb)) ON CONFLICT (name) DO UPDATE SET wall_at = "
             "excluded.wall_at, detail = excluded.detail"),
        {"n": name, "d": detail, "age": age},
    )  # fmt: skip


def test_alive_is_not_yet_ready(http: Http) -> None:
    alive, ready = http.get("/healthz", None), http.get("/readyz", None)

    assert (alive.status_code, alive.data) == (200, b"ok\n")
    assert (ready.status_code, ready.headers["Retry-After"]) == (503, "5")
    assert ready.get_json()["checks"] == {
        "database": "ok", "disk": "ok", "schema": "ok", "ticker": "silent", "worker": "silent",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ticker", "worker", "own", "status"),
    [
        ("1 s", "1 s", "false", 200),
        ("1 s", "10 min", "true", 200),  # the ticker does the rounds itself
        ("1 s", "10 min", "false", 503),
        ("1 min", "1 s", "true", 503),
    ],
)
def test_ready_needs_a_ticker_and_somebody_who_works(
    http: Http, ticker: str, worker: str, own: str, status: int
) -> None:
    beat(http, "ticker", f'{{"own": {own}}}', ticker)
    beat(http, "worker", age=worker)

    assert http.get("/readyz", None).status_code == status


def test_metrics_count_in_the_database_and_name_nobody(http: Http) -> None:
    order = http.open()
    http.story.advance(hours=2)

    answer = http.get("/metrics", "admin")

    assert (
        'anju_events_total{kind="repair_order",outcome="applied",type="submit"} 1.0' in answer.text
    )
    assert 'anju_sla_clocks{profile="REP-DEFAULT",state="running"}' in answer.text
    assert "anju_http_request_duration_seconds_bucket" in answer.text
    lag = next(n for n in answer.text.splitlines() if n.startswith("anju_timer_lag_seconds "))
    assert float(lag.split()[1]) > 3600
    assert order["number"] not in answer.text
    assert "张" not in answer.text
    assert http.get("/metrics", "manager").status_code == 403
    assert http.get("/metrics", None).status_code == 401


def test_workflows_are_data_and_drawings(http: Http) -> None:
    listed = http.get("/v1/workflows", "resident").get_json()["data"]
    assert [w["kind"] for w in listed] == [workflow.kind for workflow in REGISTRY]

    table = http.get("/v1/workflows/repair_order.json?lang=en").get_json()
    svg = http.get("/v1/workflows/repair_order.svg")
    mermaid = http.get("/v1/workflows/repair_order.mmd")

    assert {"name": "closed", "label": "Closed", "terminal": True} in table["states"]
    assert svg.content_type.startswith("image/svg+xml")
    assert mermaid.text.startswith("stateDiagram-v2")
    assert "style-src 'unsafe-inline'" in svg.headers["Content-Security-Policy"]
    for form in ("json", "svg", "mmd"):
        path = f"/v1/workflows/repair_order.{form}?version="
        assert http.get(path + "1").status_code == 200
        assert http.get(path + "99").status_code == 404
    for unknown in ("repair_order.bpmn", "repair_order.exe", "no_such.json", "repair_order"):
        assert http.get(f"/v1/workflows/{unknown}").status_code == 404


def test_profiles_show_their_numbers_rules_and_blanks(http: Http) -> None:
    listed = http.get("/v1/sla-profiles?limit=200").get_json()["data"]
    default = http.get("/v1/sla-profiles/REP-DEFAULT").get_json()

    assert default in listed
    assert default["clocks"]["arrive"]["rule"] == "R-SLA-01"
    assert any(profile["template"] and profile["missing"] for profile in listed)
    versions = http.get("/v1/sla-profiles/REP-DEFAULT/versions").get_json()["data"]
    assert [version["version"] for version in versions] == [1]
    assert http.get("/v1/sla-profiles/no-such").status_code == 404
    path, found = "/v1/sla-profiles?limit=3", []
    while path:
        body = http.get(path).get_json()
        found += body["data"]
        path = f"/v1/sla-profiles?limit=3&cursor={body['next_cursor']}" if body["has_more"] else ""
    assert found == listed


@pytest.mark.parametrize(("lang", "word"), [("zh-CN", "在办"), ("zh-TW", "在辦"), ("en", "Open")])
def test_the_front_page_counts_and_runs_no_script(http: Http, lang: str, word: str) -> None:
    app = Flask("service", static_folder=None)
    mount(app, ports=http.story.ports, settings=SETTINGS, routes=home.ROUTES)
    http.open()

    page = app.test_client().get("/", headers={"Accept-Language": lang})
    style = app.test_client().get("/static/anju.css")

    assert f"<dt>{word}</dt>\n        <dd>1</dd>" in page.text
    assert "/docs" in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert style.content_type == "text/css; charset=utf-8"


def test_the_audit_trail_verifies_by_sha256_alone(http: Http) -> None:
    order = http.open()
    http.fire(order, "accept", "dispatcher")

    answer = http.get("/v1/exports/audit", "auditor")

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["type"] for line in lines] == ["submit", "accept"]
    assert [line["prev_hash"] for line in lines] == [None, lines[0]["hash"]]
    for line in lines:
        before = bytes.fromhex(line["prev_hash"] or "")
        assert line["hash"] == hashlib.sha256(before + line["sealed"].encode()).hexdigest()
    logged = http.story.conn.execute(text("SELECT purpose FROM pii_access_log")).scalars()
    assert list(logged) == ["audit export"]
    assert http.get("/v1/exports/audit", "manager").status_code == 403
    assert http.get("/v1/exports/audit?kind=weather", "auditor").status_code == 422
