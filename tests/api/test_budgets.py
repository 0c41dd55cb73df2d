"""How many statements a call may cost (ARCHITECTURE 6)."""

import pytest

from service.workflows import REGISTRY
from tests.support.house import photo
from tests.support.http import Http, order
from tests.support.http_story import HttpStory
from tests.support.roads import made, road_of
from tests.support.statements import counted

OPEN, FIRE, PAGE = 8, 10, 3
KEYED = 2  # RULINGS 27: a key may add two statements
PLAIN = {
    "repair_order": (7, 9),
    "rectification_order": (8, 8),
    "vendor_assessment": (8, 9),
    "list_decision": (8, 11),  # deciding moves the vendor's listing and its score as well
    "complaint": (9, 7),
    "listed_supervision": (10, 8),
    "dispute_case": (8, 8),
    "hazard": (7, 8),
}
"""What a birth and the dearest event of each kind's plain road cost, key and photos apart.

A kind may go beyond eight and ten by what its rows need: the vendor named, an assignment,
the other listings of a compound.
"""


BARE, WITH_KEY = (
    pytest.param({}, 0, id="bare"),
    pytest.param({"Idempotency-Key": "k1"}, KEYED, id="with-a-key"),
)
either = pytest.mark.parametrize(("headers", "more"), [BARE, WITH_KEY])


@either
@pytest.mark.parametrize("photos", [0, 3])
def test_opening_a_ticket_costs_at_most_eight_statements(
    http: Http, headers: dict[str, str], more: int, photos: int
) -> None:
    http.open()
    named = [str(photo(http.story.conn, http.story.actor("dispatcher"), str(n)))
             for n in range(photos)]  # fmt: skip

    with counted(http.story.conn) as statements:
        answer = http.post("/v1/repair-orders", order(attachments=named), headers=headers)

    assert answer.status_code == 201, answer.text
    assert len(statements) <= OPEN + more, "\n\n".join(statements)


@either
def test_every_event_of_a_repair_costs_at_most_ten_statements(
    http: Http, headers: dict[str, str], more: int
) -> None:
    opened = http.open()
    http.story.order = opened["id"]
    path = f"/v1/repair-orders/{opened['id']}/events"
    for leg in road_of("repair_order").legs:
        body = {"type": leg.event, "data": made(leg.data, http.story)}
        own = {name: f"{value}-{leg.event}" for name, value in headers.items()}
        http.key(leg.by)
        with counted(http.story.conn) as statements:
            answer = http.post(path, body, leg.by, headers=own)
        assert answer.status_code == 201, answer.text
        assert len(statements) <= FIRE + more, leg.event + "\n\n" + "\n\n".join(statements)


def test_every_kind_has_a_budget() -> None:
    assert set(PLAIN) == {workflow.kind for workflow in REGISTRY}


@pytest.mark.parametrize("kind", [workflow.kind for workflow in REGISTRY])
def test_the_plain_road_of_a_kind_stays_within_its_budget(http: Http, kind: str) -> None:
    road, story, told = road_of(kind), http.story, HttpStory(http)
    most_open, most_event = PLAIN[kind]
    members = road.members(story)
    for who in {road.by, *(leg.by for leg in road.legs)} - {"system"}:
        http.key(who)

    with counted(story.conn) as statements:
        told.open(kind, road.by, **members)

    assert len(statements) <= most_open, "\n\n".join(statements)
    story.about(told.ticket["id"])
    for leg in road.legs:
        if leg.before is not None:
            leg.before(story)
        data = made(leg.data, story)
        with counted(story.conn) as statements:
            if leg.by == "system":
                story.fire(leg.event, leg.by, data=data)
            else:
                told.fire(leg.event, leg.by, data)
        assert story.state() == leg.state
        assert len(statements) <= most_event, leg.event + "\n\n" + "\n\n".join(statements)


@pytest.mark.parametrize(
    "query", ["limit=50", "limit=50&include=clocks,crew", "limit=50&include=clocks&place=lotus",
              "limit=50&include=clocks&place=lotus&count=exact"],
)  # fmt: skip
def test_a_page_of_fifty_costs_at_most_three_statements(http: Http, query: str) -> None:
    for _ in range(3):
        http.open()

    with counted(http.story.conn) as statements:
        answer = http.get(f"/v1/repair-orders?{query}")

    assert len(answer.get_json()["data"]) == 3
    assert len(statements) <= PAGE, "\n\n".join(statements)


@pytest.mark.parametrize(
    "path",
    ["/v1/tickets", "/v1/places", "/v1/crews", "/v1/vendors", "/v1/utilities", "/v1/parties",
     "/v1/inbox", "/v1/changes?after=0", "/v1/repair-orders/{id}/events",
     "/v1/repair-orders/{id}/clocks", "/v1/repair-orders/{id}/attachments",
     "/v1/repair-orders/{id}/notes", "/v1/repair-orders/{id}/notes?count=exact",
     "/v1/repair-orders/{id}/related", "/v1/reports/sla-breaches/rows?from=2026-11-01"],
)  # fmt: skip
def test_any_other_list_costs_no_more_however_long(http: Http, path: str) -> None:
    for _ in range(3):
        opened = http.open()
    http.fire(opened, "accept", "dispatcher")

    with counted(http.story.conn) as statements:
        answer = http.get(path.replace("{id}", opened["id"]))

    assert answer.status_code == 200, answer.text
    assert len(statements) <= PAGE, "\n\n".join(statements)
