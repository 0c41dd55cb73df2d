"""Rows of DOMAIN 3C.2 from the finding to the notice and its dispute."""

from dataclasses import replace
from uuid import UUID

import pytest

from service.core.actors import Role
from service.core.errors import ForbiddenEvent
from service.core.shapes import stamp
from service.core.workflow import BIRTH
from tests.support.bench import DAY, NOW, OPENED, PHOTO, TICK, TICKET, VENDOR, account_id
from tests.support.bench import actor as somebody
from tests.support.repair import clock
from tests.support.samples.rectification_order import BENCH, DATA, OUTSIDE, WEEK_MS, notice

V, D, K, W = Role.VENDOR_MANAGER, Role.DISPATCHER, Role.COMMITTEE, Role.SYSTEM
O, S, X = Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
DEVELOPER = replace(VENDOR, body="developer")
AGAINST_COMMITTEE = {
    "subject": "committee", "committee": "owners_committee", "grade": "ordinary",
    "items": [{"what": "超越权限的决定"}],
}  # fmt: skip
NO_NOTICE = {"notice": None, "ack": None}


# ── record, circulate ────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [K, O, S, X, W])
def test_record_numbers_the_items_and_gives_the_order_to_the_vendor(by):
    played = BENCH.play("record", by, BIRTH, DATA["record"])

    assert (played.state, played.clocks) == ("found", ())
    assert [(i["n"], i["state"], i["photo"]) for i in played.facts["items"]] == [
        (1, "open", PHOTO),
        (2, "open", None),
    ]
    assert played.facts["cycle_no"] == 1
    assert played.change.assignee.vendor_id == "v1"
    assert not played.change.assignee.outside_body


def test_a_committee_holds_no_order_as_a_vendor():
    bench = replace(BENCH, category="rect_decision")
    played = bench.play("record", S, BIRTH, AGAINST_COMMITTEE)

    assert not played.change.assigns


def test_a_developer_is_a_body_outside_the_service():
    bench = replace(BENCH, category="rect_developer")
    data = DATA["record"] | {"subject": "developer"}
    played = bench.play("record", S, BIRTH, data, refs={"vendor": DEVELOPER})

    assert played.change.assignee.outside_body


def test_unknown_vendor_is_refused():
    refused = BENCH.refusals("record", K, BIRTH, DATA["record"], refs={"vendor": None})

    assert refused == {"unknown_vendor"}


@pytest.mark.parametrize(
    ("category", "facts", "vendor"),
    [
        ("rect_service", {"subject": "developer"}, VENDOR),
        ("rect_service", {"subject": "vendor"}, DEVELOPER),
        ("rect_developer", {"subject": "vendor"}, VENDOR),
        ("rect_decision", {"subject": "vendor"}, VENDOR),
    ],
)
def test_wrong_subject_is_refused(category, facts, vendor):
    bench = replace(BENCH, category=category)
    refused = bench.refusals("record", K, BIRTH, DATA["record"] | facts, refs={"vendor": vendor})

    assert refused == {"wrong_subject"}


def test_circulate_keeps_when_the_result_was_published():
    played = BENCH.play("circulate", K, "found", DATA["circulate"])

    assert (played.state, played.facts) == ("circulated", {"circulated_at": stamp(NOW)})


# ── notice ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["found", "circulated"])
@pytest.mark.parametrize("by", [K, S, X])
def test_issue_notice_names_issuer_and_deadline_and_starts_the_clocks(by, state):
    ticket = BENCH.ticket(state, facts=NO_NOTICE)
    played = BENCH.play("issue_notice", by, ticket, DATA["issue_notice"])

    assert (played.state, played.clocks) == ("issued", ("start ack_notice", "start cure"))
    assert played.due["cure"] == NOW + 7 * DAY
    assert played.facts["notice"] == notice(by, at=stamp(NOW), deadline=stamp(NOW + 7 * DAY))
    assert played.facts["first_span_ms"] == WEEK_MS


@pytest.mark.parametrize(
    ("grade", "time"), [("immediate", DAY), ("ordinary", 7 * DAY), ("works", 30 * DAY)]
)
def test_the_grade_gives_the_longest_deadline(grade, time):
    ticket = BENCH.ticket("found", facts={**NO_NOTICE, "grade": grade})
    at_most = DATA["issue_notice"] | {"deadline": stamp(NOW + time)}
    beyond = DATA["issue_notice"] | {"deadline": stamp(NOW + time + TICK)}

    assert BENCH.play("issue_notice", K, ticket, at_most).due["cure"] == NOW + time
    assert BENCH.refusals("issue_notice", K, ticket, beyond) == {"deadline_too_far"}


@pytest.mark.parametrize(("ahead", "codes"), [(0 * TICK, {"deadline_past"}), (TICK, set())])
def test_a_deadline_lies_ahead(ahead, codes):
    ticket = BENCH.ticket("found", facts=NO_NOTICE)
    data = DATA["issue_notice"] | {"deadline": stamp(NOW + ahead)}

    assert BENCH.refusals("issue_notice", K, ticket, data) == codes


# ── acknowledge ──────────────────────────────────────────────────────────────


def test_acknowledge_keeps_person_plan_and_the_manager():
    played = BENCH.play("acknowledge", V, "issued", DATA["acknowledge"])
    ack = played.facts["ack"]

    assert (played.state, played.clocks) == ("acknowledged", ("stop ack_notice",))
    assert (ack["plan"], ack["manager"], ack["deemed"]) == ("每日两清", account_id(V), False)
    assert set(ack["person"]) == {"party"}


@pytest.mark.parametrize("role", [Role.RESIDENT, V])
def test_a_link_answers_for_the_vendor_without_an_account(role):
    """S-63."""
    link = replace(somebody(role), id=UUID(int=5), link_ticket=TICKET)
    played = BENCH.play("acknowledge", link, "issued", DATA["acknowledge"])

    assert played.state == "acknowledged"
    assert "manager" not in played.facts["ack"]


def test_a_link_of_another_ticket_answers_for_nobody():
    link = replace(somebody(Role.RESIDENT), link_ticket=UUID(int=8))

    with pytest.raises(ForbiddenEvent):
        BENCH.play("acknowledge", link, "issued", DATA["acknowledge"])


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("acknowledge", "issued"),
        ("dispute_notice", "issued"),
        ("start", "acknowledged"),
        ("request_extension", "acknowledged"),
        ("submit_evidence", "in_rectification"),
        ("object_deduction", "penalized"),
    ],
)
def test_not_subject_is_refused(event, state):
    data = DATA.get(event, {})
    other = somebody(V, vendor_id="v2")
    developer = BENCH.ticket(state, assignee=OUTSIDE)

    assert "not_subject" in BENCH.refusals(event, other, state, data)
    assert "not_subject" in BENCH.refusals(event, D, state, data)
    assert "not_subject" not in BENCH.refusals(event, D, developer, data)


def test_against_a_committee_it_is_the_committee_that_answers_and_nothing_else():
    """R-VEN-24."""
    ticket = BENCH.ticket("issued", facts={"subject": "committee"}, assignee=None)

    assert BENCH.play("acknowledge", K, ticket, DATA["acknowledge"]).state == "acknowledged"
    with pytest.raises(ForbiddenEvent):
        BENCH.play("answer_dispute", K, ticket, DATA["answer_dispute"])


def test_deem_served_follows_when_nobody_acknowledged():
    refs = {"clocks": (clock("ack_notice", NOW),)}
    played = BENCH.play("deem_served", W, "issued", refs=refs)

    assert (played.state, played.clocks) == ("acknowledged", ("stop ack_notice",))
    assert played.facts == {"ack": {"at": stamp(NOW), "deemed": True}}


@pytest.mark.parametrize("clocks", [(), (clock("ack_notice", NOW + TICK),)])
def test_ack_not_overdue_is_refused(clocks):
    assert BENCH.refusals("deem_served", W, "issued", refs={"clocks": clocks}) == {
        "ack_not_overdue"
    }


# ── dispute and withdrawal ───────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["issued", "acknowledged"])
def test_dispute_notice_waits_for_the_issuers_answer(state):
    played = BENCH.play("dispute_notice", V, state, DATA["dispute_notice"])
    dispute = played.facts["dispute_of_notice"]

    assert (played.state, played.clocks) == (state, ("start dispute_answer",))
    assert (dispute["reason"], dispute["proof"]) == ("不属于合同范围", [PHOTO])


@pytest.mark.parametrize(("late", "codes"), [(0 * TICK, set()), (TICK, {"dispute_too_late"})])
def test_a_notice_is_disputed_within_three_days(late, codes):
    at = OPENED + 3 * DAY + late
    refused = BENCH.refusals("dispute_notice", V, "issued", DATA["dispute_notice"], at=at, now=at)

    assert refused == codes


def test_already_disputed_is_refused():
    ticket = BENCH.ticket("issued", facts={"dispute_of_notice": {"reason": "x"}})

    assert BENCH.refusals("dispute_notice", V, ticket, DATA["dispute_notice"]) == {
        "already_disputed"
    }


def test_answer_dispute_stands_beside_the_dispute_and_stops_the_clock():
    ticket = BENCH.ticket("issued", facts={"dispute_of_notice": {"reason": "x"}})
    played = BENCH.play("answer_dispute", K, ticket, DATA["answer_dispute"])

    assert (played.state, played.clocks) == ("issued", ("stop dispute_answer",))
    assert played.facts["dispute_of_notice"]["reason"] == "x"
    assert played.facts["dispute_of_notice"]["answer"]["decision"] == "upheld"


@pytest.mark.parametrize("dispute", [None, {"reason": "x", "answer": {"decision": "upheld"}}])
def test_no_dispute_is_refused(dispute):
    ticket = BENCH.ticket("issued", facts={"dispute_of_notice": dispute})

    assert BENCH.refusals("answer_dispute", K, ticket, DATA["answer_dispute"]) == {"no_dispute"}


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("answer_dispute", "issued"),
        ("extend", "acknowledged"),
        ("suspend_cure", "acknowledged"),
        ("resume_cure", "acknowledged"),
        ("reissue", "failed"),
    ],
)
@pytest.mark.parametrize("who", [somebody(K, 1), somebody(S)])
def test_not_issuer_is_refused(event, state, who):
    assert "not_issuer" in BENCH.refusals(event, who, state, DATA.get(event, {}))
    assert "not_issuer" not in BENCH.refusals(event, K, state, DATA.get(event, {}))


@pytest.mark.parametrize("state", ["issued", "acknowledged", "in_rectification"])
@pytest.mark.parametrize(("issuer", "superior"), [(K, S), (S, X)])
def test_withdraw_notice_is_the_superiors_and_ends_the_clocks(state, issuer, superior):
    ticket = BENCH.ticket(state, facts={"notice": notice(issuer)})
    played = BENCH.play("withdraw_notice", superior, ticket, DATA["withdraw_notice"])

    assert played.state == "closed_withdrawn"
    assert played.clocks == ("end ack_notice", "end cure", "end dispute_answer")


@pytest.mark.parametrize(
    ("issuer", "who", "codes"),
    [
        (K, somebody(X), {"not_superior"}),
        (S, somebody(S), {"not_superior"}),
        (S, somebody(S, 1), {"not_superior"}),
        (X, somebody(X), {"not_superior"}),
        (X, somebody(X, 1), set()),
    ],
)
def test_not_superior_is_refused(issuer, who, codes):
    ticket = BENCH.ticket("issued", facts={"notice": notice(issuer)})

    assert BENCH.refusals("withdraw_notice", who, ticket, DATA["withdraw_notice"]) == codes


def test_a_notice_ends_nothing_but_its_own_clocks():
    played = BENCH.play("withdraw_notice", S, "issued", DATA["withdraw_notice"])

    assert not any("top_up" in action for action in played.clocks)
