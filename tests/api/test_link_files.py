"""Files by a link: a vendor without an account sends its evidence (SCREENS S-63)."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from service.commands import attachments
from service.workflows.rectification_order import RECTIFICATION_ORDER
from tests.support.http import Http
from tests.support.mediation import faults
from tests.support.uploads import photo, put

ORDERS = "/v1/rectification-orders"
JUDGES = ("committee", "street_officer")
ACKNOWLEDGED = {"person": {"name": "钱进", "phone": "13600001111"}, "plan": "每日两清"}


@pytest.fixture
def notice(http: Http) -> str:
    """The path of an order that a committee has issued."""
    found = http.post(ORDERS, RECTIFICATION_ORDER.example, "committee").get_json()
    http.post(f"{ORDERS}/{found['id']}/events", RECTIFICATION_ORDER.event_example, "committee")
    return f"{ORDERS}/{found['id']}"


def link(http: Http, notice: str, who: str) -> str:
    """Make a link; return its door."""
    made = http.post(f"{notice}/links", {}, who)
    assert made.status_code == 201, made.text
    return f"/v1/track/{made.get_json()['token']}"


def fire(http: Http, door: str, event: str, data: Any) -> Any:
    """Fire an event through a door."""
    return http.post(f"{door}/events", {"type": event, "data": data}, None)


def evidence(file: object) -> dict[str, Any]:
    """Return evidence for every item of the notice."""
    example = RECTIFICATION_ORDER.example or {}
    numbers = range(1, len(example["facts"]["items"]) + 1)
    return {"items": [{"n": n, "files": [str(file)]} for n in numbers]}


def begun(http: Http, door: str) -> None:
    """Let the vendor acknowledge and start."""
    for event, data in (("acknowledge", ACKNOWLEDGED), ("start", {})):
        answer = fire(http, door, event, data)
        assert answer.status_code == 201, answer.text


def test_a_vendor_sends_photos_and_names_them_as_evidence(http: Http, notice: str) -> None:
    door, ident, whole = link(http, notice, "dispatcher"), uuid4(), photo()
    begun(http, door)
    files, total = f"{door}/attachments", len(whole)

    first = put(http, whole[:50], None, id=ident, at=files, whole=whole, part=f"bytes 0-49/{total}")
    come = http.call("HEAD", f"{files}/{ident}", None)
    last = put(http, whole[50:], None, id=ident, at=files, whole=whole,
               part=f"bytes 50-{total - 1}/{total}")  # fmt: skip
    filed = fire(http, door, "submit_evidence", evidence(ident))

    assert (first.status_code, come.headers["Upload-Offset"]) == (202, "50")
    assert last.status_code == 201, last.text
    assert "Location" not in last.headers
    assert "no-store" in last.headers["Cache-Control"]
    assert filed.status_code == 201, filed.text
    assert http.get(f"/v1/attachments/{ident}", "committee").status_code == 200


@pytest.mark.attack
def test_a_link_names_only_what_came_by_it(http: Http, notice: str) -> None:
    mine, other = link(http, notice, "dispatcher"), link(http, notice, "dispatcher")
    begun(http, mine)
    foreign, by_key = uuid4(), uuid4()
    put(http, photo(), None, id=foreign, at=f"{other}/attachments")
    put(http, photo(size=(9, 9)), "vendor_manager", id=by_key)

    for ident in (foreign, by_key, uuid4()):
        refused = fire(http, mine, "submit_evidence", evidence(ident))
        assert faults(refused)[0][1] == "attachment_missing"
        assert http.call("HEAD", f"{mine}/attachments/{ident}", None).status_code == 404


@pytest.mark.attack
def test_a_door_that_is_none_takes_nothing_in(http: Http, notice: str) -> None:
    path = f"{notice}/links"
    made = http.post(path, {}, "dispatcher").get_json()
    http.call("DELETE", f"{path}/{made['id']}", "dispatcher")

    unknown = put(http, photo(), None, at="/v1/track/nonsense/attachments")
    revoked = put(http, photo(), None, at=f"/v1/track/{made['token']}/attachments")
    untyped = put(http, b"MZ", None, at="/v1/track/nonsense/attachments", type="text/html")

    assert (unknown.status_code, untyped.status_code) == (404, 404)
    assert (revoked.status_code, revoked.get_json()["code"]) == (410, "link-revoked")
    assert http.story.conn.execute(text("SELECT count(*) FROM attachment")).scalar_one() == 0


@pytest.mark.attack
def test_a_link_brings_so_many_files_and_no_more(
    http: Http, notice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_BY_LINK", 2)
    files = f"{link(http, notice, 'dispatcher')}/attachments"

    answers = [put(http, photo(size=(8, 8 + n)), None, at=files) for n in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 403]
    assert "uploads: 2" in answers[2].get_json()["needed"]
    kept = http.story.conn.execute(text("SELECT count(*) FROM attachment")).scalar_one()
    assert kept == 2


@pytest.mark.attack
@pytest.mark.parametrize("maker", ["committee", "dispatcher"])
def test_who_made_the_link_does_not_judge_what_came_by_it(
    http: Http, notice: str, maker: str
) -> None:
    """The maker has seen the token: it could have filed the evidence itself."""
    door, ident = link(http, notice, maker), uuid4()
    begun(http, door)
    put(http, photo(), None, id=ident, at=f"{door}/attachments")
    assert fire(http, door, "submit_evidence", evidence(ident)).status_code == 201

    looked = {who: _reinspects(http, notice, who) for who in JUDGES}

    assert looked == {who: None if who != maker else "evidence_filer" for who in JUDGES}


def _reinspects(http: Http, notice: str, who: str) -> str | None:
    """Return why somebody may not re-inspect; nothing is changed."""
    path = f"{notice}/events?dry_run=true"
    answer = http.post(path, {"type": "reinspect", "data": {}}, who)
    if answer.status_code == 200:
        return None
    found: str = answer.get_json()["reasons"][0]["code"]
    return found


def test_an_actor_is_its_account_and_whoever_made_its_link(http: Http) -> None:
    vendor, maker = http.story.actor("vendor_manager"), UUID(int=7)

    assert vendor.hands == {str(vendor.id)}
    assert replace(vendor, link_maker=maker).hands == {str(vendor.id), str(maker)}
