"""After the work: the resident confirms by the link, and the call-back finds it leaking again."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.commands.fire_event import Fire, fire
from service.commands.links import CreateLink, create_link, holder
from service.core.errors import ForbiddenEvent, LinkRevoked
from tests.support.story import Story


def _link(story: Story) -> str:
    made = create_link(
        story.ports,
        CreateLink(kind="repair_order", ticket=str(story.order), actor=story.actor("dispatcher")),
    )
    token: str = made.ticket["token"]
    return token


def _by_link(story: Story, token: str, event: str, **data: str) -> str:
    outcome = fire(
        story.ports,
        Fire(ticket=str(story.order), event=event, actor=holder(story.ports, token), data=data),
    )
    state: str = outcome.ticket["state"]
    return state


def test_the_link_confirms_and_reopens_and_then_dies(story: Story) -> None:
    story.until("awaiting_confirmation")
    token = _link(story)

    with pytest.raises(ForbiddenEvent):
        _by_link(story, token, "cancel", reason="不修了")
    assert _by_link(story, token, "confirm", rating="satisfied") == "closed"
    assert story.clock("confirm").result == "met"

    story.advance(days=29)
    assert _by_link(story, token, "reopen", reason="又漏了") == "rework"
    story.until_again()
    assert _by_link(story, token, "confirm", rating="basically_satisfied") == "closed"

    story.advance(days=30)
    with pytest.raises(LinkRevoked):
        holder(story.ports, token)


def test_silence_confirms_after_three_days_and_is_called_back(story: Story) -> None:
    story.until("awaiting_confirmation")

    story.advance(hours=72)
    story.sweep()
    assert story.history()[-1] == "clock_warned"
    story.advance(milliseconds=1)
    story.sweep()

    assert story.history()[-2:] == ["auto_confirm", "revisit_draw"]
    assert story.clock("revisit").due_at == story.now + timedelta(days=7)


def test_an_emergency_waits_for_a_word(story: Story) -> None:
    story.submit(urgency="emergency")
    story.fire("accept", "dispatcher", data=story.data("accept", "") | {"urgency": "emergency"})
    for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
                      ("make_safe", "crew"), ("diagnose", "crew"), ("start_work", "crew"),
                      ("complete_work", "crew")):  # fmt: skip
        story.fire(event, by)

    story.advance(days=9)
    story.sweep()

    assert "auto_confirm" not in story.history()
    assert story.clock("confirm").state == "running"
    assert story.levels("confirm") == [-1, 0]
    story.fire("confirm", "resident")
    assert story.history()[-1] == "revisit_draw"


def test_a_call_back_that_fails_is_a_rework_with_full_clocks(story: Story) -> None:
    story.until("awaiting_confirmation")
    story.fire("confirm", "resident", data={"rating": "unsatisfied"})
    story.advance(days=2)
    story.fire("revisit_call", "dispatcher", data={"outcome": "no_answer"})
    story.advance(days=1)

    story.fire("revisit_fail", "dispatcher", data={"finding": "接头又渗水"})

    assert story.clock("revisit").result == "met"
    for name, target in (("arrive", timedelta(minutes=30)), ("handle", timedelta(hours=24))):
        assert (story.clock(name).epoch, story.clock(name).due_at) == (2, story.now + target)
    story.until_again()
    story.fire("confirm", "resident")
    assert story.history()[-1] == "revisit_draw"  # what was reworked is always called back


def test_three_calls_on_two_days_make_unreachable(story: Story) -> None:
    story.until("awaiting_confirmation")
    story.fire("confirm", "resident", data={"rating": "unsatisfied"})
    for _ in range(3):
        story.fire("revisit_call", "dispatcher", data={"outcome": "no_answer"})
    assert story.clock("revisit").state == "running"
    story.advance(days=1)

    story.fire("revisit_call", "dispatcher", data={"outcome": "busy"})

    assert story.clock("revisit").result == "not_applicable"
    topics = story.conn.execute(text("SELECT topic FROM outbox")).scalars().all()
    assert topics.count("repair_order.revisit_substitute") == 1
