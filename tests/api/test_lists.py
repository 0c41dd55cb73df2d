"""Lists: filters, order, fields, keyset pages, cursors bound to caller and filters (API 1)."""

from datetime import timedelta

import pytest

from tests.support.house import START
from tests.support.http import Http

PATH = "/v1/repair-orders"


@pytest.fixture
def seven(http: Http) -> Http:
    """Seven orders a minute apart, of three urgencies."""
    for n in range(7):
        urgency = ("emergency", "urgent", "normal")[n % 3]
        http.open(title=f"漏水 {n}", urgency=urgency, place="h-2-101" if n % 2 else "old")
        http.story.advance(minutes=1)
    return http


def numbers(answer: object) -> list[int]:
    """Return the serial numbers of a list's tickets."""
    return [int(t["number"][-4:]) for t in answer.get_json()["data"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "sort", ["next_due_at", "-next_due_at", "opened_at", "-opened_at", "number", "-number",
             "priority,-opened_at", "-priority,number", "priority,opened_at"],
)  # fmt: skip
def test_pages_of_any_order_show_each_ticket_once(seven: Http, sort: str) -> None:
    whole = numbers(seven.get(f"{PATH}?sort={sort}"))
    assert sorted(whole) == list(range(1, 8))

    seen: list[int] = []
    path: str | None = f"{PATH}?sort={sort}&limit=3"
    while path:
        answer = seven.get(path)
        seen += numbers(answer)
        link = answer.headers.get("Link")
        path = link.split(">")[0].removeprefix("<https://anju.example") if link else None
        assert answer.get_json()["has_more"] is (link is not None)

    assert seen == whole


def test_the_default_order_is_by_next_due_and_undue_tickets_come_last(seven: Http) -> None:
    first = seven.get(PATH).get_json()["data"][0]
    seven.fire(first, "cancel", "dispatcher")

    found = seven.get(PATH).get_json()["data"]

    due = [t["next_due_at"] for t in found]
    assert due[-1] is None
    assert due[:-1] == sorted(due[:-1])


def test_tickets_inserted_meanwhile_are_not_shown_twice(seven: Http) -> None:
    first = seven.get(f"{PATH}?sort=-opened_at&limit=3").get_json()
    seven.open()

    rest = seven.get(f"{PATH}?sort=-opened_at&limit=3&cursor={first['next_cursor']}")

    assert numbers(rest) == [4, 3, 2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=submitted", 7), ("state=accepted,submitted", 7), ("state=closed", 0),
        ("urgency=emergency", 3), ("urgency=emergency,normal", 5),
        ("place=old", 4), ("place=compound:old", 4), ("place=street:old", 0),
        ("place=h-2-101", 3), ("place=lotus", 3), ("place=lotus,old", 7), ("place=jinjiang", 7),
        ("place=atlantis", 0), ("place=pine", 0), ("category=water_leak", 7),
        ("category=lift", 0), ("crew=c7", 0), ("vendor=v-lotus", 0),
        ("opened_from=2026-11-21T08:02:00%2B08:00", 5), ("opened_to=2026-11-21T00:02:00Z", 2),
        ("clock=ack:overdue", 0), ("clock=ack:due_soon,ack:running", 7),
        ("clock=arrive:not_started", 7), ("clock=ack:met", 0),
        ("q=漏水", 7), ("q=漏水 0003", 1), ("q=水槽", 7), ("q=%25", 0), ("q=_", 0),
        ("q=h-2-101", 3),
        ("q=RO-20261121-0004", 1), ("state=submitted&urgency=urgent&place=old", 1),
    ],
)  # fmt: skip
def test_filters_narrow_a_list(seven: Http, query: str, found: int) -> None:
    answer = seven.get(f"{PATH}?{query}&count=exact")

    assert answer.status_code == 200, answer.text
    assert answer.get_json()["total"] == len(answer.get_json()["data"]) == found


def test_simplified_and_traditional_find_each_other(http: Http) -> None:
    http.open(title="電燈壞了")
    http.open(title="电灯坏了")

    for sought in ("电灯", "電燈"):
        assert len(http.get(f"{PATH}?q={sought}").get_json()["data"]) == 2


def test_assignee_me_is_the_callers_own_crew(http: Http) -> None:
    opened = http.open()
    http.open()
    http.fire(opened, "accept", "dispatcher")
    http.fire(opened, "assign", "dispatcher")

    assert len(http.get(f"{PATH}?assignee=me", "crew").get_json()["data"]) == 1
    assert len(http.get(f"{PATH}?assignee=me", "dispatcher").get_json()["data"]) == 0
    assert len(http.get(PATH, "other_crew_member").get_json()["data"]) == 0


def test_fields_and_includes_shape_each_row(http: Http) -> None:
    http.open()

    row = http.get(f"{PATH}?fields=id,number,state&include=clocks,crew").get_json()["data"][0]

    assert set(row) == {"id", "number", "state", "clocks", "crew"}
    assert row["clocks"][0]["clock"] == "ack"
    assert row["clocks"][0]["remaining"] == "PT15M"


def test_labels_are_added_on_request(http: Http) -> None:
    http.open()

    row = http.get(f"{PATH}?labels=1&lang=zh").get_json()["data"][0]

    assert row["state"] == "submitted"
    assert row["state_label"] not in ("", "submitted", "state.repair_order.submitted")
    assert row["category_label"] not in ("", "water_leak")


@pytest.mark.parametrize(
    "query",
    ["state=dancing", "urgency=meh", "clock=arrive:soonish", "clock=dance:overdue", "sort=title",
     "sort=number,-number", "limit=0", "limit=201", "limit=1e9", "limit=-1", "limit=x",
     "count=all", "assignee=you", "fields=secret", "include=history", "category=dragon",
     "opened_from=yesterday", "state=", "q=", "q=" + "x" * 201, "labels=1&state=a%00b",
     "state=" + ",".join(f"s{n}" for n in range(51))],
)  # fmt: skip
def test_a_bad_value_answers_422_with_its_name(http: Http, query: str) -> None:
    answer = http.get(f"{PATH}?{query}")

    assert answer.status_code == 422, answer.text
    assert answer.get_json()["errors"][0]["pointer"].startswith("?")


def test_an_unknown_state_is_told_the_right_ones(http: Http) -> None:
    answer = http.get(f"{PATH}?state=dancing")

    assert "submitted" in answer.get_json()["errors"][0]["allowed"]


@pytest.mark.attack
def test_a_cursor_belongs_to_its_caller_its_list_and_its_filters(seven: Http) -> None:
    cursor = seven.get(f"{PATH}?limit=2").get_json()["next_cursor"]

    assert seven.get(f"{PATH}?limit=4&cursor={cursor}").status_code == 200
    for path, who in (
        (f"{PATH}?cursor={cursor}", "street_officer"),
        (f"{PATH}?state=submitted&cursor={cursor}", "dispatcher"),
        (f"{PATH}?sort=number&cursor={cursor}", "dispatcher"),
        (f"/v1/tickets?cursor={cursor}", "dispatcher"),
        (f"{PATH}?cursor={cursor}x", "dispatcher"),
        (f"{PATH}?cursor=nonsense", "dispatcher"),
        (f"{PATH}?cursor=", "dispatcher"),
    ):
        answer = seven.get(path, who)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-cursor"), path


def test_a_list_shows_only_the_callers_place(seven: Http) -> None:
    assert seven.get(PATH, "other_dispatcher").get_json()["data"] == []
    assert len(seven.get(PATH, "manager").get_json()["data"]) == 3  # of one compound
    assert len(seven.get(PATH, "neighbour").get_json()["data"]) == 0


def test_tickets_of_every_kind_are_listed_and_read(seven: Http) -> None:
    found = seven.get("/v1/tickets?kind=repair_order&limit=1").get_json()["data"][0]

    assert seven.get(f"/v1/tickets/{found['number']}").get_json()["id"] == found["id"]
    assert seven.post("/v1/tickets").status_code == 405


def test_a_list_is_answered_304_while_nothing_changes(seven: Http) -> None:
    first = seven.get(PATH)
    assert first.headers["ETag"].startswith('W/"')

    again = seven.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")

    seven.open()
    moved = seven.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200


def test_a_running_clock_filter_follows_the_time(http: Http) -> None:
    http.open()
    for minutes, shown in ((0, "running"), (14.999, "due_soon"), (15, "due_soon"), (16, "overdue")):
        http.story.at(START + timedelta(minutes=minutes))
        listed = http.get(f"{PATH}?clock=ack:{shown}&include=clocks").get_json()["data"]
        assert [t["clocks"][0]["display"] for t in listed] == [shown]
