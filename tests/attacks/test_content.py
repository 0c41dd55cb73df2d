"""A13, A14, A16: what is stored comes back as what it is, and runs nowhere."""

import csv
import io
from uuid import uuid4

import pytest

from service.api import csv_text
from tests.attacks.client import Caller, Got
from tests.attacks.conftest import Tally
from tests.attacks.plan import ORDER
from tests.attacks.things import jpeg, upload_headers
from tests.attacks.world import World

SCRIPTS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)",
    "</title><svg onload=alert(1)>", "{{7*7}}${7*7}<%= 7*7 %>", "'-alert(1)-'",
    "<a href='javascript:alert(1)'>x</a>", "]]><x>", "\\u003cscript\\u003e",
    "<!--#exec cmd='ls'-->",
)  # fmt: skip
_INERT = {"application/json", "application/problem+json", "text/csv", "application/x-ndjson"}


def _inert(got: Got) -> None:
    """Require an answer that no browser renders, sniffs, frames or runs."""
    assert got.headers.get_content_type() in _INERT, got.headers.get_content_type()
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert got.headers["X-Frame-Options"] == "DENY"


@pytest.mark.attack("A13")
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_in_any_text_is_stored_as_text(
    script: str, world: World, server: Caller, tally: Tally
) -> None:
    """A13: title, description, names, notes, comments come back letter by letter, as JSON."""
    key = world.key("dispatcher@own")
    body = {**ORDER, "title": script, "description": script,
            "reporter": {**ORDER["reporter"], "name": script},
            "facts": {**ORDER["facts"], "location": script, "access_note": script}}  # fmt: skip
    opened = server.send("POST", "/v1/repair-orders", key, json=body)
    one = f"/v1/repair-orders/{opened.json()['id']}"
    note = server.send("POST", f"{one}/notes", key, json={"text": script})
    cancelled = server.send("POST", f"{one}/events", key, json={
        "type": "cancel", "data": {"reason": script}, "comment": script})  # fmt: skip
    assert (opened.status, note.status, cancelled.status) == (201, 201, 201)

    seen = [server.send("GET", path, key) for path in (one, f"{one}/events", f"{one}/notes")]
    ticket, history, notes = (got.json() for got in seen)
    assert (ticket["title"], ticket["description"]) == (script, script)
    assert (ticket["facts"]["location"], notes["data"][0]["text"]) == (script, script)
    assert (history["data"][-1]["comment"], history["data"][-1]["data"]["reason"]) == (script,) * 2
    doors = (one, "/v1/repair-orders", "/v1/tickets?q=x", "/v1/parties", "/v1/inbox",
             "/v1/exports/audit", "/v1/changes?after=0", "/v1/repair-orders/<script>",
             "/v1/<script>", "/v1/repair-orders?<script>=1",
             "/v1/repair-orders?sort=<b>")  # fmt: skip
    for door in doors:
        _inert(server.send("GET", door.replace("<", "%3C").replace(">", "%3E"),
                           world.key("admin@above")))  # fmt: skip
    tally(6 + len(doors))


@pytest.mark.attack("A13")
def test_the_pages_run_no_script_and_show_nothing_that_was_stored(
    server: Caller, tally: Tally
) -> None:
    """A13: HTML there is only of our own: no script may run on it, and no text of people is."""
    for path in ("/", "/docs", "/problems", "/problems/not-found", "/?lang=en"):
        got = server.send("GET", path)
        policy = got.headers["Content-Security-Policy"]
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert b"<script" not in got.body.lower()
        assert b"alert(1)" not in got.body
    for path in ("/problems/%3Cscript%3E", "/?lang=%3Cscript%3E", "/%3Cscript%3E"):
        got = server.send("GET", path)
        assert b"<script>" not in got.body
        assert got.status in (404, 422)
    tally(8)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
DISGUISED = (
    (SVG, "image/svg+xml"), (SVG, "image/png"), (SVG, "image/jpeg"), (SVG, "application/pdf"),
    (b"<!doctype html><script>alert(1)</script>", "text/html"),
    (b"<!doctype html><script>alert(1)</script>", "image/jpeg"),
    (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
     "application/xml"),
    (b"%PDF-1.4 1 0 obj << /OpenAction << /S /JavaScript /JS (x) >> >>", "application/pdf"),
    (b"\xff\xd8\xff\xe0 no picture <script>", "image/jpeg"),
    (b"GIF89a/*" + bytes(30) + b"*/=alert(1)", "image/gif"),
    (b"MZ\x90\x00" + bytes(60), "application/octet-stream"),
    (b"PK\x03\x04" + bytes(60), "application/vnd.openxmlformats-officedocument.wordprocessingml"
     ".document"),
    (b"#!/bin/sh\nls", "image/webp"), (b"<?php system($_GET[0]); ?>", "image/png"),
)  # fmt: skip


@pytest.mark.attack("A14")
@pytest.mark.parametrize(("content", "claimed"), DISGUISED)
def test_a_disguise_is_no_photo(content: bytes, claimed: str, world: World, server: Caller) -> None:
    """A14: 415, and nothing is kept."""
    path, key = f"/v1/attachments/{uuid4()}", world.key("crew@own")

    got = server.send("PUT", path, key, raw=content, headers=upload_headers(content, claimed))

    assert (got.status, got.code) == (415, "unsupported-media-type"), got.body
    assert server.send("GET", path, key).status == 404


@pytest.mark.attack("A14")
@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", SVG, b"PK\x03\x04evil.jar",
                                  b"<?php echo 1; ?>"])  # fmt: skip
def test_a_polyglot_is_drawn_anew_and_served_as_a_file(
    tail: bytes, world: World, server: Caller
) -> None:
    """A14: what hides behind a picture is gone; the answer is a sandboxed download."""
    content, key, path = jpeg() + tail, world.key("crew@own"), f"/v1/attachments/{uuid4()}"
    put = server.send("PUT", path, key, raw=content, headers=upload_headers(content))
    assert put.status == 201, put.body

    for size in ("full", "thumb"):
        got = server.send("GET", f"{path}?size={size}", key)
        assert tail not in got.body
        assert got.body.startswith(b"\xff\xd8")
        assert got.headers["Content-Type"] == "image/jpeg"
        assert got.headers["Content-Disposition"].startswith("attachment; filename=")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert got.headers["Cache-Control"] == "private, no-store"


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", "  =1",
            "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")', "\n=1")  # fmt: skip


@pytest.mark.attack("A16")
def test_no_cell_is_a_formula(world: World, server: Caller, tally: Tally) -> None:
    """A16: what a spreadsheet might run is preceded by an apostrophe, quoted whole."""
    key, titles = world.key("manager@own"), []
    for formula in FORMULAS:
        kept = formula.strip()  # texts are trimmed when they are stored
        titles.append(kept)
        world.open(title=kept, description="x", by="dispatcher@own")
    got = server.send("GET", "/v1/reports/sla-breaches/rows?format=csv&to=2026-12-31&from="
                      "2026-11-01", key)  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(got.body.decode("utf-8-sig"))))
    shown = {row["title"] for row in rows}

    assert got.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert got.headers["Content-Disposition"].startswith("attachment; filename=")
    assert {f"'{title}" for title in titles} <= shown
    for row in rows:
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), row
    for formula in FORMULAS:
        assert csv_text.cell(formula) == f"'{formula}"
    tally(2 * len(FORMULAS))
