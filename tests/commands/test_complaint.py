"""A complaint and a listing as the database keeps them: clocks by number, sealed words, holders."""

from datetime import datetime
from typing import Any

import pytest

from service.core.errors import GuardRefused
from service.core.shapes import stamp
from tests.support.roads.complaint import ROAD
from tests.support.roads.listed_supervision import ROAD as LISTING

pytestmark = pytest.mark.db


def postponed(story: Any) -> None:
    """Bring a complaint to its one postponement, the person told in time."""
    ROAD.open(story)
    story.fire("accept", "dispatcher", data={"promise_at": story.after(hours=24)})
    story.advance(hours=1)
    data = {
        "reason": "保洁员请假", "new_promise_at": story.after(hours=60),
        "reporter_notified_at": stamp(story.now),
    }  # fmt: skip
    story.fire("postpone", "dispatcher", data=data)


def test_the_company_named_at_birth_holds_the_complaint(story):
    ROAD.open(story)

    assert story.row().vendor_id == "v-lotus"
    assert story.facts()["first_receiver"] == story.account("dispatcher")


def test_a_moved_promise_is_excused_and_the_second_is_a_clock_of_its_own(story):
    postponed(story)

    story.pass_time(hours=50)

    assert story.clock("promise-1").result == "breached_excused"
    assert story.clock("reply").result == "breached_excused"
    assert (story.clock("promise-2").state, story.clock("promise-2").result) == ("running", None)


def test_the_same_matter_is_not_postponed_twice(story):
    postponed(story)
    story.fire("resume_handling", "dispatcher", data={})
    data = {
        "reason": "又请假", "new_promise_at": story.after(hours=90),
        "reporter_notified_at": stamp(story.now),
    }  # fmt: skip

    with pytest.raises(GuardRefused) as refused:
        story.fire("postpone", "dispatcher", data=data)

    assert [reason.code for reason in refused.value.reasons] == ["already_postponed"]


def test_a_satisfied_person_closes_it_in_one_transaction(story):
    ROAD.open(story)
    ROAD.walk(story, "closed_satisfied")

    assert story.history()[-2:] == ["confirm", "close"]
    assert story.row().closed_at == story.now


def test_what_goes_to_discipline_inspection_is_kept_apart(story):
    ROAD.open(story, category="cmp_fees")

    data = {"officials": "某单位负责人", "finding": "长期拖欠物业费"}
    outcome = story.fire("transfer_discipline", "street_officer", data=data)

    assert set(outcome.event["data"]) == {"sealed"}
    assert "某单位" not in str(outcome.ticket["facts"])


def test_a_report_moves_the_weekly_clock_to_the_next_friday(story):
    LISTING.open(story)
    story.fire("list", "district_officer", data={})
    story.at(datetime.fromisoformat("2026-11-26T02:00:00+00:00"))
    story.fire("report_progress", "street_officer", data={"period": "weekly", "progress": "过半"})

    due = datetime.fromisoformat("2026-12-04T10:00:00+00:00")
    assert story.clock("weekly_report").due_at == due
