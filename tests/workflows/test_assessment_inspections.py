"""Inspections of an assessment: checklists, figures, and the double-random draw (R-VEN-16)."""

import pytest
from marshmallow import ValidationError

from service.core.shapes import stamp
from service.workflows.table import K, M, O, S
from tests.support.bench import NOW, PHOTO, TICK, account, account_id
from tests.support.samples.vendor_assessment import BENCH, DATA


def test_the_committee_scores_a_checklist_with_photos():
    played = BENCH.play("score_inspection", K, "collecting", DATA["score_inspection"])

    assert played.facts["inspections"] == [
        {
            "n": 1,
            "inspector": account_id(K),
            "checklist": [{"item": "楼道", "passed": True}],
            "photos": [PHOTO],
            "scored_at": stamp(NOW),
        }
    ]


@pytest.mark.parametrize(
    ("figure", "value", "reached"),
    [
        ("cleaning_rate", 99, True),
        ("cleaning_rate", 98.9, False),
        ("fee_collection_rate", 99, True),
        ("hotline_complaint_rate", 99, True),
        ("hotline_complaint_rate", 99.1, False),
    ],
)
def test_a_figure_is_held_against_its_target(figure, value, reached):
    data = {"figures": [{"figure": figure, "value": value, "target": 99}]}

    played = BENCH.play("score_inspection", K, "collecting", data)

    assert played.facts["inspections"][0]["figures"][0]["reached"] is reached


def test_a_third_party_assessor_needs_its_report():
    data = DATA["score_inspection"] | {"assessor": "晋安评估"}

    with pytest.raises(ValidationError, match="required"):
        BENCH.play("score_inspection", K, "collecting", data)
    reported = BENCH.play("score_inspection", K, "collecting", data | {"report": PHOTO})
    assert reported.facts["inspections"][0]["report"] == PHOTO


@pytest.mark.parametrize("data", [{}, {"checklist": [{"item": "楼道", "passed": True}]}])
def test_an_inspection_without_content_or_photos_is_no_inspection(data):
    with pytest.raises(ValidationError):
        BENCH.play("score_inspection", K, "collecting", data)


def test_an_officer_scores_only_as_the_named_inspector():
    found = BENCH.refusals("score_inspection", S, "collecting", DATA["score_inspection"])

    assert found == {"not_inspector"}
    assert not BENCH.refusals("score_inspection", O, "collecting", DATA["score_inspection"])


def test_nobody_scores_after_the_close():
    data, late = DATA["score_inspection"], NOW + TICK

    found = BENCH.refusals("score_inspection", K, "collecting", data, at=late, now=late)

    assert found == {"collection_closed"}


def test_a_draw_can_be_repeated_from_its_stored_seed_and_is_scored_once_by_whom_it_named():
    drawn = BENCH.play("draw_inspection", K, "collecting", DATA["draw_inspection"])
    row = drawn.facts["inspections"][0]
    assert row["seed"] == f"{BENCH.ticket('collecting').id}:1:{stamp(NOW)}"
    assert row["inspector"] in row["among"]["inspectors"]
    assert row["target"] in row["among"]["targets"]
    named, other = (O, S) if row["inspector"] == account_id(O) else (S, O)
    data = DATA["score_inspection"] | {"inspection": 1}
    waiting = BENCH.ticket("collecting", facts=drawn.facts)

    assert BENCH.refusals("score_inspection", other, waiting, data) == {"not_drawn"}
    scored = BENCH.play("score_inspection", named, waiting, data)

    assert scored.facts["inspections"] == [
        {**row, "checklist": data["checklist"], "photos": [PHOTO], "scored_at": stamp(NOW)}
    ]
    again = BENCH.ticket("collecting", facts=scored.facts)
    assert BENCH.refusals("score_inspection", named, again, data) == {"not_drawn"}


def test_a_draw_is_among_known_inspectors():
    data = {"inspectors": [account_id(M)], "targets": ["1幢"]}
    refs = {"accounts": {account_id(M): account(M)}}

    found = BENCH.refusals("draw_inspection", K, "collecting", data, refs=refs)

    assert found == {"unknown_inspector"}
