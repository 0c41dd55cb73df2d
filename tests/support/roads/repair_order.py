"""A leak that a crew repairs the same morning."""

from tests.support.any_story import AnyStory
from tests.support.roads import Data, Leg, Road


def _leg(event: str, by: str, state: str) -> Leg:
    def data(story: AnyStory) -> Data:
        return story.data(event, by)

    return Leg(event, by, state, data)


ROAD = Road(
    kind="repair_order",
    by="dispatcher",
    birth="submitted",
    category="water_leak",
    facts={"origin": "customer"},
    legs=(
        _leg("accept", "dispatcher", "accepted"),
        _leg("assign", "dispatcher", "assigned"),
        _leg("take", "crew", "en_route"),
        _leg("arrive", "crew", "on_site"),
        _leg("diagnose", "crew", "on_site"),
        _leg("start_work", "crew", "in_progress"),
        _leg("complete_work", "crew", "awaiting_confirmation"),
        _leg("confirm", "resident", "closed"),
    ),
)
