"""Surveying, handling, the one postponement, resolving and answering a complaint."""

from typing import Any

import pytest

from service.core.actors import Role
from tests.support.bench import (
    DAY,
    HOUR,
    NOW,
    OPENED,
    PHOTO,
    TICK,
    account,
    account_id,
    actor,
    after,
)
from tests.support.repair import clock
from tests.support.samples.complaint import BENCH, DATA, NEXT, PROMISED, RECEIVER

D, V, K, M = Role.DISPATCHER, Role.VENDOR_MANAGER, Role.COMMITTEE, Role.MANAGER
O, S, X = Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
COMPANY_EVENTS = (
    ("resolve_on_spot", "accepted"),
    ("refer_out", "accepted"),
    ("survey_site", "accepted"),
    ("start_handling", "surveyed"),
    ("postpone", "in_handling"),
    ("resume_handling", "postponed"),
    ("resolve", "in_handling"),
    ("reply", "resolved"),
)


@pytest.mark.parametrize(("event", "state"), COMPANY_EVENTS)
def test_another_company_handles_nothing(event, state):
    stranger = actor(V, 1, vendor_id="v2")

    assert BENCH.refusals(event, stranger, state, DATA.get(event)) == {"not_assigned"}


@pytest.mark.parametrize(("event", "state"), COMPANY_EVENTS)
def test_the_company_handles_nothing_that_an_authority_must_answer(event, state):
    ticket = BENCH.ticket(state, facts={"by_authority": True})

    assert BENCH.refusals(event, D, ticket, DATA.get(event)) == {"authority_handles"}
    assert BENCH.refusals(event, O, ticket, DATA.get(event)) == set()


# ── survey and handling ──────────────────────────────────────────────────────


def test_a_survey_is_kept():
    played = BENCH.play("survey_site", D, "accepted", {**DATA["survey_site"], "photos": [PHOTO]})

    assert played.state == "surveyed"
    assert played.facts == {"surveyed": True}


def test_handling_names_who_solves_it():
    named = BENCH.play("start_handling", D, "surveyed", DATA["start_handling"])
    own = BENCH.play("start_handling", D, "surveyed", {"plan": "加派人手"})

    assert named.state == own.state == "in_handling"
    assert named.facts == {"handler": NEXT}
    assert own.facts == {"handler": account_id(D)}


@pytest.mark.parametrize("kind", ["complaint", "violation_report"])
def test_handling_begins_with_a_survey_or_says_why_not(kind):
    ticket = BENCH.ticket("accepted", facts={"type": kind, "surveyed": False})
    reason = {"no_survey_reason": "电话中已说明"}

    assert BENCH.refusals("start_handling", S, ticket, {}) == {"survey_missing"}
    assert BENCH.refusals("start_handling", S, ticket, reason) == set()


@pytest.mark.parametrize("kind", ["suggestion", "enquiry"])
def test_suggestions_and_enquiries_need_no_survey(kind):
    ticket = BENCH.ticket("accepted", facts={"type": kind, "surveyed": False})

    assert BENCH.refusals("start_handling", D, ticket, {}) == set()


def test_a_handler_is_at_work_at_this_place():
    gone = {"accounts": {NEXT: account(D, 2, active=False)}}

    refused = BENCH.refusals("start_handling", D, "surveyed", DATA["start_handling"], refs=gone)

    assert refused == {"unknown_handler"}


# ── the one postponement ─────────────────────────────────────────────────────


def postponing(**changes: Any) -> dict[str, Any]:
    return {**DATA["postpone"], **changes}


@pytest.mark.parametrize("state", ["accepted", "surveyed", "in_handling"])
def test_a_postponement_excuses_the_old_promise_and_starts_a_second_clock(state):
    played = BENCH.play("postpone", V, state, DATA["postpone"])

    assert played.state == "postponed"
    assert played.clocks == ("excuse promise-1", "excuse reply", "start promise-2")
    assert played.due["promise-2"] == NOW + 3 * DAY
    assert played.facts["postpone_count"] == 1
    assert [p["promise_at"] for p in played.facts["promises"]] == [after(DAY), after(3 * DAY)]


@pytest.mark.parametrize(
    ("told", "excused"),
    [(-2 * TICK, True), (-TICK, False), (0 * TICK, False)],
    ids=["before-due", "at-due", "after-due"],
)
def test_the_answer_is_excused_when_the_person_knew_before_it_was_due(told, excused):
    due = {"clocks": (clock("reply", NOW - TICK),)}
    data = postponing(reporter_notified_at=after(told))

    played = BENCH.play("postpone", V, "in_handling", data, refs=due)

    assert ("excuse reply" in played.clocks) is excused
    assert "excuse promise-1" in played.clocks


def test_the_same_matter_is_never_postponed_twice():
    ticket = BENCH.ticket("in_handling", facts={"postpone_count": 1})

    assert BENCH.refusals("postpone", V, ticket, DATA["postpone"]) == {"already_postponed"}


def test_what_was_not_promised_is_not_postponed():
    ticket = BENCH.ticket("in_handling", facts={"promises": []})

    assert BENCH.refusals("postpone", V, ticket, DATA["postpone"]) == {"nothing_promised"}


@pytest.mark.parametrize(
    ("promised", "refused"),
    [(TICK, set()), (0 * TICK, {"notified_too_late"}), (-TICK, {"notified_too_late"})],
    ids=["before", "at", "after"],
)
def test_the_person_is_told_before_the_promised_time(promised, refused):
    ticket = BENCH.ticket(
        "in_handling", facts={"promises": [{**PROMISED, "promise_at": after(promised)}]}
    )
    data = postponing(reporter_notified_at=after(0 * TICK))

    assert BENCH.refusals("postpone", V, ticket, data) == refused


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        (NOW, set()),
        (NOW + TICK, {"notified_in_future"}),
        (OPENED, set()),
        (OPENED - TICK, {"notified_before_report"}),
    ],
)
def test_the_notice_was_given_after_the_report_and_before_now(told, refused):
    data = postponing(reporter_notified_at=after(0 * TICK, told))

    assert BENCH.refusals("postpone", V, "in_handling", data) == refused


@pytest.mark.parametrize(
    ("span", "refused"),
    [
        (0 * TICK, {"promise_past"}),
        (TICK, set()),
        (7 * DAY, set()),
        (7 * DAY + TICK, {"promise_too_far"}),
    ],
)
def test_a_new_promise_lies_within_a_week(span, refused):
    data = postponing(new_promise_at=after(span))

    assert BENCH.refusals("postpone", V, "in_handling", data) == refused


def test_an_authority_postpones_within_its_legal_limit_only():
    ticket = BENCH.ticket("in_handling", facts={"type": "violation_report"})
    limit = {"clocks": (clock("authority_reply", NOW + 10 * DAY),)}

    inside = postponing(new_promise_at=after(10 * DAY))
    beyond = postponing(new_promise_at=after(10 * DAY + TICK))

    assert BENCH.refusals("postpone", S, ticket, inside, refs=limit) == set()
    assert BENCH.refusals("postpone", S, ticket, beyond, refs=limit) == {"promise_beyond_limit"}


def test_handling_is_resumed():
    played = BENCH.play("resume_handling", V, "postponed")

    assert (played.state, played.clocks) == ("in_handling", ())


# ── resolving and answering ──────────────────────────────────────────────────


def test_resolving_tells_the_first_receiver_and_keeps_every_promise():
    two = [PROMISED, {**PROMISED, "n": 2, "promise_at": after(3 * DAY)}]
    ticket = BENCH.ticket("in_handling", facts={"promises": two, "handled_by": []})

    played = BENCH.play("resolve", V, ticket, DATA["resolve"])

    assert played.state == "resolved"
    assert played.clocks == ("stop promise-1", "stop promise-2")
    assert played.facts["handled_by"] == [account_id(V)]
    told = [{"role": "first_receiver", "account": RECEIVER}]
    assert played.change.notices == (("complaint.receiver_told", {"told": told}),)


def test_without_a_first_receiver_nobody_is_told():
    ticket = BENCH.ticket("in_handling", facts={"first_receiver": None})

    assert BENCH.play("resolve", V, ticket, DATA["resolve"]).topics == ()


def test_only_the_answer_stops_the_clock_of_the_answer():
    ticket = BENCH.ticket("resolved", facts={"answers": []})

    played = BENCH.play("reply", K, ticket, DATA["reply"])

    assert played.state == "replied"
    assert played.clocks == (
        "stop reply", "stop authority_reply", "stop hotline", "start confirm",
    )  # fmt: skip
    assert [(a["n"], a["means"], a["signed"]) for a in played.facts["answers"]] == [
        (1, "phone", False)
    ]
    assert played.facts["handled_by"] == [account_id(V), account_id(K)]


def test_a_signature_is_given_where_one_is_required():
    ticket = BENCH.ticket("resolved", facts={"signature_required": True})
    signed = {**DATA["reply"], "means": "visit", "signature": PHOTO}

    assert BENCH.refusals("reply", V, ticket, DATA["reply"]) == {"signature_missing"}
    played = BENCH.play("reply", V, ticket, signed)
    assert played.facts["answers"][-1]["signed"] is True


def test_a_call_that_reaches_nobody_is_counted():
    played = BENCH.play("record_call", D, BENCH.ticket("replied", facts={"calls": 1}), {
        "outcome": "busy",
    })  # fmt: skip

    assert (played.state, played.facts, played.clocks) == ("replied", {"calls": 2}, ())
    stranger = actor(V, 1, vendor_id="v2")
    assert BENCH.refusals("record_call", stranger, "replied", DATA["record_call"]) == {
        "not_assigned"
    }


def test_a_promise_in_the_hour_before_its_time_may_still_be_moved():
    ticket = BENCH.ticket(
        "in_handling", facts={"promises": [{**PROMISED, "promise_at": after(HOUR)}]}
    )

    assert BENCH.refusals("postpone", M, ticket, DATA["postpone"]) == set()
    assert BENCH.refusals("postpone", X, ticket, DATA["postpone"]) == set()
