"""The breach report says what is right, and every figure leads to exactly its rows (API 12)."""

import csv
import io
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from service.api.csv_text import cell
from service.sla.notation import iso
from service.store.queries.breach_groups import DIMENSIONS
from tests.support.http import Http

PATH = "/v1/reports/sla-breaches"
NOVEMBER = "from=2026-11-01&to=2026-11-30"
FIGURES = ("due", "met", "breached", "breached_excused", "open")


def sent(http: Http, crew: str, *, minutes: int | None, **members: Any) -> dict[str, Any]:
    """Open an order now, send a crew, let it arrive after so many minutes (None: never)."""
    start, order = http.story.now, dict(http.open(urgency="urgent", **members))
    fires(http, order, "accept", "dispatcher")
    visit = {"visit_from": iso(start + timedelta(minutes=5)),
             "visit_to": iso(start + timedelta(minutes=30))}  # fmt: skip
    fires(http, order, "assign", "dispatcher", {"crew": crew, "price_shown_fen": 1} | visit)
    who = {"c7": "crew", "c9": "other_crew_member"}[crew]
    fires(http, order, "take", who, {})
    if minutes is not None:
        http.story.at(start + timedelta(minutes=minutes))
        http.story.sweep()
        fires(http, order, "arrive", who)
    return order


def fires(http: Http, order: Any, event: str, who: str, data: Any = None, **more: Any) -> None:
    answer = http.fire(order, event, who, data, **more)
    assert answer.status_code in (200, 201), answer.text


@pytest.fixture
def month(http: Http) -> Http:
    """Three orders of c7 (one late), two of c9 (one late, one still on the way)."""
    sent(http, "c7", minutes=20)
    sent(http, "c7", minutes=30)
    sent(http, "c7", minutes=31)
    sent(http, "c9", minutes=45, place="b2", category="public_lighting")
    sent(http, "c9", minutes=None)
    return http


def report(http: Http, query: str, who: str = "street_officer") -> Any:
    answer = http.get(f"{PATH}?{query}", who)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def rows_of(http: Http, href: str, who: str = "street_officer") -> list[Any]:
    found, path = [], f"{href}&limit=3"
    while path:
        answer = http.get(path, who)
        assert answer.status_code == 200, answer.text
        body = answer.get_json()
        found += body["data"]
        path = f"{href}&limit=3&cursor={body['next_cursor']}" if body["has_more"] else ""
    return found


def test_arrivals_by_crew_are_counted_as_defined(month: Http) -> None:
    body = report(month, f"{NOVEMBER}&clock=arrive&group_by=crew")

    assert body["total"] | {"href": None} == {
        "due": 4, "met": 2, "breached": 2, "breached_excused": 0, "open": 1, "tickets": 5,
        "breach_rate": 0.5, "href": None,
    }  # fmt: skip
    assert [
        (g["crew"]["id"], *(g[f] for f in FIGURES), g["breach_rate"]) for g in body["data"]
    ] == [
        ("c7", 3, 2, 1, 0, 0, 0.3333),
        ("c9", 1, 0, 1, 0, 1, 1.0),
    ]
    assert (body["basis"], body["time_zone"]) == ("occurred", "Asia/Shanghai")
    assert body["data_as_of"] == iso(month.story.now)


@pytest.mark.parametrize("groups", ["", *DIMENSIONS, "crew,clock", "compound,day", "cause,urgency"])
@pytest.mark.parametrize("basis", ["occurred", "received"])
def test_every_figure_leads_to_exactly_its_rows_and_totals_are_sums(
    month: Http, groups: str, basis: str
) -> None:
    query = f"{NOVEMBER}&basis={basis}" + (f"&group_by={groups}" if groups else "")

    body = report(month, query)

    for entry in (body["total"], *body["data"]):
        assert entry["due"] == entry["met"] + entry["breached"] + entry["breached_excused"]
        for figure, href in entry["href"].items():
            rows = rows_of(month, href)
            assert len(rows) == entry[figure], href
            assert len({(r["ticket"]["id"], r["clock"], r["epoch"]) for r in rows}) == len(rows)
    if groups:
        for figure in FIGURES:
            assert sum(group[figure] for group in body["data"]) == body["total"][figure]


def test_rows_are_in_order_and_carry_their_proof(month: Http) -> None:
    rows = rows_of(month, f"{PATH}/rows?{NOVEMBER}&clock=arrive&result=breached")

    assert all(a["counted_at"] <= b["counted_at"] for a, b in pairwise(rows))
    for row in rows:
        proof = month.get(row["href"]["explain"]).get_json()
        assert (proof["verdict"], row["due_at"]) == ("breached", row["breached_at"])
    assert [row["crew"]["id"] for row in rows] == ["c7", "c9"]


def test_a_running_clock_is_breached_by_its_due_time_not_by_the_sweep(http: Http) -> None:
    http.open()
    http.story.advance(minutes=15)
    at_due = report(http, f"{NOVEMBER}&clock=ack")["total"]
    http.story.at(http.story.now + timedelta(milliseconds=1))
    after = report(http, f"{NOVEMBER}&clock=ack")["total"]
    http.story.sweep()
    swept = report(http, f"{NOVEMBER}&clock=ack")["total"]

    assert (at_due["open"], at_due["breached"], at_due["breach_rate"]) == (1, 0, None)
    assert (after["open"], after["breached"], after["breach_rate"]) == (0, 1, 1.0)
    assert swept == after


def test_a_paused_clock_is_open_in_the_period_of_its_due_time_when_paused(http: Http) -> None:
    order = sent(http, "c7", minutes=10)
    fires(http, order, "no_access", "crew")
    query = "clock=handle&from=2026-11-22&to=2026-11-22"

    paused = report(http, query)["total"]
    row = rows_of(http, f"{PATH}/rows?{query}")[0]
    other_day = report(http, "clock=handle&from=2026-11-21&to=2026-11-21")["total"]

    assert (paused["open"], paused["due"], other_day["open"]) == (1, 0, 0)
    assert (row["due_at"], row["counted_at"]) == (None, "2026-11-22T00:00:00.000Z")


def test_a_cancelled_orders_clocks_are_counted_nowhere(http: Http) -> None:
    order = http.open()
    before = report(http, NOVEMBER)["total"]["open"]
    fires(http, order, "cancel", "dispatcher", {"reason": "误报"})

    assert before > 0
    assert report(http, NOVEMBER)["total"]["open"] == 0


def test_a_breach_belongs_to_who_held_the_order_then(http: Http) -> None:
    order = sent(http, "c7", minutes=None)
    http.story.advance(minutes=40)
    http.story.sweep()
    fires(http, order, "reassign", "dispatcher", {"crew": "c9", "reason": "增援"})

    groups = report(http, f"{NOVEMBER}&clock=arrive&group_by=crew")["data"]
    none = report(http, f"{NOVEMBER}&clock=ack&group_by=crew")["data"]

    assert [(g["crew"]["id"], g["breached"]) for g in groups if g["breached"]] == [("c7", 1)]
    assert [(g["crew"], g["met"]) for g in none] == [(None, 1)]
    assert "crew=none" in none[0]["href"]["met"]


def test_a_late_report_reads_otherwise_by_receipt(http: Http) -> None:
    order, start = sent(http, "c7", minutes=None), http.story.now
    http.story.at(start + timedelta(minutes=41))
    http.story.sweep()
    fires(http, order, "arrive", "crew", occurred_at=iso(start + timedelta(minutes=22)))

    occurred = report(http, f"{NOVEMBER}&clock=arrive&group_by=crew")
    received = report(http, f"{NOVEMBER}&clock=arrive&basis=received&group_by=crew")

    assert (occurred["total"]["met"], occurred["total"]["breached"]) == (1, 0)
    assert (received["total"]["met"], received["total"]["breached"]) == (0, 1)
    assert received["data"][0]["crew"]["id"] == "c7"
    rows = rows_of(http, received["data"][0]["href"]["breached"])
    proof = http.get(rows[0]["href"]["explain"] + "&basis=received").get_json()
    assert proof["verdict"] == "breached"


def test_the_cause_is_where_most_counted_time_went(month: Http) -> None:
    groups = report(
        month, f"{NOVEMBER}&clock=arrive&result=breached&group_by=cause&labels=1&lang=en"
    )

    assert [(g["cause"], g["cause_label"], g["breached"]) for g in groups["data"]] == [
        ("en_route", "On the way", 2)
    ]


def test_two_breached_clocks_are_two_breaches_and_one_ticket(http: Http) -> None:
    sent(http, "c7", minutes=None)
    http.story.advance(days=2)
    http.story.sweep()

    total = report(http, NOVEMBER)["total"]

    assert total["breached"] > 1
    assert total["tickets"] == 1
    assert len(rows_of(http, total["href"]["tickets"])) == 1
    for href, expected in (("tickets", 1), ("breached", total["breached"])):
        counted = http.get(f"{total['href'][href]}&count=exact", "manager").get_json()
        assert counted["total"] == expected


@pytest.mark.attack
def test_figures_hold_only_what_the_caller_may_see(month: Http) -> None:
    assert report(month, NOVEMBER, "other_dispatcher")["total"]["tickets"] == 0
    assert report(month, f"{NOVEMBER}&place=lotus", "other_dispatcher")["total"]["tickets"] == 0
    assert report(month, f"{NOVEMBER}&place=compound:lotus")["total"]["tickets"] == 5
    assert report(month, f"{NOVEMBER}&place=building:b2")["total"]["tickets"] == 5
    assert report(month, f"{NOVEMBER}&place=street:b2")["total"]["tickets"] == 0


@pytest.mark.parametrize("who", ["resident", "crew", "vendor_manager", "mediator", "committee"])
def test_roles_without_reports_are_refused(http: Http, who: str) -> None:
    for path in ("/v1/reports", PATH, f"{PATH}/rows"):
        answer = http.get(path, who)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("query", "status", "pointer"),
    [
        ("from=2026-11-02&to=2026-11-01", 422, "?to"),
        ("from=2025-10-01&to=2026-11-06", 422, "?from"),
        ("from=2026-13-01", 422, "?from"),
        ("group_by=mood", 422, "?group_by"),
        ("group_by=crew,day,clock", 422, "?group_by"),
        ("clock=sprint", 422, "?clock"),
        ("kind=ghost", 422, "?kind"),
        ("category=x%27--", 422, "?category"),
        ("result=won", 422, "?result"),
        ("basis=felt", 422, "?basis"),
        ("group=crew", 400, None),
        ("format=xlsx", 406, None),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    http: Http, query: str, status: int, pointer: str | None
) -> None:
    answer = http.get(f"{PATH}?{query}", "manager")

    assert answer.status_code == status, answer.text
    if pointer is not None:
        assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]


def test_400_days_are_allowed_and_the_default_is_the_month_to_date(http: Http) -> None:
    assert report(http, "from=2025-10-18&to=2026-11-22")["total"]["due"] == 0
    body = report(http, "")
    assert (body["from"], body["to"]) == ("2026-11-01", "2026-11-21")


def test_csv_says_the_same_and_cannot_be_run(month: Http) -> None:
    month.story.conn.execute(text("UPDATE crew SET name = '=cmd()' WHERE id = 'c7'"))

    answer = month.get(f"{PATH}?{NOVEMBER}&clock=arrive&group_by=crew&format=csv", "manager")
    rows = month.get(f"{PATH}/rows?{NOVEMBER}", "manager", headers={"Accept": "text/csv"})

    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert table[0] == ["crew", "crew_name", *FIGURES, "breach_rate"]
    assert table[1] == ["c7", "'=cmd()", "3", "2", "1", "0", "0", "0.3333"]
    listed = list(csv.DictReader(io.StringIO(rows.data.decode("utf-8-sig"))))
    total = report(month, NOVEMBER)["total"]
    assert len(listed) == total["due"] + total["open"]


@pytest.mark.attack
@pytest.mark.parametrize("text_", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", " =1"])
def test_a_cell_that_could_run_reads_as_text(text_: str) -> None:
    assert cell(text_) == f"'{text_}"
    assert (cell(-1), cell(None), cell("漏水")) == ("-1", "", "漏水")


def test_the_list_of_reports_defines_its_words(http: Http) -> None:
    entry = http.get("/v1/reports?lang=en", "manager").get_json()["data"][0]

    assert entry["name"] == "sla-breaches"
    assert entry["definitions"]["due"].startswith("Clocks that have been decided")
    assert http.get("/v1/reports/no-such", "manager").status_code == 404
