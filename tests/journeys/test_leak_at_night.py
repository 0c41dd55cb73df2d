"""An emergency at night: danger first, parts, one postponement, rework, the vendor's failings."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.core.errors import GuardRefused
from tests.support.story import Story


def _state(story: Story) -> str:
    state: str = story.conn.execute(
        text("SELECT state FROM ticket WHERE id = :id"), {"id": story.order}
    ).scalar_one()
    return state


def _emergency_on_site(story: Story) -> None:
    story.submit(category="burst_pipe", urgency="emergency", place="b2")
    story.fire(
        "accept",
        "dispatcher",
        data={
            **story.data("accept", ""),
            "category": "burst_pipe",
            "urgency": "emergency",
            "part": "common",
        },
    )
    for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew")):
        story.fire(event, by)


def test_danger_is_removed_before_anything_else(story: Story) -> None:
    _emergency_on_site(story)
    story.fire("diagnose", "crew")

    for event in ("start_work", "no_access"):
        with pytest.raises(GuardRefused) as refused:
            story.fire(event, "crew")
        assert "danger_not_removed" in [r.code for r in refused.value.reasons]

    story.fire("make_safe", "crew")
    story.fire("start_work", "crew", data={})
    assert _state(story) == "in_progress"


def test_a_postponed_order_ends_excused_and_climbs_its_promise(story: Story) -> None:
    story.until("in_progress")
    promised = story.now + timedelta(days=2)
    story.fire("report_cannot_finish", "crew")

    story.advance(hours=25)
    story.sweep()
    assert story.clock("handle").result == "breached_excused"
    assert story.levels("handle") == [-1, 0]

    story.at(promised + timedelta(milliseconds=1))
    story.sweep()
    assert story.clock("promise").result == "breached"
    assert 0 in story.levels("promise")


def test_rework_three_times_asks_for_a_rectification(story: Story) -> None:
    story.until("awaiting_confirmation")
    for _ in range(3):
        story.fire("refuse_confirmation", "resident")
        story.until_again()

    rows = story.conn.execute(
        text("SELECT row FROM ticket_child WHERE noun = 'linked_request'")
    ).scalars()
    assert [r["kind"] for r in rows] == ["rectification_order"]
    topics = story.conn.execute(text("SELECT topic FROM outbox")).scalars()
    assert "repair_order.rework_notice" in list(topics)


def test_each_rework_opens_new_clocks_with_the_full_target(story: Story) -> None:
    story.until("awaiting_confirmation")
    story.advance(hours=2)

    story.fire("refuse_confirmation", "resident")

    for name, target in (("arrive", timedelta(minutes=30)), ("handle", timedelta(hours=24))):
        clock = story.clock(name)
        assert clock.epoch == 2
        assert clock.due_at == story.now + target


def test_a_reopening_thirty_days_later_is_refused_one_tick_late(story: Story) -> None:
    story.until("closed")
    closed = story.now

    story.at(closed + timedelta(days=30, milliseconds=1))
    with pytest.raises(GuardRefused) as refused:
        story.fire("reopen", "resident")
    assert [r.code for r in refused.value.reasons] == ["reopen_too_late"]

    story.at(closed + timedelta(days=30))
    story.fire("reopen", "resident")
    assert _state(story) == "rework"


def test_a_contractor_who_does_not_answer_is_passed_over(story: Story) -> None:
    story.submit(urgency="urgent")
    story.fire("accept", "dispatcher")
    story.fire(
        "pick_pool_contractor", "street_officer", data={"vendor": "v-pool1", "reason": "最近"}
    )

    story.advance(minutes=10, seconds=0.001)
    story.sweep()

    assert "pass_over" in story.history()
    vendor = story.conn.execute(text("SELECT vendor_id FROM ticket")).scalar_one()
    assert vendor == "v-pool2"
    assert story.clock("pool_answer").epoch == 2
