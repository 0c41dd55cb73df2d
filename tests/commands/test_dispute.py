"""A dispute as the database keeps it: tiers, sight, what rungs and last signatures lead to."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.errors import GuardRefused
from tests.support.roads import made
from tests.support.roads.dispute_case import ROAD

pytestmark = pytest.mark.db


def seated(story: Any) -> None:
    """Bring a case to the end of its first session."""
    ROAD.open(story)
    ROAD.walk(story, "in_session")
    data = {"reason": "补证", "next_step": "鉴定", "next_at": story.after(hours=20),
            "minutes": "双方各执一词"}  # fmt: skip
    story.fire("adjourn", "mediator", data=data)


def owing(story: Any, *due_in_days: int) -> None:
    """Bring a case to performance with an obligation for each number of days."""
    ROAD.open(story)
    ROAD.walk(story, "in_session")
    owed = [{"who": 2, "what": "修复", "due_at": story.after(days=n)} for n in due_in_days]
    story.fire("reach_terms", "mediator", data={"form": "oral", "obligations": owed})
    story.fire("sign", "mediator", data={"record": "双方口头同意"})


def codes(refused: Any) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_the_parties_and_the_body_see_the_case(story):
    ROAD.open(story)

    assert story.stakes() == {"tier:1", "place:h-2-101", "vendor:v-lotus"}


def test_a_limit_that_runs_out_takes_the_case_to_the_next_tier_a_day_later(story):
    seated(story)

    story.pass_time(days=7)
    waiting = story.state()
    story.pass_time(days=1)

    assert (waiting, story.state()) == ("adjourned", "escalated")
    assert story.history()[-1] == "escalate"
    assert story.facts()["tier"] == 2
    assert {"tier:1", "tier:2"} <= story.stakes()
    assert story.clock("take_over").due_at == story.now + timedelta(days=3)


def test_the_next_tier_has_its_own_time_and_the_old_one_no_say(story):
    seated(story)
    story.fire("escalate", "resident", data={})
    story.advance(hours=1)

    data = {"mediators": [story.account("mediator_t2")]}
    with pytest.raises(GuardRefused) as refused:
        story.fire("receive_escalation", "mediator", data=data)
    story.fire("receive_escalation", "mediator_t2", data=data)

    assert "not_my_tier" in codes(refused)
    assert story.clock("tier_limit").due_at == story.now + timedelta(days=15)
    assert story.clock("first_session").due_at == story.now + timedelta(days=7)


def test_an_extended_tier_keeps_the_case(story):
    seated(story)
    story.fire("extend_limit", "mediator", data={"consents": [1, 2], "reason": "鉴定未出"})

    story.pass_time(days=9)

    assert story.state() == "adjourned"


def test_a_case_filed_with_the_district_is_redirected_with_number_and_date_kept(story):
    facts = {**made(ROAD.facts, story), "requested_tier": 3}
    ROAD.open(story, facts=facts)
    number, filed_at = story.row().number, story.facts()["filed_at"]
    story.advance(hours=2)

    story.fire("screen", "mediator_t3", data={"file_no": "三调1"})
    story.fire("redirect", "mediator_t3", data={"reason": "应先由社区调解"})
    story.fire("receive_redirect", "mediator", data={"file_no": "一调9"})

    assert story.state() == "screening"
    assert (story.row().number, story.facts()["filed_at"]) == (number, filed_at)
    assert story.stakes() >= {"tier:3", "tier:1"}
    assert story.clock("take_over").result == "met"


def test_screening_waits_for_consent_at_most_three_days(story):
    ROAD.open(story)
    story.fire("screen", "mediator", data={})
    waiting = story.clock("screen").state

    story.pass_time(days=7)

    assert waiting == "paused"
    assert story.levels("screen") == [-1, 0]


def test_the_last_signature_starts_performance_in_the_same_transaction(story):
    owing(story, 10, 20)

    assert story.state() == "performing"
    assert story.history()[-2:] == ["sign", "start_performance"]
    assert story.clock("obligation-2").due_at == story.now + timedelta(days=20)
    assert story.clock("judicial_30d").due_at == story.now + timedelta(days=30)


def test_silence_rejects_the_terms_and_an_expired_tier_moves_on(story):
    ROAD.open(story)
    ROAD.walk(story, "agreement_drafted")

    story.pass_time(days=9)

    taken = [event for event in story.history() if event in ("reject_terms", "escalate")]
    assert taken == ["reject_terms", "escalate"]
    assert story.state() == "escalated"


def test_an_obligation_not_met_is_a_default_until_all_are_met(story):
    owing(story, 2, 3)

    story.pass_time(days=4)
    overdue = story.state()
    story.fire("obligation_done", "vendor_manager", data={"number": 1, "statement": "已修"})
    still = story.state()
    story.fire("obligation_done", "vendor_manager", data={"number": 2, "statement": "已修"})

    assert (overdue, still, story.state()) == ("default", "default", "performing")
    assert story.clock("obligation-1").result == "breached"
    assert story.history().count("obligation_overdue") == 2


def test_a_failed_case_closes_by_itself_when_nobody_chooses_a_way(story):
    seated(story)
    data = {"cause": "parties_stop", "reason": "不愿继续", "ways": "可向法院起诉"}
    story.fire("terminate", "mediator", data=data)

    story.pass_time(days=16)

    assert story.state() == "closed_failed"
    assert story.facts()["closing"]["at"].startswith("2026-12-06")


def test_a_danger_moves_a_seated_case_up_at_once(story):
    seated(story)

    story.fire("flag_escalation_risk", "street_officer", data={"facts": "聚集", "police": True})

    assert story.state() == "escalated"
    assert story.history()[-2:] == ["flag_escalation_risk", "escalate"]


def test_an_obligation_that_fell_due_at_court_is_noticed_on_return(story):
    owing(story, 2, 20)
    story.fire("approve", "resident", data={"event": "apply_confirmation"})
    story.fire("apply_confirmation", "vendor_manager", data={"court": "锦江区人民法院"})
    story.pass_time(days=3)
    at_court = story.state()

    story.fire("confirmation_result", "mediator", data={"result": "confirmed"})

    assert at_court == "judicial_confirmation_pending"
    assert story.state() == "default"
    assert story.facts()["agreement"]["enforceable"] is True


def test_the_plain_road_ends_performed(story):
    ROAD.open(story)

    ROAD.walk(story, "closed_performed")

    assert story.row().closed_at == story.now
    assert story.clock("case_limit").result == "met"
