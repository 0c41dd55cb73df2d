from marshmallow import Schema

from service.core.actors import Role
from service.core.workflow import BIRTH, Mark, Situation, State, Step, Workflow
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.repair import NOW, actor


def test_legal_moves_hold_every_row_and_the_marks_of_every_state():
    moves = set(REPAIR_ORDER.legal_moves())

    assert ("accepted", "assign", "assigned") in moves
    assert ("", "submit", "submitted") in moves
    assert ("closed", "revisit_ok", "closed") in moves
    for state in REPAIR_ORDER.states:
        assert {(state.name, mark.value, state.name) for mark in Mark} <= moves


def test_rows_of_one_event_may_lead_to_several_states():
    moves = set(REPAIR_ORDER.legal_moves())

    assert {to for source, event, to in moves if event == "fund_decided"} == {
        "assigned", "accepted", "referred",
    }  # fmt: skip


def test_open_is_not_terminal():
    assert REPAIR_ORDER.terminal == {"closed", "referred", "merged", "cancelled"}
    assert REPAIR_ORDER.is_open("rework")
    assert not REPAIR_ORDER.is_open("closed")


def test_every_event_of_the_ruling_has_a_row():
    assert set(REPAIR_ORDER.events) == {
        "capture", "submit", "merge", "absorb", "accept", "refer_out", "assign",
        "pick_pool_contractor", "pass_over", "reassign", "hand_over", "reject_assignment", "take",
        "waive_arrival", "arrive", "no_access", "resume", "diagnose", "make_safe", "start_work",
        "request_parts", "parts_ready", "need_fund", "fund_decided", "report_cannot_finish",
        "resume_work", "complete_work", "request_confirmation", "confirm", "auto_confirm",
        "refuse_confirmation", "revisit_draw", "revisit_call", "revisit_ok", "revisit_fail",
        "reopen", "cancel", "convert", "amend", "add_note", "make_link", "revoke_link",
    }  # fmt: skip


def test_at_birth_the_facts_are_those_of_the_create_body():
    body = {"facts": {"origin": "patrol"}}
    situation = Situation(None, actor(Role.CREW), "submit", body, NOW, NOW)

    assert situation.facts == {"origin": "patrol"}


def test_without_a_word_on_standing_everybody_acts_in_the_own_role():
    small = Workflow(
        kind="small",
        collection="smalls",
        prefix="SM",
        version=1,
        states=(State("new"),),
        steps=(Step("open", (BIRTH,), "new", frozenset({Role.CREW})),),
        clock_names=(),
        create=Schema,
    )

    assert small.standing(actor(Role.CREW), None) == {Role.CREW}
