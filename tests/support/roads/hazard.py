"""A blocked fire lane that its firm clears, and that somebody else looks at again."""

from tests.support.any_story import AnyStory
from tests.support.roads import Data, Leg, Road


def _by(who: str, story: AnyStory) -> list[str]:
    return [story.photo(who)]


def _cleared(story: AnyStory) -> Data:
    return {"report": "杂物已清走", "photos": _by("vendor_manager", story)}


ROAD = Road(
    kind="hazard",
    by="community_officer",
    birth="reported",
    category="hazard_fire",
    facts={"found_by": "patrol", "location": "2幢1单元"},
    legs=(
        Leg(
            "grade",
            "community_officer",
            "graded",
            {"grade": "ordinary", "finding": "通道堵了一半", "vendor": "v-lotus"},
        ),
        Leg(
            "warn",
            "vendor_manager",
            "warned",
            lambda story: {"photos": _by("vendor_manager", story)},
        ),
        Leg("circulate", "committee", "circulated", {"notice": "限七日内清理"}),
        Leg("start_cure", "vendor_manager", "in_cure", {"plan": "当日清理"}),
        Leg("submit_evidence", "vendor_manager", "evidence", _cleared),
        Leg("reinspect", "community_officer", "reinspecting"),
        Leg("pass", "community_officer", "closed", {"finding": "通道畅通"}),
    ),
)
