"""One list for all kinds, and words of one kind that another does not know."""

import pytest
from sqlalchemy import text

from service.workflows import REGISTRY
from service.workflows.complaint import COMPLAINT
from tests.support.http import Http
from tests.support.mediation import faults, filed

_NUMBERED = text("""
INSERT INTO clock SELECT (jsonb_populate_record(k, '{"name": "obligation-2"}')).*
  FROM clock k WHERE ticket_id = :id AND name = 'screen'""")


@pytest.fixture
def three(http: Http) -> Http:
    """A repair order, a dispute and a complaint."""
    http.open()
    filed(http)
    assert http.post("/v1/complaints", COMPLAINT.example, "resident").status_code == 201
    return http


def kinds(http: Http, query: str, who: str = "dispatcher") -> list[str]:
    """Return the kinds of the tickets listed."""
    answer = http.get(f"/v1/tickets?sort=number{query}", who)
    assert answer.status_code == 200, answer.text
    return [ticket["kind"] for ticket in answer.get_json()["data"]]


def test_all_kinds_stand_in_one_list(three: Http) -> None:
    assert kinds(three, "") == ["complaint", "dispute_case", "repair_order"]
    assert kinds(three, "&kind=complaint,repair_order") == ["complaint", "repair_order"]
    assert kinds(three, "&category=water_leak,cmp_cleaning") == ["complaint", "repair_order"]
    assert kinds(three, "&state=filed,received") == ["complaint", "dispute_case"]
    assert kinds(three, "&kind=complaint&count=exact&limit=1") == ["complaint"]


@pytest.mark.attack
def test_each_role_finds_its_own(three: Http) -> None:
    assert kinds(three, "", "mediator") == ["dispute_case"]
    assert kinds(three, "", "mediator_t2") == []
    assert kinds(three, "", "property_manager") == ["dispute_case"]
    assert kinds(three, "", "clean_manager") == ["complaint"]
    assert kinds(three, "", "other_dispatcher") == []


def test_a_category_of_another_kind_is_told_from_ones_own(three: Http) -> None:
    for query in ("/v1/repair-orders?category=cmp_cleaning",
                  "/v1/tickets?kind=repair_order&category=cmp_cleaning"):  # fmt: skip
        pointer, code, allowed = faults(three.get(query))[0]
        assert (pointer, code) == ("?category", "not_allowed")
        assert "water_leak" in allowed
        assert "cmp_cleaning" not in allowed
    assert three.get("/v1/complaints?category=cmp_cleaning").status_code == 200
    assert faults(three.get("/v1/tickets?category=dragon"))[0][0] == "?category"


def test_a_state_or_clock_of_another_kind_is_unknown(three: Http) -> None:
    for query in ("state=assigned", "clock=arrive:overdue"):
        assert three.get(f"/v1/dispute-cases?{query}").status_code == 422
        assert three.get(f"/v1/tickets?{query}").status_code == 200


def test_numbered_clocks_are_found_by_their_family(http: Http) -> None:
    case = filed(http)
    path = "/v1/dispute-cases?clock=obligation:"
    assert http.get(f"{path}running", "mediator").get_json()["data"] == []

    http.story.conn.execute(_NUMBERED, {"id": case.rpartition("/")[2]})

    found = http.get(f"{path}running&include=clocks&labels=1", "mediator").get_json()["data"]
    labels = {clock["clock"]: clock["clock_label"] for clock in found[0]["clocks"]}
    assert labels["obligation-2"].endswith(" 2")
    assert not labels["obligation-2"].startswith("clock.")
    assert http.get(f"{path}not_started", "mediator").get_json()["data"] == []


@pytest.mark.parametrize("workflow", REGISTRY, ids=lambda workflow: workflow.kind)
def test_a_right_id_in_the_wrong_collection_is_absent(three: Http, workflow: object) -> None:
    collection = workflow.collection  # type: ignore[attr-defined]
    tickets = three.get("/v1/tickets").get_json()["data"]

    for ticket in tickets:
        answer = three.get(f"/v1/{collection}/{ticket['id']}")
        assert answer.status_code == (200 if ticket["kind"] == workflow.kind else 404)  # type: ignore[attr-defined]


def test_groups_of_a_report_have_the_words_of_the_kind_asked_for(three: Http) -> None:
    """`received` is a state of complaints; `accepted` has its own words in each kind."""
    three.story.advance(days=3)
    three.story.sweep()
    path = "/v1/reports/sla-breaches?labels=1&from=2026-11-01&group_by="

    by_kind = three.get(f"{path}kind", "manager").get_json()["data"]
    by_cause = three.get(f"{path}cause&kind=complaint", "manager").get_json()["data"]
    by_clock = three.get(f"{path}clock&kind=dispute_case", "manager").get_json()["data"]

    assert {row["kind"] for row in by_kind} == {"complaint", "dispute_case", "repair_order"}
    for row in (*by_kind, *by_cause, *by_clock):
        for name in ("kind", "cause", "clock"):
            assert row.get(f"{name}_label", "有") not in ("", row.get(name)), row
