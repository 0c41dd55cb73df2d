"""Rows of DOMAIN 3C.1 around the grade: objection, answer, two people, veto, what follows."""

import pytest
from marshmallow import ValidationError

from service.core.shapes import stamp
from service.core.workflow import Credit
from service.workflows.table import K, S, V, W
from tests.support.bench import DAY, NOW, PHOTO, TICK, account_id, actor, after
from tests.support.samples.vendor_assessment import BENCH, DATA, TALLY

FIVE_DAYS_AGO = {"tallied_at": stamp(NOW - 5 * DAY)}
ANSWERED = {"text": "名单有误", "answer": "已核对", "answered_at": stamp(NOW)}


def ready(**facts):
    """Return a tallied assessment that the street has approved and nobody objected to."""
    known = {
        "tally": TALLY,
        "tallied_at": stamp(NOW - 5 * DAY - TICK),
        "approvals": {"fix_grade": {account_id(S): str(S)}},
    }
    return BENCH.ticket("tallied", facts={**known, **facts})


VETO = "重大安全责任事故"


def agreed(veto, **facts):
    """Return the same with the street's approval of a veto."""
    said = {"role": str(S), "for": {"veto": veto}}
    return ready(approvals={"fix_grade": {account_id(S): said}}, **facts)


# ── objection ────────────────────────────────────────────────────────────────


def test_the_vendor_objects_with_evidence():
    tallied = BENCH.ticket("tallied", facts=FIVE_DAYS_AGO)

    played = BENCH.play("object", V, tallied, DATA["object"])

    assert (played.state, played.clocks) == ("objection", ("start objection",))
    assert played.facts["objection"] == {
        "at": stamp(NOW), "text": "名单有误", "evidence": [PHOTO],
    }  # fmt: skip
    assert played.facts["approvals"] == {}


def test_an_objection_without_evidence_is_none():
    with pytest.raises(ValidationError):
        BENCH.play("object", V, "tallied", {"text": "名单有误"})


@pytest.mark.parametrize(
    ("at", "refused"),
    [(NOW - TICK, set()), (NOW, set()), (NOW + TICK, {"objection_too_late"})],
)
def test_the_vendor_has_five_days_to_object(at, refused):
    tallied = BENCH.ticket("tallied", facts=FIVE_DAYS_AGO)

    assert BENCH.refusals("object", V, tallied, DATA["object"], at=at, now=at) == refused


def test_only_the_assessed_vendor_objects():
    tallied = BENCH.ticket("tallied", facts=FIVE_DAYS_AGO)
    other = actor(V, vendor_id="v2")

    assert BENCH.refusals("object", other, tallied, DATA["object"]) == {"other_vendor"}


def test_the_answer_stands_beside_the_objection():
    objected = BENCH.ticket("objection", facts={"objection": {"text": "名单有误"}})

    played = BENCH.play("answer_objection", K, objected, DATA["answer_objection"])

    assert played.state == "objection"
    assert played.facts["objection"] == {
        "text": "名单有误", "answer": "已核对，名单无误", "answered_at": stamp(NOW),
    }  # fmt: skip


def test_an_objection_is_answered_once():
    objected = BENCH.ticket("objection", facts={"objection": ANSWERED})

    found = BENCH.refusals("answer_objection", K, objected, DATA["answer_objection"])

    assert found == {"objection_answered"}


# ── grade ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (NOW - 2 * TICK, {"objection_time_running"}),
        (NOW - TICK, {"objection_time_running"}),
        (NOW, set()),
    ],
)
def test_a_grade_waits_until_the_vendor_can_no_longer_object(at, refused):
    assert BENCH.refusals("fix_grade", K, ready(), at=at, now=at) == refused


def test_a_grade_waits_for_the_answer():
    objected = BENCH.ticket("objection", facts={**ready().facts, "objection": {"text": "有误"}})

    assert BENCH.refusals("fix_grade", K, objected) == {"objection_unanswered"}


def test_an_answered_objection_lets_the_grade_be_fixed_at_once():
    facts = {**ready().facts, "tallied_at": stamp(NOW), "objection": ANSWERED}

    played = BENCH.play("fix_grade", K, BENCH.ticket("objection", facts=facts))

    assert (played.state, played.clocks) == ("graded", ("stop objection",))


def test_the_grade_is_published_for_fifteen_days_and_credited():
    played = BENCH.play("fix_grade", K, ready())

    assert played.state == "graded"
    assert played.step.then == "retain"
    assert played.facts == {
        "grade": "basically_satisfied",
        "graded_at": stamp(NOW),
        "published_at": stamp(NOW),
        "published_until": after(15 * DAY),
        "approvals": {},
    }
    assert played.topics == ("vendor_assessment.grade_published",)
    assert played.change.credits == (Credit("v1", "company", 0, "graded_basically_satisfied"),)


def test_a_stated_veto_fails_the_vendor():
    played = BENCH.play("fix_grade", K, agreed(VETO), {"veto": VETO})

    assert played.facts["grade"] == "dissatisfied"
    assert (played.facts["veto"], played.facts["serious"]) == ("重大安全责任事故", True)
    assert played.change.credits == (Credit("v1", "company", -5, "graded_dissatisfied"),)


def test_a_ground_for_veto_must_be_stated():
    found = {"vetoes": [VETO]}

    assert BENCH.refusals("fix_grade", K, ready(**found)) == {"veto_unstated"}
    assert not BENCH.refusals("fix_grade", K, agreed(VETO, **found), {"veto": VETO})


def test_a_grade_needs_the_committee_and_the_street():
    alone = ready(approvals={})

    assert BENCH.refusals("fix_grade", K, alone) == {"approval_missing"}
    approved = BENCH.play("approve", S, alone, DATA["approve"])
    assert approved.state == "tallied"
    both = ready(approvals=approved.facts["approvals"])
    assert not BENCH.refusals("fix_grade", K, both)
    assert BENCH.refusals("fix_grade", S, both) == {"approval_missing"}


@pytest.mark.parametrize(
    ("approved", "fixed"),
    [(None, {"veto": VETO}), (VETO, {}), (VETO, {"veto": "拒不退出"})],
    ids=["a veto added", "a veto left out", "another veto"],
)
def test_the_grade_is_fixed_as_it_was_approved(approved, fixed):
    ticket = ready() if approved is None else agreed(approved)

    assert BENCH.refusals("fix_grade", K, ticket, fixed) == {"approval_for_other_content"}


def test_who_approved_may_approve_other_content_instead():
    data = DATA["approve"] | {"veto": VETO}
    again = BENCH.play("approve", S, ready(), data)
    approved = ready(approvals=again.facts["approvals"])

    assert not BENCH.refusals("fix_grade", K, approved, {"veto": VETO})
    assert BENCH.refusals("fix_grade", K, approved) == {"approval_for_other_content"}
    assert BENCH.refusals("approve", S, approved, data) == {"already_approved"}


def test_nobody_approves_twice():
    assert BENCH.refusals("approve", S, ready(), DATA["approve"]) == {"already_approved"}


# ── retain ───────────────────────────────────────────────────────────────────


def test_a_satisfied_grade_keeps_the_vendor_with_plus_points():
    graded = BENCH.ticket("graded", facts={"grade": "satisfied"})

    played = BENCH.play("retain", W, graded)

    assert played.state == "retained"
    assert played.change.credits == (Credit("v1", "company", 2, "vendor_retained"),)


@pytest.mark.parametrize("grade", ["basically_satisfied", "dissatisfied"])
def test_no_other_grade_does(grade):
    graded = BENCH.ticket("graded", facts={"grade": grade})

    assert BENCH.refusals("retain", W, graded) == {"grade_not_satisfied"}
