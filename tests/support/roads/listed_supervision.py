"""A compound is listed, cured and struck off; the look-back stands out."""

from tests.support.any_story import AnyStory
from tests.support.roads import Data, Leg, Road


def _plan(story: AnyStory) -> Data:
    return {
        "plan": "更换门禁,补足保洁",
        "measures": ["更换门禁", "补足保洁"],
        "responsible": "东街街道",
        "finish_by": story.after(days=20),
    }


ROAD = Road(
    kind="listed_supervision",
    by="street_officer",
    birth="proposed",
    category="sup_service",
    facts={"reason": "collective_petition", "basis": "联名信", "vendor": "v-lotus"},
    legs=(
        Leg(
            "list",
            "district_officer",
            "listed",
            lambda story: {"leader": story.account("street_officer"), "demands": "限期整改"},
        ),
        Leg("submit_plan", "street_officer", "plan_submitted", _plan),
        Leg("start_rectification", "street_officer", "in_rectification"),
        Leg(
            "request_verification",
            "street_officer",
            "verification_requested",
            lambda story: {"summary": "已全部完成", "photos": [story.photo("street_officer")]},
        ),
        Leg("verify_start", "district_officer", "verifying"),
        Leg("verify_pass", "district_officer", "lookback", {"score": 92.5, "finding": "合格"}),
    ),
)
