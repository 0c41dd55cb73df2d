"""A neighbour reported the same leak first: the orders become one, and nobody is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.jobs import reacting, reactions
from service.notify.channels import CHANNELS
from service.notify.relay import Relay
from tests.support.story import Story

STAIRCASE = {"place": "u1", "category": "drain", "urgency": "urgent"}
TRIAGE = {
    "category": "drain",
    "urgency": "urgent",
    "part": "common",
    "responsible": "company",
    "class": "urgent",
}


def _relay(story: Story) -> None:
    Relay(story.ports.uow, CHANNELS, reacting=reactions.wanted).run_once()
    reacting.react(story.ports)


def _told(story: Story, topic: str) -> set[str]:
    found = story.conn.execute(
        text("SELECT a.name FROM inbox i JOIN account a ON a.id = i.account_id WHERE topic = :t"),
        {"t": f"repair_order.{topic}"},
    )
    return set(found.scalars())


@pytest.fixture
def merged(story: Story) -> Story:
    """The neighbour's report at eight became a follower of the one of twenty past."""
    story.submit("neighbour", **STAIRCASE)
    first = story.order
    story.advance(minutes=10)
    story.submit("resident", **STAIRCASE)
    master = story.order
    story.fire("accept", "dispatcher", data=TRIAGE)
    story.advance(minutes=10)
    story.order = first
    story.fire("merge", "dispatcher", data={"into": str(master)})
    _relay(story)
    story.order = master
    return story


def test_the_one_order_counts_from_the_first_report(merged: Story) -> None:
    first_report = merged.now - timedelta(minutes=20)

    assert merged.history()[-1] == "absorb"
    for name, target in (("arrive", timedelta(minutes=30)), ("handle", timedelta(hours=24))):
        clock = merged.clock(name)
        assert (clock.epoch, clock.started_at) == (2, first_report)
        assert clock.due_at == first_report + target
    assert merged.clock("dispatch").epoch == 1


def test_who_reported_first_hears_how_it_goes_on(merged: Story) -> None:
    merged.fire("assign", "dispatcher")
    merged.fire("take", "crew")

    _relay(merged)

    assert _told(merged, "merge") == {"neighbour"}
    assert {"neighbour", "resident"} <= _told(merged, "take")


def test_the_arrival_breaches_by_the_first_report(merged: Story) -> None:
    merged.advance(minutes=10, seconds=0.001)
    merged.sweep()

    assert 0 in merged.levels("arrive")
    assert merged.clock("arrive").breached_at == merged.now - timedelta(milliseconds=1)


def test_an_unanswered_report_is_acknowledged_by_the_first_one_too(story: Story) -> None:
    story.submit("neighbour", **STAIRCASE)
    first, opened = story.order, story.now
    story.advance(minutes=5)
    story.submit("resident", **STAIRCASE)
    master = story.order
    story.order = first
    story.fire("merge", "dispatcher", data={"into": str(master)})

    _relay(story)

    story.order = master
    assert story.clock("ack").due_at == opened + timedelta(minutes=15)
