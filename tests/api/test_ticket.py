"""One ticket: reading, patching, history, what may be done, clocks, notes, contact."""

from itertools import pairwise
from typing import Any
from uuid import uuid1

import pytest
from sqlalchemy import text

from tests.support.http import Http, order

PATH = "/v1/repair-orders"


def test_a_ticket_is_read_by_id_and_by_number_with_a_strong_tag(http: Http) -> None:
    opened = http.open()

    by_id = http.get(f"{PATH}/{opened['id']}")
    by_number = http.get(f"{PATH}/{opened['number']}")
    again = http.get(f"{PATH}/{opened['id']}", headers={"If-None-Match": '"v1"'})
    richer = http.get(f"{PATH}/{opened['id']}?include=clocks,crew")

    assert by_id.get_json() == by_number.get_json() == opened
    assert by_id.headers["ETag"] == '"v1"'
    assert (again.status_code, again.data) == (304, b"")
    assert richer.headers["ETag"].startswith('W/"')
    assert richer.get_json()["clocks"][0]["clock"] == "ack"
    assert richer.get_json()["crew"] is None


def test_a_patch_changes_fields_and_moves_the_version(http: Http) -> None:
    opened = http.open()
    path = f"{PATH}/{opened['id']}"
    change = {"title": "厨房爆管", "priority": 1, "reporter": {"phone": "13911112222"},
              "facts": {"access_note": "白天在家"}}  # fmt: skip

    patched = http.patch(path, change, version=1)
    again = http.patch(path, change, version="*")

    assert patched.status_code == 200, patched.text
    body = patched.get_json()
    assert (body["title"], body["priority"], body["version"]) == ("厨房爆管", 1, 2)
    assert body["reporter"]["phone"] == "139****2222"
    assert body["facts"]["access_note"] == "白天在家"
    assert patched.headers["ETag"] == again.headers["ETag"] == '"v2"'
    lines = http.get(f"{path}/events").get_json()["data"]
    assert [line["type"] for line in lines] == ["submit", "amend"]
    assert "13911112222" not in str(lines)
    assert len(http.get(f"{PATH}?q=爆管").get_json()["data"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"state": "closed"}, "/state", "read_only"),
        ({"version": 9}, "/version", "read_only"),
        ({"assignee": None}, "/assignee", "read_only"),
        ({"clocks": []}, "/clocks", "read_only"),
        ({"zzz": 1}, "/zzz", "unknown_field"),
        ({"title": ""}, "/title", "too_short"),
        ({"title": "x" * 201}, "/title", "too_long"),
        ({"title": None}, "/title", "wrong_type"),
        ({"priority": 6}, "/priority", "out_of_range"),
        ({"priority": "1"}, "/priority", "wrong_type"),
        ({"place": "pine"}, "/place", "unknown_place"),
        ({"place": "old"}, "/place", "read_only"),
        ({"facts": {"rework_count": 0}}, "/facts/rework_count", "read_only"),
        ({"facts": {"access_note": 5}}, "/facts/access_note", "wrong_type"),
        ({"facts": []}, "/facts", "wrong_type"),
        ({"reporter": {"channel": "web"}}, "/reporter/channel", "unknown_field"),
        ({"title": "a\u0001b"}, "/title", "forbidden_character"),
    ],
)
def test_a_patch_of_anything_else_is_refused_by_name(
    http: Http, change: Any, pointer: str, code: str
) -> None:
    opened = http.open()

    refused = http.patch(f"{PATH}/{opened['id']}", change, version=1)

    assert refused.status_code == 422, refused.text
    faults = [(e["pointer"], e["code"]) for e in refused.get_json()["errors"]]
    assert (pointer, code) in faults


def test_every_fault_of_a_patch_is_told_at_once(http: Http) -> None:
    opened = http.open()
    change = {"priority": 9, "zzz": 1, "state": "closed"}

    refused = http.patch(f"{PATH}/{opened['id']}", change, version=1)

    faults = {(e["pointer"], e["code"]) for e in refused.get_json()["errors"]}
    assert faults == {
        ("/priority", "out_of_range"), ("/zzz", "unknown_field"), ("/state", "read_only"),
    }  # fmt: skip


def test_an_appointment_in_the_first_line_reads_like_every_time(http: Http) -> None:
    opened = http.open(
        appointment_from="2026-11-22T09:00:00.1239+08:00",
        appointment_to="2026-11-22T11:00:00+08:00",
    )

    line = http.get(f"{PATH}/{opened['id']}/events").get_json()["data"][0]

    assert line["data"]["appointment_from"] == "2026-11-22T01:00:00.123Z"
    assert line["data"]["appointment_to"] == "2026-11-22T03:00:00.000Z"


def test_a_client_mints_ids_of_version_4_or_7_only(http: Http) -> None:
    refused = http.post(PATH, order(id=str(uuid1())))

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/id"


def test_a_closed_ticket_takes_no_patch(http: Http) -> None:
    opened = http.open()
    http.fire(opened, "cancel", "dispatcher")

    refused = http.patch(f"{PATH}/{opened['id']}", {"title": "x"}, version=2)

    assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (422, "closed")


def test_the_history_is_paged_and_chained(http: Http) -> None:
    http.story.until("closed")
    path = f"{PATH}/{http.story.order}/events"

    whole = http.get(path).get_json()["data"]
    first = http.get(f"{path}?limit=4&count=exact").get_json()
    rest = http.get(f"{path}?cursor={first['next_cursor']}").get_json()

    assert first["data"] + rest["data"] == whole
    assert first["total"] == len(whole)
    assert [line["seq"] for line in whole] == list(range(1, len(whole) + 1))
    for before, after in pairwise(whole):
        assert after["prev_hash"] == before["hash"]
        assert after["from"] == before["to"]
    assert whole[0]["from"] is None
    assert whole[1]["actor"] == {"role": "dispatcher", "name": "dispatcher"}
    assert http.call("DELETE", path, "admin").status_code == 405


def test_the_first_answer_and_the_history_show_the_same_line(http: Http) -> None:
    opened = http.open()
    fired = http.fire(opened, "accept", "dispatcher", comment="好").get_json()["event"]

    assert http.get(f"{PATH}/{opened['id']}/events").get_json()["data"][1] == fired


@pytest.mark.parametrize("state", ["submitted", "accepted", "assigned", "on_site", "in_progress",
                                   "awaiting_confirmation", "closed"])  # fmt: skip
def test_what_is_offered_is_taken_and_what_is_not_is_refused(http: Http, state: str) -> None:
    http.story.until(state)
    path = f"{PATH}/{http.story.order}"
    for who in ("dispatcher", "crew", "resident", "manager", "committee", "vendor_manager"):
        offered = http.get(f"{path}/available-events", who)
        if offered.status_code == 404:
            continue
        for event in offered.get_json()["data"]:
            data = http.story.data(event["type"], who)
            body = {"type": event["type"], "data": data}
            tried = http.post(f"{path}/events?dry_run=true", body, who)
            where = f"{who} {event} {tried.text}"
            if event["enabled"]:
                assert tried.status_code in (200, 409, 422), where
                codes = {r["code"] for r in tried.get_json().get("reasons", ())}
                assert codes <= set(event.get("checks", ())), where
                assert tried.get_json().get("code") != "illegal-transition", where
                faults = {e["pointer"] for e in tried.get_json().get("errors", ())}
                assert all(pointer.startswith("/data") for pointer in faults), where
                assert event["schema"]["type"] == "object"
            else:
                assert tried.status_code in (403, 409, 422), where
                assert event["reasons"][0]["title"], where


def test_every_clock_is_shown_with_its_rungs(http: Http) -> None:
    opened = http.open()
    http.fire(opened, "accept", "dispatcher")
    http.fire(opened, "assign", "dispatcher")
    http.story.advance(minutes=31)
    http.story.sweep()

    clocks = http.get(f"{PATH}/{opened['id']}/clocks").get_json()["data"]

    arrive = next(c for c in clocks if c["clock"] == "arrive")
    assert (arrive["state"], arrive["result"], arrive["display"]) == (
        "running", "breached", "overdue",
    )  # fmt: skip
    assert arrive["breached_at"] == arrive["due_at"] == "2026-11-21T00:30:00.000Z"
    assert arrive["noticed_at"] == "2026-11-21T00:31:00.000Z"
    assert (arrive["remaining_s"], arrive["remaining"]) == (-60, "-PT1M")
    levels = [rung["level"] for rung in arrive["escalations"]]
    assert levels == sorted(set(levels))
    assert 0 in levels
    breach = next(r for r in arrive["escalations"] if r["level"] == 0)
    assert breach["at"] == arrive["due_at"]
    assert breach["to"]


def test_a_clock_is_explained_interval_by_interval(http: Http) -> None:
    opened = http.open()
    http.fire(opened, "accept", "dispatcher")
    http.fire(opened, "assign", "dispatcher")
    http.story.advance(minutes=10)
    path = f"{PATH}/{opened['id']}/clocks"

    proof = http.get(f"{path}/arrive/explain").get_json()

    assert proof["target_s"] == 1800
    assert proof["arithmetic"]["counted_s"] == 600
    assert proof["arithmetic"]["due_at"] == "2026-11-21T00:30:00.000Z"
    assert sum(i["seconds"] for i in proof["intervals"]) == proof["arithmetic"]["elapsed_s"]
    assert http.get(f"{path}/dance/explain").status_code == 404
    assert http.get(f"{path}/arrive/explain?epoch=7").status_code == 404
    assert http.get(f"{path}/arrive/explain?basis=guessed").status_code == 422
    ahead = http.get(f"{path}/arrive/explain?at=2026-11-21T01:00:00Z").get_json()
    assert ahead["forecast"] is True


def test_notes_lie_beside_the_history(http: Http) -> None:
    opened = http.open()
    path = f"{PATH}/{opened['id']}/notes"

    for n in range(3):
        assert http.post(path, {"text": f"备注 {n}"}).status_code == 201
    first = http.get(f"{path}?limit=2").get_json()
    rest = http.get(f"{path}?limit=2&cursor={first['next_cursor']}").get_json()

    assert [n["text"] for n in first["data"] + rest["data"]] == ["备注 0", "备注 1", "备注 2"]
    assert http.get(f"{PATH}/{opened['id']}").get_json()["version"] == 1
    assert http.post(path, {"text": " "}).status_code == 422


def test_a_contact_is_shown_to_whom_it_concerns_and_logged_first(http: Http) -> None:
    http.story.until("assigned")
    path = f"{PATH}/{http.story.order}/contact"

    shown = http.get(f"{path}?purpose=上门", "crew", headers={"X-Request-Id": "r1"})

    assert shown.get_json() == {"name": "张三", "phone": "13800000001", "channel": "phone"}
    assert shown.headers["Cache-Control"] == "no-store"
    log = http.story.conn.execute(text("SELECT * FROM pii_access_log")).mappings().one()
    assert log["actor_id"] == http.story.actor("crew").id
    assert (log["purpose"], log["request_id"]) == ("上门", "r1")
    for who in ("resident", "street_officer", "vendor_manager", "auditor"):
        assert http.get(path, who).status_code == 403
    for who in ("dispatcher", "manager", "community_officer"):
        assert http.get(path, who).status_code == 200
    assert _logged(http) == 4


def test_a_crew_that_holds_the_order_no_longer_sees_no_contact(http: Http) -> None:
    http.story.until("assigned")
    http.story.fire("reassign", "dispatcher")

    refused = http.get(f"{PATH}/{http.story.order}/contact", "crew")

    assert (refused.status_code, refused.get_json()["needed"]) == (403, "assigned")
    assert _logged(http) == 0


def _logged(http: Http) -> int:
    found: int = http.story.conn.execute(text("SELECT count(*) FROM pii_access_log")).scalar_one()
    return found


def test_files_and_work_of_a_ticket_are_listed(http: Http) -> None:
    http.story.until("awaiting_confirmation")
    path = f"{PATH}/{http.story.order}"

    files = http.get(f"{path}/attachments").get_json()["data"]
    work = http.get(f"{path}/work-log").get_json()["data"]

    assert files
    assert files[0]["href"] == f"/v1/attachments/{files[0]['id']}"
    assert work
