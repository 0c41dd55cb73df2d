"""The walk of a repair order as a client with keys only takes it (issue, Shows 2)."""

from tests.support.http import Http


def test_a_repair_order_goes_from_call_to_confirmation_by_the_residents_link(http: Http) -> None:
    opened = http.post("/v1/repair-orders", _body(), headers={"Idempotency-Key": "call-88213"})
    assert opened.status_code == 201, opened.text
    order = opened.get_json()
    assert opened.headers["Location"] == f"/v1/repair-orders/{order['id']}"
    assert opened.headers["ETag"] == '"v1"'
    assert order["number"] == "RO-20261121-0001"
    assert order["opened_at"] == "2026-11-21T00:00:00.000Z"
    assert order["next_due_at"] == "2026-11-21T00:15:00.000Z"
    assert order["reporter"] == {"name": "张**", "phone": "138****0001", "channel": "phone"}

    http.story.advance(minutes=3)
    accepted = http.fire(order, "accept", "dispatcher", expected_version=1)
    assert accepted.status_code == 201, accepted.text
    http.story.advance(minutes=1)
    assigned = http.fire(order, "assign", "dispatcher")
    assert assigned.status_code == 201, assigned.text
    clocks = {clock["clock"]: clock for clock in assigned.get_json()["clocks"]}
    assert (clocks["ack"]["result"], clocks["ack"]["used_s"]) == ("met", 180)
    assert clocks["dispatch"]["used_s"] == 60
    assert clocks["arrive"]["due_at"] == "2026-11-21T00:30:00.000Z"
    assert clocks["handle"]["due_at"] == "2026-11-22T00:00:00.000Z"
    assert clocks["water_same_day"]["due_at"] == "2026-11-21T16:00:00.000Z"

    for event in ("take", "arrive", "diagnose", "start_work"):
        answer = http.fire(order, event, "crew")
        assert answer.status_code == 201, answer.text
    done = http.fire(order, "complete_work", "crew")
    assert done.status_code == 201, done.text
    assert done.get_json()["ticket"]["state"] == "awaiting_confirmation"
    assert done.get_json()["event"]["type"] == "complete_work"

    link = http.post(f"/v1/repair-orders/{order['id']}/links")
    assert link.status_code == 201, link.text
    token = link.get_json()["token"]
    seen = http.get(f"/v1/track/{token}", None)
    assert seen.status_code == 200, seen.text
    assert seen.get_json()["ticket"]["state"] == "awaiting_confirmation"
    offered = {e["type"]: e["enabled"] for e in seen.get_json()["available_events"]["data"]}
    assert offered["confirm"] is True
    confirmed = http.post(
        f"/v1/track/{token}/events", {"type": "confirm", "data": {"rating": "satisfied"}}, None
    )
    assert confirmed.status_code == 201, confirmed.text
    assert confirmed.get_json()["ticket"]["state"] == "closed"


def _body() -> dict[str, object]:
    return {
        "place": "h-2-101",
        "category": "water_leak",
        "title": "厨房水管漏水",
        "description": "水槽下滴水",
        "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
        "facts": {"origin": "customer"},
    }
