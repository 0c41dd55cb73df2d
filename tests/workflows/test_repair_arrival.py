"""Rows of DOMAIN 3A.2 on arrival and access: waive_arrival, arrive, no_access, resume."""

import pytest

from service.core.actors import Role
from tests.support.repair import (
    HOUR,
    MINUTE,
    NOW,
    PHOTO,
    TICK,
    after,
    clock,
    play,
    refusals,
    ticket,
)
from tests.support.repair_data import DATA, WAIVE

R, D, C, V = Role.RESIDENT, Role.DISPATCHER, Role.CREW, Role.VENDOR_MANAGER
RUNNING = {"clocks": (clock("arrive", NOW + 20 * MINUTE),)}
BY_PHONE = {"by_phone": True}
BY_POSITION = {"position": {"lat": 30.65, "lon": 104.08, "accuracy_m": 12}}
EMERGENCY = {"urgency": "emergency"}


@pytest.mark.parametrize("state", ["assigned", "en_route"])
def test_waive_arrival_sets_the_agreed_time_once(state):
    played = play("waive_arrival", D, ticket(state), WAIVE, refs=RUNNING)

    assert (played.state, played.clocks) == (state, ("start arrive",))
    assert played.due == {"arrive": NOW + 3 * HOUR}
    assert played.facts["arrival_waived"] is True


@pytest.mark.parametrize(
    ("code", "order", "data", "refs"),
    [
        ("already_waived", {"facts": {"arrival_waived": True}}, {}, RUNNING),
        ("arrival_overdue", {}, {}, {"clocks": (clock("arrive", NOW),)}),
        ("arrival_overdue", {}, {}, {"clocks": ()}),
        ("arrival_overdue", {}, {}, {"clocks": (clock("arrive", None, state="stopped"),)}),
        ("consent_in_future", {}, {"consented_at": after(TICK)}, RUNNING),
        ("new_time_past", {}, {"new_arrive_at": after(0 * HOUR)}, RUNNING),
    ],
)
def test_waive_arrival_is_refused(code, order, data, refs):
    codes = refusals("waive_arrival", D, ticket("assigned", **order), WAIVE | data, refs=refs)

    assert codes == {code}


def test_waive_arrival_is_open_one_tick_before_it_is_due():
    refs = {"clocks": (clock("arrive", None, epoch=1), clock("arrive", NOW + TICK, epoch=2))}

    assert not refusals("waive_arrival", D, ticket("assigned"), WAIVE, refs=refs)


@pytest.mark.parametrize("state", ["assigned", "en_route"])
def test_arrive_stops_its_clock_and_starts_feedback(state):
    played = play("arrive", C, ticket(state), BY_POSITION)

    assert played.state == "on_site"
    assert played.clocks == ("stop arrive", "stop pool_answer", "start feedback")
    assert played.facts["arrived_at"] == after(0 * HOUR)


def test_arriving_at_an_emergency_starts_make_safe():
    played = play("arrive", C, ticket("en_route", **EMERGENCY), BY_POSITION)

    assert played.clocks[-1] == "start make_safe"


@pytest.mark.parametrize("known", [{"safe": True}, {"arrived_at": after(-HOUR)}])
def test_a_second_arrival_gives_no_new_time_to_make_safe(known):
    played = play("arrive", C, ticket("en_route", **EMERGENCY, facts=known), BY_POSITION)

    assert "start make_safe" not in played.clocks


def test_a_second_arrival_keeps_the_first():
    order = ticket("en_route", facts={"arrived_at": after(-HOUR)})

    assert play("arrive", C, order, {"qr": "h-2-101"}).facts["arrived_at"] == after(-HOUR)


@pytest.mark.parametrize(
    ("by", "data", "refused"),
    [
        (C, BY_POSITION, set()),
        (C, {"qr": "h-2-101"}, set()),
        (V, BY_POSITION, set()),
        (C, BY_PHONE, {"arrival_proof_missing"}),
        (D, BY_PHONE, set()),
        (D, BY_POSITION, {"arrival_proof_missing"}),
        (D, {"by_phone": False}, {"arrival_proof_missing"}),
    ],
)
def test_a_crew_proves_its_arrival_and_the_desk_records_a_call(by, data, refused):
    assert refusals("arrive", by, ticket("en_route"), data) == refused


def test_no_access_asks_for_an_appointment():
    played = play("no_access", C, ticket("on_site"), DATA["no_access"])

    assert (played.state, played.clocks) == ("awaiting_resident", ("stop feedback",))
    assert played.facts == {"no_access_count": 1}
    assert played.topics == ("repair_order.appointment_request",)


@pytest.mark.parametrize("evidence", [{"photos": [PHOTO]}, {"call_log": "三次未接"}])
def test_no_access_needs_one_piece_of_evidence(evidence):
    assert not refusals("no_access", C, ticket("on_site"), evidence)


@pytest.mark.parametrize("by", [R, D])
def test_resume_makes_the_appointment_the_due_time(by):
    played = play("resume", by, ticket("awaiting_resident"), DATA["resume"])

    assert (played.state, played.clocks) == ("assigned", ("start arrive",))
    assert played.due == {"arrive": NOW + 2 * HOUR}
    assert played.facts == {"visit_from": after(HOUR), "visit_to": after(2 * HOUR)}


def test_resume_refuses_an_appointment_in_the_past():
    asked = {"visit_from": after(-HOUR), "visit_to": after(0 * HOUR)}

    assert refusals("resume", D, ticket("awaiting_resident"), asked) == {"visit_past"}
