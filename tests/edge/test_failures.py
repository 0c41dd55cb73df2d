"""What a caller hears when we fail: never how, and whether to try again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.core.errors import (
    GuardRefused,
    KeyInProgress,
    LinkRevoked,
    OccurredInFuture,
    OutcomeUnknown,
    Reason,
    StorageUnavailable,
    TemplateProfile,
)
from service.edge.application import mount
from service.edge.output import as_json
from service.edge.refusals import NotAcceptable, RangeNotSatisfiable
from service.edge.routes import PUBLIC, Answer, Policy, Route
from service.edge.settings import EdgeSettings

NOW = datetime(2026, 11, 21, 0, 0, 0, 7000, tzinfo=UTC)
RAISED: dict[str, Exception] = {
    "bug": ZeroDivisionError("SELECT secret FROM party"),
    "storage": StorageUnavailable(),
    "unknown": OutcomeUnknown(),
    "running": KeyInProgress(),
    "revoked": LinkRevoked(),
    "future": OccurredInFuture(NOW, NOW),
    "template": TemplateProfile("REP-BEIJING", ("arrive", "handle")),
    "guards": GuardRefused((Reason("already_postponed", "R-SLA-20"), Reason("danger_on_site"))),
    "format": NotAcceptable(("json",)),
    "range": RangeNotSatisfiable(512),
}


def _raising(error: Exception) -> Any:
    def handler(_call: object) -> Answer:
        raise error

    return handler


@pytest.fixture
def client() -> FlaskClient:
    """A house with a door to each failure; it needs no database."""
    app = Flask("service", static_folder=None)
    routes = [
        Route(method="GET", path=f"/v1/{name}", policy=Policy(PUBLIC), handler=_raising(error),
              summary=name, tag="test")
        for name, error in RAISED.items()
    ]  # fmt: skip
    streamed = Route(
        method="GET", path="/v1/stream", policy=Policy(PUBLIC), summary="stream", tag="test",
        handler=lambda _: Answer(200, media_type="text/csv", stream=iter([b"a\n", b"b\n"])),
    )  # fmt: skip
    settings = EdgeSettings(base_url="http://anju.test", secret="s", rate_limit=None)
    mount(app, ports=None, settings=settings, routes=[*routes, streamed])  # type: ignore[arg-type]
    return app.test_client()


@pytest.mark.parametrize(
    ("name", "status", "code", "retryable"),
    [
        ("bug", 500, "internal", True), ("storage", 503, "storage-unavailable", True),
        ("unknown", 503, "outcome-unknown", True),
        ("running", 409, "idempotency-in-progress", True), ("revoked", 410, "link-revoked", False),
        ("future", 422, "occurred-at-in-future", False), ("template", 409, "guard-refused", False),
        ("guards", 409, "guard-refused", False), ("format", 406, "not-acceptable", False),
        ("range", 416, "range-not-satisfiable", False),
    ],
)  # fmt: skip
def test_each_failure_has_its_problem(
    client: FlaskClient, name: str, status: int, code: str, retryable: bool
) -> None:
    answer = client.get(f"/v1/{name}?lang=en")

    body = answer.get_json()
    assert (answer.status_code, body["code"], body["retryable"]) == (status, code, retryable)
    assert body["type"] == f"http://anju.test/problems/{code}"
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert ("Retry-After" in answer.headers) is (status == 503 or name == "running")


@pytest.mark.attack
def test_our_fault_tells_nothing_of_itself(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get("/v1/bug")

    assert "SELECT" not in answer.text
    assert "ZeroDivision" not in answer.text
    logged = capsys.readouterr()
    assert "ZeroDivisionError" in logged.out + logged.err
    assert "secret" not in logged.out + logged.err


def test_members_say_more(client: FlaskClient) -> None:
    template = client.get("/v1/template").get_json()
    guards = client.get("/v1/guards?lang=en").get_json()

    assert (template["profile"], template["missing"]) == ("REP-BEIJING", ["arrive", "handle"])
    assert template["reasons"][0]["rule"] == "R-REP-24"
    assert [r["code"] for r in guards["reasons"]] == ["already_postponed", "danger_on_site"]
    assert guards["reasons"][0]["rule"] == "R-SLA-20"
    assert client.get("/v1/future").get_json()["server_time"] == "2026-11-21T00:00:00.007Z"
    assert client.get("/v1/unknown").get_json()["retry_with"]
    assert client.get("/v1/range").get_json()["received"] == 512


def test_a_stream_passes_through(client: FlaskClient) -> None:
    answer = client.get("/v1/stream")

    assert answer.text == "a\nb\n"
    assert answer.content_type.startswith("text/csv")


def test_a_wrong_method_on_a_public_path_needs_no_credential(client: FlaskClient) -> None:
    assert client.post("/v1/bug").status_code == 405
    assert client.get("/nowhere").status_code == 404
    assert client.get("/v1/nowhere").status_code == 401


def test_values_are_written_in_one_dialect() -> None:
    found = as_json(
        {"at": NOW, "on": date(2026, 11, 21), "for": timedelta(minutes=90), "hash": b"\x01\xff",
         "set": frozenset({"b", "a"}), "zh": "漏"}
    )  # fmt: skip

    assert found.decode() == (
        '{"at":"2026-11-21T00:00:00.007Z","on":"2026-11-21","for":"PT1H30M","hash":"01ff",'
        '"set":["a","b"],"zh":"漏"}'
    )
    with pytest.raises(TypeError):
        as_json({"x": object()})
