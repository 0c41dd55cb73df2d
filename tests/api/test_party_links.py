"""A link is made for a party, or an elector, and carries the workflow's own events."""

from typing import Any

import pytest
from sqlalchemy import text

from service.workflows import REGISTRY
from service.workflows.rectification_order import RECTIFICATION_ORDER
from service.workflows.vendor_assessment import VENDOR_ASSESSMENT
from tests.support.http import Http
from tests.support.mediation import SAME_BODY, faults, filed, token

ACKNOWLEDGED = {
    "type": "acknowledge",
    "data": {"person": {"name": "钱进", "phone": "13600001111"}, "plan": "每日两清"},
}


@pytest.fixture
def case(http: Http) -> str:
    """A case with two parties."""
    return filed(http)


def offered(http: Http, made: str) -> dict[str, bool]:
    """Return what a link offers, by event."""
    body = http.get(f"/v1/track/{made}", None).get_json()
    return {each["type"]: each["enabled"] for each in body["available_events"]["data"]}


def test_where_a_ticket_has_parties_a_link_is_for_one_of_them(http: Http, case: str) -> None:
    path = f"{case}/links"

    assert faults(http.post(path, {}, "mediator")) == [("/party", "required", ["1", "2"])]
    unknown = http.post(path, {"party": 3}, "mediator")
    assert faults(unknown) == [("/party", "not_allowed", ["1", "2"])]
    for wrong, code in ((0, "out_of_range"), ("1", "wrong_type"), (None, "wrong_type")):
        assert faults(http.post(path, {"party": wrong}, "mediator"))[0][1] == code
    made = http.post(path, {"party": 2}, "mediator").get_json()
    listed = http.get(path, "mediator").get_json()["data"]
    assert [(link["id"], link["party"]) for link in listed] == [(made["id"], 2)]


def test_where_there_are_none_a_link_is_for_nobody_in_particular(http: Http) -> None:
    path = f"/v1/repair-orders/{http.open()['id']}/links"

    assert faults(http.post(path, {"party": 1})) == [("/party", "not_allowed", [])]
    assert http.post(path, {}).get_json()["party"] is None


def test_a_party_acts_by_its_link_for_itself_alone(http: Http, case: str) -> None:
    respondent = token(http, case, 2)
    agrees = {"type": "record_consent", "data": {}}

    answer = http.post(f"/v1/track/{respondent}/events", agrees, None)

    assert answer.status_code == 201, answer.text
    parties = http.get(f"{case}/parties", "mediator").get_json()["data"]
    assert [party["consent"] for party in parties] == [None, "given"]


@pytest.mark.attack
def test_a_link_carries_only_what_its_workflow_says(http: Http, case: str) -> None:
    made = token(http, case, 1)

    assert "record_consent" in offered(http, made)
    assert "screen" not in offered(http, made)
    refused = http.post(f"/v1/track/{made}/events", {"type": "screen", "data": {}}, None)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden-event")


@pytest.mark.parametrize("workflow", REGISTRY, ids=lambda workflow: workflow.kind)
def test_every_event_of_a_link_is_one_of_the_workflow(workflow: Any) -> None:
    assert workflow.links <= set(workflow.events)


def test_the_electors_of_an_assessment_are_whom_its_links_are_for() -> None:
    assert VENDOR_ASSESSMENT.linked == "electors"


@pytest.mark.attack
@pytest.mark.parametrize(
    "who", ["resident", "property_manager", "street_officer", "dispatcher", "manager", "committee"]
)
def test_nobody_who_could_be_a_party_hands_out_links(http: Http, case: str, who: str) -> None:
    """With a link for the other side one could sign for it."""
    made = http.post(f"{case}/links", {"party": 1}, "mediator").get_json()

    assert http.post(f"{case}/links", {"party": 1}, who).status_code == 403
    assert http.get(f"{case}/links", who).status_code == 403
    assert http.call("DELETE", f"{case}/links/{made['id']}", who).status_code == 403


@pytest.mark.attack
def test_another_body_does_not_see_the_case(http: Http, case: str) -> None:
    assert http.post(f"{case}/links", {"party": 1}, "mediator_t2").status_code == 404


@pytest.mark.attack
def test_only_the_body_that_has_the_case_hands_out_links(http: Http, case: str) -> None:
    """A body that sees the case for its own sake may not speak for a party of it."""
    path = f"{case}/links"
    http.story.conn.execute(
        text("INSERT INTO ticket_stake (ticket_id, holder) VALUES (:id, 'tier:2')"),
        {"id": case.rpartition("/")[2]},
    )

    refused = http.post(path, {"party": 1}, "mediator_t2")

    assert refused.status_code == 409, refused.text
    assert [reason["code"] for reason in refused.get_json()["reasons"]] == ["not_my_tier"]
    assert http.get(path, "mediator").get_json()["data"] == []
    assert http.post(path, {"party": 1}, SAME_BODY).status_code == 201


def opened_vote(http: Http, kind: str, electors: list[str]) -> str:
    """Open a vote; return its path."""
    example = dict(VENDOR_ASSESSMENT.example or {})
    body = example | {"facts": example["facts"] | {"electorate_kind": kind}}
    found = http.post("/v1/vendor-assessments", body, "committee").get_json()
    path = f"/v1/vendor-assessments/{found['id']}"
    event = {"type": "open", "data": {"electors": electors}}
    assert http.post(f"{path}/events", event, "committee").status_code == 201
    return path


@pytest.mark.attack
def test_an_elector_with_an_account_votes_with_its_key_and_gets_no_link(http: Http) -> None:
    """With such a link the committee could vote in a delegate's stead."""
    delegates = [str(http.story.actor(who).id) for who in ("resident", "neighbour")]
    path = f"{opened_vote(http, 'delegate', delegates)}/links"

    assert faults(http.post(path, {"party": 1}, "committee")) == [("/party", "not_allowed", [])]
    assert faults(http.post(path, {}, "committee")) == [("/party", "required", [])]
    assert http.get(path, "committee").get_json()["data"] == []


def test_a_household_votes_by_link(http: Http) -> None:
    path = opened_vote(http, "household", ["h-2-101", "h-2-102"])
    made = http.post(f"{path}/links", {"party": 2}, "committee").get_json()["token"]
    vote = {"type": "grade", "data": {"grade": "satisfied"}}

    assert http.post(f"/v1/track/{made}/events", vote, None).status_code == 201


def test_the_vendor_of_a_notice_answers_by_link(http: Http) -> None:
    """The holder acts for the vendor: the line says so, and no other event is offered."""
    found = http.post("/v1/rectification-orders", RECTIFICATION_ORDER.example, "committee")
    path = f"/v1/rectification-orders/{found.get_json()['id']}"
    http.post(f"{path}/events", RECTIFICATION_ORDER.event_example, "committee")
    made = http.post(f"{path}/links", {}, "committee").get_json()["token"]

    answer = http.post(f"/v1/track/{made}/events", ACKNOWLEDGED, None)

    assert answer.status_code == 201, answer.text
    assert answer.get_json()["event"]["actor"]["role"] == "vendor_manager"
    assert set(offered(http, made)) == set(RECTIFICATION_ORDER.links)
    assert http.post(f"{path}/links", {}, "dispatcher").status_code == 201
    assert http.post(f"{path}/links", {}, "community_officer").status_code == 403


@pytest.mark.attack
def test_who_was_taken_for_a_party_by_mistake_is_shut_out(http: Http, case: str) -> None:
    """Sight, letters and the link went to the wrong vendor; from now on nothing does."""
    wrong, right = token(http, case, 2), {"vendor": "v-lotus"}
    assert http.get(case, "property_manager").status_code == 200
    found = {"type": "identify_party", "data": {"party": 2, "proof": "known_to_body"} | right}
    applicant = token(http, case, 1)
    http.story.pass_time(minutes=1)

    assert http.post(f"{case}/events", found, "mediator").status_code == 201

    assert http.get(case, "property_manager").status_code == 404
    assert http.get(case, "vendor_manager").status_code == 200
    gone = http.get(f"/v1/track/{wrong}", None)
    assert (gone.status_code, gone.get_json()["code"]) == (410, "link-revoked")
    assert http.get(f"/v1/track/{applicant}", None).status_code == 200
    anew = token(http, case, 2)
    assert http.get(f"/v1/track/{anew}", None).status_code == 200
