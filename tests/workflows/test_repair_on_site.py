"""Rows of DOMAIN 3A.2 on site: diagnosis, danger, work, parts, the one postponement."""

from datetime import timedelta

import pytest

from service.core.actors import Role
from tests.support.repair import (
    HOUR,
    MINUTE,
    NOW,
    OPENED,
    TICK,
    after,
    clock,
    play,
    refusals,
    ticket,
)
from tests.support.repair_data import CANNOT_FINISH, DATA

C, D, M = Role.CREW, Role.DISPATCHER, Role.MANAGER
CHECKS = dict.fromkeys(
    ("risk_assessment", "ventilation_gas_test", "protective_gear", "guardian_outside",
     "electrical_equipment", "approval", "training_drill"), True,
)  # fmt: skip
SEPTIC = {"category": "septic", "facts": {"part": "common"}}


def test_diagnose_stops_feedback_and_keeps_what_was_found():
    asked = DATA["diagnose"] | {"class": "major", "responsible": "owners"}
    played = play("diagnose", C, ticket("on_site", facts={"part": "common"}), asked)

    assert (played.state, played.clocks) == ("on_site", ("stop feedback",))
    assert played.facts == {
        "class": "major", "responsible": "owners", "outcome": "needs_plan", "route": "fund",
    }  # fmt: skip


@pytest.mark.parametrize("state", ["on_site", "in_progress", "waiting_parts"])
def test_make_safe_stops_its_clock(state):
    played = play("make_safe", C, ticket(state), DATA["make_safe"])

    assert (played.state, played.clocks) == (state, ("stop make_safe",))
    assert played.facts["safe"] is True
    assert played.topics == ()


def test_making_a_common_part_safe_is_broadcast():
    order = ticket("on_site", urgency="emergency", facts={"part": "common"})

    assert play("make_safe", C, order, DATA["make_safe"]).topics == ("repair_order.broadcast",)


@pytest.mark.parametrize(
    ("event", "order"),
    [
        ("no_access", {}),
        ("start_work", {}),
        ("need_fund", {"facts": {"part": "common", "class": "major"}}),
        ("report_cannot_finish", {}),
    ],
)
def test_nothing_comes_before_making_an_emergency_safe(event, order):
    refused = refusals(event, C, ticket("on_site", urgency="emergency", **order), DATA[event])
    facts = order.get("facts", {}) | {"safe": True}
    safe = ticket("on_site", urgency="emergency", facts=facts)

    assert refused == {"danger_not_removed"}
    assert not refusals(event, C, safe, DATA[event])


def test_work_on_an_unsafe_emergency_is_not_completed():
    order = ticket("in_progress", urgency="emergency")

    assert refusals("complete_work", C, order, DATA["complete_work"]) == {"danger_not_removed"}


def test_start_work_leaves_the_site_clock():
    played = play("start_work", C, ticket("on_site"), DATA["start_work"])

    assert (played.state, played.clocks) == ("in_progress", ("stop feedback",))


@pytest.mark.parametrize("said", [{}, {"price_accepted": False}])
def test_price_not_accepted_for_a_private_part(said):
    assert refusals("start_work", C, ticket("on_site"), said) == {"price_not_accepted"}
    assert not refusals("start_work", C, ticket("on_site", facts={"part": "common"}), said)


@pytest.mark.parametrize("missing", [None, *CHECKS])
def test_a_confined_space_needs_all_seven_checks(missing):
    checks = {"confined_space_checks": CHECKS | ({missing: False} if missing else {})}
    expected = {"confined_space_checks_missing"} if missing else set()

    assert refusals("start_work", C, ticket("on_site", **SEPTIC), checks) == expected
    assert refusals("start_work", C, ticket("on_site", **SEPTIC)) == {
        "confined_space_checks_missing"
    }


@pytest.mark.parametrize(
    ("facts", "urgency", "refused"),
    [
        ({"responsible": "owners", "class": "major"}, "normal", {"fund_decision_missing"}),
        ({"responsible": "owners", "class": "major", "fund": {"decision": "approved"}},
         "normal", set()),
        ({"responsible": "owners", "class": "major", "safe": True}, "emergency", set()),
        ({"responsible": "owners", "class": "minor"}, "normal", set()),
        ({"responsible": "company", "class": "major"}, "normal", set()),
    ],
)  # fmt: skip
def test_what_the_owners_pay_is_repaired_by_their_decision(facts, urgency, refused):
    order = ticket("on_site", urgency=urgency, facts={"part": "common"} | facts)

    assert refusals("start_work", C, order) == refused


@pytest.mark.parametrize("state", ["on_site", "in_progress"])
def test_request_parts_lists_them_and_pauses_nothing(state):
    played = play("request_parts", C, ticket(state), DATA["request_parts"])

    assert (played.state, played.clocks) == ("waiting_parts", ("stop feedback",))
    assert played.children("work_log") == [{"line": "part", "name": "阀门", "qty": 1}]
    assert played.facts == {"parts_eta": after(4 * HOUR)}


@pytest.mark.parametrize("by", [C, D])
def test_parts_ready_goes_on_with_the_work(by):
    played = play("parts_ready", by, ticket("waiting_parts"))

    assert (played.state, played.clocks) == ("in_progress", ())


@pytest.mark.parametrize("by", [C, M])
@pytest.mark.parametrize("state", ["on_site", "in_progress", "waiting_parts"])
def test_report_cannot_finish_promises_once_and_excuses_the_commitments(state, by):
    played = play("report_cannot_finish", by, ticket(state), CANNOT_FINISH)

    assert played.state == "postponed"
    assert played.clocks == (
        "stop feedback",
        "start promise",
        "excuse handle",
        "excuse water_same_day",
        "excuse power_same_night",
    )
    assert played.due == {"promise": NOW + 48 * HOUR}
    assert (played.facts["postpone_count"], played.facts["warning_up"]) == (1, True)


@pytest.mark.parametrize(("due", "excused"), [(-TICK, False), (0 * TICK, False), (TICK, True)])
def test_only_a_notice_before_the_due_time_excuses(due, excused):
    told = NOW - MINUTE
    refs = {"clocks": (clock("handle", told + due),)}
    data = CANNOT_FINISH | {"reporter_notified_at": after(-MINUTE)}

    played = play("report_cannot_finish", C, ticket("in_progress"), data, refs=refs)

    assert ("excuse handle" in played.clocks) is excused


@pytest.mark.parametrize(
    ("code", "facts", "data"),
    [
        ("already_postponed", {"postpone_count": 1}, {}),
        ("promise_past", {}, {"new_promise_at": after(0 * HOUR)}),
        ("promise_too_far", {}, {"new_promise_at": after(timedelta(days=7) + TICK)}),
        ("notified_in_future", {}, {"reporter_notified_at": after(TICK)}),
        ("notified_before_report", {}, {"reporter_notified_at": after(-TICK, OPENED)}),
    ],
)
def test_report_cannot_finish_is_refused(code, facts, data):
    order = ticket("in_progress", facts=facts)

    assert refusals("report_cannot_finish", C, order, CANNOT_FINISH | data) == {code}


@pytest.mark.parametrize("promise", [timedelta(days=7), timedelta(days=7) - TICK])
def test_a_promise_within_seven_days_is_kept(promise):
    data = CANNOT_FINISH | {"new_promise_at": after(promise)}

    assert not refusals("report_cannot_finish", C, ticket("in_progress"), data)


def test_a_waiver_of_the_warning_is_for_private_parts():
    waived = {k: v for k, v in CANNOT_FINISH.items() if k != "warning_photos"} | {
        "warning_waiver": "室内无人出入"
    }
    common = ticket("in_progress", facts={"part": "common"})

    assert refusals("report_cannot_finish", C, common, waived) == {"warning_required"}
    played = play("report_cannot_finish", C, ticket("in_progress"), waived)
    assert "warning_up" not in played.facts


def test_resume_work_leaves_the_promise_running():
    played = play("resume_work", C, ticket("postponed"))

    assert (played.state, played.clocks) == ("in_progress", ())
