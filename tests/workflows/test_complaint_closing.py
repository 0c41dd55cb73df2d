"""How a complaint ends: the person's word, a supervisor's, or another way."""

from dataclasses import replace

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.workflows.complaint import STATES
from service.workflows.table import names
from tests.support.bench import DAY, NOW, TICK, account, account_id, actor
from tests.support.repair import clock
from tests.support.samples.complaint import ANSWERED, BENCH, DATA, NEXT, RECEIVER

R, D, V, K, M = (
    Role.RESIDENT, Role.DISPATCHER, Role.VENDOR_MANAGER, Role.COMMITTEE, Role.MANAGER,
)  # fmt: skip
S, X, C, W = Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.CREW, Role.SYSTEM
PENDING = ("received", "accepted", "surveyed", "in_handling", "postponed", "resolved", "replied")
UNRESOLVED = PENDING[:-1]


# ── the person's word ────────────────────────────────────────────────────────


def test_a_satisfied_person_closes_it():
    played = BENCH.play("confirm", R, "replied", {"satisfied": True})

    assert played.state == "confirmed"
    assert played.step.then == "close"
    assert played.clocks == ("stop confirm",)
    assert played.facts["satisfied"] is True
    assert played.facts["answers"] == [{**ANSWERED, "satisfied": True}]


def test_the_service_closes_what_is_confirmed():
    played = BENCH.play("close", W, "confirmed")

    assert (played.state, played.clocks) == ("closed_satisfied", ("end *",))


@pytest.mark.parametrize(("authority", "clock_name"), [(False, "reply"), (True, "authority_reply")])
def test_an_unsatisfied_person_sends_it_back_with_a_new_limit(authority, clock_name):
    ticket = BENCH.ticket("replied", facts={"by_authority": authority})

    played = BENCH.play("confirm", R, ticket, {"satisfied": False, "opinion": "没有改善"})

    assert played.state == "in_handling"
    assert played.clocks == ("stop confirm", f"start {clock_name}")
    assert played.facts["answers"] == [{**ANSWERED, "satisfied": False}]
    assert played.facts["handled_by"] == []


def test_the_answer_to_satisfied_is_yes_or_no():
    with pytest.raises(ValidationError):
        BENCH.play("confirm", R, "replied", {})
    with pytest.raises(ValidationError):
        BENCH.play("confirm", R, "replied", {"satisfied": "yes"})


@pytest.mark.parametrize("satisfied", [True, False])
def test_whoever_records_for_the_person_writes_down_what_was_said(satisfied):
    data = {"satisfied": satisfied}

    assert BENCH.refusals("confirm", D, "replied", data) == {"opinion_missing"}
    assert BENCH.refusals("confirm", D, "replied", {**data, "opinion": "已改善"}) == set()


def test_nobody_confirms_the_own_answer():
    ticket = BENCH.ticket("replied", facts={"handled_by": [account_id(D)]})

    assert BENCH.refusals("confirm", D, ticket, DATA["confirm"]) == {"own_resolution"}
    assert BENCH.refusals("confirm", actor(D, 1), ticket, DATA["confirm"]) == set()


# ── a supervisor's word ──────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["in_handling", "postponed", "resolved", "replied"])
@pytest.mark.parametrize("role", [M, S, X])
def test_a_supervisor_closes_what_was_answered(state, role):
    played = BENCH.play("override_close", role, state, DATA["override_close"])

    assert (played.state, played.clocks) == ("closed_overridden", ("end *",))


def test_a_supervisor_closes_nothing_that_was_never_answered():
    ticket = BENCH.ticket("in_handling", facts={"answers": []})

    assert BENCH.refusals("override_close", M, ticket, DATA["override_close"]) == {"answer_missing"}


def test_a_supervisor_closes_nothing_it_answered_itself():
    ticket = BENCH.ticket("replied", facts={"handled_by": [account_id(M)]})

    assert BENCH.refusals("override_close", M, ticket, DATA["override_close"]) == {"own_answer"}


def test_a_refusal_does_not_let_a_supervisor_override_its_own_answer():
    answered = BENCH.play("reply", M, "resolved", DATA["reply"]).facts
    ticket = BENCH.ticket("replied", facts=answered)
    refused = BENCH.play("confirm", D, ticket, {"satisfied": False, "opinion": "没有解决"}).facts
    again = BENCH.ticket("in_handling", facts={**answered, **refused})

    assert refused["handled_by"] == []
    assert BENCH.refusals("override_close", M, again, DATA["override_close"]) == {"own_answer"}
    assert BENCH.refusals("override_close", S, again, DATA["override_close"]) == set()


def test_the_companys_manager_does_not_close_what_an_authority_answers():
    ticket = BENCH.ticket("replied", facts={"type": "violation_report"})

    refused = BENCH.refusals("override_close", M, ticket, DATA["override_close"])

    assert refused == {"authority_handles"}
    assert BENCH.refusals("override_close", S, ticket, DATA["override_close"]) == set()


# ── the person's other ways ──────────────────────────────────────────────────


@pytest.mark.parametrize("state", UNRESOLVED)
def test_after_the_companys_time_the_person_turns_to_the_authority(state):
    ticket = BENCH.ticket(state, facts={"answers": []})
    late = {"clocks": (clock("reply", NOW - DAY),)}

    played = BENCH.play("turn_to_authority", R, ticket, DATA["turn_to_authority"], refs=late)

    accept = ("start authority_accept",) if state == "received" else ()
    assert played.state == state
    assert played.clocks == ("end reply", *accept, "start authority_reply")
    assert played.facts == {"by_authority": True}
    assert played.change.notices == (("complaint.authority_told", {}),)


@pytest.mark.parametrize(
    ("due", "refused"),
    [(TICK, {"company_has_time"}), (0 * TICK, set()), (-TICK, set())],
    ids=["before", "at", "after"],
)
def test_the_company_has_its_time_first(due, refused):
    ticket = BENCH.ticket("in_handling", facts={"answers": []})
    running = {"clocks": (clock("reply", NOW + due),)}

    found = BENCH.refusals("turn_to_authority", R, ticket, DATA["turn_to_authority"], refs=running)

    assert found == refused


def test_without_a_clock_the_company_has_time_until_its_answer_is_refused():
    fresh = BENCH.ticket("in_handling", facts={"answers": []})

    assert BENCH.refusals("turn_to_authority", R, fresh, DATA["turn_to_authority"]) == {
        "company_has_time"
    }
    assert BENCH.refusals("turn_to_authority", R, "in_handling", DATA["turn_to_authority"]) == set()


def test_one_turns_to_the_authority_once():
    ticket = BENCH.ticket("in_handling", facts={"by_authority": True})

    assert BENCH.refusals("turn_to_authority", R, ticket, DATA["turn_to_authority"]) == {
        "already_with_authority"
    }


@pytest.mark.parametrize("state", PENDING)
def test_every_complaint_may_go_to_mediation(state):
    played = BENCH.play("escalate_to_mediation", R, state, DATA["escalate_to_mediation"])

    assert (played.state, played.clocks) == ("converted", ("end *",))
    assert played.facts == {"converted_to": "dispute_case"}
    request = {"kind": "dispute_case", "request": "要求退还部分物业费", "vendor": "v1", "votes": 1}
    assert played.change.children == (("linked_request", request),)


def test_mediation_of_a_complaint_about_nobody_names_no_company():
    ticket = BENCH.ticket("received", assignee=None)

    played = BENCH.play("escalate_to_mediation", D, ticket, DATA["escalate_to_mediation"])

    assert played.change.children[0][1]["vendor"] is None


def test_mediation_is_not_faked():
    alone = {"kinds": frozenset({"complaint"})}

    refused = BENCH.refusals(
        "escalate_to_mediation", R, "replied", DATA["escalate_to_mediation"], refs=alone
    )

    assert refused == {"mediation_not_available"}


@pytest.mark.parametrize("state", PENDING)
def test_the_person_withdraws(state):
    played = BENCH.play("withdraw", R, state, DATA["withdraw"])

    assert (played.state, played.clocks) == ("withdrawn", ("end *",))


def test_a_link_carries_the_persons_own_events():
    assert BENCH.workflow.links == {
        "confirm", "withdraw", "turn_to_authority", "escalate_to_mediation",
    }  # fmt: skip


# ── beside the flow ──────────────────────────────────────────────────────────


def test_the_first_receiver_hands_over_to_somebody_at_work_here():
    ticket = BENCH.ticket("in_handling", facts={"first_receiver": account_id(C)})

    played = BENCH.play("hand_over_receiver", C, ticket, DATA["hand_over_receiver"])

    assert played.state == "in_handling"
    assert played.facts["first_receiver"] == NEXT
    assert [entry["account"] for entry in played.facts["receivers"]] == [RECEIVER, NEXT]
    told = [{"role": "first_receiver", "account": NEXT}]
    assert played.change.notices == (("complaint.receiver_told", {"told": told}),)


@pytest.mark.parametrize(("role", "refused"), [(D, {"not_first_receiver"}), (M, set()), (S, set())])
def test_only_the_first_receiver_or_a_superior_hands_over(role, refused):
    data = DATA["hand_over_receiver"]

    assert BENCH.refusals("hand_over_receiver", role, "accepted", data) == refused


def test_one_hands_over_to_somebody_else_who_is_at_work():
    same = {**DATA["hand_over_receiver"], "receiver": RECEIVER}
    gone = {"accounts": {NEXT: account(D, 2, active=False)}}

    assert BENCH.refusals("hand_over_receiver", M, "accepted", same) == {"already_receiver"}
    assert BENCH.refusals(
        "hand_over_receiver", M, "accepted", DATA["hand_over_receiver"], refs=gone
    ) == {"unknown_receiver"}


@pytest.mark.parametrize("state", names(STATES))
def test_the_street_passes_officials_to_discipline_inspection_in_any_state(state):
    ticket = BENCH.ticket(state, facts={"type": "violation_report"})

    played = BENCH.play("transfer_discipline", S, ticket, DATA["transfer_discipline"])

    assert played.state == state
    assert played.step.sealed == ("officials", "finding")
    assert not played.facts
    assert not played.topics


def test_only_violations_and_unpaid_fees_are_passed_on():
    fees = BENCH.ticket("in_handling", category="cmp_fees")

    data = DATA["transfer_discipline"]

    assert BENCH.refusals("transfer_discipline", S, "in_handling", data) == {"not_transferable"}
    assert BENCH.refusals("transfer_discipline", S, fees, data) == set()


def test_a_complaint_counts_for_one_cluster():
    data = {**DATA["join_cluster"], "ticket": "RC-20261121-0004"}

    played = BENCH.play("join_cluster", W, "closed_satisfied", data)
    again = replace(BENCH.ticket("replied"), facts=played.facts)

    assert played.state == "closed_satisfied"
    assert played.facts == {
        "cluster": "lotus:cmp_cleaning:CP-20261121-0001", "cluster_order": "RC-20261121-0004",
    }  # fmt: skip
    assert BENCH.refusals("join_cluster", W, again, data) == {"already_clustered"}
