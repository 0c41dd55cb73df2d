"""Workflow and profile speak of the same clocks and states."""

from service.workflows.repair_order import REPAIR_ORDER
from tests.support.repair import DEFAULT


def test_every_clock_has_numbers_with_a_rule_and_every_number_a_clock():
    assert set(DEFAULT.clocks) == set(REPAIR_ORDER.clock_names)
    assert all(rule.rule for rule in DEFAULT.clocks.values())


def test_a_clock_pauses_only_in_states_the_workflow_has_open():
    pausing = {state for rule in DEFAULT.clocks.values() for state in rule.pauses}

    assert pausing == {"awaiting_resident", "awaiting_fund"}
    assert all(REPAIR_ORDER.is_open(state) for state in pausing)
