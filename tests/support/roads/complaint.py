"""A complaint about cleaning that the desk follows up until the person is satisfied."""

from tests.support.roads import Leg, Road

ROAD = Road(
    kind="complaint",
    by="dispatcher",
    birth="received",
    category="cmp_cleaning",
    facts={"type": "complaint", "origin": "customer", "vendor": "v-lotus"},
    legs=(
        Leg(
            "accept",
            "dispatcher",
            "accepted",
            lambda story: {"promise_at": story.after(hours=12)},
        ),
        Leg("survey_site", "dispatcher", "surveyed", {"finding": "楼道有积灰"}),
        Leg("start_handling", "manager", "in_handling", {"plan": "今日补扫"}),
        Leg("resolve", "manager", "resolved", {"result": "已清扫"}),
        Leg("reply", "manager", "replied", {"answer": "已清扫,每日两次", "means": "phone"}),
        Leg(
            "confirm",
            "committee",
            "closed_satisfied",
            {"satisfied": True, "opinion": "满意"},
        ),
    ),
)
