"""A complaint about noise is put off once, not twice, and goes to mediation."""

from datetime import timedelta
from typing import Any

from tests.support.journey import Journey

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(milliseconds=1)
FACTS = {"type": "complaint", "origin": "customer", "vendor": "v-property"}


def test_a_complaint_put_off_twice_is_mediated_instead(journey: Journey) -> None:
    complaint = the_company_promises(journey)
    the_promise_is_moved_once(journey)
    the_second_time_is_refused_and_somebody_hears_of_it(journey)
    journey.fire("escalate_to_mediation", "resident", {"request": "停止夜间卸货,退还半年管理费"})
    the_complaint_has_ended(journey)

    case = journey.settle().effect("dispute_case", complaint)
    assert [relation for relation, _ in journey.effects(complaint)] == ["converted"]
    journey.ticket = dict(case)
    the_case_knows_where_it_comes_from(journey, complaint["number"])
    journey.verified()


def the_company_promises(journey: Journey) -> Any:
    complaint = journey.open(
        "complaint", "resident", category="cmp_noise", title="夜间卸货扰民", facts=FACTS
    )
    assert journey.sees("property_manager", "clean_manager", "neighbour", "mediator") == {
        "property_manager"
    }
    assert journey.due("reply") == journey.now + 2 * DAY
    late = {"promise_at": journey.after(days=3)}
    assert journey.reasons("accept", "property_manager", late) == {"promise_reason_missing"}
    journey.fire("accept", "property_manager", {"promise_at": journey.after(hours=40)})
    assert journey.due("promise-1") == journey.now + 40 * HOUR
    return complaint


def the_promise_is_moved_once(journey: Journey) -> None:
    journey.until(journey.due("promise-1") - DAY)
    assert ("promise-1", -1) in journey.told("dispatcher")
    untold = postponed(journey, days=3) | {"reporter_notified_at": journey.after(hours=30)}
    assert "notified_too_late" in journey.reasons("postpone", "property_manager", untold)
    journey.fire("postpone", "property_manager", postponed(journey, days=3))
    assert journey.state() == "postponed"
    assert journey.due("promise-2") == journey.now + 3 * DAY
    journey.until(journey.due("promise-1") + TICK)

    # The first promise is excused; the new one is a clock of its own.
    assert journey.clock("promise-1")["result"] == "breached_excused"
    assert journey.clock("promise-2")["state"] == "running"


def the_second_time_is_refused_and_somebody_hears_of_it(journey: Journey) -> None:
    journey.fire("resume_handling", "property_manager")
    answer = journey.try_fire("postpone", "property_manager", postponed(journey, days=2))
    assert answer.status_code == 409
    assert [reason["code"] for reason in answer.get_json()["reasons"]] == ["already_postponed"]
    assert "postpone" not in journey.available("property_manager")
    journey.until(journey.due("promise-2") + TICK)

    assert journey.clock("promise-2")["result"] == "breached"
    assert ("promise-2", 0) in journey.told("manager") & journey.told("resident")
    journey.pass_time(days=3)
    assert ("promise-2", 1) in journey.told("community_officer")
    assert ("promise-2", 2) in journey.told("street_officer")
    # What was excused climbed no ladder (RULINGS 11).
    assert ("promise-1", 1) not in journey.told("community_officer")


def the_complaint_has_ended(journey: Journey) -> None:
    assert journey.state() == "converted"
    assert journey.history() == [
        "receive", "accept", "postpone", "resume_handling", "escalate_to_mediation",
    ]  # fmt: skip
    running = {c["clock"] for c in journey.read("clocks", "admin")["data"] if not c["result"]}
    assert running == set()


def the_case_knows_where_it_comes_from(journey: Journey, number: str) -> None:
    case = journey.read("", "mediator")
    assert (case["state"], case["facts"]["source"]["number"]) == ("filed", number)
    assert case["facts"]["request"] == "停止夜间卸货,退还半年管理费"
    applicant, respondent = journey.read("parties", "mediator")["data"]
    assert (applicant["place"], respondent["vendor"]) == ("h-2-101", "v-property")
    assert applicant["person"]["name"] == "张**"
    assert journey.due("screen") == journey.now + 3 * DAY
    assert journey.sees("resident", "property_manager", "neighbour", "mediator_t2") == {
        "resident", "property_manager",
    }  # fmt: skip
    # Who reads both finds the one from the other; a mediator sees the case alone.
    assert journey.read("related", "resident")["caused_by"][0]["ticket"]["number"] == number
    assert journey.read("related", "mediator")["caused_by"] == []


def postponed(journey: Journey, **by: float) -> dict[str, str]:
    return {
        "reason": "等待货车改道",
        "new_promise_at": journey.after(**by),
        "reporter_notified_at": journey.after(),
    }
