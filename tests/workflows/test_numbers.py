"""Workflow and profile speak of the same clocks and states."""

import re

import pytest

from service.bootstrap import load_profiles
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.repair import DEFAULT

RULE = re.compile(r"R-[A-Z]+-\d\d")
PROFILES = pytest.mark.parametrize("profile", load_profiles(), ids=lambda p: p.id)


def test_every_clock_has_numbers_with_a_rule_and_every_number_a_clock():
    assert set(DEFAULT.clocks) == set(REPAIR_ORDER.clock_names)


@PROFILES
def test_no_profile_has_a_clock_of_its_own_or_a_number_without_a_rule(profile):
    numbers = profile.body()["numbers"]

    assert set(profile.clocks) <= set(REPAIR_ORDER.clock_names)
    assert all(RULE.match(clock.rule) for clock in profile.clocks.values())
    assert all(RULE.match(profile.rules.get(name, "")) for name in numbers)


def test_a_clock_pauses_only_in_states_the_workflow_has_open():
    pausing = {state for rule in DEFAULT.clocks.values() for state in rule.pauses}

    assert pausing == {"awaiting_resident", "awaiting_fund"}
    assert all(REPAIR_ORDER.is_open(state) for state in pausing)
