"""Nobody opens: clocks wait, the desk gives up after three visits, a late report sets right."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.core.errors import GuardRefused
from tests.support.story import Story

HOUR = timedelta(hours=1)


def _visit_in_vain(story: Story) -> None:
    for event in ("take", "arrive", "no_access"):
        story.fire(event, "crew")


def test_the_desk_withdraws_after_three_visits_in_a_week(story: Story) -> None:
    story.until("assigned")
    for _ in range(2):
        _visit_in_vain(story)
        with pytest.raises(GuardRefused) as refused:
            story.fire("cancel", "dispatcher")
        assert [r.code for r in refused.value.reasons] == ["too_few_visits"]
        story.advance(days=1)
        story.fire("resume", "dispatcher")
    _visit_in_vain(story)

    story.fire("cancel", "dispatcher")

    assert story.history()[-1] == "cancel"
    assert story.clock("handle").result == "not_applicable"


def test_three_visits_in_more_than_a_week_are_too_few(story: Story) -> None:
    story.until("assigned")
    for days in (4, 4, 0):
        _visit_in_vain(story)
        if days:
            story.advance(days=days)
            story.fire("resume", "dispatcher")

    with pytest.raises(GuardRefused):
        story.fire("cancel", "dispatcher")
    story.fire("cancel", "resident")  # who lives there may always


def test_the_time_of_waiting_is_given_back_up_to_fifteen_days(story: Story) -> None:
    story.until("assigned")
    opened = story.now
    story.advance(hours=1)
    _visit_in_vain(story)
    story.advance(days=3)
    story.sweep()
    assert story.clock("handle").state == "paused"

    story.fire("resume", "resident")
    arrive = story.clock("arrive")
    assert (arrive.epoch, arrive.due_at) == (2, story.now + 2 * HOUR)
    assert story.clock("handle").due_at == opened + timedelta(days=4)

    _visit_in_vain(story)
    story.advance(days=12, hours=23, milliseconds=1)
    story.sweep()
    assert story.clock("handle").breached_at == opened + timedelta(days=16)


def test_an_arrival_told_late_takes_the_breach_back(story: Story) -> None:
    story.until("en_route")
    opened = story.now
    story.advance(minutes=46)
    story.sweep()
    assert story.levels("arrive") == [-1, 0, 1]
    before = story.last.ticket["version"] if story.last else 0

    story.fire("arrive", "crew", occurred_at=opened + timedelta(minutes=30))

    assert (story.clock("arrive").result, story.clock("arrive").breached_at) == ("met", None)
    assert story.last is not None
    assert story.last.ticket["version"] == before + 1
    corrected = story.conn.execute(
        text("SELECT data FROM event WHERE type = 'clock_corrected'")
    ).scalar_one()
    assert (corrected["clock"], corrected["levels"]) == ("arrive", [0, 1])
    taken_back = story.conn.execute(
        text("SELECT level FROM escalation WHERE clock = 'arrive' AND withdrawn_at IS NOT NULL "
             "ORDER BY level")
    ).scalars().all()  # fmt: skip
    assert taken_back == [0, 1]
    topics = story.conn.execute(text("SELECT topic FROM outbox")).scalars().all()
    assert topics.count("sla.corrected") == 1
