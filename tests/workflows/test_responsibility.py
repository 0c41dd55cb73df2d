from dataclasses import replace
from datetime import timedelta

import pytest

from service.workflows.responsibility import Case, in_warranty, responsible, route
from tests.support.repair import CATALOGUE, DAY, PLACE

UNMANAGED = {"no_manager": True}
OPENED = {"micro_circulation_open": True}
WARRANTY = {"warranty_until": DAY}


@pytest.mark.parametrize(
    ("category", "part", "repair_class", "urgency", "place", "who"),
    [
        ("water_leak", "private", "minor", "normal", {}, "household"),
        ("roof", "common", "minor", "normal", {}, "company"),
        ("roof", "common", "minor", "normal", UNMANAGED, "emergency_station"),
        ("roof", "common", "major", "normal", {}, "owners"),
        ("roof", "common", "major", "emergency", {}, "company"),
        ("roof", "common", "major", "emergency", UNMANAGED, "emergency_station"),
        ("roof", "common", "major", "normal", WARRANTY, "developer"),
        ("quality_defect", "common", "minor", "normal", {}, "developer"),
        ("gas", "common", "urgent", "emergency", WARRANTY, "utility"),
        ("telecom", "private", "minor", "normal", {}, "utility"),
        ("road_pavement", "common", "minor", "normal", OPENED, "authority"),
        ("road_pavement", "common", "minor", "normal", {}, "company"),
    ],
)  # fmt: skip
def test_who_repairs(category, part, repair_class, urgency, place, who):
    case = Case(CATALOGUE.get(category), replace(PLACE, **place), part, repair_class, urgency, DAY)

    assert responsible(case) == who


def test_old_houses_are_overhauled_by_their_title_unit():
    category = replace(CATALOGUE.get("roof"), responsible="title_unit")
    case = Case(category, PLACE, "common", "major", "normal", DAY)

    assert responsible(case) == "title_unit"


@pytest.mark.parametrize(
    ("days", "covered"), [(-1, False), (0, True), (1, True)], ids=["after", "last-day", "before"]
)
def test_the_last_day_of_the_warranty_counts(days, covered):
    place = replace(PLACE, warranty_until=DAY + timedelta(days=days))

    assert in_warranty(place, DAY) is covered
    assert not in_warranty(PLACE, DAY)


@pytest.mark.parametrize(
    ("named", "part", "urgency", "way"),
    [
        ("household", "private", "normal", "quote"),
        ("company", "private", "emergency", "quote"),
        ("company", "common", "normal", "repair"),
        ("emergency_station", "common", "urgent", "repair"),
        ("company", "common", "emergency", "act_first"),
        ("owners", "common", "emergency", "act_first"),
        ("owners", "common", "normal", "fund"),
        ("developer", "private", "normal", "developer"),
        ("title_unit", "common", "normal", "title_unit"),
        ("utility", "common", "emergency", "refer"),
        ("authority", "common", "normal", "refer"),
    ],
)
def test_which_way_an_order_goes(named, part, urgency, way):
    assert route(named, part=part, urgency=urgency) == way
