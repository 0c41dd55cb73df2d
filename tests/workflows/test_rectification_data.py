"""What the data of a rectification order's events may be: refused at the member, with a code."""

import pytest
from marshmallow import ValidationError

from service.workflows import rectification_data as data
from tests.support.bench import PHOTO
from tests.support.samples.rectification_order import DATA

ITEM = {"what": "垃圾清运不及时"}
VENDOR = {"subject": "vendor", "vendor": "v1", "grade": "works", "items": [ITEM]}
COMMITTEE = {
    "subject": "committee", "committee": "owners_committee", "grade": "ordinary", "items": [ITEM],
}  # fmt: skip


def faults(schema, sent):
    try:
        schema().load(sent)
    except ValidationError as refused:
        return refused.messages
    return {}


def without(sent, name):
    return {key: value for key, value in sent.items() if key != name}


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (VENDOR, {}),
        (VENDOR | {"source": {"ticket": "t-1", "number": "HZ-1", "kind": "hazard"}}, {}),
        (VENDOR | {"subject": "developer"}, {}),
        (COMMITTEE, {}),
        (without(VENDOR, "vendor"), {"vendor": ["required"]}),
        (without(COMMITTEE, "committee"), {"committee": ["required"]}),
        (VENDOR | {"committee": "owners_committee"}, {"committee": ["not_allowed"]}),
        (COMMITTEE | {"vendor": "v1"}, {"vendor": ["not_allowed"]}),
        (without(VENDOR, "grade"), {"grade": ["required"]}),
        (VENDOR | {"items": []}, {"items": ["too_short"]}),
        (VENDOR | {"items": [{"where": "x"}]}, {"items": {0: {"what": ["required"]}}}),
        (VENDOR | {"recorder": "me"}, {"recorder": ["unknown_field"]}),
    ],
)
def test_a_finding_has_one_subject_a_grade_and_items(sent, found):
    assert faults(data.RectificationFacts, sent) == found


@pytest.mark.parametrize(
    ("schema", "event"),
    [
        (data.IssueNotice, "issue_notice"),
        (data.Acknowledge, "acknowledge"),
        (data.DisputeNotice, "dispute_notice"),
        (data.AnswerDispute, "answer_dispute"),
        (data.Extension, "extend"),
        (data.SuspendCure, "suspend_cure"),
        (data.SubmitEvidence, "submit_evidence"),
        (data.CheckItems, "check_items"),
        (data.FlagFalseEvidence, "flag_false_evidence"),
        (data.ProposePenalty, "propose_penalty"),
        (data.ObjectDeduction, "object_deduction"),
        (data.RecordTopUp, "record_top_up"),
    ],
)
def test_the_sample_is_right_and_nothing_is_not(schema, event):
    needed = {name for name, field in schema().fields.items() if field.required}

    assert not faults(schema, DATA[event])
    assert faults(schema, {}) == {name: ["required"] for name in needed}
    assert needed


def test_a_circular_a_reissue_and_a_verdict_may_say_nothing():
    assert not faults(data.Circulate, {})
    assert not faults(data.Reissue, {})
    assert not faults(data.Verdict, {})


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"n": 1, "result": "passed"}, {}),
        ({"n": 1, "result": "failed", "finding": "仍有堆放", "photos": [PHOTO]}, {}),
        ({"n": 1, "result": "failed"}, {"finding": ["required"]}),
        ({"n": 0, "result": "passed"}, {"n": ["out_of_range"]}),
        ({"n": 1, "result": "good"}, {"result": ["not_allowed: passed, failed"]}),
    ],
)
def test_a_failed_item_says_what_is_still_wrong(row, found):
    assert faults(data.ItemCheck, row) == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"step": 2, "violation": "x"}, {}),
        ({"step": 3, "violation": "x", "amount_fen": 1}, {}),
        ({"step": 3, "violation": "x"}, {"amount_fen": ["required"]}),
        ({"step": 2, "violation": "x", "amount_fen": 1}, {"amount_fen": ["not_allowed"]}),
        ({"step": 3, "violation": "x", "amount_fen": 0}, {"amount_fen": ["out_of_range"]}),
        ({"step": 1, "violation": "x"}, {"step": ["out_of_range"]}),
        ({"step": 8, "violation": "x"}, {"step": ["out_of_range"]}),
    ],
)
def test_only_a_deduction_names_an_amount(sent, found):
    assert faults(data.ProposePenalty, sent) == found
