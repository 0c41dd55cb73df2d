"""A complaint from its receipt to its acceptance: first receiver, promise, right address."""

from typing import Any

import pytest
from marshmallow import ValidationError

from service.bootstrap import load_catalogue
from service.core.actors import Role
from service.core.refs import CategoryRef
from service.core.workflow import BIRTH
from service.workflows.complaint_data import ComplaintBody
from tests.support.bench import (
    DAY,
    NOW,
    SUBJECT,
    TICK,
    account,
    account_id,
    actor,
    after,
)
from tests.support.samples.complaint import (
    BENCH,
    COMPLAINT_FACTS,
    DATA,
    NEXT,
    RECEIVER,
    VIOLATION,
    received,
)

R, D, C, V = Role.RESIDENT, Role.DISPATCHER, Role.CREW, Role.VENDOR_MANAGER
T, K, M, W = Role.MEDIATOR, Role.COMMITTEE, Role.MANAGER, Role.SYSTEM
S, X = Role.STREET_OFFICER, Role.DISTRICT_OFFICER
STAFF = (D, C, V, T, K, M, S, X)
CATALOGUE = load_catalogue()
BUILDING = {"category": CATALOGUE.get("illegal_building")}


def register(by: Role, facts: dict[str, Any], **around: Any) -> Any:
    return BENCH.play("receive", by, BIRTH, facts, **around)


# ── receive ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", STAFF)
def test_whoever_of_the_staff_receives_it_is_the_first_receiver(role):
    played = register(role, COMPLAINT_FACTS)

    assert played.state == "received"
    assert played.facts["first_receiver"] == account_id(role)
    assert [entry["account"] for entry in played.facts["receivers"]] == [account_id(role)]


@pytest.mark.parametrize("role", [R, W])
def test_what_a_resident_or_another_ticket_brings_has_no_first_receiver_yet(role):
    played = register(role, COMPLAINT_FACTS)

    assert played.facts["first_receiver"] is None
    assert played.facts["receivers"] == []


def test_a_complaint_starts_the_clock_of_the_company_only():
    played = register(D, COMPLAINT_FACTS)

    assert played.clocks == ("start reply",)
    assert played.facts["by_authority"] is False


def test_a_violation_report_starts_the_clocks_of_the_authority():
    played = register(D, VIOLATION, refs=BUILDING)

    assert played.clocks == ("start authority_accept", "start authority_reply")
    assert played.facts["by_authority"] is True


def test_the_limit_of_the_hotline_ticket_has_a_clock_of_its_own():
    facts = {**COMPLAINT_FACTS, "hotline_no": "12345-77", "hotline_due_at": after(DAY)}

    played = register(D, facts)

    assert played.due["hotline"] == NOW + DAY
    assert played.facts["hotline"] is True


@pytest.mark.parametrize(("votes", "joint"), [(9, False), (10, True), (11, True)])
def test_a_joint_complaint_of_ten_owners_must_be_accepted_in_writing(votes, joint):
    played = register(D, {**COMPLAINT_FACTS, "votes": votes})

    assert ("start joint_acceptance" in played.clocks) is joint
    assert played.facts["votes"] == votes


def test_the_company_complained_about_handles_it_first():
    assert register(R, COMPLAINT_FACTS).change.assignee == SUBJECT
    without = {n: v for n, v in COMPLAINT_FACTS.items() if n != "vendor"}
    assert not register(R, without).change.assigns


def test_a_mediator_keeps_sight_of_what_it_received():
    assert register(T, COMPLAINT_FACTS).change.stakes == (f"account:{account_id(T)}",)
    assert register(D, COMPLAINT_FACTS).change.stakes == ()


def test_a_company_receives_complaints_as_its_own_first_handler_only():
    without = {n: v for n, v in COMPLAINT_FACTS.items() if n != "vendor"}

    assert BENCH.refusals("receive", V, BIRTH, without) == {"not_own_vendor"}
    other = {**COMPLAINT_FACTS, "vendor": "v2"}
    assert BENCH.refusals("receive", V, BIRTH, other) == {"not_own_vendor"}


def test_an_unknown_company_is_refused():
    refused = BENCH.refusals("receive", D, BIRTH, COMPLAINT_FACTS, refs={"vendor": None})

    assert refused == {"unknown_vendor"}


def test_a_violation_category_and_the_violation_type_go_together():
    plain = BENCH.refusals("receive", D, BIRTH, COMPLAINT_FACTS, refs=BUILDING)
    wrong = BENCH.refusals("receive", D, BIRTH, VIOLATION)

    assert plain == wrong == {"violation_type_mismatch"}


@pytest.mark.parametrize("role", [D, C, M, K])
def test_the_company_dissuades_and_names_the_authority(role):
    bare = {"type": "violation_report", "origin": "patrol"}

    refused = BENCH.refusals("receive", role, BIRTH, bare, refs=BUILDING)

    assert refused == {"dissuasion_missing", "authority_not_named"}


@pytest.mark.parametrize("role", [R, W, S, X])
def test_residents_and_the_authority_itself_need_not_have_dissuaded(role):
    bare = {"type": "violation_report", "origin": "customer"}

    assert BENCH.refusals("receive", role, BIRTH, bare, refs=BUILDING) == set()


def test_dissuasion_has_happened():
    late = {**VIOLATION, "dissuaded_at": after(TICK)}

    assert BENCH.refusals("receive", D, BIRTH, late, refs=BUILDING) == {"dissuaded_in_future"}
    assert register(D, {**VIOLATION, "dissuaded_at": after(0 * TICK)}, refs=BUILDING)


@pytest.mark.parametrize("code", CATALOGUE.of("complaint").codes)
def test_every_category_says_who_answers(code):
    category: CategoryRef = CATALOGUE.get(code)

    assert category.responsible in ("company", "authority")
    assert category.rule.startswith("R-")


# ── the create body ──────────────────────────────────────────────────────────


def body(**facts: Any) -> dict[str, Any]:
    return {
        "place": "h-2-101", "category": "cmp_cleaning", "title": "楼道没人扫",
        "reporter": {"channel": "phone"}, "facts": {**COMPLAINT_FACTS, **facts},
    }  # fmt: skip


def test_whoever_asks_leaves_a_phone():
    with pytest.raises(ValidationError) as refused:
        ComplaintBody().load(body())

    assert refused.value.messages == {"reporter": {"phone": ["required"]}}


@pytest.mark.parametrize("origin", ["patrol", "public_collection", "transfer"])
def test_a_lead_without_a_person_needs_no_phone(origin):
    assert ComplaintBody().load(body(origin=origin))["facts"]["origin"] == origin


# ── accept ───────────────────────────────────────────────────────────────────


def test_acceptance_gives_a_promise_with_a_clock_of_its_own():
    played = BENCH.play("accept", V, received(), DATA["accept"])

    assert played.state == "accepted"
    assert played.clocks == ("stop authority_accept", "stop joint_acceptance", "start promise-1")
    assert played.due["promise-1"] == NOW + DAY
    assert [p["promise_at"] for p in played.facts["promises"]] == [after(DAY)]


def test_whoever_accepts_is_the_first_receiver_when_there_is_none():
    played = BENCH.play("accept", K, received(first_receiver=None), DATA["accept"])

    assert played.facts["first_receiver"] == account_id(K)


def test_the_first_receiver_may_be_named_at_acceptance():
    data = {**DATA["accept"], "receiver": NEXT}

    played = BENCH.play("accept", K, received(first_receiver=None), data)

    assert played.facts["first_receiver"] == NEXT


def test_the_first_receiver_stays_the_one_who_received_it():
    played = BENCH.play("accept", K, received(), DATA["accept"])
    other = {**DATA["accept"], "receiver": NEXT}

    assert "first_receiver" not in played.facts
    assert BENCH.refusals("accept", K, received(), other) == {"receiver_fixed"}
    same = {**DATA["accept"], "receiver": RECEIVER}
    assert BENCH.refusals("accept", K, received(), same) == set()


@pytest.mark.parametrize(
    "found",
    [
        None,
        account(D, 2, active=False),
        account(R, 2),
        account(D, 2, place_path="jinjiang/xijie"),
        account(D, 2, place_path="jinjiang/dongjie/lotus-c/lot"),
    ],
    ids=["unknown", "left", "resident", "elsewhere", "similar-path"],
)
def test_a_first_receiver_is_at_work_at_this_place(found):
    data = {**DATA["accept"], "receiver": NEXT}
    known = {} if found is None else {NEXT: found}

    refused = BENCH.refusals(
        "accept", K, received(first_receiver=None), data, refs={"accounts": known}
    )

    assert refused == {"unknown_receiver"}


def test_acceptance_may_name_the_company():
    data = {**DATA["accept"], "vendor": "v1"}

    assert BENCH.play("accept", S, received(), data).change.assignee == SUBJECT
    assert BENCH.refusals("accept", S, received(), data, refs={"vendor": None}) == {
        "unknown_vendor"
    }


def test_another_company_does_not_accept_it():
    stranger = actor(V, 1, vendor_id="v2")

    assert BENCH.refusals("accept", stranger, received(), DATA["accept"]) == {"not_assigned"}
    alone = BENCH.ticket("received", assignee=None)
    assert BENCH.refusals("accept", V, alone, DATA["accept"]) == {"not_assigned"}


@pytest.mark.parametrize("role", [D, K, M, V])
def test_only_an_authority_accepts_a_violation_report(role):
    ticket = received(type="violation_report")

    assert BENCH.refusals("accept", role, ticket, DATA["accept"]) == {"authority_handles"}
    assert BENCH.refusals("accept", S, ticket, DATA["accept"]) == set()


# ── at once, or elsewhere ────────────────────────────────────────────────────


def test_what_can_be_solved_at_once_is_resolved_without_a_promise():
    ticket = received(first_receiver=None)

    played = BENCH.play("resolve_on_spot", D, ticket, DATA["resolve_on_spot"])

    assert played.state == "resolved"
    assert played.facts["first_receiver"] == account_id(D)
    assert played.facts["handled_by"] == [account_id(D)]
    assert played.clocks == ("stop authority_accept", "stop joint_acceptance")


def test_solved_at_once_after_acceptance_keeps_the_promise():
    played = BENCH.play("resolve_on_spot", D, "accepted", DATA["resolve_on_spot"])

    assert "stop promise-1" in played.clocks
    assert played.topics == ("complaint.receiver_told",)


@pytest.mark.parametrize("state", ["received", "accepted", "surveyed"])
def test_what_belongs_elsewhere_is_referred_with_advice(state):
    played = BENCH.play("refer_out", D, state, {**DATA["refer_out"], "phone": "122"})

    assert played.state == "referred"
    assert played.clocks == ("end *",)
    assert played.facts["referral"] == {
        "to": "交警大队", "advice": "请向交警反映", "phone": "122",
    }  # fmt: skip


def test_the_grade_is_what_is_stated_else_what_the_urgency_says():
    grade = BENCH.workflow.variant

    assert grade({"facts": {"grade": "complex"}, "urgency": "emergency"}) == "complex"
    assert [grade({"facts": {}, "urgency": u}) for u in ("emergency", "urgent", "normal")] == [
        "danger", "utility", "general",
    ]  # fmt: skip
