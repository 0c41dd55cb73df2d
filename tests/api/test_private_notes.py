"""A private note is nowhere but in its author's list: not in feeds, letters, files, exports."""

import json

import pytest
from sqlalchemy import text

from service.notify.channels import CHANNELS
from service.notify.relay import Relay
from service.store.audit import letters
from service.store.unit_of_work import Tx
from tests.api.test_changes import number
from tests.support.http import SETTINGS, Http, http_on
from tests.support.mediation import (
    PARTY_1,
    PARTY_2,
    SAME_BODY,
    SECRET,
    SEES_ALL,
    filed,
    token,
    wrote,
)

OTHERS = (SAME_BODY, *PARTY_1, *PARTY_2, *SEES_ALL)


@pytest.fixture
def case(http: Http) -> str:
    """A case with a private note, which a webhook for all its events does not wait for."""
    allowed = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__}
    hooks = http_on(http.story, type(SETTINGS)(**{**allowed, "webhook_allow": ("127.0.0.0/8",)}))
    endpoint = {"url": "http://127.0.0.1:9000/hook", "types": ["dispute_case.*"]}
    assert hooks.post("/v1/webhook-endpoints", endpoint, "manager").status_code == 201
    found = filed(http)
    wrote(http, found)
    return found


def relayed(http: Http) -> None:
    """Fan everything out."""
    done = Relay(http.story.ports.uow, CHANNELS).run_once()
    assert done.failed == 0


@pytest.mark.attack
def test_the_change_feed_tells_only_the_author(http: Http, case: str) -> None:
    number(http)

    def types(who: str) -> list[str]:
        body = http.get("/v1/changes?after=0", who).get_json()
        assert (body["next_after"], body["has_more"]) == (2, False)
        assert SECRET not in str(body)
        return [entry["event"]["type"] for entry in body["data"]]

    assert types("mediator") == ["file", "add_note"]
    for who in OTHERS:
        assert types(who) == ["file"], who


@pytest.mark.attack
def test_no_webhook_and_no_inbox_hears_of_it(http: Http, case: str) -> None:
    wrote(http, case, level="recorded", text="双方到场")

    relayed(http)

    bodies = http.story.conn.execute(
        text("SELECT body FROM delivery WHERE channel = 'webhook' ORDER BY outbox_id")
    ).scalars().all()  # fmt: skip
    assert [body["type"] for body in bodies] == ["dispute_case.opened", "dispute_case.add_note"]
    assert bodies[1]["data"]["seq"] == 3
    inbox = http.story.conn.execute(text("SELECT topic FROM inbox")).scalars()
    assert "dispute_case.add_note" not in set(inbox)
    for table in ("outbox", "delivery", "inbox", "event", "feed", "idempotency"):
        rows = http.story.conn.execute(text(f"SELECT {table}::text FROM {table}")).scalars()
        assert not any(SECRET in row for row in rows), table


@pytest.mark.attack
def test_the_audit_trail_has_its_line_without_its_words(http: Http, case: str) -> None:
    trail = http.get("/v1/exports/audit", "auditor").text

    lines = [json.loads(line) for line in trail.splitlines()]
    assert [line["type"] for line in lines] == ["file", "add_note"]
    assert lines[1]["data"] == {"note": lines[1]["data"]["note"], "level": "private"}
    assert lines[1]["prev_hash"] == lines[0]["hash"]
    assert SECRET not in trail


@pytest.mark.attack
def test_a_party_sees_by_its_link_what_was_meant_for_it(http: Http, case: str) -> None:
    wrote(http, case, level="shared", text="内部")
    wrote(http, case, level="shared", party=2, text="给物业")
    wrote(http, case, level="recorded", text="双方到场")

    def told(party: int) -> list[str]:
        seen = http.get(f"/v1/track/{token(http, case, party)}", None)
        assert SECRET not in seen.text
        return [note["text"] for note in seen.get_json()["notes"]]

    assert told(1) == ["双方到场"]
    assert told(2) == ["给物业", "双方到场"]


@pytest.mark.attack
def test_neither_the_case_nor_any_list_of_it_shows_a_word(http: Http, case: str) -> None:
    parts = ("", "/events", "/parties", "/sessions", "/obligations", "/attachments", "/work-log",
             "/related", "/clocks", "/available-events")  # fmt: skip
    for who in ("mediator", SAME_BODY, "dispatcher"):
        for part in parts:
            answer = http.get(f"{case}{part}", who)
            assert answer.status_code == 200, part
            assert SECRET not in answer.text, part
    assert http.get(f"/v1/tickets?q={SECRET}", "mediator").get_json()["data"] == []


def test_the_checks_of_the_whole_store_know_private_notes(http: Http, case: str) -> None:
    tx = Tx(http.story.conn)

    assert list(letters.run(tx, letters.CHECKS)) == []
