"""Rows of DOMAIN 3A.2 on the maintenance fund: need_fund and fund_decided."""

from dataclasses import replace

import pytest

from service.core.actors import Role
from tests.support.repair import PHOTO, PLACE, play, refusals, ticket
from tests.support.repair_data import DATA

C, M, K, W = Role.CREW, Role.MANAGER, Role.COMMITTEE, Role.SYSTEM
MAJOR = {"part": "common", "class": "major", "responsible": "owners"}
ASKED = DATA["need_fund"]
PLAN = {"kind": "fund_application", "plan": "更换立管", "estimate_fen": 1_200_000}
APPROVED = {"decision": "approved", "document": PHOTO}
REFUSED = {"decision": "refused", "document": PHOTO}


@pytest.mark.parametrize(
    ("by", "state", "clocks"),
    [
        (M, "accepted", ("stop dispatch", "stop feedback", "end arrive")),
        (C, "on_site", ("stop dispatch", "stop feedback")),
        (M, "on_site", ("stop dispatch", "stop feedback")),
    ],
)
def test_need_fund_records_the_request(by, state, clocks):
    played = play("need_fund", by, ticket(state, facts=MAJOR), ASKED)

    assert (played.state, played.clocks) == ("awaiting_fund", clocks)
    assert played.children("linked_request") == [PLAN | {"recipient": "committee"}]


def test_without_a_committee_the_plan_goes_to_the_developer():
    refs = {"place": replace(PLACE, committee=False)}
    played = play("need_fund", M, ticket("accepted", facts=MAJOR), ASKED, refs=refs)

    assert played.children("linked_request") == [PLAN | {"recipient": "developer"}]


@pytest.mark.parametrize(
    ("codes", "facts"),
    [
        ({"not_common_part"}, MAJOR | {"part": "private"}),
        ({"not_major"}, MAJOR | {"class": "minor"}),
        ({"not_common_part", "not_major"}, {}),
    ],
)
def test_need_fund_is_refused_with_every_reason(codes, facts):
    assert refusals("need_fund", C, ticket("on_site", facts=facts), ASKED) == codes


@pytest.mark.parametrize("by", [W, K, M])
def test_an_approved_order_returns_to_who_holds_it(by):
    fund = {"fund": {"recipient": "committee"}}
    played = play("fund_decided", by, ticket("awaiting_fund", facts=MAJOR | fund), APPROVED)

    assert (played.state, played.clocks) == ("assigned", ())
    assert played.facts == {"fund": {"recipient": "committee", "decision": "approved"}}


def test_an_approved_order_that_nobody_holds_is_dispatched():
    played = play("fund_decided", W, ticket("awaiting_fund", assignee=None), APPROVED)

    assert (played.state, played.clocks) == ("accepted", ("start dispatch",))


@pytest.mark.parametrize(("urgency", "hazards"), [("normal", 0), ("emergency", 1)])
def test_a_refused_order_is_referred_and_a_danger_becomes_a_hazard(urgency, hazards):
    played = play("fund_decided", W, ticket("awaiting_fund", urgency=urgency), REFUSED)

    assert (played.state, played.clocks) == ("referred", ("end *",))
    assert len(played.children("linked_request")) == hazards


@pytest.mark.parametrize("decision", ["approved", "refused"])
@pytest.mark.parametrize("by", [K, M])
def test_people_prove_the_decision_with_its_document(by, decision):
    order = ticket("awaiting_fund")

    assert refusals("fund_decided", by, order, {"decision": decision}) == {"document_missing"}
    assert not refusals("fund_decided", W, order, {"decision": decision})


def test_people_do_not_decide_where_fund_applications_are_a_workflow():
    refs = {"kinds": frozenset({"repair_order", "fund_application"})}
    order = ticket("awaiting_fund")

    assert refusals("fund_decided", K, order, APPROVED, refs=refs) == {"fund_application_decides"}
    assert not refusals("fund_decided", W, order, APPROVED, refs=refs)
