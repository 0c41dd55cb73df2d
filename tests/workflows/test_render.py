import json
import re
from xml.etree import ElementTree

import pytest

from service.core.messages import LANGUAGES
from service.workflows import REGISTRY, by_kind
from service.workflows.drawing import as_svg
from service.workflows.render import as_json, as_markdown, as_mermaid, edges
from tests.support.golden import golden

SVG = "{http://www.w3.org/2000/svg}"
WORKFLOWS = pytest.mark.parametrize("workflow", REGISTRY, ids=lambda w: w.kind)


@WORKFLOWS
def test_the_table_is_the_golden_one(workflow):
    golden(f"{workflow.kind}.md", as_markdown(workflow))


@WORKFLOWS
def test_the_mermaid_text_is_the_golden_one(workflow):
    golden(f"{workflow.kind}.mmd", as_mermaid(workflow, "en"))


@WORKFLOWS
@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_drawings_show_the_same_states_and_moves(workflow, lang):
    body = as_json(workflow, lang)
    drawn = ElementTree.fromstring(as_svg(workflow, lang))  # noqa: S314 — our own text
    mermaid = as_mermaid(workflow, lang)

    states = {state["name"] for state in body["states"]}
    moves = {
        (source or "", row["to"])
        for row in body["events"]
        for source in row["from"]
        if row["to"] not in (None, source)
    }
    groups = list(drawn.iter(f"{SVG}g"))
    assert {g.get("data-state") for g in groups if g.get("data-state")} == states
    assert {
        (g.get("data-from"), g.get("data-to")) for g in groups if g.get("class") == "move"
    } == moves
    lines = re.findall(r"^  (\S+) --> (\w+): ", mermaid, re.MULTILINE)
    assert {("" if a == "[*]" else a, b) for a, b in lines} == moves
    assert moves == set(edges(workflow))


@WORKFLOWS
def test_the_json_can_be_sent(workflow):
    body = json.loads(json.dumps(as_json(workflow, "zh-Hans")))

    assert [row["event"] for row in body["events"]] == [step.event for step in workflow.steps]
    for row, step in zip(body["events"], workflow.steps, strict=True):
        assert row["data"]["additionalProperties"] is False
        assert [clock["clock"] for clock in row["clocks"]] == [a.clock for a in step.clocks]
        assert [guard["code"] for guard in row["guards"]] == [rule.code for rule in step.guards]


def test_a_row_says_what_its_data_are_and_what_it_does_to_clocks():
    body = as_json(by_kind(REGISTRY)["repair_order"], "zh-Hans")

    accept = next(row for row in body["events"] if row["event"] == "accept")

    assert accept["data"]["properties"]["urgency"]["enum"] == ["emergency", "urgent", "normal"]
    assert {"do": "stop", "clock": "ack", "since": "event", "due_agreed": False,
            "conditional": False} in accept["clocks"]  # fmt: skip


@WORKFLOWS
def test_no_move_of_the_drawing_lies_on_another(workflow):
    drawn = ElementTree.fromstring(as_svg(workflow, "zh-Hans"))  # noqa: S314 — our own text
    moves = [g for g in drawn.iter(f"{SVG}g") if g.get("class") == "move"]

    heights = [move.find(f"{SVG}text").get("y") for move in moves]

    assert heights
    assert len(heights) == len(set(heights))
