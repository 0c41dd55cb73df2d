"""How maps say what is sent: templates, tables of words, names in texts; what breaks a map."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service import bootstrap
from service.local.replay import posts, source_map
from service.local.replay.named import read_named
from service.local.replay.places import crew_of
from service.local.replay.reader import read
from service.local.replay.scripts import NOT_RECORDED, Scene
from service.local.replay.source_map import BadMap, load_map, parse_map
from service.local.replay.tables import read_finder
from service.local.replay.templates import Sheet, fill
from service.local.replay.told import read_telling
from tests.support.replaying import CFPB, REGISTERED, VOTES, written

CATALOGUE = bootstrap.load_catalogue()
TOLD = [name for name in source_map.names() if load_map(name).telling is not None]


def sheet(folder: Path, name: str, row: dict[str, str], responsible: str = "company") -> Sheet:
    report = read(written(folder, row), load_map(name)).reports[0]
    category = CATALOGUE.get(report.category)
    assert category is not None
    scene = Scene(
        report, category, "normal", responsible, crew_of(report.place, None), firm=report.firm
    )
    return Sheet(scene, report.opened_at + timedelta(hours=1))


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("plain", "plain"),
        ({"cell": "issue"}, CFPB["issue"]),
        ({"cell": "sub_issue"}, NOT_RECORDED),
        ({"after": "P1D"}, "2015-03-03T06:00:00.000Z"),
        ({"after": "P1D", "from": "opened"}, "2015-03-03T05:00:00.000Z"),
        ({"time": "sent_to_company_on"}, "2015-03-04T05:00:00.000Z"),
        ({"time": "sent_to_company_on", "most": "P1D"}, "2015-03-03T05:00:00.000Z"),
        ({"responsible": {"company": 1, "*": 2}}, 1),
        ({"responsible": {"authority": 1, "*": 2}}, 2),
        ([{"who": 2, "what": {"cell": "state"}}], [{"who": 2, "what": "OR"}]),
        ({"name": {"cell": "state"}, "gone": {"find": "nothing"}}, {"name": "OR"}),
    ],
)
def test_a_template_stands_for_a_value(tmp_path, template: Any, filled: Any):
    assert fill({"x": template}, sheet(tmp_path, "cfpb_disputes", CFPB)) == {"x": filled}


def test_a_long_text_is_cut_and_says_so(tmp_path):
    long = {**CFPB, "issue": "x" * 2_001}

    cut = fill({"x": {"cell": "issue"}}, sheet(tmp_path, "cfpb_disputes", long))["x"]

    assert (len(cut), cut[-1]) == (2_000, "…")


def test_who_must_answer_handles(tmp_path):
    firms, law = (
        sheet(tmp_path, "cn_messages_votes", VOTES, responsible)
        for responsible in ("company", "authority")
    )

    assert posts.person("handler", firms.scene).role == "manager"
    assert posts.person("handler", law.scene).role == "community_officer"


def test_words_may_have_a_default_and_a_condition():
    finder = read_finder(
        {
            "words": [{"column": "a", "table": {"x": "one"}}],
            "only": ["here"],
            "texts": ["b"],
            "default": "other",
        }
    )

    assert finder.columns == ("a", "b")
    assert finder.find({"a": "x", "b": "here"}) == "one"
    assert finder.find({"a": "y", "b": "here"}) == "other"
    assert finder.find({"a": "x", "b": "away"}) is None
    assert finder.codes() == {"one", "other"}


def test_a_name_is_what_the_group_of_that_name_matches():
    named = read_named(
        {
            "level": "compound",
            "columns": ["a"],
            "pattern": "stop|(?P<name>[a-z]+ns)",
            "drop": ["ns"],
        }
    )[0]

    assert (named.find("stop gardens"), named.find("stop")) == ("garde", "")


@pytest.mark.parametrize("name", TOLD)
def test_every_post_and_event_of_a_map_exists(name):
    source = load_map(name)
    telling = source.telling
    assert telling is not None

    assert {telling.by, *telling.posts.values(), *(s.by for s in telling.steps)} <= posts.NAMES
    for step in telling.steps:
        assert step.event in REGISTERED[step.on or source.kind].events
    assert set(telling.data) <= set(REGISTERED[source.kind].events)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ({"event": "accept", "by": "desk", "at": "dawn"}, "no time 'dawn'"),
        ({"event": "close", "by": "desk", "on": "hazard"}, "no event leads to 'hazard'"),
    ],
)
def test_a_step_that_hangs_on_nothing_is_named(step, fault):
    raw = {"birth": {"event": "receive", "by": "desk"}, "step": [step]}

    with pytest.raises(ValueError, match=fault):
        read_telling(raw)


def test_a_pattern_that_is_none_makes_a_bad_map():
    with pytest.raises(BadMap, match="broken"):
        parse_map("broken", {
            "title": "t", "publisher": "p", "kind": "complaint", "profile": "CMP-2D",
            "zone": "Asia/Shanghai", "tail": "P7D", "birth": {"event": "receive", "by": "desk"},
            "columns": {"id": "a", "opened": "b", "title": ["c"]},
            "place": {"district": "d", "named": {"level": "street", "columns": [], "pattern": "("}},
        })  # fmt: skip
