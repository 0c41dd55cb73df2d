"""One event, one transaction: judged under the lock, recorded whole, repeated harmlessly."""

import itertools
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.commands.ports import Key
from service.core.errors import (
    ForbiddenEvent,
    GuardRefused,
    IllegalTransition,
    KeyReused,
    NotFound,
    OccurredInFuture,
    ValidationFailed,
    VersionMismatch,
)
from tests.support.story import Story, iso


def test_the_plain_road_ends_closed(story: Story) -> None:
    story.until("closed")

    assert story.history() == [
        "submit", "accept", "assign", "take", "arrive", "diagnose", "start_work",
        "complete_work", "request_confirmation", "confirm",
    ]  # fmt: skip
    assert story.last is not None
    assert story.last.ticket["state"] == "closed"
    assert story.last.ticket["next_due_at"] is None


def test_completing_answers_with_confirmation_already_asked(story: Story) -> None:
    story.until("awaiting_confirmation")

    assert story.last is not None
    assert story.last.event["type"] == "complete_work"
    assert story.last.ticket["state"] == "awaiting_confirmation"


def test_a_completion_told_late_asks_the_resident_now(story: Story) -> None:
    story.until("in_progress")
    done = story.now + timedelta(minutes=30)
    story.advance(days=4)

    story.fire("complete_work", "crew", occurred_at=done)

    assert story.clock("handle").result == "met"
    assert story.clock("confirm").due_at == story.now + timedelta(hours=72)
    story.sweep()
    assert "auto_confirm" not in story.history()


def test_arrival_and_handling_count_from_the_report(story: Story) -> None:
    story.submit()
    story.advance(minutes=3)

    story.fire("accept", "dispatcher")

    assert story.clock("arrive").due_at == story.now + timedelta(minutes=27)
    assert story.clock("handle").due_at == story.now + timedelta(hours=24, minutes=-3)
    assert story.clock("water_same_day").due_at.isoformat() == "2026-11-21T16:00:00+00:00"


def test_each_line_continues_the_one_before(story: Story) -> None:
    story.until("closed")

    rows = story.conn.execute(
        text("SELECT seq, version, from_state, to_state, prev_hash, hash FROM event ORDER BY seq")
    ).all()
    assert [r.seq for r in rows] == list(range(1, len(rows) + 1))
    for before, after in itertools.pairwise(rows):
        assert after.from_state == before.to_state
        assert after.prev_hash == before.hash


def test_a_stale_version_is_refused(story: Story) -> None:
    story.submit()

    with pytest.raises(VersionMismatch) as refused:
        story.fire("accept", "dispatcher", expected_version=9)

    assert refused.value.current == 1


def test_a_foreign_ticket_is_absent(story: Story) -> None:
    story.submit()

    with pytest.raises(NotFound):
        story.fire("accept", "other_dispatcher")


def test_a_crew_never_assigned_sees_nothing(story: Story) -> None:
    story.until("assigned")

    with pytest.raises(NotFound):
        story.fire("take", "other_crew_member")


def test_a_crew_no_longer_assigned_is_told_so(story: Story) -> None:
    story.until("assigned")
    story.fire("reassign", "dispatcher")

    with pytest.raises(GuardRefused) as refused:
        story.fire("take", "crew")

    assert [r.code for r in refused.value.reasons] == ["not_assigned"]


def test_a_role_without_the_event_is_refused_before_the_state(story: Story) -> None:
    story.submit()

    with pytest.raises(ForbiddenEvent):
        story.fire("complete_work", "dispatcher", data={})


def test_an_event_that_leaves_no_state_tells_what_would(story: Story) -> None:
    story.until("on_site")

    with pytest.raises(IllegalTransition) as refused:
        story.fire("complete_work", "crew", data={})

    assert "start_work" in refused.value.allowed


def test_missing_data_is_pointed_at(story: Story) -> None:
    story.until("in_progress")

    with pytest.raises(ValidationFailed) as refused:
        story.fire("complete_work", "crew", data={"site_clean": True, "colour": 1})

    found = {e.pointer: e.code for e in refused.value.errors}
    assert found["/data/report"] == "required"
    assert found["/data/colour"] == "unknown_field"


def test_the_same_event_id_is_taken_once(story: Story) -> None:
    story.submit()
    ident = UUID("018f0000-0000-7000-8000-0000000000aa")
    story.fire("accept", "dispatcher", id=ident, fingerprint=b"x")

    again = story.fire("accept", "dispatcher", id=ident, fingerprint=b"x")

    assert again.how == "duplicate"
    assert story.history() == ["submit", "accept"]


def test_an_event_id_with_other_content_is_refused(story: Story) -> None:
    story.submit()
    ident = UUID("018f0000-0000-7000-8000-0000000000aa")
    story.fire("accept", "dispatcher", id=ident, fingerprint=b"x")

    with pytest.raises(KeyReused):
        story.fire("accept", "dispatcher", id=ident, fingerprint=b"y")


def test_two_minutes_ahead_counts_as_now(story: Story) -> None:
    story.submit()

    story.fire("accept", "dispatcher", occurred_at=story.now + timedelta(minutes=2))

    assert story.last is not None
    assert story.last.event["occurred_at"] == story.now


def test_a_tick_more_than_two_minutes_ahead_is_refused(story: Story) -> None:
    story.submit()

    with pytest.raises(OccurredInFuture):
        story.fire(
            "accept", "dispatcher", occurred_at=story.now + timedelta(minutes=2, milliseconds=1)
        )


def test_nothing_happens_before_the_last_event(story: Story) -> None:
    story.submit()
    story.advance(minutes=1)
    story.fire("accept", "dispatcher")

    with pytest.raises(ValidationFailed) as refused:
        story.fire("assign", "dispatcher", occurred_at=story.now - timedelta(milliseconds=1))

    assert refused.value.errors[0].code == "before_last_event"


def test_an_arrival_told_late_withdraws_the_breach(story: Story) -> None:
    story.until("en_route")
    story.advance(minutes=31)
    story.sweep()
    assert story.levels("arrive") == [-1, 0]

    story.fire("arrive", "crew", occurred_at=story.now - timedelta(minutes=5))

    assert story.clock("arrive").result == "met"
    assert "clock_corrected" in story.history()
    withdrawn = story.conn.execute(
        text("SELECT level FROM escalation WHERE withdrawn_at IS NOT NULL")
    ).scalars()
    assert list(withdrawn) == [0]


def test_an_event_after_the_due_time_fires_the_breach_itself(story: Story) -> None:
    story.until("en_route")
    story.advance(minutes=31)

    story.fire("arrive", "crew")

    assert story.levels("arrive") == [-1, 0]
    assert story.clock("arrive").result == "breached"


def test_the_second_postponement_is_refused_with_its_rule(story: Story) -> None:
    story.until("in_progress")
    story.fire("report_cannot_finish", "crew")
    story.fire("resume_work", "crew")

    with pytest.raises(GuardRefused) as refused:
        story.fire("report_cannot_finish", "crew")

    assert ("already_postponed", "R-SLA-20") in [(r.code, r.rule) for r in refused.value.reasons]


def test_the_application_may_not_touch_the_history(story: Story) -> None:
    story.submit()

    for statement in ("UPDATE event SET type = 'x'", "DELETE FROM event", "TRUNCATE event"):
        with pytest.raises(DBAPIError), story.conn.begin_nested():
            story.conn.execute(text(statement))


def test_a_ticket_does_not_change_without_its_event(story: Story) -> None:
    story.submit()

    with pytest.raises(DBAPIError), story.conn.begin_nested():
        story.conn.execute(text("UPDATE ticket SET state = 'closed', seq = seq + 1"))


def test_an_undeclared_move_is_refused_by_the_database(story: Story) -> None:
    story.submit()

    with pytest.raises(DBAPIError), story.conn.begin_nested():
        story.conn.execute(
            text("INSERT INTO event SELECT ticket_id, 2, kind, gen_random_uuid(), 'confirm', "
                 "'submitted', 'closed', 2, actor_id, actor_role, NULL, occurred_at, received_at, "
                 "NULL, '{}', '{}', NULL, NULL, xid, NULL, '' FROM event")
        )  # fmt: skip


def test_a_back_dated_time_is_kept_as_effective(story: Story) -> None:
    story.submit()
    story.advance(minutes=10)
    at = story.now - timedelta(minutes=4)

    story.fire("accept", "dispatcher", occurred_at=at)

    assert story.last is not None
    assert iso(story.last.event["occurred_at"]) == iso(at)
    assert story.last.event["received_at"] == story.now


def _key(fingerprint: bytes = b"a") -> Key:
    return Key(
        route="POST /v1/repair-orders/x/events",
        key="call-1",
        fingerprint=fingerprint,
        render=lambda outcome: (201, {"ETag": '"v2"'}, {"seq": outcome.event["seq"]}),
    )


def test_a_repeated_key_gives_the_first_answer_and_one_effect(story: Story) -> None:
    story.submit()
    story.fire("accept", "dispatcher", key=_key())

    again = story.fire("accept", "dispatcher", key=_key())

    assert again.answer == (201, {"ETag": '"v2"'}, {"seq": 2})
    assert story.history() == ["submit", "accept"]


def test_a_key_with_other_content_is_refused(story: Story) -> None:
    story.submit()
    story.fire("accept", "dispatcher", key=_key())

    with pytest.raises(KeyReused):
        story.fire("accept", "dispatcher", key=_key(b"b"))


def test_a_kept_answer_is_absent_for_somebody_who_may_not_see_the_ticket(story: Story) -> None:
    story.submit()

    with pytest.raises(NotFound):
        story.fire("accept", "other_dispatcher", key=_key())


def test_a_refused_call_keeps_no_answer(story: Story) -> None:
    story.submit()
    with pytest.raises(ValidationFailed):
        story.fire("accept", "dispatcher", data={}, key=_key())

    assert story.fire("accept", "dispatcher", key=_key()).how == "created"


def test_a_dry_run_leaves_nothing(story: Story) -> None:
    story.submit()

    would = story.fire("accept", "dispatcher", dry_run=True, key=_key())

    assert would.how == "dry_run"
    assert would.ticket["state"] == "accepted"
    assert story.history() == ["submit"]
    assert story.fire("accept", "dispatcher", key=_key()).how == "created"


@pytest.mark.parametrize("event", ["clock_breached", "escalated", "auto_confirm"])
def test_nobody_speaks_for_the_system(story: Story, event: str) -> None:
    story.submit()

    with pytest.raises(ForbiddenEvent):
        story.fire(event, "admin", data={})


@pytest.mark.parametrize("event", ["amend", "add_note", "explode"])
def test_an_unknown_event_tells_the_known_ones(story: Story, event: str) -> None:
    story.submit()

    with pytest.raises(ValidationFailed) as refused:
        story.fire(event, "dispatcher", data={})

    assert refused.value.errors[0].pointer == "/type"
    assert "accept" in refused.value.errors[0].allowed
    assert "amend" not in refused.value.errors[0].allowed
