"""Rows of DOMAIN 3A.2 from report to triage: capture, submit, merge, absorb, accept, refer_out."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from service.core.actors import Role
from service.core.refs import TicketRef
from service.core.workflow import Situation
from service.workflows.table import ticket_of
from tests.support.repair import (
    DAY,
    HOUR,
    MASTER,
    NOW,
    OPENED,
    PLACE,
    TICK,
    TICKET,
    actor,
    after,
    born,
    play,
    policy,
    refusals,
    ticket,
)
from tests.support.repair_data import ACCEPT, BODY, DATA

R, D, C, K, W = Role.RESIDENT, Role.DISPATCHER, Role.CREW, Role.COMMITTEE, Role.SYSTEM


def test_capture_keeps_a_draft_without_any_clock():
    played = born("capture", C, BODY)

    assert (played.state, played.clocks) == ("draft", ())


@pytest.mark.parametrize("by", [R, D, C, K])
def test_submit_opens_an_order_and_starts_ack(by):
    played = born("submit", by, BODY)

    assert (played.state, played.clocks) == ("submitted", ("start ack since report",))
    assert played.facts["origin"] == "customer"
    assert (played.facts["rework_count"], played.facts["postpone_count"]) == (0, 0)


def test_submit_keeps_an_appointment_for_triage():
    times = {"appointment_from": after(HOUR), "appointment_to": after(2 * HOUR)}

    assert born("submit", D, BODY | times).facts["appointment_to"] == after(2 * HOUR)


def test_a_draft_counts_as_reported_when_it_is_submitted():
    played = play("submit", C, ticket("draft"), {"title": "水管爆裂"})

    assert (played.state, played.clocks) == ("submitted", ("start ack since report",))
    assert played.change.columns == {"title": "水管爆裂", "opened_at": NOW}


@pytest.mark.parametrize(
    ("origin", "refused"),
    [("customer", {"contact_missing"}), ("hazard", {"contact_missing"}),
     ("patrol", set()), ("self_inspection", set())],
)  # fmt: skip
def test_contact_missing_unless_the_report_is_the_services_own(origin, refused):
    draft = ticket("draft", reporter_id=None, facts={"origin": origin})

    assert refusals("submit", C, draft) == refused


@pytest.mark.parametrize("state", ["submitted", "accepted", "assigned"])
def test_merge_leaves_everything_to_the_master(state):
    played = play("merge", D, ticket(state), DATA["merge"])

    assert (played.state, played.clocks) == ("merged", ("end *",))
    assert played.facts["merged_into"] == {"id": str(MASTER.id), "number": MASTER.number}


@pytest.mark.parametrize(
    ("code", "master"),
    [
        ("unknown_ticket", None),
        ("unknown_ticket", replace(MASTER, kind="complaint")),
        ("itself", replace(MASTER, id=TICKET)),
        ("master_closed", replace(MASTER, state="closed", is_open=False)),
        ("master_closed", replace(MASTER, state="draft")),
        ("different_place", replace(MASTER, place_id="h-2-102")),
        ("different_category", replace(MASTER, category="drain")),
        ("merge_too_old", replace(MASTER, opened_at=OPENED - timedelta(days=7) - TICK)),
    ],
)
def test_merge_is_refused(code, master):
    refs = {"master": master}

    assert refusals("merge", D, ticket("submitted"), DATA["merge"], refs=refs) == {code}


@pytest.mark.parametrize("apart", [timedelta(days=7), timedelta(days=-7)])
def test_merge_within_seven_days_exactly(apart):
    refs = {"master": replace(MASTER, opened_at=OPENED + apart)}

    assert not refusals("merge", D, ticket("submitted"), DATA["merge"], refs=refs)


def follower(opened_at) -> TicketRef:
    return replace(MASTER, id=UUID(int=9), number="RO-20261121-0009", opened_at=opened_at)


def test_absorb_adds_a_follower():
    refs = {"master": follower(OPENED + HOUR)}
    played = play("absorb", W, ticket("in_progress"), DATA["absorb"], refs=refs)

    assert (played.state, played.clocks) == ("in_progress", ())
    assert played.children("follower") == [
        {"ticket": str(UUID(int=9)), "number": "RO-20261121-0009"}
    ]
    assert not played.change.columns


def test_absorb_takes_over_the_followers_of_its_follower():
    earlier = {"ticket": str(UUID(int=8)), "number": "RO-20261121-0008"}
    refs = {"master": follower(OPENED + HOUR), "followers": (earlier,)}
    played = play("absorb", W, ticket("in_progress"), DATA["absorb"], refs=refs)

    assert [row["number"] for row in played.children("follower")] == [
        "RO-20261121-0009",
        "RO-20261121-0008",
    ]


def test_absorbing_an_earlier_report_counts_from_it():
    refs = {"master": follower(OPENED - HOUR)}
    played = play("absorb", W, ticket("assigned"), DATA["absorb"], refs=refs)

    assert played.change.columns == {"opened_at": OPENED - HOUR}
    assert played.clocks == ("rebase *",)


def test_absorb_refuses_an_unknown_ticket():
    asked = (ticket("assigned"), DATA["absorb"])

    assert refusals("absorb", W, *asked, refs={"master": None}) == {"unknown_ticket"}


def test_accept_counts_every_commitment_from_the_report():
    played = play("accept", D, ticket("submitted"), ACCEPT)

    assert played.state == "accepted"
    assert played.clocks == (
        "stop ack",
        "start dispatch",
        "start arrive since report",
        "start handle since report",
        "start water_same_day since report",
        "start power_same_night since report",
    )
    assert played.change.columns == {"category": "water_leak", "urgency": "urgent"}
    triaged = {name: played.facts[name] for name in ("part", "responsible", "class", "route")}
    assert triaged == {
        "part": "private", "responsible": "company", "class": "urgent", "route": "quote",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("urgency", "due"), [("normal", NOW + 2 * HOUR), ("urgent", None), ("emergency", None)]
)
def test_an_appointment_replaces_the_minutes_for_normal_urgency_only(urgency, due):
    agreed = {"urgency": urgency, "appointment_to": after(2 * HOUR)}

    assert play("accept", D, ticket("submitted"), ACCEPT | agreed).due == {"arrive": due}


def test_an_appointment_made_at_the_report_counts_too():
    order = ticket("submitted", facts={"appointment_to": after(2 * HOUR)})

    played = play("accept", D, order, ACCEPT | {"urgency": "normal"})

    assert played.due == {"arrive": NOW + 2 * HOUR}


def test_no_appointment_counts_where_the_profile_does_not_allow_it():
    agreed = ACCEPT | {"urgency": "normal", "appointment_to": after(2 * HOUR)}
    strict = policy(appointment=False)

    assert play("accept", D, ticket("submitted"), agreed, policy=strict).due["arrive"] is None


@pytest.mark.parametrize(
    ("changed", "copies"),
    [({}, False), ({"category": "drain"}, True)],
)
def test_accept_copies_the_profile_again_when_the_category_changed(changed, copies):
    assert play("accept", D, ticket("submitted", **changed), ACCEPT).change.repin is copies


def test_an_emergency_is_broadcast():
    asked = ACCEPT | {"urgency": "emergency", "part": "common", "category": "burst_pipe"}
    played = play("accept", D, ticket("submitted"), asked)

    assert played.change.notices == (
        (
            "repair_order.broadcast",
            {"scope": "compound", "place": "h-2-101", "compound": "lotus"},
        ),
    )
    assert played.facts["route"] == "act_first"


def test_accept_looks_at_the_warranty():
    refs = {"place": replace(PLACE, warranty_until=DAY)}
    facts = play("accept", D, ticket("submitted"), ACCEPT, refs=refs).facts

    assert (facts["warranty"], facts["suggested_responsible"]) == (True, "developer")


def test_accept_refuses_an_unknown_category():
    asked = ACCEPT | {"category": "weather"}
    codes = refusals("accept", D, ticket("submitted"), asked, refs={"category": None})

    assert codes == {"unknown_category"}


def test_a_quality_defect_needs_a_named_person():
    asked = ACCEPT | {"category": "quality_defect", "responsible": "developer"}

    assert refusals("accept", D, ticket("submitted"), asked) == {"named_person_missing"}
    assert not refusals("accept", D, ticket("submitted"), asked | {"named_person": "李工"})


@pytest.mark.parametrize(
    ("by", "state"), [(D, "submitted"), (D, "accepted"), (D, "on_site"), (C, "on_site")]
)
def test_refer_out_ends_every_clock(by, state):
    played = play("refer_out", by, ticket(state), DATA["refer_out"])

    assert (played.state, played.clocks) == ("referred", ("end *",))
    assert played.facts["referral"] == {"advice": "请联系自来水公司"}


@pytest.mark.parametrize(
    ("order", "named"),
    [
        (ticket("on_site", facts={"responsible": "utility"}), {}),
        (ticket("submitted", category="gas", facts={"responsible": None}), {}),
        (ticket("submitted"), {"utility": "u-water"}),
    ],
)
def test_utility_phone_required(order, named):
    asked = DATA["refer_out"] | named

    assert refusals("refer_out", D, order, asked) == {"utility_phone_required"}
    assert not refusals("refer_out", D, order, asked | {"phone": "962965"})


def test_refer_out_refuses_an_unknown_utility():
    asked = DATA["refer_out"] | {"utility": "u-x", "phone": "962965"}
    codes = refusals("refer_out", D, ticket("submitted"), asked, refs={"utility": None})

    assert codes == {"unknown_utility"}


def test_later_rules_need_a_ticket():
    situation = Situation(None, actor(C), "take", {}, NOW, NOW)

    with pytest.raises(ValueError, match="no ticket yet"):
        ticket_of(situation)
