"""A21, A23, A25: bodies that break parsers, pages that break lists, text that breaks SQL."""

import base64
import json
import time
from urllib.parse import quote

import pytest

from tests.attacks.client import Caller
from tests.attacks.conftest import Tally
from tests.attacks.plan import ORDER
from tests.attacks.world import World

LIST = "/v1/repair-orders"
_SOON_S = 2.0  # the goal is 100 ms; a busy machine must not fail what is linear
MIB = 1 << 20

BROKEN: dict[str, tuple[bytes, int]] = {
    "deep list": (b"[" * 100_000 + b"]" * 100_000, 400),
    "deep object": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
    "deep enough": (b"[" * 33 + b"]" * 33, 400),
    "twice a name": (b'{"title":"a","title":"b"}', 400),
    "twice a name, escaped": (b'{"title":"a","\\u0074itle":"b"}', 400),
    "twice inside": (b'{"facts":{"origin":"a","origin":"b"}}', 400),
    "NaN": (b'{"priority":NaN}', 400),
    "Infinity": (b'{"priority":-Infinity}', 400),
    "1e999": (b'{"priority":1e999}', 400),
    "beyond 64 bits": (b'{"priority":9223372036854775808}', 400),
    "many digits": (b'{"priority":' + b"9" * 500_000 + b"}", 400),
    "lone surrogate": (b'{"title":"\\ud800"}', 400),
    "NUL, escaped": (b'{"title":"\\u0000"}', 400),
    "NUL, raw": (b'{"title":"\x00"}', 400),
    "raw control": (b'{"title":"\x01"}', 400),
    "not UTF-8": (b'{"title":"\xff\xfe"}', 400),
    "overlong UTF-8": (b'{"title":"\xc0\xaf"}', 400),
    "UTF-16": ('{"title":"x"}'.encode("utf-16"), 400),
    "a mark before": (b'\xef\xbb\xbf{"title":"x"}', 400),
    "bytes after": (b"{} {}", 400),
    "empty": (b"", 400),
    "a comment": (b'{"a":1 /* x */}', 400),
    "a trailing comma": (b'{"a":1,}', 400),
    "single quotes": (b"{'a':1}", 400),
    "huge": (b'{"description":"' + b"x" * MIB + b'"}', 413),
    "many members": (b"{" + b",".join(b'"%d":1' % n for n in range(60_000)) + b"}", 400),
    "many members inside": (
        b'{"data":{' + b",".join(b'"%d":1' % n for n in range(60_000)) + b"}}",
        400,
    ),
    "many items": (b'{"attachments":[' + b"1," * 400_000 + b"1]}", 422),
    "a list": (b"[]", 422),
    "a number": (b"1", 422),
    "null": (b"null", 422),
}


@pytest.mark.attack("A21")
@pytest.mark.parametrize("name", BROKEN)
def test_a_hostile_body_is_refused_at_once(name: str, world: World, server: Caller) -> None:
    """A21: 400, 413 or 422 with a listed problem, quickly."""
    raw, status = BROKEN[name]
    key, headers = world.key("dispatcher@own"), {"Content-Type": "application/json"}

    began = time.monotonic()
    got = server.send("POST", LIST, key, raw=raw, headers=headers)

    assert time.monotonic() - began < _SOON_S
    assert got.status == status, got.body[:300]
    assert got.code == {400: "malformed-json", 413: "payload-too-large",
                        422: "validation-failed"}[status]  # fmt: skip
    if status == 400:
        assert {"line", "column"} <= got.json().keys()


def _pages(world: World, server: Caller, who: str = "dispatcher@own") -> str:
    got = server.send("GET", f"{LIST}?limit=1", world.key(who))
    cursor: str = got.json()["next_cursor"]
    return cursor


@pytest.mark.attack("A23")
@pytest.mark.parametrize("limit", ["1000000000", "0", "-1", "201", "1e9", "1.5", "abc", "٣", "１",
                                   "99999999999999999999", "0x10", " 5", "5;drop", ""])  # fmt: skip
def test_a_page_has_a_sane_size(limit: str, world: World, server: Caller) -> None:
    """A23: no silent clamping."""
    key = world.key("dispatcher@own")
    for path in (LIST, "/v1/places", f"{LIST}/{world.tickets['closed']}/events", "/v1/inbox"):
        got = server.send("GET", f"{path}?limit={quote(limit)}", key)
        assert (got.status, got.faults[0][0]) == (422, "?limit"), (path, got.body)


@pytest.mark.attack("A23")
def test_a_cursor_serves_its_caller_its_list_and_its_filters_only(
    world: World, server: Caller, tally: Tally
) -> None:
    """A23: forged, cut, foreign, of other filters, another's, after a change of role: 400."""
    key, good = world.key("dispatcher@own"), _pages(world, server)
    assert server.send("GET", f"{LIST}?limit=1&cursor={good}", key).status == 200
    raw = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))
    flipped = [raw[:n] + bytes([raw[n] ^ 1]) + raw[n + 1 :] for n in range(0, len(raw), 5)]
    forged = [base64.urlsafe_b64encode(b).rstrip(b"=").decode() for b in flipped]
    unsigned = base64.urlsafe_b64encode(b'["2026",null]').decode().rstrip("=")
    wrong = [
        f"{LIST}?cursor={text}"
        for text in (
            *forged,
            good[:-2],
            good + "AA",
            unsigned,
            "x",
            "%00",
            "..",
            "0",
            "e30",
            "a" * 4000,
        )
    ]
    wrong += [f"{path}cursor={good}" for path in (
        f"{LIST}?state=closed&", f"{LIST}?sort=-opened_at&", f"{LIST}?place=u1&", "/v1/tickets?",
        "/v1/places?", "/v1/inbox?", "/v1/crews?",
        f"{LIST}/{world.tickets['closed']}/events?")]  # fmt: skip
    calls = [(path, key) for path in wrong]
    calls += [
        (f"{LIST}?cursor={good}", world.key(who))
        for who in ("dispatcher@above", "manager@own", "dispatcher@sibling", "crew@own")
    ]
    for path, who in calls:
        got = server.send("GET", path, who)
        refused = (got.status, got.code)
        assert refused in ((400, "invalid-cursor"), (422, "validation-failed")), (path, got.body)
        assert refused[0] == 400 or "%00" in path or "cursor=&" in path, path
    for after in ("99999999", "-1", "x", "1e3"):
        assert server.send("GET", f"/v1/changes?after={after}", key).status in (400, 422)
    tally(len(calls) + 4)


INJECTED = (
    "'; DROP TABLE ticket;--", "' OR '1'='1", "1) UNION SELECT hash FROM api_key--",
    "\\'; SELECT pg_sleep(5);--", "$$;SELECT 1;$$", "%' OR 1=1 --", ":ident", "%s%n",
    "jinjiang/%", "' || (SELECT secret FROM webhook_endpoint) || '",
)  # fmt: skip
_DATABASE_WORDS = (b"psycopg", b"sqlalchemy", b"postgres", b"syntax error", b"pg_", b"Traceback",
                   b"SELECT ", b"relation ")  # fmt: skip


@pytest.mark.attack("A25")
@pytest.mark.parametrize("path", [
    "/v1/repair-orders", "/v1/tickets", "/v1/places", "/v1/crews", "/v1/vendors", "/v1/utilities",
    "/v1/parties", "/v1/changes", "/v1/inbox", "/v1/reports/sla-breaches",
    "/v1/reports/sla-breaches/rows", "/v1/exports/audit", "/v1/webhook-endpoints", "/v1/api-keys",
])  # fmt: skip
def test_sql_in_any_parameter_stays_text(
    path: str, world: World, server: Caller, tally: Tally
) -> None:
    """A25: every parameter of every list: found nothing or refused, never the database's words."""
    key, tried = world.key("admin@above"), 0
    names = {p["name"] for p in _operation(server, path)["parameters"] if p["in"] == "query"}
    for name in sorted(names):
        for text in INJECTED:
            got = server.send("GET", f"{path}?{name}={quote(text)}", key)
            tried += 1
            assert got.status in (200, 400, 406, 422), (name, text, got.body)
            if got.status == 200 and name not in ("q", "lang"):
                assert got.json()["data"] == [], (name, text)
            assert got.status == 200 or not _spoken(got.body, text), (name, text, got.body)
    assert tried
    tally(tried)


def _operation(server: Caller, path: str) -> dict[str, list[dict[str, str]]]:
    paths = server.send("GET", "/v1/openapi.json").json()["paths"]
    found: dict[str, list[dict[str, str]]] = paths[path]["get"]
    return found


def _spoken(body: bytes, sent: str) -> bool:
    """Tell whether the database's words are in an answer, those sent back left aside."""
    text = body.replace(json.dumps(sent)[1:-1].encode(), b"")
    return any(word in text for word in _DATABASE_WORDS)


@pytest.mark.attack("A25")
def test_sql_in_paths_headers_and_bodies_stays_text(
    world: World, server: Caller, tally: Tally
) -> None:
    """A25: ids, tags, keys, languages, every text of a body; what is stored is what was sent."""
    key, tables = world.key("dispatcher@own"), _tables(world)
    one = f"{LIST}/{world.tickets['submitted']}"
    for text in INJECTED:
        sent = quote(text, safe="")
        for path in (f"{LIST}/{sent}", f"{LIST}/{sent}/events", f"{one}/clocks/{sent}/explain",
                     f"/v1/places/{sent}", f"/v1/track/{sent}"):  # fmt: skip
            assert server.send("GET", path, key).status == 404, path
        headers = {"If-None-Match": text, "Accept-Language": text, "X-Request-Id": text,
                   "traceparent": text, "Range": text}  # fmt: skip
        assert server.send("GET", one, key, headers=headers).status == 200
        got = server.send("POST", f"{LIST}?dry_run=true", key, json={
            **ORDER, "title": text, "description": text, "place": text, "category": text,
            "facts": {"origin": text, text: 1}})  # fmt: skip
        assert got.status == 422
        assert not _spoken(got.body, text)
        made = server.send("POST", LIST, key, json={**ORDER, "title": text, "facts": {
            "origin": "customer", "location": text}})  # fmt: skip
        assert (made.status, made.json()["title"]) == (201, text)
    assert _tables(world) == tables
    tally(8 * len(INJECTED))


def _tables(world: World) -> object:
    return world.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
