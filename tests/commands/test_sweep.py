"""What is due fires, once, in order, whatever fails beside it."""

import pytest
from sqlalchemy import text

from tests.support.story import Story

TICK = 0.001


def test_a_missed_arrival_climbs_the_ladder_to_the_street(story: Story) -> None:
    story.submit()
    story.fire("accept", "dispatcher")
    story.fire("assign", "dispatcher")

    story.advance(minutes=61)
    story.sweep()

    assert story.levels("arrive") == [-1, 0, 1, 2]


def test_nothing_fires_twice(story: Story) -> None:
    story.submit()
    story.advance(hours=3)

    first = story.sweep()
    second = story.sweep()

    assert first.fired > 0
    assert second.fired == 0


@pytest.mark.parametrize(
    ("offset", "fired"),
    [(-TICK, [-1]), (0, [-1]), (TICK, [-1, 0])],
    ids=["R-SLA-01-before", "R-SLA-01-at", "R-SLA-01-after"],
)
def test_a_breach_fires_one_tick_after_its_due_time(
    story: Story, offset: float, fired: list[int]
) -> None:
    story.submit()
    story.fire("accept", "dispatcher")

    story.advance(minutes=30, seconds=offset)
    story.sweep()

    assert story.levels("arrive") == fired


def test_a_breach_is_dated_at_its_due_time_and_names_who_was_told(story: Story) -> None:
    story.submit()
    story.advance(hours=1)
    story.sweep()

    row = story.conn.execute(
        text("SELECT e.told, e.noticed_at, k.breached_at FROM escalation e "
             "JOIN clock k ON k.name = e.clock "
             "WHERE e.clock = 'ack' AND e.level = 0")
    ).one()  # fmt: skip
    assert row.breached_at.isoformat() == "2026-11-21T00:15:00+00:00"
    assert row.noticed_at == story.now
    assert {t["role"] for t in row.told} == {"shift_lead"}
    assert all(t["account"] for t in row.told)


def test_an_unanswered_confirmation_closes_by_itself_and_says_so(story: Story) -> None:
    story.until("awaiting_confirmation")
    story.advance(hours=72, seconds=TICK)
    story.sweep()

    assert "auto_confirm" in story.history()
    state, facts = story.conn.execute(text("SELECT state, facts FROM ticket")).one()
    assert state == "closed"
    assert facts["unconfirmed"] is True


def test_an_emergency_never_closes_by_itself(story: Story) -> None:
    story.submit(urgency="emergency")
    story.fire("accept", "dispatcher", data={**story.data("accept", ""), "urgency": "emergency"})
    for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
                      ("diagnose", "crew"), ("make_safe", "crew"), ("start_work", "crew"),
                      ("complete_work", "crew")):  # fmt: skip
        story.fire(event, by)

    story.advance(hours=100)
    story.sweep()

    assert story.conn.execute(text("SELECT state FROM ticket")).scalar() == "awaiting_confirmation"
    assert 0 in story.levels("confirm")


def test_handling_pauses_while_the_resident_is_away(story: Story) -> None:
    story.until("on_site")
    due = story.clock("handle").due_at
    story.fire("no_access", "crew")
    assert story.clock("handle").state == "paused"

    story.advance(hours=5)
    story.fire("resume", "resident")

    assert (story.clock("handle").due_at - due).total_seconds() == 5 * 3600


def test_a_culprit_backs_off_and_its_neighbour_fires(story: Story) -> None:
    story.submit()
    culprit = story.order
    story.submit(place="h-2-102")
    neighbour = story.order
    story.conn.execute(
        text("INSERT INTO escalation SELECT :id, 'ack', 1, -1, k.started_at, k.started_at, 'x', 1, "
             "'[]' FROM clock k WHERE k.ticket_id = :id"), {"id": culprit},
    )  # fmt: skip

    story.advance(minutes=20)
    done = story.sweep()

    assert done.failed == 1
    story.order = neighbour
    assert story.levels("ack") == [-1, 0]
    row = story.conn.execute(
        text("SELECT attempts, last_error FROM clock WHERE ticket_id = :id"), {"id": culprit}
    ).one()
    assert row.attempts == 1
    assert row.last_error == "IntegrityError"


def test_sla_marks_do_not_make_an_edit_stale(story: Story) -> None:
    story.submit()
    story.advance(hours=1)
    story.sweep()

    story.fire("accept", "dispatcher", expected_version=1)

    assert story.last is not None
    assert story.last.ticket["version"] == 2
