"""Rows of DOMAIN 3C.2 on the cure itself: time, evidence, re-inspection, verdict."""

from dataclasses import replace

import pytest

from service.core.actors import Role
from service.core.shapes import stamp
from tests.support.bench import DAY, HOUR, NOW, PHOTO, PLACE, TICK, account_id, actor, after
from tests.support.repair import clock
from tests.support.samples.rectification_order import (
    BENCH,
    BOTH_PASSED,
    DATA,
    DEADLINE,
    ONE_FAILED,
    SEEN,
    filed,
    given,
    item,
)

V, D, K, W = Role.VENDOR_MANAGER, Role.DISPATCHER, Role.COMMITTEE, Role.SYSTEM
O, S, X = Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
ASKED = {"extension_request": {"until": after(9 * DAY), "at": stamp(NOW)}}
CURING = ("issued", "acknowledged", "in_rectification")
COMPANY, MANAGER = ("company", None), ("manager", account_id(V))


def points(played):
    return {(c.subject, c.manager): (c.points, c.reason) for c in played.change.credits}


def until(date):
    return DATA["extend"] | {"until": stamp(date)}


# ── time ─────────────────────────────────────────────────────────────────────


def test_start_begins_the_cure():
    played = BENCH.play("start", V, "acknowledged")

    assert (played.state, played.clocks, played.facts) == ("in_rectification", (), {})


@pytest.mark.parametrize("state", ["acknowledged", "in_rectification"])
def test_more_time_is_asked_for_and_given_by_the_issuer(state):
    asked = BENCH.play("request_extension", V, state, DATA["request_extension"])
    order = BENCH.ticket(state, facts=asked.facts)
    given_ = BENCH.play("extend", K, order, until(DEADLINE + DAY))

    assert asked.facts["extension_request"]["until"] == after(9 * DAY)
    assert (given_.state, given_.clocks) == (state, ("start cure",))
    assert given_.due["cure"] == DEADLINE + DAY
    assert given_.facts["extended"] is True
    assert given_.facts["notice"]["deadline"] == stamp(DEADLINE + DAY)


@pytest.mark.parametrize(
    ("date", "codes"),
    [
        (DEADLINE, {"extension_not_later"}),
        (DEADLINE + TICK, set()),
        (DEADLINE + 7 * DAY, set()),
        (DEADLINE + 7 * DAY + TICK, {"extension_too_long"}),
    ],
)
@pytest.mark.parametrize(("event", "by"), [("request_extension", V), ("extend", K)])
def test_an_extension_is_at_most_as_long_as_the_first_time(event, by, date, codes):
    order = BENCH.ticket("in_rectification", facts=ASKED)

    assert BENCH.refusals(event, by, order, until(date)) == codes


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"extended": True}, "already_extended"),
        ({"grade": "immediate"}, "never_for_immediate"),
        ({"suspended": True}, "cure_suspended"),
    ],
)
def test_no_more_time_is_given_twice_for_a_danger_or_while_suspended(facts, code):
    order = BENCH.ticket("in_rectification", facts=ASKED | facts)

    assert BENCH.refusals("request_extension", V, order, DATA["extend"]) == {code}
    assert BENCH.refusals("extend", K, order, DATA["extend"]) == {code}


def test_extension_not_requested_is_refused():
    assert BENCH.refusals("extend", K, "acknowledged", DATA["extend"]) == {
        "extension_not_requested"
    }


@pytest.mark.parametrize(("early", "codes"), [(TICK, set()), (0 * TICK, {"deadline_passed"})])
def test_more_time_is_asked_for_before_the_deadline(early, codes):
    at = DEADLINE - early
    refused = BENCH.refusals(
        "request_extension", V, "in_rectification", DATA["extend"], at=at, now=at
    )

    assert refused == codes


@pytest.mark.parametrize("cause", ["weather", "act_of_authority"])
@pytest.mark.parametrize("state", CURING)
def test_suspend_cure_pauses_the_clock_for_one_cause(state, cause):
    played = BENCH.play("suspend_cure", K, state, DATA["suspend_cure"] | {"cause": cause})
    taken = [a for a in played.step.clocks if a.because == cause]

    assert (played.state, played.clocks) == (state, ("pause cure",))
    assert len(taken) == 1
    assert played.facts["suspended"] is True
    assert played.facts["suspension"]["cause"] == cause


def test_cure_suspended_is_refused():
    order = BENCH.ticket("issued", facts={"suspended": True})

    assert BENCH.refusals("suspend_cure", K, order, DATA["suspend_cure"]) == {"cure_suspended"}


def test_not_suspended_is_refused():
    assert BENCH.refusals("resume_cure", K, "issued") == {"not_suspended"}


PAUSED = clock(
    "cure", None, state="paused", target_ms=7 * 24 * 3_600_000, counted_ms=2 * 24 * 3_600_000,
    since=None, paused_at=NOW, pause_cause="@weather",
)  # fmt: skip


@pytest.mark.parametrize(
    ("waited", "deadline"),
    [
        (DAY, NOW + DAY + 5 * DAY),
        (15 * DAY, NOW + 15 * DAY + 5 * DAY),
        (18 * DAY, NOW + 15 * DAY + 5 * DAY),
    ],
)
def test_resume_cure_moves_the_deadline_by_the_pause_up_to_its_cap(waited, deadline):
    order = BENCH.ticket("in_rectification", facts={"suspended": True})
    played = BENCH.play(
        "resume_cure", K, order, refs={"clocks": (PAUSED,)}, at=NOW + waited, now=NOW + waited
    )

    assert played.clocks == ("resume cure",)
    assert played.facts["suspended"] is False
    assert played.facts["notice"]["deadline"] == stamp(deadline)


def test_a_suspended_cure_that_counts_again_keeps_its_due_time():
    order = BENCH.ticket("in_rectification", facts={"suspended": True})
    running = replace(PAUSED, state="running", due_at=DEADLINE + HOUR)
    played = BENCH.play("resume_cure", K, order, refs={"clocks": (running,)})

    assert played.facts["notice"]["deadline"] == stamp(DEADLINE + HOUR)


@pytest.mark.parametrize("state", CURING)
def test_expire_makes_the_order_overdue_and_costs_points(state):
    played = BENCH.play("expire", W, state, refs={"clocks": (clock("cure", NOW),)})

    assert (played.state, played.clocks) == ("overdue", ("end ack_notice",))
    assert points(played) == {COMPANY: (-2, "cure_overdue"), MANAGER: (-2, "cure_overdue")}


@pytest.mark.parametrize("ack", [None, {"at": stamp(NOW), "deemed": True}])
def test_a_danger_that_nobody_answered_for_is_ignored(ack):
    order = BENCH.ticket("issued", facts={"grade": "immediate", "ack": ack})
    played = BENCH.play("expire", W, order, refs={"clocks": (clock("cure", NOW),)})

    assert points(played) == {COMPANY: (-10, "hazard_ignored")}


@pytest.mark.parametrize("subject", ["developer", "committee"])
def test_only_a_vendor_has_a_score(subject):
    order = BENCH.ticket("issued", facts={"subject": subject})

    assert not BENCH.play("expire", W, order, refs={"clocks": (clock("cure", NOW),)}).change.credits


@pytest.mark.parametrize("found", [clock("cure", NOW + TICK), PAUSED])
def test_not_overdue_is_refused(found):
    assert BENCH.refusals("expire", W, "issued", refs={"clocks": (found,)}) == {"not_overdue"}


# ── evidence ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["in_rectification", "overdue"])
def test_submit_evidence_opens_a_round_of_every_item(state):
    order = BENCH.ticket(state, facts={"items": [item(1, "open"), item(2, "open")]})
    played = BENCH.play("submit_evidence", V, order, DATA["submit_evidence"])
    first, second = played.facts["items"]

    assert (played.state, played.clocks) == ("evidence_submitted", ("stop cure", "start reinspect"))
    assert (first["state"], first["rounds"]) == ("submitted", [filed(note="已清运")])
    assert (second["state"], second["rounds"]) == ("submitted", [filed()])
    assert played.facts["evidence_by"] == [account_id(V)]


@pytest.mark.parametrize(
    ("late", "days"), [(0 * DAY, 0), (TICK, 1), (2 * DAY, 2), (2 * DAY + TICK, 3)]
)
def test_late_evidence_counts_begun_days(late, days):
    at = DEADLINE + late
    played = BENCH.play("submit_evidence", V, "overdue", DATA["submit_evidence"], at=at, now=at)

    assert played.facts["late_days"] == days


def test_item_without_evidence_is_refused():
    data = {"items": DATA["submit_evidence"]["items"][:1]}

    assert BENCH.refusals("submit_evidence", V, "in_rectification", data) == {
        "item_without_evidence"
    }


@pytest.mark.parametrize(
    ("event", "by", "state"),
    [
        ("submit_evidence", V, "in_rectification"),
        ("check_items", O, "reinspecting"),
        ("fail", O, "reinspecting"),
        ("pass", O, "reinspecting"),
        ("flag_false_evidence", K, "reinspecting"),
    ],
)
def test_unknown_item_is_refused_once_it_has_passed(event, by, state):
    order = BENCH.ticket(state, facts={"items": [item(1), item(2, "passed")]})

    data = {"items": BOTH_PASSED} if event == "pass" else DATA[event]

    assert "unknown_item" in BENCH.refusals(event, by, order, data)


# ── re-inspection ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [K, O, S, X])
def test_reinspect_names_the_inspector(by):
    played = BENCH.play("reinspect", by, "evidence_submitted")

    assert (played.state, played.clocks) == ("reinspecting", ())
    assert played.facts["reinspector"] == account_id(by)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("reinspect", "evidence_submitted"),
        ("check_items", "reinspecting"),
        ("flag_false_evidence", "reinspecting"),
        ("approve", "reinspecting"),
        ("pass", "reinspecting"),
        ("fail", "reinspecting"),
    ],
)
def test_evidence_filer_is_refused(event, state):
    """S-61: the person counts, not the role in which the evidence was filed."""
    order = BENCH.ticket(state, facts={"evidence_by": [account_id(V), account_id(K)]})
    data = DATA.get(event, {})

    assert "evidence_filer" in BENCH.refusals(event, K, order, data)
    assert "evidence_filer" not in BENCH.refusals(event, actor(K, 1), order, data)


def test_items_are_checked_singly_and_a_later_check_counts():
    """S-60."""
    first = BENCH.play("check_items", O, "reinspecting", {"items": ONE_FAILED[:1]})
    again = BENCH.ticket("reinspecting", facts=first.facts)
    second = BENCH.play("check_items", O, again, {"items": BOTH_PASSED[:1]})

    assert [i["rounds"][-1]["result"] for i in first.facts["items"]] == ["failed", None]
    assert first.facts["items"][0]["rounds"][-1]["finding"] == "仍有堆放"
    assert [i["rounds"][-1]["result"] for i in second.facts["items"]] == ["passed", None]
    assert second.facts["approvals"] == {}


def test_flag_false_evidence_fails_the_item_for_good():
    played = BENCH.play("flag_false_evidence", K, "reinspecting", DATA["flag_false_evidence"])
    order = BENCH.ticket("reinspecting", facts=played.facts | given("pass", (O, 1), (K, 1)))

    assert played.state == "reinspecting"
    assert points(played)[COMPANY] == (-10, "false_evidence")
    assert played.facts["items"][1]["rounds"][-1]["false"]["proof"] == [PHOTO]
    assert BENCH.refusals("pass", O, order, DATA["pass"]) == {"item_not_passed"}
    assert BENCH.refusals("flag_false_evidence", K, order, DATA["flag_false_evidence"]) == {
        "already_flagged"
    }


# ── verdict ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("inspector", "confirms"), [((O, 0), (K, 0)), ((S, 0), (K, 0)), ((K, 1), (K, 0))]
)
def test_pass_strikes_off_when_inspector_and_committee_agree(inspector, confirms):
    order = BENCH.ticket("reinspecting", facts={**SEEN, **given("pass", inspector)})
    played = BENCH.play("pass", actor(*confirms), order, DATA["pass"])

    assert (played.state, played.clocks) == (
        "closed_passed",
        ("stop reinspect", "end dispute_answer"),
    )
    assert {i["state"] for i in played.facts["items"]} == {"passed"}
    assert not played.change.credits


def test_a_late_cure_passes_and_costs_its_days():
    order = BENCH.ticket("reinspecting", facts={**SEEN, "late_days": 3, **given("pass", (O, 0))})
    played = BENCH.play("pass", K, order, DATA["pass"])

    assert points(played) == {COMPANY: (-3, "cure_late"), MANAGER: (-3, "cure_late")}


@pytest.mark.parametrize(
    ("who", "approved"),
    [((K, 0), ()), ((O, 0), ()), ((O, 0), ((S, 0),)), ((K, 0), ((K, 0),))],
)
def test_approval_missing_is_refused_to_one_alone_and_without_the_committee(who, approved):
    order = BENCH.ticket("reinspecting", facts={**SEEN, **given("pass", *approved)})

    assert BENCH.refusals("pass", actor(*who), order, DATA["pass"]) == {"approval_missing"}


@pytest.mark.parametrize(
    ("facts", "place"),
    [({}, replace(PLACE, committee=False)), ({"subject": "committee"}, PLACE)],
)
def test_where_the_committee_cannot_decide_the_street_confirms(facts, place):
    order = BENCH.ticket("reinspecting", facts={**SEEN, **facts, **given("pass", (O, 0))})
    played = BENCH.play("pass", S, order, DATA["pass"], refs={"place": place})

    assert played.state == "closed_passed"
    assert BENCH.refusals("pass", X, order, DATA["pass"], refs={"place": place}) == {
        "approval_missing"
    }


@pytest.mark.parametrize("checks", [BOTH_PASSED[:1], ONE_FAILED])
def test_item_not_passed_is_refused(checks):
    seen = BENCH.play("check_items", O, "reinspecting", {"items": checks}).facts
    order = BENCH.ticket("reinspecting", facts={**seen, **given("pass", (O, 0))})

    assert BENCH.refusals("pass", K, order) == {"item_not_passed"}


@pytest.mark.parametrize("checks", [ONE_FAILED, BOTH_PASSED])
def test_who_passes_last_adds_no_result_to_what_was_approved(checks):
    seen = BENCH.play("check_items", O, "reinspecting", {"items": checks}).facts
    order = BENCH.ticket("reinspecting", facts={**seen, **given("pass", (O, 0))})

    refused = BENCH.refusals("pass", K, order, {"items": BOTH_PASSED})

    assert refused == {"approval_for_other_content"}


def test_fail_keeps_what_passed_and_counts_the_cycle():
    played = BENCH.play("fail", O, "reinspecting", DATA["fail"])

    assert (played.state, played.clocks) == ("failed", ("stop reinspect",))
    assert [i["state"] for i in played.facts["items"]] == ["failed", "passed"]
    assert played.facts["cycle_no"] == 2
    assert points(played) == {COMPANY: (-3, "cure_failed"), MANAGER: (-3, "cure_failed")}


def test_item_not_checked_is_refused():
    assert BENCH.refusals("fail", O, "reinspecting", {"items": ONE_FAILED[:1]}) == {
        "item_not_checked"
    }


def test_no_failed_item_is_refused():
    assert BENCH.refusals("fail", O, "reinspecting", {"items": BOTH_PASSED}) == {"no_failed_item"}
