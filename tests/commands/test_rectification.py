"""A rectification order as the database keeps it: what rungs fire, money, points, suspension."""

from datetime import timedelta
from typing import Any

import pytest

from service.core.errors import ForbiddenEvent, GuardRefused

pytestmark = pytest.mark.db

VENDOR, MANAGER = "v-clean", "clean_manager"
ITEMS = [{"what": "垃圾清运不及时", "where": "2幢垃圾房"}, {"what": "清运记录缺失"}]
NOTICE = {"legal_basis": "合同4.2", "penalty_warning": "扣保证金"}


def issued(story: Any, grade: str = "ordinary") -> None:
    """Open an order against the cleaning vendor and let the committee issue the notice."""
    facts = {"subject": "vendor", "vendor": VENDOR, "grade": grade, "items": ITEMS}
    story.open("rectification_order", "committee", category="rect_service", facts=facts)
    story.fire("issue_notice", "committee", data=NOTICE)


def overdue(story: Any) -> None:
    """Let the notice expire unanswered."""
    issued(story)
    story.pass_time(days=7, seconds=1)


def evidence(story: Any) -> dict[str, Any]:
    """Return evidence for both items."""
    return {"items": [{"n": n, "files": [story.photo(MANAGER)]} for n in (1, 2)]}


def test_a_silent_vendor_is_deemed_served_then_overdue_and_loses_points(story):
    issued(story)

    story.pass_time(hours=48)
    served = story.state()
    story.pass_time(days=5, seconds=1)

    assert (served, story.state()) == ("acknowledged", "overdue")
    assert story.history()[-1] == "expire"
    assert story.points(VENDOR) == [(-2, "cure_overdue")]
    assert story.levels("cure")[:2] == [-1, 0]


def test_a_person_who_comes_first_finds_the_order_overdue_too(story):
    issued(story)
    story.fire("acknowledge", MANAGER, data={"person": {"name": "李经理"}, "plan": "每日两清"})
    story.fire("start", MANAGER, data={})
    story.advance(days=8)

    story.fire("submit_evidence", MANAGER, data=evidence(story))

    assert story.state() == "evidence_submitted"
    assert "expire" in story.history()
    assert story.facts()["late_days"] == 1
    assert story.clock("cure").result == "breached"


def test_a_deduction_moves_money_and_a_top_up_brings_it_back(story):
    story.deposit(VENDOR, "lotus", 1_000_000, 1_000_000)
    overdue(story)
    for step in ({"step": 2}, {"step": 3, "amount_fen": 20_000}):
        story.fire("propose_penalty", "committee", data={"violation": "逾期未改", **step})
        story.fire("approve", "committee", data={"event": "penalize"})
        if step["step"] == 2:
            story.fire("penalize", "street_officer", data={})
            story.fire("reissue", "committee", data={})
            story.pass_time(days=4)
            continue
        story.fire("approve", "street_officer", data={"event": "penalize"})
        story.fire("penalize", "district_officer", data={})
    left = story.balance(VENDOR, "lotus")
    due = story.clock("top_up").due_at
    receipt = story.photo("street_officer")
    story.fire("record_top_up", "street_officer", data={"amount_fen": 30_000, "receipt": receipt})

    assert story.facts()["penalties"][-1]["factor"] == 1.5
    assert left == 970_000
    assert due == story.now + timedelta(days=30)
    assert story.balance(VENDOR, "lotus") == 1_000_000
    assert story.clock("top_up").result == "met"
    assert story.entries(VENDOR)[-2:] == [
        ("deposit:v-clean:lotus", "public:lotus", 30_000),
        ("vendor:v-clean", "deposit:v-clean:lotus", 30_000),
    ]


def test_nothing_is_deducted_where_no_deposit_was_paid(story):
    overdue(story)
    story.fire("propose_penalty", "committee", data={"violation": "逾期未改", "step": 2})
    story.fire("approve", "committee", data={"event": "penalize"})
    story.fire("penalize", "street_officer", data={})
    story.fire("reissue", "committee", data={})
    story.pass_time(days=4)

    data = {"violation": "逾期未改", "step": 3, "amount_fen": 1}
    with pytest.raises(GuardRefused) as refused:
        story.fire("propose_penalty", "committee", data=data)

    assert [reason.code for reason in refused.value.reasons] == ["deduction_exceeds_deposit"]


def test_a_suspended_cure_does_not_expire_and_the_notice_gets_its_new_date(story):
    issued(story)
    data = {"cause": "weather", "reason": "暴雨红色预警", "evidence": [story.photo("committee")]}
    story.fire("suspend_cure", "committee", data=data)
    started = story.now
    story.pass_time(days=10)
    waiting = story.state()

    story.fire("resume_cure", "committee", data={})

    assert waiting == "acknowledged"
    assert story.clock("cure").due_at == started + timedelta(days=17)
    assert story.facts()["notice"]["deadline"] == story.clock("cure").due_at.isoformat(
        timespec="milliseconds"
    ).replace("+00:00", "Z")


def test_a_suspension_of_more_than_fifteen_days_counts_again_and_expires(story):
    issued(story)
    data = {"cause": "weather", "reason": "暴雨红色预警", "evidence": [story.photo("committee")]}
    story.fire("suspend_cure", "committee", data=data)

    story.pass_time(days=22)
    before = story.state()
    story.pass_time(seconds=1)

    assert (before, story.state()) == ("acknowledged", "overdue")


def test_a_photo_of_the_finding_stays_with_its_item(story):
    picture = story.photo("committee")
    facts = {
        "subject": "vendor", "vendor": VENDOR, "grade": "works",
        "items": [{"what": "围墙开裂", "photo": picture}],
    }  # fmt: skip
    story.open("rectification_order", "committee", category="rect_safety", facts=facts)
    story.fire("issue_notice", "committee", data=NOTICE)

    assert story.facts()["items"][0]["photo"] == picture
    assert story.clock("cure").due_at == story.now + timedelta(days=30)


def test_only_what_failed_comes_back_and_the_third_cycle_may_end_in_exit(story):
    issued(story)
    story.fire("acknowledge", MANAGER, data={"person": {"name": "李经理"}, "plan": "每日两清"})
    story.fire("start", MANAGER, data={})
    story.fire("submit_evidence", MANAGER, data=evidence(story))
    story.fire("reinspect", "community_officer", data={})
    failed = {"n": 1, "result": "failed", "finding": "仍有堆放"}
    story.fire("check_items", "community_officer", data={"items": [{"n": 2, "result": "passed"}]})
    story.fire("fail", "community_officer", data={"items": [failed]})
    story.fire("reissue", "committee", data={})
    story.fire("acknowledge", MANAGER, data={"person": {"name": "李经理"}, "plan": "增派人手"})
    story.fire("start", MANAGER, data={})

    with pytest.raises(GuardRefused) as refused:
        story.fire("submit_evidence", MANAGER, data=evidence(story))

    assert [reason.code for reason in refused.value.reasons] == ["unknown_item"]
    assert [item["state"] for item in story.facts()["items"]] == ["open", "passed"]
    assert story.clock("cure").due_at == story.now + timedelta(days=3.5)
    assert story.points(VENDOR) == story.points(VENDOR, "manager") == [(-3, "cure_failed")]
    assert "李经理" not in str(story.facts())


def test_a_committee_answers_for_its_own_decision_and_judges_nothing(story):
    facts = {
        "subject": "committee", "committee": "owners_committee", "grade": "ordinary",
        "items": [{"what": "超越权限的决定"}],
    }  # fmt: skip
    story.open("rectification_order", "street_officer", category="rect_decision", facts=facts)
    story.fire("issue_notice", "street_officer", data=NOTICE)
    answer = {"person": {"name": "王主任"}, "plan": "撤回决定"}

    story.fire("acknowledge", "committee", data=answer)

    with pytest.raises(ForbiddenEvent):
        story.fire("suspend_cure", "committee", data={})
    assert story.state() == "acknowledged"
    assert story.row().vendor_id is None
