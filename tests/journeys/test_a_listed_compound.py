"""A compound stays listed after a failed verification; its quarrel closes when it is struck off."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.http_story import Body
from tests.support.journey import Journey

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
CASE = {
    "parties": [
        {"side": "applicant", "kind": "committee"},
        {"side": "respondent", "kind": "vendor", "vendor": "v-property"},
    ],
    "request": "恢复门禁和保洁",
    "collective": True,
}
PARTIES = ("committee", "property_manager")


def test_a_supervised_case_closes_only_after_the_close_out(journey: Journey) -> None:
    case = the_firm_promises_in_mediation(journey)
    supervision = the_leading_group_lists_the_compound(journey, case)
    the_cure_is_planned_and_reported(journey)
    the_first_verification_fails(journey)
    the_case_may_not_close(journey, case)
    it_is_closed_out_later(journey, supervision)
    the_case_closes(journey, case)
    the_look_back_ends_it(journey, supervision)
    journey.verified()


def the_firm_promises_in_mediation(journey: Journey) -> Body:
    case = journey.open(
        "dispute_case", "committee", place="lotus", category="committee_company", facts=CASE
    )
    journey.fire("screen", "mediator")
    journey.fire("record_consent", "property_manager")
    for party in (1, 2):
        journey.fire("identify_party", "mediator", {"party": party, "proof": "known_to_body"})
    named = {"mediators": [journey.account("mediator")], "class": "complex", "grade": "medium"}
    journey.fire("accept", "mediator", named)
    session = {"at": journey.after(hours=2), "place": "议事厅", "type": "joint_meeting"}
    journey.fire("schedule", "mediator", session)
    journey.fire("open_session", "mediator", {"attendance": [1, 2]})
    owed = {"who": 2, "what": "恢复门禁和保洁", "due_at": journey.after(days=40)}
    journey.fire("reach_terms", "mediator",
                 {"form": "oral", "obligations": [owed], "minutes": "双方同意"})  # fmt: skip
    journey.fire("sign", "mediator", {"record": "双方口头同意"})
    assert journey.state() == "performing"
    return case


def the_leading_group_lists_the_compound(journey: Journey, case: Body) -> Body:
    facts = {"reason": "mediation", "case": case["id"], "vendor": "v-property"}
    supervision = journey.open(
        "listed_supervision", "mediator", place="lotus", category="sup_service", facts=facts
    )
    assert journey.try_fire("list", "street_officer").status_code == 403
    listed = {"leader": journey.account("street_officer"), "demands": "一个月内整改"}
    journey.fire("list", "district_officer", listed)
    journey.settle()

    assert journey.clock("decide")["result"] == "met"
    assert journey.due("plan") == journey.now + 7 * DAY
    assert journey.read("", "committee")["facts"]["public"] is True
    assert journey.sees("mediator", "mediator_t2", "property_manager", "clean_manager") == {
        "mediator", "property_manager",
    }  # fmt: skip
    assert [(why, one["id"]) for why, one in journey.effects()] == [("supervision", case["id"])]
    assert journey.read("", "committee", case)["facts"]["supervised"] is True
    assert journey.history(case)[-1] == "list"
    return supervision


def the_cure_is_planned_and_reported(journey: Journey) -> None:
    planned(journey, days=20)
    # The first weekly report is due on Friday at six in the evening, the monthly by the third.
    assert journey.due("weekly_report") == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert journey.due("monthly_report") == datetime(2026, 12, 3, 16, tzinfo=UTC)
    journey.until(journey.due("weekly_report"))
    assert ("weekly_report", -1) in journey.told("street_officer")
    report = {"period": "weekly", "progress": "门禁已换", "percent": 50}
    assert journey.reasons("report_progress", "district_officer", report) == {"not_the_reporter"}
    journey.fire("report_progress", "street_officer", report)
    assert journey.due("weekly_report") == datetime(2026, 12, 4, 10, tzinfo=UTC)


def the_first_verification_fails(journey: Journey) -> None:
    verifying(journey, "property_manager")
    journey.fire("verify_fail", "district_officer", {"findings": ["保洁人数不足"]})
    assert journey.state() == "listed"
    facts = journey.read("", "committee")["facts"]
    assert (facts["public"], facts["cycle"], facts["findings"]) == (True, 2, ["保洁人数不足"])
    assert journey.due("plan") == journey.now + 7 * DAY


def the_case_may_not_close(journey: Journey, case: Body) -> None:
    done = {"number": 1, "statement": "门禁与保洁已恢复"}
    journey.fire("obligation_done", "property_manager", done, ticket=case)
    journey.fire("record_follow_up", "mediator", {"outcome": "reached"}, ticket=case)
    filed = {"item": "statement", "files": [journey.photo("mediator")]}
    journey.fire("add_evidence", "mediator", filed, ticket=case)
    closing = {"opinion": "satisfied"}
    assert journey.reasons("close", "mediator", closing, ticket=case) == {
        "supervised_not_closed_out"
    }


def it_is_closed_out_later(journey: Journey, supervision: Body) -> None:
    # Nobody plans within seven days: the leading group hears of it.
    journey.until(journey.due("plan") + TICK)
    assert ("plan", 0) in journey.told("district_officer") & journey.told("street_officer")
    planned(journey, days=10)
    assert journey.clock("plan")["result"] == "breached"
    verifying(journey, "property_manager")
    journey.fire("verify_pass", "district_officer", {"score": 91.5, "finding": "合格"})
    journey.settle()

    assert journey.state() == "lookback"
    assert journey.read("", "committee")["facts"]["public"] is False
    assert journey.clock("weekly_report")["state"] == "stopped"
    assert [why for why, _ in journey.effects(supervision)] == ["supervision", "supervision"]


def the_case_closes(journey: Journey, case: Body) -> None:
    journey.fire("close", "mediator", {"opinion": "satisfied"}, ticket=case)
    assert journey.state(ticket=case) == "closed_performed"
    assert journey.history(case)[-6:] == [
        "list", "obligation_done", "record_follow_up", "add_evidence", "delist", "close",
    ]  # fmt: skip


def the_look_back_ends_it(journey: Journey, supervision: Body) -> None:
    look = {"finding": "未反弹"}
    assert journey.reasons("lookback_ok", "district_officer", look) == {"lookback_too_early"}
    journey.pass_time(days=30)
    journey.fire("lookback_ok", "district_officer", look)
    assert journey.state() == "archived"
    plan = ["submit_plan", "start_rectification"]
    check = ["request_verification", "verify_start"]
    assert journey.history() == [
        "propose", "list", *plan, "report_progress", *check, "verify_fail",
        *plan, *check, "verify_pass", "start_lookback", "lookback_ok",
    ]  # fmt: skip


# ── what is done twice ──


def planned(journey: Journey, **until: float) -> None:
    finish_by = journey.after(**until)
    plan = {"plan": "更换门禁,补足保洁", "measures": ["更换门禁", "补足保洁"],
            "responsible": "东街街道", "finish_by": finish_by}  # fmt: skip
    journey.fire("submit_plan", "street_officer", plan)
    journey.fire("start_rectification", "property_manager")
    assert journey.due("rectify") == datetime.fromisoformat(finish_by)


def verifying(journey: Journey, by: str) -> None:
    done: dict[str, Any] = {"summary": "已全部完成", "photos": [journey.photo(by)]}
    journey.fire("request_verification", by, done)
    assert journey.due("verify") == journey.now + 15 * DAY
    journey.fire("verify_start", "district_officer")
