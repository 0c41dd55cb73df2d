"""A roof the owners must pay for: the clock waits for their decision and goes on after it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.core.errors import GuardRefused
from tests.support.story import Story

PLAN = {"plan": "更换整幢屋面防水", "estimate_fen": 3_200_000}
DAY = timedelta(days=1)


@pytest.fixture
def waiting(story: Story) -> Story:
    """An hour after the report the crew finds that the whole roof must be renewed."""
    story.submit("committee", category="roof", place="b2")
    story.fire(
        "accept",
        "dispatcher",
        data={
            "category": "roof",
            "urgency": "normal",
            "part": "common",
            "responsible": "company",
            "class": "minor",
        },
    )
    for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew")):
        story.fire(event, by)
    story.advance(hours=1)
    with pytest.raises(GuardRefused) as refused:
        story.fire("need_fund", "crew", data=PLAN)
    assert [r.code for r in refused.value.reasons] == ["not_major"]
    finding = {**story.data("diagnose", "crew"), "class": "major", "responsible": "owners"}
    story.fire("diagnose", "crew", data=finding)
    with pytest.raises(GuardRefused) as refused:
        story.fire("start_work", "crew", data={})
    assert [r.code for r in refused.value.reasons] == ["fund_decision_missing"]
    story.fire("need_fund", "crew", data=PLAN)
    return story


def _decided(story: Story, decision: str) -> None:
    paper = {"document": story.photo("committee")}
    story.fire("fund_decided", "committee", data={"decision": decision, **paper})


def test_the_decision_gives_the_time_back(waiting: Story) -> None:
    opened = waiting.now - timedelta(hours=1)
    waiting.advance(days=10)
    assert waiting.sweep().fired == 0
    with pytest.raises(GuardRefused) as refused:
        waiting.fire("fund_decided", "manager", data={"decision": "approved"})
    assert [r.code for r in refused.value.reasons] == ["document_missing"]

    _decided(waiting, "approved")

    assert waiting.clock("handle").due_at == opened + 11 * DAY
    for event in ("take", "arrive", "diagnose", "start_work", "complete_work"):
        waiting.fire(event, "crew", data=waiting.data(event, "crew"))
    waiting.fire("confirm", "committee")
    assert waiting.clock("handle").result == "met"
    asked = waiting.conn.execute(
        text("SELECT row FROM ticket_child WHERE noun = 'linked_request'")
    ).scalar_one()
    assert (asked["kind"], asked["recipient"]) == ("fund_application", "committee")


def test_a_refusal_refers_without_a_verdict(waiting: Story) -> None:
    waiting.advance(days=2)

    _decided(waiting, "refused")

    assert waiting.last is not None
    assert waiting.last.ticket["state"] == "referred"
    assert waiting.clock("handle").result == "not_applicable"
