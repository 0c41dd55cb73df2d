"""Whatever is sent, the answer is one of the listed problems and never our fault."""

import copy
import json
import random
import re
from typing import Any

import pytest

from service.api.all import ROUTES
from service.edge.problems import SLUGS
from tests.support.http import Http

VALUES = (
    "x", "%00", "%ff%fe", "-1", "9" * 30, "null", "h-2-101", "'; DROP TABLE ticket;--", "%25",
    "%F0%9F%98%80", "..%2f..", "a" * 300, "RO-20261121-0001", "true", "%ED%A0%80", "\\", "1e5",
    "00000000-0000-0000-0000-000000000000", "2026-11-21T00:00:00Z", "0001-01-01T00:00:00Z",
    "%E3%80%80", "arrive:overdue", "-opened_at",
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**63 - 1, 1.5, "", "x", "\u202e", "a" * 30_000, [], {}, [[]], {"a": {}},
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999-12:00",
)  # fmt: skip
WHO = ("dispatcher", "resident", "crew", "manager", "admin", "auditor", "other_dispatcher")


def spoilt(draw: random.Random, example: Any) -> Any:
    """Return an example with up to three members made strange."""
    body = copy.deepcopy(example) if isinstance(example, dict) else {}
    for _ in range(draw.randint(0, 3)):
        name = draw.choice([*body, "zzz", "id", "data", "facts", "occurred_at"])
        inner = body.get(name)
        if isinstance(inner, dict) and inner and draw.random() < 0.6:
            inner[draw.choice(list(inner))] = copy.deepcopy(draw.choice(JUNK))
        else:
            body[name] = copy.deepcopy(draw.choice(JUNK))
    return body if draw.random() < 0.9 else draw.choice(JUNK)


@pytest.mark.attack
@pytest.mark.parametrize("seed", range(3))
def test_strange_calls_get_listed_problems(http: Http, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    ticket = http.open()
    http.fire(ticket, "accept", "dispatcher")
    likely = [ticket["id"], ticket["number"], "arrive"] * 4
    for _ in range(250):
        route = draw.choice(ROUTES)
        path = re.sub(r"\{\w+\}", lambda _: draw.choice([*VALUES, *likely]), route.path)
        names = [*sorted(route.parameters), "zzz"]
        query = "&".join(
            f"{draw.choice(names)}={draw.choice(VALUES)}" for _ in range(draw.randint(0, 3))
        )
        headers = {"Content-Type": route.media[0]}
        if draw.random() < 0.3:
            headers["If-Match"] = draw.choice(('"v1"', '"v2"', "*", "x", '"v99999999999"'))
        if draw.random() < 0.3:
            headers["Idempotency-Key"] = draw.choice(("a", "b", '""', "x" * 300))
        body = json.dumps(spoilt(draw, route.example)).encode() if route.takes_body else None

        answer = http.call(
            route.method, f"{path}?{query}", draw.choice(WHO), data=body, headers=headers
        )

        where = f"{route.method} {path}?{query} {headers} {body!r}: {answer.text[:500]}"
        assert answer.status_code < 500 or "readyz" in path, where
        if answer.status_code >= 400 and route.method != "HEAD" and path.startswith("/v1/"):
            assert answer.get_json()["code"] in SLUGS, where
