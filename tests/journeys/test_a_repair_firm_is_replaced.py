"""A repair firm cures nothing three times over, is voted out, and its work goes to the next."""

from datetime import timedelta
from typing import Any

from tests.support.http_story import Body
from tests.support.journey import Journey

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
FACTS = {
    "subject": "vendor",
    "vendor": "v-lotus",
    "grade": "ordinary",
    "items": [{"what": "抢修不到场", "where": "2幢"}],
}
NOTICE = {"legal_basis": "合同6.1", "penalty_warning": "扣保证金"}
NOT_CURED = {"items": [{"n": 1, "result": "failed", "finding": "仍不到场"}]}
HANDED_OVER = {"rooms": True, "files": True, "assets": True, "keys": True, "deposit_settled": True}


def test_twelve_open_orders_follow_the_vote_to_the_successor(journey: Journey) -> None:
    paid(journey, 100_000, required_fen=100_000)
    order = the_firm_fails_three_times(journey)
    review = the_order_ends_in_an_exit_review(journey, order)
    the_committee_votes_it_out(journey, review)
    orders = twelve_orders_are_open(journey)
    the_successor_takes_them_over(journey, review, orders)
    the_firm_leaves(journey, review)
    journey.verified()


def the_firm_fails_three_times(journey: Journey) -> Body:
    order = journey.open(
        "rectification_order", "community_officer", place="lotus", category="rect_service",
        facts=FACTS,
    )  # fmt: skip
    journey.fire("issue_notice", "committee", NOTICE)
    journey.until(journey.due("cure") + TICK)
    assert (journey.state(), journey.due("cure")) == ("overdue", journey.now - TICK)
    assert ("cure", 0) in journey.told("vendor_manager") & journey.told("committee")
    penalized(journey, 2, "committee", "street_officer")
    assert journey.reasons("to_exit", "street_officer", {"reason": "屡教不改"}) == {
        "too_few_cycles"
    }

    once_more(journey)
    penalized(journey, 3, "committee", "street_officer", "district_officer", amount_fen=10_000)
    assert ledger(journey) == ([("received", 100_000), ("deduction", 15_000)], 85_000)
    assert journey.due("top_up") == journey.now + 30 * DAY

    once_more(journey)
    assert journey.read("", "committee")["facts"]["cycle_no"] == 4
    penalized(journey, 4, "committee", "street_officer", "district_officer")
    return order


def the_order_ends_in_an_exit_review(journey: Journey, order: Body) -> Body:
    journey.fire("record_top_up", "committee",
                 {"amount_fen": 15_000, "receipt": journey.photo("committee")})  # fmt: skip
    assert journey.clock("top_up")["result"] == "met"
    journey.fire("to_exit", "street_officer", {"reason": "三次整改不合格"})
    assert journey.settle().state() == "closed_exit"
    assert {(why, one["kind"], one["state"]) for why, one in journey.effects(order)} == {
        ("penalty", "list_decision", "proposed"),
        ("exit", "vendor_assessment", "exit_review"),
    }
    assert points(journey) == {
        ("cure_overdue", -2), ("cure_failed", -3), ("penalised", -5),
    }  # fmt: skip
    return journey.effect("vendor_assessment", order)


def the_committee_votes_it_out(journey: Journey, review: Body) -> None:
    journey.ticket = dict(review)
    assert journey.due("exit") == journey.now + 60 * DAY
    assert journey.sees("vendor_manager", "pool_manager") == {"vendor_manager"}
    journey.fire("hear", "vendor_manager", {"statement": "人手不足"})
    too_few = {"committee": {"seats": 9, "present": 5, "in_favour": 5},
               "document": journey.photo("committee")}  # fmt: skip
    assert journey.reasons("vote_exit", "committee", too_few) == {"quorum_missed"}
    enough = {**too_few, "committee": {"seats": 9, "present": 6, "in_favour": 4}}
    journey.fire("vote_exit", "committee", enough)
    assert journey.state() == "exit_voted"
    early = {"leaves_at": journey.after(days=29), "contract_days": 30,
             "document": journey.photo("committee")}  # fmt: skip
    assert journey.reasons("give_notice", "committee", early) == {"notice_too_short"}
    journey.fire("give_notice", "committee", {**early, "leaves_at": journey.after(days=30)})
    assert journey.due("notice") == journey.now + 30 * DAY


def twelve_orders_are_open(journey: Journey) -> list[Body]:
    story, review = journey.live.story, journey.ticket
    orders = []
    for n in range(12):
        order = journey.open("repair_order", "dispatcher", place="h-2-101", category="water_leak",
                             title=f"水管漏水{n}", facts={"origin": "customer"})  # fmt: skip
        journey.fire("accept", "dispatcher", story.data("accept", "dispatcher"))
        journey.fire("assign", "dispatcher", story.data("assign", "dispatcher"))
        if n % 3 == 0:
            journey.fire("take", "crew")
        if n % 6 == 0:
            journey.fire("arrive", "crew", story.data("arrive", "crew"))
        orders.append(order)
    journey.ticket = review
    return orders


def the_successor_takes_them_over(journey: Journey, review: Body, orders: list[Body]) -> None:
    done = {**HANDED_OVER, "record": journey.photo("committee")}
    assert journey.reasons("finish_handover", "committee", done) == {"handover_open_tickets"}
    assert journey.reasons("name_successor", "committee", {"vendor": "v-lotus"}) == {
        "itself_successor"
    }
    journey.fire("name_successor", "committee", {"vendor": "v-pool1"})
    journey.settle()

    assert [why for why, one in journey.effects(review)] == ["hand_over"] * 12
    for order in orders:
        now = journey.read("", "pool_manager", order)
        assert (now["state"], now["assignee"]["id"]) == ("assigned", "v-pool1")
        assert journey.history(order)[-1] == "hand_over"
        refused = journey.try_fire("arrive", "crew", journey.live.story.data("arrive", "crew"),
                                   ticket=order)  # fmt: skip
        assert refused.status_code == 409
    # Who had arrived is followed by somebody who has not; the reporter waits no longer for it.
    assert [journey.clock("arrive", orders[n])["epoch"] for n in (0, 1)] == [2, 1]
    assert journey.clock("handle", orders[0])["epoch"] == 1


def the_firm_leaves(journey: Journey, review: Body) -> None:
    journey.pass_time(days=30)
    done = {**HANDED_OVER, "record": journey.photo("committee")}
    keyless = {**done, "keys": False}
    assert journey.reasons("finish_handover", "committee", keyless) == {"handover_incomplete"}
    journey.fire("finish_handover", "committee", done)

    assert journey.state() == "exited"
    assert journey.clock("notice")["result"] == "met"
    assert journey.history() == [
        "open_exit", "hear", "vote_exit", "give_notice", "name_successor", "finish_handover",
    ]  # fmt: skip


# ── money, penalties, cycles ──


def penalized(journey: Journey, step: int, *approvers: str, **more: Any) -> None:
    journey.fire("propose_penalty", "committee", {"step": step, "violation": "不到场", **more})
    *first, last = approvers
    for who in first:
        journey.fire("approve", who, {"event": "penalize"})
    journey.fire("penalize", last)
    assert journey.state() == "penalized"


def once_more(journey: Journey) -> None:
    """Let the firm answer the next notice with evidence that proves nothing."""
    journey.fire("reissue", "committee")
    person = {"name": "李经理", "phone": "13800000002"}
    journey.fire("acknowledge", "vendor_manager", {"person": person, "plan": "加派人手"})
    journey.fire("start", "vendor_manager")
    filed = {"items": [{"n": 1, "files": [journey.photo("vendor_manager")]}]}
    journey.fire("submit_evidence", "vendor_manager", filed)
    journey.fire("reinspect", "community_officer")
    journey.fire("fail", "community_officer", NOT_CURED)


def paid(journey: Journey, fen: int, **more: int) -> None:
    body = {"compound": "lotus", "fen": fen, "document": "收据1号", **more}
    answer = journey.http.post("/v1/vendors/v-lotus/deposits", body, "district_officer")
    assert answer.status_code == 201, answer.text


def ledger(journey: Journey) -> tuple[list[tuple[str, int]], int]:
    found = journey.resource("/v1/vendors/v-lotus/ledger", "committee")
    entries = [(entry["reason"], entry["fen"]) for entry in found["data"]]
    return entries, found["deposits"][0]["balance_fen"]


def points(journey: Journey) -> set[tuple[str, int]]:
    found = journey.resource("/v1/vendors/v-lotus/credit?limit=200", "committee")["data"]
    return {(row["reason"], row["points"]) for row in found}
