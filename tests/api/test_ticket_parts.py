"""Lists that events wrote, a party's persons, and what led to what."""

from typing import Any

import pytest
from sqlalchemy import text

from service.store import cause
from service.store.unit_of_work import Tx
from service.workflows import REGISTRY
from tests.support.http import Http, order
from tests.support.mediation import APPLICANT, REPRESENTATIVE, faults, filed
from tests.support.statements import counted

REPAIRS = "/v1/repair-orders"


@pytest.fixture
def case(http: Http) -> str:
    """A case with two parties, each with somebody to call."""
    return filed(http)


def test_people_are_masked_wherever_they_stand(http: Http, case: str) -> None:
    answer = http.get(f"{case}/parties", "mediator")

    first, second = answer.get_json()["data"]
    assert (first["n"], first["side"], first["place"]) == (1, "applicant", "h-2-101")
    assert first["person"] | {"party": ""} == {
        "party": "", "name": "李**", "phone": "139****4321",
    }  # fmt: skip
    assert second["representative"]["name"] == "赵**"
    assert not {APPLICANT["name"], REPRESENTATIVE["phone"]} & set(answer.text.split('"'))


def test_pages_go_by_number(http: Http, case: str) -> None:
    first = http.get(f"{case}/parties?limit=1&count=exact", "mediator")
    cursor = first.get_json()["next_cursor"]
    rest = http.get(f"{case}/parties?cursor={cursor}", "mediator")

    assert [item["n"] for item in first.get_json()["data"]] == [1]
    assert (first.get_json()["total"], first.get_json()["has_more"]) == (2, True)
    assert [item["n"] for item in rest.get_json()["data"]] == [2]
    assert rest.get_json()["has_more"] is False


def test_a_page_of_many_people_costs_two_statements(http: Http, case: str) -> None:
    http.get(case, "mediator")  # from now on the caller is known

    with counted(http.story.conn) as statements:
        answer = http.get(f"{case}/parties", "mediator")

    assert len(answer.get_json()["data"]) == 2
    assert len(statements) == 2, "\n\n".join(statements)


def test_an_empty_list_is_a_page_too(http: Http, case: str) -> None:
    for path in ("sessions", "obligations"):
        assert http.get(f"{case}/{path}", "mediator").get_json()["data"] == []


def test_nobody_else_sees_them_and_nothing_is_written_here(http: Http, case: str) -> None:
    assert http.get(f"{case}/parties", "other_dispatcher").status_code == 404
    assert http.get(f"{case}/parties", "mediator_t2").status_code == 404
    assert http.post(f"{case}/parties", {}, "mediator").status_code == 405
    unknown = http.get(f"{case}/parties?side=applicant", "mediator")
    assert (unknown.status_code, unknown.get_json()["code"]) == (400, "unknown-parameter")


@pytest.mark.parametrize("workflow", REGISTRY, ids=lambda workflow: workflow.kind)
def test_a_ticket_says_where_its_lists_are(workflow: Any) -> None:
    taken = {"events", "clocks", "notes", "links", "attachments", "work-log", "contact"}

    assert not set(workflow.lists) & taken


def test_links_of_a_ticket_name_them(http: Http, case: str) -> None:
    links = http.get(case, "mediator").get_json()["links"]

    assert links["parties"] == f"{case}/parties"
    assert links["related"] == f"{case}/related"
    assert "parties" not in http.open()["links"]


def test_a_mediator_reaches_a_party(http: Http, case: str) -> None:
    shown = http.get(f"{case}/contact?party=2&purpose=约定时间", "mediator")

    assert shown.get_json() == {
        "party": 2, "persons": [{"member": "representative", **REPRESENTATIVE}],
    }  # fmt: skip
    assert shown.headers["Cache-Control"] == "no-store"
    log = http.story.conn.execute(text("SELECT * FROM pii_access_log")).mappings().one()
    assert (log["actor_id"], log["purpose"]) == (http.story.actor("mediator").id, "约定时间")
    assert log["subject"] is not None


def test_the_reporter_is_for_those_of_before(http: Http, case: str) -> None:
    refused = http.get(f"{case}/contact", "mediator")

    assert refused.status_code == 403
    assert "mediator" not in refused.get_json()["needed"]
    assert http.get(f"{case}/contact", "dispatcher").get_json()["channel"] == "desk"


@pytest.mark.attack
@pytest.mark.parametrize(
    "who", ["resident", "property_manager", "committee", "street_officer", "auditor"]
)
def test_nobody_else_does(http: Http, case: str, who: str) -> None:
    assert http.get(f"{case}/contact?party=1", who).status_code == 403
    assert _looks(http) == 0


@pytest.mark.attack
def test_another_body_does_not_see_the_case(http: Http, case: str) -> None:
    assert http.get(f"{case}/contact?party=1", "mediator_t2").status_code == 404


def test_a_party_that_is_none_is_refused(http: Http, case: str) -> None:
    refused = http.get(f"{case}/contact?party=3", "mediator")

    assert faults(refused) == [("?party", "not_allowed", ["1", "2"])]
    assert faults(http.get(f"{case}/contact?party=x", "mediator"))[0][1] == "wrong_type"
    repair = http.get(f"{REPAIRS}/{http.open()['id']}/contact?party=1")
    assert faults(repair) == [("?party", "not_allowed", [])]
    assert _looks(http) == 0


def _looks(http: Http) -> int:
    found: int = http.story.conn.execute(text("SELECT count(*) FROM pii_access_log")).scalar_one()
    return found


def test_the_chain_is_seen_from_both_ends(http: Http) -> None:
    first, second = http.open(), http.open(category="drain")
    _led_to(http, first, second, "inspection")

    effect = http.get(f"{REPAIRS}/{second['id']}/related").get_json()
    origin = http.get(f"{REPAIRS}/{first['id']}/related").get_json()

    assert (effect["caused"], origin["caused_by"]) == ([], [])
    assert effect["caused_by"] == [_entry(first)]
    assert origin["caused"] == [_entry(second)]


@pytest.mark.attack
def test_a_ticket_out_of_sight_is_not_named(http: Http) -> None:
    mine = http.open()
    foreign = http.post(REPAIRS, order(place="b5"), "other_dispatcher").get_json()
    _led_to(http, mine, foreign, "inspection")
    _led_to(http, foreign, mine, "inspection")

    body = http.get(f"{REPAIRS}/{mine['id']}/related").get_json()

    assert body == {"caused_by": [], "caused": []}
    assert http.get(f"{REPAIRS}/{foreign['id']}/related").status_code == 404


def _led_to(http: Http, origin: Any, effect: Any, relation: str) -> None:
    row = {
        "effect_id": effect["id"], "effect_seq": 1, "cause_id": origin["id"], "cause_seq": 1,
        "relation": relation, "at": http.story.now,
    }  # fmt: skip
    cause.add(Tx(http.story.conn), [row])


def _entry(ticket: Any) -> dict[str, Any]:
    named = {name: ticket[name] for name in ("id", "number", "kind", "state")}
    return {
        "relation": "inspection",
        "ticket": {**named, "href": f"{REPAIRS}/{ticket['id']}"},
        "seq": 1,
        "own_seq": 1,
        "at": "2026-11-21T00:00:00.000Z",
    }
