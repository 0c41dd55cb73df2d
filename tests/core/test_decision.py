"""The one door to a transition: permit, route, judge, in the order of ruling 6."""

import pytest

from service.core.actors import Role
from service.core.decision import available, decide, moves, permit, route
from service.core.errors import (
    ForbiddenEvent,
    GuardRefused,
    IllegalTransition,
    ValidationFailed,
)
from service.core.workflow import BIRTH, Mark, State, Step
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.repair import BY_VENDOR, Play, actor, refusals, replace, ticket
from tests.support.repair_data import DATA

C, D, R, V = Role.CREW, Role.DISPATCHER, Role.RESIDENT, Role.VENDOR_MANAGER


def test_an_unknown_event_names_all_there_are():
    with pytest.raises(ValidationFailed) as caught:
        permit(REPAIR_ORDER, "fly", actor(D), ticket("assigned"))

    (fault,) = caught.value.errors
    assert (fault.pointer, fault.code) == ("/type", "unknown_event")
    assert fault.allowed == moves(REPAIR_ORDER)


@pytest.mark.parametrize("mark", list(Mark))
def test_marks_are_for_the_service_alone(mark):
    with pytest.raises(ForbiddenEvent) as caught:
        permit(REPAIR_ORDER, mark.value, actor(D), ticket("assigned"))

    assert caught.value.roles == ("system",)


def test_patches_notes_and_links_have_doors_of_their_own():
    assert set(REPAIR_ORDER.events) - set(moves(REPAIR_ORDER)) == {
        "amend", "add_note", "make_link", "revoke_link",
    }  # fmt: skip


def test_a_role_without_the_event_is_told_whose_it_is():
    with pytest.raises(ForbiddenEvent) as caught:
        permit(REPAIR_ORDER, "confirm", actor(C), ticket("on_site"))

    assert caught.value.roles == ("committee", "manager", "resident")


def test_an_illegal_transition_names_what_this_caller_may_do_here():
    with pytest.raises(IllegalTransition) as caught:
        route(REPAIR_ORDER, "on_site", "complete_work", actor(C), ticket("on_site"))

    assert caught.value.allowed == (
        "refer_out", "no_access", "diagnose", "make_safe", "start_work", "request_parts",
        "need_fund", "report_cannot_finish",
    )  # fmt: skip


def test_a_row_for_other_roles_only_is_forbidden():
    with pytest.raises(ForbiddenEvent):
        route(REPAIR_ORDER, BIRTH, "submit", actor(V), None)


def test_a_refusal_carries_every_reason_with_its_rule():
    order = ticket("on_site", urgency="emergency", assignee=None)

    with pytest.raises(GuardRefused) as caught:
        decide(REPAIR_ORDER, "on_site", Play("start_work", C, order).situation())

    assert [(reason.code, reason.rule) for reason in caught.value.reasons] == [
        ("not_assigned", "RULINGS 4"),
        ("danger_not_removed", "RULINGS 12"),
        ("price_not_accepted", "R-REP-13"),
    ]


def test_the_desk_acts_as_crew_for_outside_bodies_only():
    inside = ticket("assigned", assignee=BY_VENDOR)
    outside = ticket("assigned", assignee=replace(BY_VENDOR, outside_body=True))

    with pytest.raises(ForbiddenEvent):
        permit(REPAIR_ORDER, "take", actor(D), inside)
    permit(REPAIR_ORDER, "take", actor(D), outside)
    assert not refusals("take", D, outside, DATA["take"])


def offers(state, role, **order):
    view = ticket(state, **order)
    situation = Play("add_note", role, view, DATA["add_note"]).situation()
    return {
        offer.event: offer for offer in available(REPAIR_ORDER, state, replace(situation, data={}))
    }


def test_available_lists_every_event_of_people_in_the_tables_order():
    offered = offers("on_site", C)

    people = [e for e in moves(REPAIR_ORDER) if REPAIR_ORDER.roles_of[e] != {Role.SYSTEM}]
    assert list(offered) == people


def test_available_says_what_may_be_done_and_what_is_checked_later():
    offer = offers("on_site", C)["start_work"]

    assert (offer.enabled, offer.target, offer.reasons) == (True, "in_progress", ())
    assert offer.checks == ("price_not_accepted", "confined_space_checks_missing")
    assert offer.data is not None


@pytest.mark.parametrize(
    ("event", "reason", "order"),
    [
        ("report_cannot_finish", "already_postponed", {"facts": {"postpone_count": 1}}),
        ("start_work", "danger_not_removed", {"urgency": "emergency"}),
        ("complete_work", "state", {}),
        ("assign", "role", {}),
    ],
)
def test_available_says_why_not(event, reason, order):
    offer = offers("on_site", C, **order)[event]

    assert not offer.enabled
    assert [found.code for found in offer.reasons] == [reason]


def test_what_is_available_agrees_with_the_door_for_guards_without_data():
    """Enabled means: schema-valid data is refused by none of the guards that need no data."""
    for state in REPAIR_ORDER.states:
        for role in (R, D, C):
            for event, offer in offers(state.name, role).items():
                rows = REPAIR_ORDER.rows.get((event, state.name), ())
                mine = any(row.roles & {role} for row in rows)
                if not mine:
                    assert not offer.enabled


def test_a_row_for_others_that_is_the_one_meant_does_not_apply():
    split = Step("close", ("new",), "done", frozenset({C}), chooses=lambda _s: True)
    other = Step("close", ("new",), "done", frozenset({D}))
    workflow = replace(
        REPAIR_ORDER,
        states=(State("new"), State("done", terminal=True)),
        steps=(split, other),
        standing=lambda who, _ticket: frozenset({who.role}),
    )
    open_order = Play("add_note", D, ticket("closed"), DATA["add_note"]).situation()
    situation = replace(open_order, event="close")

    with pytest.raises(GuardRefused) as caught:
        decide(workflow, "new", situation)

    assert [reason.code for reason in caught.value.reasons] == ["not_applicable"]
