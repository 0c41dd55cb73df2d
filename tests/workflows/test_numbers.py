"""Workflows and profiles speak of the same clocks, states and events."""

import re
from collections.abc import Iterator

import pytest

from service.bootstrap import load_profiles
from service.core.actors import Role
from service.core.workflow import Workflow
from service.sla.profile import ClockRule, Profile
from service.workflows import REGISTRY
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.repair import DEFAULT

RULE = re.compile(r"R-[A-Z]+-\d\d|RULINGS \d+")
PROFILES = {profile.id: profile for profile in load_profiles()}
EACH_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.id)
EACH_WORKFLOW = pytest.mark.parametrize("workflow", REGISTRY, ids=lambda w: w.kind)


def of_family(profile: Profile) -> list[Workflow]:
    """Return the workflows whose tickets may stand under a profile."""
    return [workflow for workflow in REGISTRY if workflow.family == profile.kind]


def follow_ups() -> Iterator[object]:
    """Yield every clock with an event that the service tries, in every profile to choose."""
    for workflow in REGISTRY:
        for profile in PROFILES.values():
            if profile.kind != workflow.family or profile.missing:
                continue
            for clock, event in workflow.on_due.items():
                if clock in profile.clocks:
                    name = f"{profile.id}-{clock}"
                    yield pytest.param(workflow, profile.clocks[clock], event, id=name)


@EACH_WORKFLOW
def test_every_clock_has_numbers_and_every_number_a_clock(workflow: Workflow) -> None:
    default = PROFILES[workflow.default_profile]
    sharing = [w for w in REGISTRY if w.default_profile == workflow.default_profile]

    assert default.kind == workflow.family
    assert default.missing == ()
    assert set(default.clocks) == {name for w in sharing for name in w.clock_names}


@EACH_PROFILE
def test_no_profile_has_a_clock_of_its_own(profile: Profile) -> None:
    known = {name for workflow in of_family(profile) for name in workflow.clock_names}

    assert set(profile.clocks) <= known


@EACH_PROFILE
def test_no_number_is_without_a_rule(profile: Profile) -> None:
    assert all(RULE.match(clock.rule) for clock in profile.clocks.values())
    assert set(profile.rules) == set(profile.numbers) >= {"max_pause"}
    assert all(RULE.match(source) for source in profile.rules.values())


@EACH_PROFILE
def test_a_clock_pauses_only_in_states_the_workflow_has_open(profile: Profile) -> None:
    for workflow in of_family(profile):
        open_states = {state.name for state in workflow.states if not state.terminal}
        own = [rule for name, rule in profile.clocks.items() if name in workflow.clock_names]

        assert {state for rule in own for state in rule.pauses} <= open_states


@pytest.mark.parametrize(("workflow", "rule", "event"), [*follow_ups()])
def test_an_event_that_follows_a_clock_has_exactly_one_rung(
    workflow: Workflow, rule: ClockRule, event: str
) -> None:
    rungs = [rung for rung in rule.ladder if rung.action == event]

    assert [rung.variant for rung in rungs] == [None]
    assert Role.SYSTEM in workflow.roles_of[event]


def test_a_repair_order_pauses_for_the_resident_and_the_fund() -> None:
    pausing = {state for rule in DEFAULT.clocks.values() for state in rule.pauses}

    assert pausing == {"awaiting_resident", "awaiting_fund"}
    assert set(DEFAULT.clocks) == set(REPAIR_ORDER.clock_names)
