"""A cleaning firm cures what the committee ordered, and two people find it in order."""

from tests.support.any_story import AnyStory
from tests.support.roads import Data, Leg, Road


def _evidence(story: AnyStory) -> Data:
    return {"items": [{"n": n, "files": [story.photo("vendor_manager")]} for n in (1, 2)]}


NOTICE = {"legal_basis": "合同4.2", "penalty_warning": "扣保证金"}
PASSED = {"items": [{"n": 1, "result": "passed"}, {"n": 2, "result": "passed"}]}
ROAD = Road(
    kind="rectification_order",
    by="community_officer",
    birth="found",
    category="rect_service",
    facts={
        "subject": "vendor",
        "vendor": "v-lotus",
        "grade": "ordinary",
        "items": [{"what": "垃圾清运不及时", "where": "2幢垃圾房"}, {"what": "清运记录缺失"}],
    },
    legs=(
        Leg("circulate", "committee", "circulated"),
        Leg("issue_notice", "committee", "issued", NOTICE),
        Leg(
            "acknowledge",
            "vendor_manager",
            "acknowledged",
            {"person": {"name": "李经理", "phone": "13800000002"}, "plan": "每日两清"},
        ),
        Leg("start", "vendor_manager", "in_rectification"),
        Leg("submit_evidence", "vendor_manager", "evidence_submitted", _evidence),
        Leg("reinspect", "community_officer", "reinspecting"),
        Leg("check_items", "community_officer", "reinspecting", PASSED),
        Leg("approve", "community_officer", "reinspecting", {"event": "pass"}),
        Leg("pass", "committee", "closed_passed"),
    ),
)
