"""Rows of DOMAIN 3A.2 on who holds an order, from assign to take."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.core.actors import Role
from service.core.workflow import Assignee
from tests.support.repair import (
    BY_VENDOR,
    CREW,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PLACE,
    POOL,
    TICK,
    VENDOR,
    after,
    candidate,
    clock,
    play,
    refusals,
    ticket,
)
from tests.support.repair_data import ASSIGN, DATA

D, C, V, S = Role.DISPATCHER, Role.CREW, Role.VENDOR_MANAGER, Role.STREET_OFFICER
M, W = Role.MANAGER, Role.SYSTEM
NIGHT = {"visit_from": after(14 * HOUR), "visit_to": after(15 * HOUR)}
TO_VENDOR = {k: v for k, v in ASSIGN.items() if k != "crew"} | {"vendor": "v1"}


@pytest.mark.parametrize("state", ["accepted", "rework"])
def test_assign_names_a_crew_and_stops_dispatch(state):
    played = play("assign", D, ticket(state, assignee=None), ASSIGN)

    assert (played.state, played.clocks) == ("assigned", ("stop dispatch",))
    assert played.change.assigns
    assert played.change.assignee == Assignee("crew", "c7", "王师傅", "c7", "v1")
    assert (played.facts["visit_from"], played.facts["price_shown_fen"]) == (
        after(10 * MINUTE),
        8000,
    )


def test_assign_to_the_developer_copies_the_bureau():
    refs = {"vendor": replace(VENDOR, body="developer")}
    played = play("assign", D, ticket("accepted"), TO_VENDOR, refs=refs)

    assert played.change.assignee == Assignee(
        "vendor", "v1", "荷花物业", None, "v1", outside_body=True
    )
    assert played.topics == ("repair_order.bureau_copy",)


def test_price_not_shown_for_a_private_part():
    free = {name: value for name, value in ASSIGN.items() if name != "price_shown_fen"}

    assert refusals("assign", D, ticket("accepted"), free) == {"price_not_shown"}
    assert not refusals("assign", D, ticket("accepted", facts={"part": "common"}), free)


LAMP = {"category": "public_lighting"}
CREW_REFUSALS = [
    ("unknown_crew", {}, {"crew": None}, {}),
    ("place_out_of_area", {}, {"crew": replace(CREW, place_path="jinjiang/dong")}, {}),
    ("skill_missing", {}, {"crew": replace(CREW, skills=frozenset({"power"}))}, {}),
    ("off_shift", {}, {"crew": replace(CREW, shifts=())}, {}),
    ("off_shift", {}, {}, NIGHT),
    ("certificate_missing", LAMP, {"crew": replace(CREW, certificates={})}, {}),
    (
        "certificate_expired",
        LAMP,
        {"crew": replace(CREW, certificates={"electrician": DAY - timedelta(days=1)})},
        {},
    ),
]


@pytest.mark.parametrize(("code", "order", "refs", "data"), CREW_REFUSALS)
@pytest.mark.parametrize(("event", "state"), [("assign", "accepted"), ("reassign", "assigned")])
def test_a_crew_is_refused(event, state, code, order, refs, data):
    around = {"refs": refs}
    if event == "reassign" and data:  # without a planned visit the time of the event counts
        around |= {"at": NOW + 14 * HOUR, "now": NOW + 14 * HOUR}
        data = {}

    assert refusals(event, D, ticket(state, **order), DATA[event] | data, **around) == {code}


@pytest.mark.parametrize(
    ("code", "vendor"),
    [
        ("unknown_vendor", None),
        ("place_out_of_area", replace(VENDOR, place_path="north")),
        ("skill_missing", replace(VENDOR, service_lines=frozenset({"cleaning"}))),
        ("vendor_black_listed", replace(VENDOR, listed="black")),
        ("market_exit", replace(VENDOR, market_exit=True)),
    ],
)
def test_a_vendor_is_refused(code, vendor):
    asked = (ticket("accepted"), TO_VENDOR)

    assert refusals("assign", D, *asked, refs={"vendor": vendor}) == {code}


@pytest.mark.parametrize(
    ("shift", "visit", "refused"),
    [
        (("08:30", "12:00"), 8 * HOUR + 30 * MINUTE, set()),
        (("08:30", "12:00"), 8 * HOUR + 29 * MINUTE, {"off_shift"}),
        (("08:30", "12:00"), 12 * HOUR, {"off_shift"}),
        (("08:30", "12:00"), 12 * HOUR - MINUTE, set()),
        (("20:00", "06:00"), 23 * HOUR, set()),
        (("20:00", "06:00"), 29 * HOUR, set()),
        (("20:00", "06:00"), 30 * HOUR, {"off_shift"}),
        (("00:00", "24:00"), 24 * HOUR, set()),
        (("08:00", "08:00"), 9 * HOUR, set()),
    ],
)
def test_a_shift_counts_on_the_local_clock_of_the_visit(shift, visit, refused):
    midnight = NOW - 8 * HOUR - 10 * MINUTE  # 00:00 in Shanghai
    times = {"visit_from": after(visit, midnight), "visit_to": after(visit + HOUR, midnight)}
    refs = {"crew": replace(CREW, shifts=(shift,))}

    assert refusals("assign", D, ticket("accepted"), ASSIGN | times, refs=refs) == refused


def test_a_trade_without_particular_skill_is_open_to_every_crew():
    order = ticket("accepted", category="other")

    assert not refusals("assign", D, order, ASSIGN)


@pytest.mark.parametrize(("state", "arrive"), [("accepted", ()), ("waiting_parts", ("arrive",))])
def test_pick_pool_contractor_starts_the_time_to_answer(state, arrive):
    refs = {"vendor": POOL, "pool": (candidate("p0", listed="red"), candidate("p1"))}
    played = play("pick_pool_contractor", S, ticket(state), DATA["pick_pool_contractor"], refs=refs)

    assert played.state == "assigned"
    assert played.clocks == (
        "stop dispatch",
        "start pool_answer",
        *(f"start {name}" for name in arrive),
    )
    assert played.change.assignee.id == "p1"
    assert played.facts["pick"] == {"order": ["p0", "p1"], "chosen": "p1", "deviates": True}


@pytest.mark.parametrize(
    ("code", "order", "vendor", "pool"),
    [
        ("not_urgent_enough", {"urgency": "normal"}, POOL, candidate()),
        ("unknown_vendor", {}, None, candidate()),
        ("not_in_pool", {}, replace(POOL, pool_active=False), candidate()),
        ("not_in_pool", {}, POOL, candidate("p2")),
        ("pool_not_valid", {}, replace(POOL, pool_valid_until=DAY - timedelta(days=1)),
         candidate()),
        ("place_out_of_area", {}, replace(POOL, place_path="north"), candidate()),
        ("skill_missing", {"category": "lift"},
         replace(POOL, service_lines=frozenset()), candidate()),
        ("no_capacity", {}, POOL, candidate(open_orders=5)),
        ("vendor_black_listed", {}, replace(POOL, listed="black"), candidate()),
        ("market_exit", {}, replace(POOL, market_exit=True), candidate()),
    ],
)  # fmt: skip
def test_pick_pool_contractor_is_refused(code, order, vendor, pool):
    asked = (ticket("accepted", **order), DATA["pick_pool_contractor"])
    refs = {"vendor": vendor, "pool": (pool,)}

    assert refusals("pick_pool_contractor", S, *asked, refs=refs) == {code}


def test_the_street_picks_for_any_urgency_where_nobody_manages():
    place = replace(PLACE, no_manager=True)
    refs = {"vendor": POOL, "pool": (candidate(),), "place": place}
    asked = (ticket("accepted", urgency="normal"), DATA["pick_pool_contractor"])

    assert not refusals("pick_pool_contractor", S, *asked, refs=refs)


PICKED = ticket(
    "assigned",
    assignee=Assignee("vendor", "p1", "p1", None, "p1"),
    facts={"pick": {"order": ["p1", "p2"], "chosen": "p1"}, "passed": ["p3"]},
)
WAITED = {"clocks": (clock("pool_answer", NOW),)}
ASKED = (candidate("p1"), candidate("p2", draw=0.9), candidate("p3"))


def test_pass_over_asks_the_next_contractor_with_fresh_time():
    played = play("pass_over", W, PICKED, refs=WAITED | {"pool": ASKED})

    assert (played.state, played.clocks) == ("assigned", ("start pool_answer",))
    assert played.change.assignee.id == "p2"
    assert (played.facts["pick"]["chosen"], played.facts["passed"]) == ("p2", ["p3", "p1"])


def test_pass_over_is_refused_before_the_time_to_answer_is_over():
    refs = {"clocks": (clock("pool_answer", NOW + TICK),), "pool": ASKED}

    assert refusals("pass_over", W, PICKED, refs=refs) == {"answer_not_due"}


def test_pass_over_is_refused_when_nobody_is_left():
    refs = WAITED | {"pool": (candidate("p1"), candidate("p3"))}

    assert refusals("pass_over", W, PICKED, refs=refs) == {"no_candidate_left"}


def test_pass_over_is_for_picked_contractors_only():
    refs = WAITED | {"pool": ASKED}

    assert refusals("pass_over", W, ticket("assigned"), refs=refs) == {"not_picked"}


@pytest.mark.parametrize("by", [D, M])
@pytest.mark.parametrize(
    ("state", "again"),
    [("assigned", ()), ("en_route", ()), ("on_site", ("start arrive",)),
     ("waiting_parts", ("start arrive",))],
)  # fmt: skip
def test_reassign_times_a_new_arrival_only_after_the_first(state, again, by):
    played = play("reassign", by, ticket(state), DATA["reassign"])

    assert played.state == "assigned"
    assert played.clocks == ("stop feedback", "end pool_answer", *again)
    assert played.change.assigns
    assert played.facts["pick"] is None


def test_reject_assignment_alerts_the_desk_and_restarts_dispatch():
    played = play("reject_assignment", C, ticket("assigned"), DATA["reject_assignment"])

    assert played.state == "accepted"
    assert played.clocks == ("stop pool_answer", "start dispatch")
    assert played.change.assigns
    assert played.change.assignee is None
    assert played.facts["passed"] == ["v1"]
    assert played.topics == ("repair_order.desk_alert",)


def test_take_answers_and_tells_when():
    played = play("take", C, ticket("assigned"), DATA["take"])

    assert (played.state, played.clocks) == ("en_route", ("stop pool_answer",))
    assert played.facts == {"eta": after(10 * MINUTE)}


@pytest.mark.parametrize(
    ("by", "who", "assignee", "refused"),
    [
        (C, {}, None, {"not_assigned"}),
        (C, {"crew_id": "c8", "vendor_id": "v1"}, ticket("assigned").assignee, {"not_assigned"}),
        (C, {"crew_id": "c8", "vendor_id": "v1"}, BY_VENDOR, set()),
        (C, {"crew_id": "c8", "vendor_id": None}, BY_VENDOR, {"not_assigned"}),
        (V, {}, ticket("assigned").assignee, set()),
        (V, {}, BY_VENDOR, set()),
        (V, {"vendor_id": "v2"}, BY_VENDOR, {"not_assigned"}),
        (V, {"vendor_id": None}, replace(BY_VENDOR, vendor_id=None), {"not_assigned"}),
        (D, {}, replace(BY_VENDOR, outside_body=True), set()),
    ],
)
def test_crew_events_belong_to_who_is_assigned(by, who, assignee, refused):
    order = ticket("assigned", assignee=assignee)

    assert refusals("take", by, order, DATA["take"], who=who) == refused
