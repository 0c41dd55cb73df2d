"""A private note is its author's: no other route, no other reader, no table shows its words."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from service.api.all import ROUTES
from service.notify.channels import CHANNELS
from service.notify.relay import Relay
from tests.api.conftest import http
from tests.support.http import SETTINGS, Http, http_on
from tests.support.mediation import PARTY_1, PARTY_2, SAME_BODY, SEES_ALL, filed, token, wrote

__all__ = ["http"]

CANARY = "KANARIENWORT"
AUTHOR = "mediator"
OTHERS = (
    SAME_BODY, "mediator_t2", *PARTY_1, *PARTY_2, *SEES_ALL, "neighbour", "crew", "clean_manager",
    "old_resident", "other_mediator",
)  # fmt: skip
NOTES = "/v1/dispute-cases/{id}/notes"
QUERIES = ("", f"q={CANARY}", "limit=200&count=exact", "after=0", "purpose=x")
UNREAD = {"/readyz", "/v1/attachments/{id}"}
"""These have nothing to show here: no ticker runs, and nobody uploaded anything."""
TEXTS = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")


@pytest.fixture
def case(http: Http) -> str:
    """A case with three private notes, others of every level, links and a webhook."""
    members = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__}
    local = http_on(http.story, type(SETTINGS)(**{**members, "webhook_allow": ("127.0.0.0/8",)}))
    endpoint = {"url": "http://127.0.0.1:9000/hook", "types": ["dispute_case.*"]}
    assert local.post("/v1/webhook-endpoints", endpoint, "manager").status_code == 201
    found = filed(http, "resident")
    for event in ("screen", "amend"):
        if event == "screen":
            screened = http.post(f"{found}/events", {"type": event, "data": {}}, AUTHOR)
            assert screened.status_code == 201, screened.text
        wrote(http, found, AUTHOR, text=f"{CANARY} {event}")
        wrote(http, found, AUTHOR, level="shared", text="内部")
        wrote(http, found, AUTHOR, level="recorded", text="双方到场")
    keyed = {"text": f"{CANARY} once", "level": "private"}
    again = {"Idempotency-Key": "note-1"}
    for _ in range(2):
        assert http.post(f"{found}/notes", keyed, AUTHOR, headers=again).status_code == 201
    assert Relay(http.story.ports.uow, CHANNELS).run_once().failed == 0
    return found


def addresses(http: Http, case: str) -> Iterator[tuple[str, str]]:
    """Yield (path of the table, address) of every way to read: each with whatever fits."""
    ident = case.rpartition("/")[2]
    rows = http.story.conn.execute(
        text("SELECT (SELECT id FROM webhook_endpoint LIMIT 1), (SELECT id FROM party LIMIT 1)")
    ).one()
    things = {"webhook-endpoints": rows[0], "parties": rows[1], "vendors": "v-property",
              "places": "lotus", "crews": "c7", "utilities": "u-water",
              "sla-profiles": "DIS-DEFAULT"}  # fmt: skip
    tokens = [token(http, case, party) for party in (1, 2)]
    for route in ROUTES:
        if route.method != "GET" or route.kind not in (None, "dispute_case"):
            continue  # the routes of other kinds are the same code, and know no such ticket
        noun = route.path.split("/")[2] if route.path.startswith("/v1/") else ""
        for filled in tokens if "{token}" in route.path else [None]:
            yield route.path, route.path.format(
                id=things.get(noun, ident), token=filled, clock="screen",
                name="dispute_case.json", slug="not-found",
            )  # fmt: skip


def readings(http: Http, address: str, who: str | None) -> Iterator[TestResponse]:
    """Yield what an address answers, whatever it is asked."""
    for query in QUERIES:
        yield http.get(f"{address}?{query}" if query else address, who)


def says(answer: TestResponse) -> bool:
    """Tell whether an answer holds the word, in its body or its headers."""
    body = answer.data
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return CANARY.encode() in body or CANARY in str(answer.headers)


@pytest.mark.attack
def test_no_route_shows_it_to_anybody_else(http: Http, case: str) -> None:
    shown: set[tuple[str, str]] = set()
    read: dict[str, int] = {}
    for path, address in list(addresses(http, case)):
        for who in (AUTHOR, *OTHERS, None):
            for answer in readings(http, address, who):
                read[path] = read.get(path, 0) + (answer.status_code == 200)
                if says(answer):
                    shown.add((path, str(who)))

    assert shown == {(NOTES, AUTHOR)}
    assert {path for path, count in read.items() if count == 0} == UNREAD


@pytest.mark.attack
def test_no_table_but_the_notes_keeps_it(http: Http, case: str) -> None:
    tables = set(http.story.conn.execute(TEXTS).scalars())

    kept = {table for table in tables if _holds(http, table)}

    # An answer is kept under the author's own key, so that a repetition gets it again.
    assert kept == {"note", "idempotency"}
    whose = text("SELECT DISTINCT actor_id FROM idempotency")
    assert set(http.story.conn.execute(whose).scalars()) == {http.story.actor(AUTHOR).id}


@pytest.mark.attack
def test_the_same_key_in_other_hands_gets_no_answer(http: Http, case: str) -> None:
    keyed = {"text": f"{CANARY} once", "level": "private"}
    for who in (SAME_BODY, "resident", "admin"):
        answer = http.post(f"{case}/notes", keyed | {"text": "x"}, who,
                           headers={"Idempotency-Key": "note-1"})  # fmt: skip
        assert not says(answer), who


def _holds(http: Http, table: str) -> bool:
    found: Any = http.story.conn.execute(
        text(f'SELECT EXISTS (SELECT FROM "{table}" AS t WHERE strpos(t::text, :word) > 0)'),
        {"word": CANARY},
    ).scalar_one()
    return bool(found)
