"""Two delegates are satisfied, the vendor objects to a mark and is kept."""

from tests.support.any_story import AnyStory
from tests.support.roads import SEALED, Data, Leg, Road

SATISFIED = {"grade": "satisfied", "words": SEALED}


def _open(story: AnyStory) -> Data:
    return {
        "electors": [story.account("resident"), story.account("neighbour")],
        "inspector": story.account("community_officer"),
    }


def _checklist(story: AnyStory) -> Data:
    return {
        "checklist": [{"item": "楼道清洁", "passed": True}, {"item": "门岗登记", "passed": False}],
        "photos": [story.photo("community_officer")],
    }


def _objection(story: AnyStory) -> Data:
    return {"text": "门岗登记有电子版", "evidence": [story.photo("vendor_manager")]}


ROAD = Road(
    kind="vendor_assessment",
    by="committee",
    birth="planned",
    category="line_repair",
    facts={
        "vendor": "v-lotus",
        "period": {"from": "2026-10-01", "to": "2026-10-31", "cycle": "monthly"},
    },
    legs=(
        Leg("open", "committee", "collecting", _open),
        Leg("grade", "resident", "collecting", SATISFIED),
        Leg("grade", "neighbour", "collecting", SATISFIED),
        Leg("score_inspection", "community_officer", "collecting", _checklist),
        Leg("tally", "system", "tallied", before=lambda story: story.advance(days=14)),
        Leg("object", "vendor_manager", "objection", _objection),
        Leg("answer_objection", "committee", "objection", {"answer": "已补查,改记为合格"}),
        Leg("approve", "committee", "objection", {"event": "fix_grade"}),
        Leg("fix_grade", "street_officer", "retained"),
    ),
)
