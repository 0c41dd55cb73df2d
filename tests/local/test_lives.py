"""The scripts of the demo world speak of what the workflows know, in order, and of everything."""

from itertools import pairwise

import pytest

from service import bootstrap
from service.core.actors import Role
from service.local.lives import scripts
from service.local.lives.script import Script, beat
from service.workflows import by_kind

KINDS = by_kind(bootstrap.REGISTRY)
SCRIPTS = scripts(KINDS)
PARTS = {"resident", "vendor", "mediator", "applicant", "respondent"}
PEOPLE = PARTS | {"elector", *(role.value for role in Role)}

each_script = pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)


def test_the_demo_shows_every_kind_we_ship():
    """A kind that somebody adds runs without a script: its part of the demo is empty."""
    assert set(SCRIPTS) >= {
        "complaint", "dispute_case", "hazard", "list_decision", "listed_supervision",
        "rectification_order", "vendor_assessment",
    }  # fmt: skip


def test_a_kind_that_is_not_run_is_left_out():
    assert set(scripts(["complaint", "hazard"])) == {"complaint", "hazard"}


@each_script
def test_beats_and_moves_are_events_of_the_kind_by_people_of_the_world(script: Script):
    beats = [one for life in script.lives for one in life.beats]

    for one in (*beats, *script.moves):
        assert one.event in KINDS[script.kind].events
        assert one.by.partition("-")[0] in PEOPLE
    assert {*script.data} <= {*KINDS[script.kind].events}


@each_script
def test_a_life_goes_forward_and_ends_before_today(script: Script):
    for life in script.lives:
        times = [one.after for one in life.beats]
        assert all(before <= after for before, after in pairwise(times)), life.title
        assert times[-1:] <= [life.ago * 24], (life.state, life.title)


@each_script
def test_lives_stand_under_categories_of_their_kind(script: Script):
    codes = bootstrap.load_catalogue().of(script.kind).codes

    assert {life.category for life in script.lives} <= {*codes}


@each_script
def test_one_life_of_each_kind_is_left_to_visitors_where_their_keys_reach(script: Script):
    alone = [life.place for life in script.lives if life.alone]

    assert alone in (["lotus"], ["lotus_home"])


def test_only_what_people_bring_themselves_begins_anew():
    assert {kind for kind, one in SCRIPTS.items() if one.born} == {
        "complaint", "dispute_case", "hazard",
    }  # fmt: skip


def test_what_a_beat_says_goes_over_what_the_kind_usually_says():
    script = Script("kind", (), lambda _s, _l: {}, {"reply": lambda _s: {"a": 1, "b": 2}}, ())
    said = beat(1, "dispatcher", "reply", b=3, c=lambda _stage: 4)

    assert script.data_of(None, "reply", said.data) == {"a": 1, "b": 3, "c": 4}
    assert script.data_of(None, "close", {}) == {}
