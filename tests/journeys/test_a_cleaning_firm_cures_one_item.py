"""A cleaning firm is basically satisfying, fails on one item of three, cures that one and stays."""

from datetime import timedelta

from tests.support.http_story import Body
from tests.support.journey import Journey

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
FACTS = {
    "vendor": "v-clean",
    "period": {"from": "2026-07-01", "to": "2026-09-30", "cycle": "quarterly"},
    "electorate_kind": "household",
}
ITEMS = [
    {"what": "垃圾清运不及时", "where": "2幢垃圾房"},
    {"what": "楼道积灰", "where": "2幢1单元"},
    {"what": "清运记录缺失"},
]
FIRMS = ("clean_manager", "green_manager", "property_manager")


def test_a_firm_that_cures_the_last_item_is_retained(journey: Journey) -> None:
    assessment = the_households_vote(journey)
    the_grade_is_fixed_by_two(journey)
    order = the_committee_orders_a_cure(journey, assessment)
    the_first_round_fails_on_the_third_item(journey)
    only_that_item_is_cured_and_inspected(journey)

    journey.settle().ticket = dict(assessment)
    assert journey.state() == "retained"
    assert [(why, one["state"]) for why, one in journey.effects()] == [("cure", "closed_passed")]
    assert [(why, one["id"]) for why, one in journey.effects(order)] == [
        ("cured", assessment["id"])
    ]
    assert journey.history()[-4:] == [
        "approve", "fix_grade", "order_rectification", "cure_passed",
    ]  # fmt: skip
    journey.verified()


def the_households_vote(journey: Journey) -> Body:
    assessment = journey.open(
        "vendor_assessment", "committee", place="lotus", category="line_cleaning", facts=FACTS
    )
    journey.fire("open", "committee", {"electors": ["h-2-101", "h-2-102"]})
    assert journey.due("collect") == journey.now + 14 * DAY
    journey.settle()
    assert "vendor_assessment.vote_opened" in journey.heard("partner")
    for voter, grade in (("resident", "dissatisfied"), ("neighbour", "satisfied"),
                         ("partner", "basically_satisfied")):  # fmt: skip
        journey.fire("grade", voter, {"grade": grade, "words": "保密"})
    assert journey.sees("neighbour", "old_resident") == {"neighbour"}
    for reader in ("committee", "clean_manager", "admin"):
        assert "保密" not in str(journey.read("events", reader))
    assert journey.read("", "committee")["facts"]["turnout"] == {"electors": 2, "cast": 2}
    journey.until(journey.due("collect") + TICK)

    assert journey.state() == "tallied"
    votes = {row["grade"]: row["votes"] for row in journey.read("votes", "clean_manager")["data"]}
    assert votes == {"satisfied": 1, "basically_satisfied": 1, "dissatisfied": 0}
    return assessment


def the_grade_is_fixed_by_two(journey: Journey) -> None:
    assert "objection_time_running" in journey.reasons("fix_grade", "street_officer")
    journey.pass_time(days=5, milliseconds=1)
    assert ("objection", -1) not in journey.told("committee")  # nobody objected
    journey.fire("approve", "committee", {"event": "fix_grade"})
    journey.fire("fix_grade", "street_officer")
    assert journey.state() == "graded"
    assert journey.read("", "resident")["facts"]["grade"] == "basically_satisfied"
    assert journey.reasons("start_exit", "committee") == {"exit_not_justified"}


def the_committee_orders_a_cure(journey: Journey, assessment: Body) -> Body:
    cure = {"items": ITEMS, "grade": "ordinary", "legal_basis": "合同4.2"}
    journey.fire("order_rectification", "committee", cure)
    order = journey.settle().effect("rectification_order")
    assert journey.sees(*FIRMS, ticket=order) == {"clean_manager"}
    journey.ticket = dict(order)
    found = journey.read("findings", "clean_manager")["data"]
    assert [(item["n"], item["state"]) for item in found] == [(n, "open") for n in (1, 2, 3)]
    journey.fire("circulate", "committee")
    notice = {"legal_basis": "合同4.2", "penalty_warning": "扣保证金"}
    journey.fire("issue_notice", "committee", notice)
    assert journey.due("cure") == journey.now + 7 * DAY
    return order


def the_first_round_fails_on_the_third_item(journey: Journey) -> None:
    files_evidence(journey, 1, 2, 3)
    assert journey.due("reinspect") == journey.now + 3 * DAY
    journey.fire("reinspect", "community_officer")
    seen = [{"n": 1, "result": "passed"}, {"n": 2, "result": "passed"}]
    journey.fire("check_items", "community_officer", {"items": seen})
    assert journey.reasons("fail", "community_officer") == {"item_not_checked", "no_failed_item"}
    missing = [{"n": 3, "result": "failed", "finding": "仍无记录"}]
    journey.fire("fail", "community_officer", {"items": missing})
    assert journey.state() == "failed"
    assert points(journey) == [("company", -3, "cure_failed"), ("manager", -3, "cure_failed")]


def only_that_item_is_cured_and_inspected(journey: Journey) -> None:
    journey.fire("reissue", "committee")
    assert journey.due("cure") == journey.now + 3.5 * DAY
    assert journey.clock("cure")["epoch"] == 2
    journey.pass_time(days=1)
    files_evidence(journey, 3)
    journey.fire("reinspect", "community_officer")
    old = {"items": [{"n": 1, "result": "passed"}, {"n": 3, "result": "passed"}]}
    assert "unknown_item" in journey.reasons("pass", "committee", old)
    journey.fire("check_items", "community_officer", {"items": [{"n": 3, "result": "passed"}]})
    assert journey.reasons("pass", "community_officer") == {"approval_missing"}
    journey.fire("approve", "community_officer", {"event": "pass"})
    journey.fire("pass", "committee")

    assert journey.state() == "closed_passed"
    rounds = [len(item["rounds"]) for item in journey.read("findings", "committee")["data"]]
    assert rounds == [1, 1, 2]
    assert len(points(journey)) == 2


def files_evidence(journey: Journey, *numbers: int) -> None:
    person = {"name": "李经理", "phone": "13800000002"}
    journey.fire("acknowledge", "clean_manager", {"person": person, "plan": "每日两清"})
    journey.fire("start", "clean_manager")
    photo = journey.photo("clean_manager")
    items = [{"n": n, "files": [photo]} for n in numbers]
    journey.fire("submit_evidence", "clean_manager", {"items": items})
    assert journey.clock("cure")["result"] == "met"


def points(journey: Journey) -> list[tuple[str, int, str]]:
    found = journey.resource("/v1/vendors/v-clean/credit", "committee")["data"]
    return sorted((row["subject"], row["points"], row["reason"]) for row in found if row["points"])
