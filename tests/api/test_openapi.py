"""The OpenAPI document says what the routes do, and its examples work."""

import json
import re

import pytest

from service.api.all import ROUTES
from service.api.openapi import document
from service.core.workflow import Workflow
from service.edge.problems import PROBLEMS
from service.workflows import REGISTRY
from tests.support.http import BASE, Http
from tests.support.mediation import filed, wrote

METHODS = {"get", "post", "put", "patch", "delete", "head"}


@pytest.fixture(scope="module")
def spec() -> dict[str, object]:
    return json.loads(json.dumps(document(ROUTES, BASE, "0.1.0")))


def operations(spec: dict[str, object]) -> list[tuple[str, str, dict[str, object]]]:
    return [
        (path, method, operation)
        for path, methods in spec["paths"].items()  # type: ignore[attr-defined]
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_the_document_covers_every_route_once(spec: dict[str, object]) -> None:
    found = operations(spec)

    assert spec["openapi"].startswith("3.1")  # type: ignore[attr-defined]
    assert {(p, m.upper()) for p, m, _ in found} == {(r.path, r.method) for r in ROUTES}
    ids = [operation["operationId"] for _, _, operation in found]
    assert len(ids) == len(set(ids))


def test_every_path_parameter_is_declared(spec: dict[str, object]) -> None:
    for path, method, operation in operations(spec):
        declared = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
        assert sorted(declared) == sorted(re.findall(r"\{(\w+)\}", path)), (method, path)
        names = [(p["in"], p["name"]) for p in operation["parameters"]]
        assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(spec: dict[str, object]) -> None:
    for target in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(spec)):
        found: object = spec
        for step in target.split("/"):
            found = found[step]  # type: ignore[index]


def test_every_operation_declares_its_problems_and_an_example(spec: dict[str, object]) -> None:
    for path, method, operation in operations(spec):
        where = f"{method} {path}"
        assert "500" in operation["responses"], where
        assert any(status.startswith("2") for status in operation["responses"]), where
        assert operation["x-codeSamples"][0]["source"].startswith("curl"), where
        for media, body in operation.get("requestBody", {}).get("content", {}).items():
            assert "json" not in media or "example" in body, where


def test_the_document_and_its_page_are_served_to_anybody(http: Http) -> None:
    served = http.get("/v1/openapi.json", None)
    page = http.get("/docs", None)

    assert served.status_code == 200
    assert "/v1/repair-orders" in served.get_json()["paths"]
    assert page.status_code == 200
    assert page.content_type.startswith("text/html")
    assert "http:" not in page.text.replace("http://www.w3.org", "")
    assert "<script" not in page.text


@pytest.mark.parametrize("slug", sorted({p.slug for p in PROBLEMS.values()}))
def test_every_problem_type_has_a_page(http: Http, slug: str) -> None:
    for lang in ("zh-Hans", "zh-Hant", "en"):
        page = http.get(f"/problems/{slug}?lang={lang}", None)
        assert page.status_code == 200
        assert f'lang="{lang}"' in page.text


def test_an_unknown_problem_has_none(http: Http) -> None:
    assert http.get("/problems/dragon", None).status_code == 404
    assert http.get("/problems/<script>", None).status_code == 404


BY = {  # who opens, who moves, who else may write on the ticket; the committee unless said
    "repair_order": ("dispatcher", "dispatcher", "dispatcher"),
    "dispute_case": ("resident", "mediator", "mediator"),
    "list_decision": ("street_officer", "street_officer", "street_officer"),
    "complaint": ("resident", "dispatcher", "dispatcher"),
    "listed_supervision": ("street_officer", "district_officer", "street_officer"),
}


@pytest.mark.parametrize("workflow", REGISTRY, ids=lambda workflow: workflow.kind)
def test_the_examples_of_every_kind_work(http: Http, workflow: Workflow) -> None:
    examples = {f"{r.method} {r.path}": r.example for r in ROUTES}
    opens, moves, writes = BY.get(workflow.kind, ("committee",) * 3)
    at = f"/v1/{workflow.collection}"

    opened = http.post(at, examples[f"POST {at}"], opens)
    assert opened.status_code == 201, opened.text
    path, any_one = f"{at}/{opened.get_json()['id']}", f"{at}/{{id}}"
    maker = writes if writes in workflow.link_makers else "manager"
    linked = http.post(f"{path}/links", examples[f"POST {any_one}/links"], maker)
    fired = http.post(f"{path}/events", examples[f"POST {any_one}/events"], moves)
    noted = http.post(f"{path}/notes", examples[f"POST {any_one}/notes"], writes)

    answers = (linked, fired, noted)
    assert [a.status_code for a in answers] == [201, 201, 201], [a.text for a in answers]


def test_the_examples_of_a_patch_and_of_a_wider_note_work(http: Http) -> None:
    examples = {f"{r.method} {r.path}": r.example for r in ROUTES}
    path, route = f"/v1/repair-orders/{http.open()['id']}", "/v1/{}/{{id}}"
    case = filed(http)
    note = wrote(http, case)["id"]

    patched = http.patch(path, examples[f"PATCH {route.format('repair-orders')}"], version=1)
    level = examples[f"POST {route.format('dispute-cases')}/notes/{{note}}/level"]
    widened = http.post(f"{case}/notes/{note}/level", level, "mediator")

    assert (patched.status_code, widened.status_code) == (200, 200)
