"""An assessment and a listing against the database: secret votes, the close, the year."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.core.errors import GuardRefused

PERIOD = {"from": "2026-07-01", "to": "2026-09-30", "cycle": "quarterly"}
PLAN = {"vendor": "v-clean", "period": PERIOD, "electorate_kind": "household"}
LISTED = text("SELECT listed FROM vendor WHERE id = :id")


def opened(story):
    """Open a vote of one household on the cleaning."""
    story.open("vendor_assessment", "committee", category="line_cleaning", facts=PLAN)
    story.fire("open", "committee", data={"electors": ["h-2-101"]})


def listed(story, vendor):
    """Return the list that the directory shows a vendor on."""
    return story.conn.execute(LISTED, {"id": vendor}).scalar_one()


def test_an_assessment_is_voted_on_closed_by_its_clock_and_graded(story):
    opened(story)
    story.fire("grade", "resident", data={"grade": "dissatisfied", "words": "脏"})
    story.fire("grade", "resident", data={"grade": "satisfied"})

    assert story.facts()["turnout"] == {"electors": 1, "cast": 1}
    assert "satisfied" not in str(story.facts())
    story.pass_time(days=14)
    assert story.state() == "collecting"
    story.pass_time(milliseconds=1)

    assert story.state() == "tallied"
    assert story.facts()["tally"]["grade"] == "satisfied"
    assert story.clock("collect").result == "breached"
    story.advance(days=5)
    story.fire("approve", "street_officer", data={"event": "fix_grade"})
    with pytest.raises(GuardRefused, match="objection_time_running"):
        story.fire("fix_grade", "committee", data={})
    story.advance(milliseconds=1)
    story.fire("fix_grade", "committee", data={})

    assert story.state() == "retained"
    assert story.history()[-2:] == ["fix_grade", "retain"]
    assert story.facts()["period"] == PERIOD


def test_a_missed_turnout_reopens_the_vote_and_then_voids_it(story):
    opened(story)

    story.pass_time(days=14, milliseconds=1)
    assert (story.state(), story.facts()["reopened"]) == ("collecting", 1)
    assert story.clock("collect").due_at == story.now + timedelta(days=7)
    story.pass_time(days=7, milliseconds=1)

    assert story.state() == "void"


def test_a_listing_marks_the_company_for_a_year(story):
    story.open(
        "list_decision", "district_officer", category="list_company",
        facts={"vendor": "v-clean", "list": "red", "reason": "年度考核优秀"},
    )  # fmt: skip
    document = story.photo("district_officer")
    story.fire("decide", "district_officer", data={"reason": "优秀", "document": document})
    assert listed(story, "v-clean") == "red"

    story.pass_time(days=360)
    assert listed(story, "v-clean") == "red"
    story.pass_time(milliseconds=1)

    assert (story.state(), listed(story, "v-clean")) == ("expired", "none")


def test_a_vendor_that_runs_away_is_voted_out_and_cleared_from_the_market(story):
    source = {"ticket": "RC-20261101-0001", "number": "RC-20261101-0001", "serious": False}
    story.open(
        "vendor_assessment", "system", category="line_cleaning", event="open_exit",
        facts={"vendor": "v-clean", "source": source},
    )  # fmt: skip
    document = story.photo("committee")
    resolution = {"seats": 9, "present": 6, "in_favour": 4}
    story.fire("vote_exit", "committee", data={"committee": resolution, "document": document})
    story.fire(
        "give_notice", "committee",
        data={"leaves_at": story.after(days=30), "document": document, "contract_days": 30},
    )  # fmt: skip
    story.fire("leave_without_handover", "committee", data={"reason": "夜间撤走全部人员"})
    done = dict.fromkeys(("rooms", "files", "assets", "keys", "deposit_settled"), True)
    done |= {"record": document, "market_exit": True}
    with pytest.raises(GuardRefused, match="approval_missing"):
        story.fire("finish_handover", "committee", data=done)
    story.fire("approve", "district_officer", data={"event": "finish_handover"})

    story.fire("finish_handover", "committee", data=done)

    assert story.state() == "exited"
    assert story.clock("notice").result == "met"
    cleared = story.conn.execute(text("SELECT market_exit FROM vendor WHERE id = 'v-clean'"))
    assert cleared.scalar_one() is True


@pytest.mark.parametrize("other", ["b9", "lotus-c", "nowhere"])
def test_a_household_elsewhere_has_no_vote(story, other):
    story.open("vendor_assessment", "committee", category="line_cleaning", facts=PLAN)

    with pytest.raises(GuardRefused, match="elector_elsewhere"):
        story.fire("open", "committee", data={"electors": ["h-2-101", other]})
