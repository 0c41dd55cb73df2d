"""Rows of DOMAIN 3A.2 from completion to withdrawal, with rework, revisit and reopening."""

from datetime import timedelta

import pytest

from service.core.actors import Role
from service.core.errors import ForbiddenEvent
from tests.support.repair import (
    HOUR,
    NOW,
    TICK,
    after,
    clock,
    play,
    refusals,
    ticket,
)
from tests.support.repair_data import COMPLETE, DATA

R, D, C, K = Role.RESIDENT, Role.DISPATCHER, Role.CREW, Role.COMMITTEE
M, W = Role.MANAGER, Role.SYSTEM
REWORKED = ("start dispatch", "start arrive", "start handle")
DUE = {"facts": {"revisit": "revisit_due"}}
DAY = timedelta(days=1)


def test_complete_work_stops_every_commitment_and_writes_the_log():
    played = play("complete_work", C, ticket("in_progress"), COMPLETE)

    assert played.state == "completed"
    assert played.clocks == (
        "stop handle",
        "stop promise",
        "stop water_same_day",
        "stop power_same_night",
    )
    assert played.children("work_log") == [
        {"line": "material", "name": "接头", "qty": 2, "cost_fen": 1500},
        {"line": "labour", "minutes": 40},
    ]
    assert (played.facts["material_fen"], played.facts["labour_minutes"]) == (1500, 40)
    assert played.step.then == "request_confirmation"


@pytest.mark.parametrize(
    ("code", "facts", "data"),
    [
        ("site_not_clean", {}, {"site_clean": False}),
        ("warning_not_removed", {"warning_up": True}, {}),
        ("warning_not_removed", {"warning_up": True}, {"warning_removed": False}),
    ],
)
def test_complete_work_is_refused(code, facts, data):
    order = ticket("in_progress", facts=facts)

    assert refusals("complete_work", C, order, COMPLETE | data) == {code}


def test_a_removed_warning_lets_the_work_be_completed():
    order = ticket("in_progress", facts={"warning_up": True})

    played = play("complete_work", C, order, COMPLETE | {"warning_removed": True})

    assert played.facts["warning_up"] is False


def test_request_confirmation_starts_the_time_to_answer():
    played = play("request_confirmation", W, ticket("completed"))

    assert (played.state, played.clocks) == ("awaiting_confirmation", ("start confirm",))


@pytest.mark.parametrize("by", [R, K, M])
def test_confirm_closes_with_a_rating(by):
    order = ticket("awaiting_confirmation", facts={"part": "common"})
    played = play("confirm", by, order, {"rating": "basically_satisfied"})

    assert (played.state, played.clocks) == ("closed", ("stop confirm",))
    assert played.facts["rating"] == "basically_satisfied"
    assert played.step.then == "revisit_draw"


@pytest.mark.parametrize("by", [K, M])
def test_common_part_only_for_committee_and_manager(by):
    order = ticket("awaiting_confirmation")

    assert refusals("confirm", by, order, DATA["confirm"]) == {"common_part_only"}
    assert not refusals("confirm", R, order, DATA["confirm"])


def test_a_crew_never_confirms_its_own_order():
    with pytest.raises(ForbiddenEvent):
        play("confirm", C, ticket("awaiting_confirmation"), DATA["confirm"])


def silent(due):
    return {"clocks": (clock("confirm", due),)}


def test_silence_closes_the_order_unconfirmed():
    played = play("auto_confirm", W, ticket("awaiting_confirmation"), refs=silent(NOW))

    assert (played.state, played.clocks) == ("closed", ("stop confirm",))
    assert played.facts == {"unconfirmed": True}
    assert played.step.then == "revisit_draw"


@pytest.mark.parametrize(
    ("code", "order", "due"),
    [
        ("too_early", {}, NOW + TICK),
        ("too_early", {}, None),
        ("never_for_emergency", {"urgency": "emergency"}, NOW),
    ],
)
def test_auto_confirm_is_refused(code, order, due):
    waiting = ticket("awaiting_confirmation", **order)

    assert refusals("auto_confirm", W, waiting, refs=silent(due)) == {code}


@pytest.mark.parametrize(
    ("event", "by", "state", "clocks"),
    [
        ("refuse_confirmation", R, "awaiting_confirmation", ("stop confirm", *REWORKED)),
        ("revisit_fail", D, "closed", ("stop revisit", *REWORKED)),
        ("reopen", R, "closed", ("end revisit", *REWORKED)),
        ("reopen", K, "closed", ("end revisit", *REWORKED)),
        ("reopen", D, "closed", ("end revisit", *REWORKED)),
    ],
)
def test_rework_starts_the_clocks_anew(event, by, state, clocks):
    order = ticket(state, closed_at=NOW - HOUR, facts={"revisit": "revisit_due", "safe": True})
    played = play(event, by, order, DATA[event])

    assert (played.state, played.clocks) == ("rework", clocks)
    assert played.facts["rework_count"] == 1
    assert (played.facts["safe"], played.facts["arrived_at"]) == (False, None)
    assert played.topics == ()


def test_the_second_rework_tells_manager_and_committee():
    order = ticket("awaiting_confirmation", facts={"rework_count": 1})
    played = play("refuse_confirmation", R, order, DATA["refuse_confirmation"])

    told = {"count": 2, "roles": ["manager", "committee"], "inspect": True}
    assert played.change.notices == (("repair_order.rework_notice", told),)
    assert played.children("linked_request") == []


def test_the_third_rework_asks_for_a_rectification_order():
    order = ticket("closed", facts={"rework_count": 2, "revisit": "revisit_due"})
    played = play("revisit_fail", D, order, DATA["revisit_fail"])

    assert played.children("linked_request") == [
        {"kind": "rectification_order", "vendor": "v1", "rework_count": 3}
    ]
    assert "repair_order.rectification_request" in played.topics
    assert played.children("revisit") == [{"status": "revisited_fail"}]


def test_a_rework_without_vendor_names_none():
    order = ticket("awaiting_confirmation", assignee=None, facts={"rework_count": 2})
    played = play("refuse_confirmation", R, order, DATA["refuse_confirmation"])

    assert played.children("linked_request")[0]["vendor"] is None


@pytest.mark.parametrize(
    ("order", "weight"),
    [
        ({"urgency": "emergency"}, 1),
        ({"facts": {"rework_count": 1}}, 1),
        ({"facts": {"rating": "unsatisfied"}}, 1),
        ({"facts": {"unconfirmed": True}}, 2),
    ],
)
def test_some_orders_are_always_called_back(order, weight):
    played = play("revisit_draw", W, ticket("closed", **order))

    assert (played.state, played.clocks) == ("closed", ("start revisit",))
    assert played.children("revisit") == [
        {"status": "revisit_due", "draw": "always", "weight": weight}
    ]


def test_the_rest_are_drawn_by_the_sampler_with_its_seed():
    assert refusals("revisit_draw", W, ticket("closed")) == {"not_sampled"}
    played = play("revisit_draw", W, ticket("closed"), DATA["revisit_draw"])

    assert played.children("revisit")[0]["seed"] == 7


def test_an_order_is_drawn_once_per_closing():
    codes = refusals("revisit_draw", W, ticket("closed", **DUE), DATA["revisit_draw"])

    assert codes == {"already_drawn"}


@pytest.mark.parametrize(
    ("earlier", "status"),
    [
        ([], "revisit_due"),
        ([-DAY], "revisit_due"),
        ([-2 * HOUR, -HOUR], "revisit_due"),
        ([-DAY, -HOUR], "unreachable"),
        ([-2 * HOUR, -HOUR, -TICK], "revisit_due"),
    ],
)
def test_three_calls_on_two_days_make_a_resident_unreachable(earlier, status):
    evening = NOW + 10 * HOUR  # 18:10 in Shanghai: all of today's calls are on one local day
    calls = [after(delta, evening) for delta in earlier]
    order = ticket("closed", facts={"revisit": "revisit_due", "revisit_calls": calls})

    played = play("revisit_call", D, order, DATA["revisit_call"], at=evening, now=evening)

    gone = status == "unreachable"
    assert played.clocks == (("end revisit",) if gone else ())
    assert played.facts["revisit"] == status
    assert len(played.facts["revisit_calls"]) == len(earlier) + 1
    assert played.topics == (("repair_order.revisit_substitute",) if gone else ())


@pytest.mark.parametrize("rating", [{}, {"rating": "satisfied"}])
def test_revisit_ok_stops_its_clock(rating):
    played = play("revisit_ok", D, ticket("closed", **DUE), rating)

    assert (played.state, played.clocks) == ("closed", ("stop revisit",))
    assert played.children("revisit") == [{"status": "revisited_ok"} | rating]


@pytest.mark.parametrize("event", ["revisit_call", "revisit_ok", "revisit_fail"])
def test_only_a_drawn_order_is_called_back(event):
    assert refusals(event, D, ticket("closed"), DATA.get(event)) == {"no_revisit_due"}


@pytest.mark.parametrize(
    ("since", "refused"),
    [(30 * DAY - TICK, set()), (30 * DAY, set()), (30 * DAY + TICK, {"reopen_too_late"})],
)
def test_reopen_within_thirty_days(since, refused):
    order = ticket("closed", closed_at=NOW - since)

    assert refusals("reopen", R, order, DATA["reopen"]) == refused


@pytest.mark.parametrize("by", [R, D])
@pytest.mark.parametrize("state", ["draft", "submitted", "accepted", "assigned"])
def test_cancel_ends_every_clock(state, by):
    played = play("cancel", by, ticket(state), DATA["cancel"])

    assert (played.state, played.clocks) == ("cancelled", ("end *",))


@pytest.mark.parametrize("by", [R, D])
def test_a_danger_met_on_site_is_not_withdrawn(by):
    met = {"arrived_at": after(-HOUR)}
    order = ticket("assigned", urgency="emergency", facts=met)

    assert refusals("cancel", by, order, DATA["cancel"]) == {"danger_on_site"}
    safe = ticket("assigned", urgency="emergency", facts=met | {"safe": True})
    assert not refusals("cancel", by, safe, DATA["cancel"])


@pytest.mark.parametrize(
    ("visits", "refused"),
    [
        ([7 * DAY, DAY, HOUR], set()),
        ([7 * DAY + TICK, DAY, HOUR], {"too_few_visits"}),
        ([DAY, HOUR], {"too_few_visits"}),
    ],
)
def test_the_desk_gives_up_after_three_failed_visits_in_a_week(visits, refused):
    refs = {"no_access_times": tuple(NOW - ago for ago in visits)}
    order = ticket("awaiting_resident")

    assert refusals("cancel", D, order, DATA["cancel"], refs=refs) == refused
    assert not refusals("cancel", R, order, DATA["cancel"], refs=refs)


@pytest.mark.parametrize("state", ["submitted", "accepted"])
def test_convert_needs_the_other_workflow(state):
    refs = {"kinds": frozenset({"repair_order", "hazard"})}

    assert refusals("convert", D, ticket(state), DATA["convert"]) == {"kind_not_available"}
    played = play("convert", D, ticket(state), DATA["convert"], refs=refs)
    assert (played.state, played.clocks) == ("cancelled", ("end *",))
    assert played.children("linked_request") == [{"kind": "hazard", "reason": "属于隐患"}]


def test_a_note_moves_nothing():
    played = play("add_note", R, ticket("closed"), DATA["add_note"])

    assert (played.state, played.clocks, played.facts) == ("closed", (), {})
