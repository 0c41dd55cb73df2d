import pytest

from service.core.catalogue import LANGUAGES, Catalogue
from service.sla.profile import URGENCIES
from service.workflows import repair_words
from tests.support.repair import CATALOGUE

REPORTED = (
    "water_supply", "water_leak", "burst_pipe", "drain", "septic", "toilet", "tap_basin",
    "power_loss", "circuit", "public_lighting", "gas", "heating", "lift", "door_lock", "window",
    "wall_leak", "roof", "paint_plaster", "flooring_stairs", "appliance", "fire_facility",
    "access_control", "road_pavement", "manhole_cover", "greening", "pest", "telecom",
    "quality_defect", "other",
)  # fmt: skip
WATER = {"water_supply", "water_leak", "burst_pipe", "drain"}
POWER = {"power_loss", "circuit", "public_lighting"}


def test_everything_that_residents_report_has_a_category():
    assert set(REPORTED) <= set(CATALOGUE.codes)


@pytest.mark.parametrize("code", CATALOGUE.codes)
def test_a_category_is_whole(code):
    entry = CATALOGUE.get(code)

    assert entry.trade
    assert entry.urgency in URGENCIES
    assert entry.part in repair_words.PARTS
    assert entry.responsible in repair_words.RESPONSIBLE
    assert entry.certificate in (
        None, "electrician", "lift", "gas", "height", "confined_space",
    )  # fmt: skip
    assert entry.rule.startswith("R-")
    assert all(entry.labels[language] for language in LANGUAGES)
    # Whoever is referred to a utility gets its number (R-REP-11).
    assert entry.responsible != "utility" or entry.utility


def test_water_and_power_have_their_clock():
    clocks = {code: CATALOGUE.get(code).clock for code in CATALOGUE.codes}

    assert {code for code, clock in clocks.items() if clock == "water_same_day"} == WATER
    assert {code for code, clock in clocks.items() if clock == "power_same_night"} == POWER


def test_an_unknown_category_is_none_and_a_broken_entry_fails():
    assert CATALOGUE.get("weather") is None
    with pytest.raises(KeyError):
        Catalogue({"repair_order": {"weather": {"trade": "sky"}}})
