"""A leak between neighbours: community and street settle nothing, the district does, in vain."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.journey import Journey

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
FACTS = {
    "parties": [
        {"side": "applicant", "kind": "resident", "place": "h-2-101"},
        {"side": "respondent", "kind": "resident", "place": "h-2-102",
         "person": {"name": "李四", "phone": "13900000002"}},
    ],
    "request": "修复防水并赔偿吊顶",
    "grounds": "楼上卫生间渗水,吊顶起泡",
}  # fmt: skip
MEDIATORS = ("mediator", "mediator_t2", "mediator_t3")
STRANGERS = ("old_resident", "property_manager", "clean_manager", "crew", "other_mediator",
             "other_street_officer", "other_resident")  # fmt: skip


def test_a_leak_climbs_all_tiers_and_ends_at_the_court(journey: Journey) -> None:
    the_community_sits_once_and_its_time_runs_out(journey)
    the_street_sits_once_and_its_time_runs_out(journey)
    the_district_reaches_an_agreement(journey)
    the_court_makes_it_enforceable(journey)
    two_of_three_promises_are_kept(journey)
    the_third_is_enforced(journey)
    the_file_tells_all_of_it(journey)
    journey.verified()


def the_community_sits_once_and_its_time_runs_out(journey: Journey) -> None:
    case = journey.open("dispute_case", "resident", category="owner_owner", facts=FACTS)
    assert (case["number"], case["state"]) == ("DC-20261121-0001", "filed")
    assert journey.sees(*MEDIATORS, "neighbour", "partner") == {"mediator", "neighbour", "partner"}
    assert journey.sees(*STRANGERS) == set()

    journey.fire("screen", "mediator", {"file_no": "莲花2026-17"})
    assert journey.clock("screen")["state"] == "paused"
    journey.pass_time(hours=5)
    journey.link("mediator", 2).fire("record_consent")
    for party in (1, 2):
        journey.fire("identify_party", "mediator", {"party": party, "proof": "id_card"})
    accepted_by(journey, "accept", "mediator", **{"class": "general", "grade": "low"})
    assert journey.due("tier_limit") == journey.now + 7 * DAY
    assert journey.due("case_limit") == journey.now + 60 * DAY
    sits_in_vain(journey, "mediator")
    runs_out(journey, "mediator", 7)


def the_street_sits_once_and_its_time_runs_out(journey: Journey) -> None:
    assert journey.sees(*MEDIATORS) == {"mediator", "mediator_t2"}
    assert journey.due("take_over") == journey.now + 3 * DAY
    data = {"mediators": [journey.account("mediator")]}
    assert journey.reasons("receive_escalation", "mediator", data) >= {"not_my_tier"}
    accepted_by(journey, "receive_escalation", "mediator_t2")
    assert journey.due("tier_limit") == journey.now + 15 * DAY
    sits_in_vain(journey, "mediator_t2")
    runs_out(journey, "mediator_t2", 15)


def the_district_reaches_an_agreement(journey: Journey) -> None:
    assert journey.sees(*MEDIATORS) == set(MEDIATORS)
    accepted_by(journey, "receive_escalation", "mediator_t3")
    assert journey.due("tier_limit") == journey.now + 30 * DAY
    assert "no_next_tier" in journey.reasons("escalate", "resident")
    sits(journey, "mediator_t3")
    owed = [
        {"who": 2, "what": "重做卫生间防水", "where": "2幢102", "kind": "repair",
         "due_at": journey.after(days=10)},
        {"who": 2, "what": "赔偿吊顶", "kind": "payment", "amount_fen": 180_000,
         "due_at": journey.after(days=12)},
        {"who": 1, "what": "配合闭水试验", "due_at": journey.after(days=5)},
    ]  # fmt: skip
    terms = {"form": "written", "obligations": owed, "minutes": "双方达成一致"}
    journey.fire("reach_terms", "mediator_t3", terms)
    assert journey.reasons("sign", "mediator_t3", {"seal": True}) == {"signatures_missing"}
    for party in ("resident", "neighbour"):
        journey.fire("sign", party, {"signature": journey.photo(party)})
    seal = {"signature": journey.photo("mediator_t3"), "seal": True}
    journey.fire("sign", "mediator_t3", seal)

    assert journey.state() == "performing"
    assert journey.clock("tier_limit")["result"] == "met"
    assert journey.due("judicial_30d") == journey.now + 30 * DAY
    assert journey.due("obligation-2") == journey.now + 12 * DAY


def the_court_makes_it_enforceable(journey: Journey) -> None:
    court = {"court": "锦江区人民法院"}
    assert journey.reasons("apply_confirmation", "neighbour", court) == {"not_joint"}
    journey.fire("approve", "resident", {"event": "apply_confirmation"})
    journey.fire("apply_confirmation", "neighbour", court)
    journey.pass_time(days=3)
    journey.fire("confirmation_result", "mediator_t3", {"result": "confirmed"})
    assert (journey.state(), journey.clock("judicial_30d")["result"]) == ("performing", "met")


def two_of_three_promises_are_kept(journey: Journey) -> None:
    # The first promise is a repair, which is a ticket of its own, linked both ways.
    journey.settle()
    order = journey.effect("repair_order")
    assert [relation for relation, _ in journey.effects()] == ["obligation"]
    assert journey.read("", "dispatcher", order)["title"] == "重做卫生间防水"
    assert journey.sees("mediator_t3", ticket=order) == set()

    journey.fire("obligation_done", "resident", {"number": 3, "statement": "已配合试水"})
    journey.fire("obligation_done", "neighbour", {"number": 1, "statement": "防水已重做"})
    assert journey.clock("obligation-1")["result"] == "met"
    assert journey.reasons("close", "mediator_t3", {"opinion": "satisfied"}) >= {"obligations_open"}


def the_third_is_enforced(journey: Journey) -> None:
    due = journey.due("obligation-2")
    journey.until(due)
    assert journey.state() == "performing"
    journey.until(due + TICK)

    assert journey.state() == "default"
    assert journey.due("urge") == due + TICK + 3 * DAY
    assert {("obligation-2", -1), ("obligation-2", 0)} <= journey.told("mediator_t3")
    assert {("obligation-2", -1), ("obligation-2", 0)} <= journey.told("resident")
    assert not journey.told("mediator") & journey.told("mediator_t3")
    journey.fire("enforce", "resident", {"way": "enforcement"})

    assert journey.state() == "court_referred"
    assert journey.clock("obligation-2")["result"] == "breached"
    assert journey.clock("case_limit")["result"] == "met"
    debts = journey.read("obligations", "neighbour")["data"]
    assert [debt["state"] for debt in debts] == ["done", "overdue", "done"]


def the_file_tells_all_of_it(journey: Journey) -> None:
    tiers = journey.read("", "admin")["facts"]["tiers"]
    assert [(stay["tier"], stay.get("sessions")) for stay in tiers] == [(1, 1), (2, 1), (3, None)]
    sat = ["schedule", "open_session"]
    assert journey.history() == [
        "file", "screen", "make_link", "record_consent", "identify_party", "identify_party",
        "accept",
        *sat, "adjourn", "escalate", "receive_escalation",
        *sat, "adjourn", "escalate", "receive_escalation",
        *sat, "reach_terms", "sign", "sign", "sign", "start_performance",
        "approve", "apply_confirmation", "confirmation_result",
        "obligation_done", "obligation_done", "obligation_overdue", "enforce",
    ]  # fmt: skip
    assert journey.sees(*MEDIATORS, *STRANGERS) == set(MEDIATORS)


# ── what every tier does ──


def accepted_by(journey: Journey, event: str, mediator: str, **more: Any) -> None:
    journey.fire(event, mediator, {"mediators": [journey.account(mediator)], **more})
    assert journey.state() == "accepted"


def sits(journey: Journey, mediator: str) -> None:
    session = {"at": journey.after(hours=20), "place": "调解室", "type": "mediation"}
    journey.fire("schedule", mediator, session)
    journey.pass_time(hours=20)
    journey.fire("open_session", mediator, {"attendance": [1, 2]})
    assert journey.clock("first_session")["result"] == "met"


def sits_in_vain(journey: Journey, mediator: str) -> None:
    sits(journey, mediator)
    data = {"reason": "赔偿数额分歧", "next_step": "各自考虑", "next_at": journey.after(days=2),
            "minutes": "各执一词"}  # fmt: skip
    journey.fire("adjourn", mediator, data)


def runs_out(journey: Journey, mediator: str, days: int) -> None:
    """Let a tier's time pass: it is warned, proposes to go on, and a day later goes on."""
    due: datetime = journey.due("tier_limit")
    assert due == datetime.fromisoformat(journey.clock("tier_limit")["started_at"]) + days * DAY
    journey.until(due - 3 * DAY)
    assert ("tier_limit", -1) in journey.told(mediator)
    journey.until(due + DAY - TICK)
    assert journey.state() == "adjourned"
    assert ("tier_limit", 0) in journey.told(mediator) & journey.told("resident")
    journey.until(due + DAY)
    assert journey.state() == "escalated"
    assert journey.clock("tier_limit")["result"] == "breached"
