"""The same leak, filed with the district at once: it goes to the community, its date kept."""

from datetime import timedelta

from tests.support.journey import Journey

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
FACTS = {
    "parties": [
        {"side": "applicant", "kind": "resident", "place": "h-2-101"},
        {"side": "respondent", "kind": "resident", "place": "h-2-102"},
    ],
    "request": "修复防水并赔偿吊顶",
    "requested_tier": 3,
}  # fmt: skip
BODIES = ("mediator", "mediator_t2", "mediator_t3")


def test_a_case_that_skips_two_tiers_is_redirected_with_number_and_date(journey: Journey) -> None:
    case = journey.open("dispute_case", "resident", category="owner_owner", facts=FACTS)
    filed_at = case["facts"]["filed_at"]
    assert journey.sees(*BODIES) == {"mediator_t3"}
    journey.pass_time(days=1)
    the_district_sends_it_down(journey)
    the_community_lets_a_day_pass(journey)
    the_community_takes_it_in(journey)

    now = journey.read("", "mediator")
    assert (now["number"], now["opened_at"]) == (case["number"], case["opened_at"])
    assert (now["facts"]["filed_at"], now["facts"]["file_no"]) == (filed_at, "莲花2026-18")
    stays = [(stay["tier"], stay.get("file_no")) for stay in now["facts"]["tiers"]]
    assert stays == [(3, "区调2026-4"), (1, None)]
    assert journey.history() == [
        "file", "screen", "redirect", "receive_redirect", "record_consent", "accept",
    ]  # fmt: skip
    assert "redirect" in {topic.partition(".")[2] for topic in journey.heard("resident")}
    assert journey.sees(*BODIES) == {"mediator", "mediator_t3"}
    journey.verified()


def the_district_sends_it_down(journey: Journey) -> None:
    journey.fire("screen", "mediator_t3", {"file_no": "区调2026-4"})
    data = {"mediators": [journey.account("mediator_t3")], "class": "major", "grade": "low"}
    assert "tier_skipped" in journey.reasons("accept", "mediator_t3", data)
    journey.fire("redirect", "mediator_t3", {"reason": "应先由社区调解"})

    assert journey.state() == "redirected"
    assert journey.clock("screen")["result"] == "met"
    assert journey.due("take_over") == journey.now + DAY
    assert journey.sees(*BODIES) == {"mediator", "mediator_t3"}
    # The rule binds bodies of the service alone: the ways out of it stay open (R-DIS-27).
    assert {"exit_to_legal", "withdraw"} <= journey.available("resident")


def the_community_lets_a_day_pass(journey: Journey) -> None:
    due = journey.due("take_over")
    journey.until(due)
    assert journey.clock("take_over")["breached_at"] is None
    journey.until(due + TICK)

    assert journey.clock("take_over")["breached_at"] is not None
    assert ("take_over", 0) in journey.told("mediator")  # the head of the body
    assert ("take_over", 0) not in journey.told("mediator_t3")


def the_community_takes_it_in(journey: Journey) -> None:
    taken = {"file_no": "莲花2026-18"}
    assert journey.reasons("receive_redirect", "mediator_t3", taken) == {"not_my_tier"}
    journey.fire("receive_redirect", "mediator", taken)
    journey.fire("record_consent", "neighbour")
    data = {"mediators": [journey.account("mediator")], "class": "general", "grade": "low"}
    journey.fire("accept", "mediator", data)

    assert journey.clock("take_over")["result"] == "breached"
    assert (journey.clock("screen")["epoch"], journey.clock("screen")["result"]) == (2, "met")
    assert journey.due("tier_limit") == journey.now + 7 * DAY


def test_fee_arrears_and_what_the_district_orders_may_begin_there(journey: Journey) -> None:
    accepted = {"mediators": [journey.account("mediator_t3")], "class": "major", "grade": "high"}
    for by, category in (("resident", "fee_arrears"), ("district_officer", "owner_owner")):
        journey.open("dispute_case", by, category=category, facts=FACTS)
        journey.fire("screen", "mediator_t3")
        assert journey.reasons("redirect", "mediator_t3", {"reason": "应先由社区调解"}) == {
            "tier_not_skipped"
        }
        journey.fire("accept", "mediator_t3", accepted)
        assert journey.due("tier_limit") == journey.now + 30 * DAY
    journey.verified()
