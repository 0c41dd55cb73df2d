"""A04, A05: members nobody may set, and members nobody may read by way of a filter."""

from typing import Any

import pytest

from tests.attacks.client import Caller
from tests.attacks.conftest import Tally
from tests.attacks.plan import ORDER
from tests.attacks.world import CANARY, World
from tests.support.repair_data import ACCEPT

UNKNOWN = ("place_id", "place_path", "place_key", "role", "actor", "actor_id", "received_at",
           "level", "seq", "opened_by", "machine_version", "profile", "compound_id", "crew_id",
           "hash", "created_at", "__proto__", "constructor")  # fmt: skip
READ_ONLY: dict[str, Any] = {
    "id": "00000000-0000-4000-8000-000000000009", "number": "RO-20261121-0001",
    "kind": "repair_order", "state": "closed", "version": 99, "category": "lift_stop",
    "urgency": "emergency", "assignee": {"type": "crew", "id": "c9"}, "links": {},
    "opened_at": "2020-01-01T00:00:00Z", "closed_at": "2020-01-01T00:00:00Z",
    "next_due_at": "2030-01-01T00:00:00Z", "clocks": [],
}  # fmt: skip
_NOT_AT_BIRTH = ("state", "version", "number", "kind", "assignee", "opened_at", "closed_at")


def _ticket(world: World) -> list[tuple[object, ...]]:
    return world.live.rows("SELECT * FROM ticket WHERE id = :id", id=world.tickets["accepted"])


@pytest.mark.attack("A04")
def test_a_patch_sets_only_what_a_patch_may(world: World, server: Caller, tally: Tally) -> None:
    """A04: each hidden member is unknown or read-only, pointer given; the row stands."""
    path, key = f"/v1/repair-orders/{world.tickets['accepted']}", world.key("dispatcher@own")
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    before = _ticket(world)

    for name, value, code in (
        *((name, "x", "unknown_field") for name in UNKNOWN),
        *((name, value, "read_only") for name, value in READ_ONLY.items()),
    ):
        got = server.send("PATCH", path, key, json={name: value, "title": "x"}, headers=headers)
        assert (got.status, (f"/{name}", code) in got.faults) == (422, True), (name, got.body)

    assert _ticket(world) == before
    tally(len(UNKNOWN) + len(READ_ONLY))


@pytest.mark.attack("A04")
def test_a_birth_takes_no_members_beyond_its_own(
    world: World, server: Caller, tally: Tally
) -> None:
    """A04: at birth likewise, on top and among the facts and the reporter."""
    key, made = world.key("dispatcher@own"), world.value("SELECT count(*) FROM ticket")

    for name in (*UNKNOWN, *_NOT_AT_BIRTH):
        for inside in ("", "/facts", "/reporter"):
            body = {**ORDER, "facts": dict(ORDER["facts"]), "reporter": dict(ORDER["reporter"])}
            (body[inside[1:]] if inside else body)[name] = "x"
            got = server.send("POST", "/v1/repair-orders", key, json=body)
            assert (f"{inside}/{name}", "unknown_field") in got.faults, (name, got.body)

    assert world.value("SELECT count(*) FROM ticket") == made
    tally(3 * (len(UNKNOWN) + len(_NOT_AT_BIRTH)))


@pytest.mark.attack("A04")
def test_an_event_takes_no_members_beyond_its_own(
    world: World, server: Caller, tally: Tally
) -> None:
    """A04: nor does an event, in its envelope or its data."""
    key = world.key("dispatcher@own")
    path = f"/v1/repair-orders/{world.tickets['submitted']}/events"
    before = world.value("SELECT count(*) FROM event")

    for name in (*UNKNOWN, "state", "to", "version", "place", "from_state"):
        top = server.send("POST", path, key, json={"type": "accept", "data": ACCEPT, name: "x"})
        inner = server.send("POST", path, key, json={"type": "accept", "data": {**ACCEPT, name: 1}})
        assert (f"/{name}", "unknown_field") in top.faults, (name, top.body)
        assert (f"/data/{name}", "unknown_field") in inner.faults, (name, inner.body)

    assert world.value("SELECT count(*) FROM event") == before
    tally(2 * (len(UNKNOWN) + 5))


@pytest.mark.attack("A05")
@pytest.mark.parametrize("what", [
    "fields=reporter.phone", "fields=reporter_phone", "fields=opened_by", "fields=place_key",
    "fields=*", "include=contact", "include=links", "include=events", "expand=crew",
    "sort=reporter_phone", "sort=reporter", "sort=place_key", "sort=facts.estimate_fen",
    "reporter=x", "phone=13800000001", "reporter_phone=13800000001", "opened_by=x",
    "filter[phone]=1", "state=submitted;select", "embed=vendor", "q=",
])  # fmt: skip
def test_no_parameter_reaches_a_hidden_member(what: str, world: World, server: Caller) -> None:
    """A05: what a list may show, sort and filter by is a closed set."""
    got = server.send("GET", f"/v1/repair-orders?{what}", world.key("dispatcher@own"))

    assert (got.status, got.code) in ((422, "validation-failed"), (400, "unknown-parameter"))


@pytest.mark.attack("A05")
def test_no_filter_counts_what_the_caller_may_not_see(
    world: World, server: Caller, tally: Tally
) -> None:
    """A05: search, place, order and count are no oracle: phones, names and foreign orders."""
    for who in ("resident@sibling", "dispatcher@district", "crew@unassigned", "mediator@own"):
        key = world.key(who)
        for query in (f"q={CANARY}", "place=u1", "crew=c7", "vendor=v-lotus", "sort=-opened_at",
                      "state=closed", "clock=ack:met"):  # fmt: skip
            got = server.send("GET", f"/v1/repair-orders?{query}&count=exact", key)
            seen = [one["place"]["id"] for one in got.json()["data"]]
            assert CANARY.encode() not in got.body, (who, query)
            assert "u1" not in seen, (who, query)
            assert got.json()["total"] == len(seen), (who, query)
    mine = server.send("GET", "/v1/repair-orders?q=13800000001&count=exact",
                       world.key("dispatcher@own"))  # fmt: skip
    assert mine.json()["total"] == 0
    tally(29)


@pytest.mark.attack("A05")
def test_a_persons_name_and_number_are_masked_at_every_door(
    world: World, server: Caller, tally: Tally
) -> None:
    """A05: only `…/contact` shows them (RULINGS 19)."""
    one = f"/v1/repair-orders/{world.tickets['closed']}"
    doors = (one, f"{one}?include=clocks,crew", f"{one}/events", f"{one}/available-events",
             f"{one}/work-log", f"{one}/notes", "/v1/repair-orders", "/v1/tickets", "/v1/parties",
             "/v1/changes?after=0", "/v1/inbox", "/v1/exports/audit",
             "/v1/reports/sla-breaches/rows",
             "/v1/reports/sla-breaches/rows?format=csv")  # fmt: skip
    for door in doors:
        got = server.send("GET", door, world.key("admin@above"))
        assert got.status == 200, door
        assert b"13800000001" not in got.body, door
        assert "张三".encode() not in got.body, door
    tally(len(doors))
