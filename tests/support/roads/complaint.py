"""A complaint about a fee that the desk follows up until the person is satisfied."""

from tests.support.roads import Leg, Road

ROAD = Road(
    kind="complaint",
    by="dispatcher",
    birth="received",
    category="cmp_fees",
    facts={"type": "complaint", "origin": "customer", "vendor": "v-lotus"},
    legs=(
        Leg(
            "accept",
            "dispatcher",
            "accepted",
            lambda story: {"promise_at": story.after(hours=12)},
        ),
        Leg("survey_site", "dispatcher", "surveyed", {"finding": "面积与合同不符"}),
        Leg("start_handling", "manager", "in_handling", {"plan": "今日复核账单"}),
        Leg("resolve", "manager", "resolved", {"result": "已更正账单"}),
        Leg("reply", "manager", "replied", {"answer": "已按合同面积更正", "means": "phone"}),
        Leg(
            "confirm",
            "committee",
            "closed_satisfied",
            {"satisfied": True, "opinion": "满意"},
        ),
    ),
)
