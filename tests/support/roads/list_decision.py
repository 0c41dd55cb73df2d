"""A vendor comes on the red list, and off it again on its own appeal."""

from tests.support.any_story import AnyStory
from tests.support.roads import Data, Leg, Road


def _decided(story: AnyStory) -> Data:
    return {"reason": "群众满意率高", "document": story.photo("district_officer")}


ROAD = Road(
    kind="list_decision",
    by="street_officer",
    birth="proposed",
    category="list_company",
    facts={"vendor": "v-lotus", "list": "red", "reason": "连续四季满意"},
    legs=(
        Leg("hear", "vendor_manager", "proposed", {"statement": "同意公示"}),
        Leg("decide", "district_officer", "published", _decided),
        Leg("appeal", "vendor_manager", "appealed", {"reason": "企业已更名"}),
        Leg(
            "appeal_decided",
            "district_officer",
            "withdrawn",
            lambda story: {**_decided(story), "decision": "withdrawn"},
        ),
    ),
)
