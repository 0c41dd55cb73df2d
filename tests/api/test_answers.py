"""What is answered has the members that the OpenAPI document declares, and no others."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.api.all import ROUTES
from service.store import cause
from service.store.unit_of_work import Tx
from tests.support.http import Http
from tests.support.mediation import filed, token, wrote

PATHS = {
    "/v1/places": "admin", "/v1/places/lotus": "admin", "/v1/crews": "dispatcher",
    "/v1/crews/c7": "dispatcher", "/v1/vendors": "dispatcher", "/v1/vendors/v-lotus": "dispatcher",
    "/v1/utilities": "resident", "/v1/utilities/u-water": "resident", "/v1/parties": "dispatcher",
    "/v1/api-keys": "admin", "/v1/sla-profiles": "dispatcher",
    "/v1/sla-profiles/REP-DEFAULT": "crew", "/v1/sla-profiles/REP-DEFAULT/versions": "crew",
    "/v1/meta": "crew", "/v1/me": "crew", "/v1/reports/sla-breaches": "manager",
    "/v1/reports/sla-breaches/rows": "manager", "/v1/changes": "crew", "/v1/inbox": "crew",
    "/v1/webhook-endpoints": "admin",
}  # fmt: skip


def declared(http: Http, path: str) -> Mapping[str, Any]:
    endpoint, _ = http.app.url_map.bind("").match(path, "GET")
    route = next(r for r in ROUTES if (r.path, r.method) == (endpoint, "GET"))
    schema = route.answers[200]
    assert isinstance(schema, Mapping), path
    return schema


def agrees(schema: Mapping[str, Any], value: Any, at: str) -> None:
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
             "number": (int, float), "null": type(None)}  # fmt: skip
    named = schema.get("type", [])
    wanted = [named] if isinstance(named, str) else named
    assert not wanted or any(isinstance(value, kinds[kind]) for kind in wanted), (at, value)
    assert value in schema.get("enum", [value]), at
    if "properties" in schema:
        assert set(schema.get("required", ())) <= set(value), at
        assert set(value) <= set(schema["properties"]), at
        for name, inner in value.items():
            agrees(schema["properties"][name], inner, f"{at}/{name}")
    for n, inner in enumerate(value if "items" in schema else ()):
        agrees(schema["items"], inner, f"{at}/{n}")


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_as_declared(http: Http, path: str) -> None:
    http.open()

    answer = http.get(path, PATHS[path])

    assert answer.status_code == 200, answer.text
    agrees(declared(http, path), answer.get_json(), path)


@pytest.mark.parametrize("part", ["notes", "links", "related", "contact"])
def test_what_hangs_on_a_case_is_as_declared(http: Http, part: str) -> None:
    case, order = filed(http), http.open()
    wrote(http, case, level="shared", party=1)
    token(http, case, 1)
    row = {
        "effect_id": case.rpartition("/")[2], "effect_seq": 1, "cause_id": order["id"],
        "cause_seq": 1, "relation": "mediation", "at": http.story.now,
    }  # fmt: skip
    cause.add(Tx(http.story.conn), [row])
    who = "dispatcher" if part in ("related", "contact") else "mediator"

    answer = http.get(f"{case}/{part}", who)

    assert answer.status_code == 200, answer.text
    schema = declared(http, f"{case}/{part}")
    agrees(schema["oneOf"][0] if "oneOf" in schema else schema, answer.get_json(), part)
