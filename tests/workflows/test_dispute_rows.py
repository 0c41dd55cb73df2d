"""Every row of DOMAIN 3B.3: where it leads and what it does to the clocks."""

import pytest

from service.core.actors import Role
from service.core.workflow import SIDE_DOORS
from tests.support.bench import actor
from tests.support.samples.dispute_case import BENCH, cell

R, V, K, T = Role.RESIDENT, Role.VENDOR_MANAGER, Role.COMMITTEE, Role.MEDIATOR
S, X, W = Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.SYSTEM
TIER_ENDS = ("stop tier_limit", "end first_session")
ALL_END = ("end *",)

# event, who, from, to, clocks
ROWS = [
    ("file", R, "", "filed", ("start screen",)),
    ("screen", T, "filed", "screening", ()),
    ("redirect", T, "screening", "redirected", ("stop screen", "start take_over")),
    ("receive_redirect", T, "redirected", "screening", ("stop take_over", "start screen")),
    ("refuse", T, "screening", "refused", ("stop screen", "start appeal")),
    ("appeal_refusal", R, "refused", "refused", ("stop appeal",)),
    ("decide_appeal", S, "refused", "screening", ("start screen",)),
    ("accept", T, "screening", "accepted",
     ("stop screen", "start tier_limit", "start case_limit", "start first_session")),
    ("change_mediator", T, "accepted", "accepted", ()),
    ("schedule", T, "adjourned", "scheduled", ()),
    ("open_session", T, "scheduled", "in_session", ("stop first_session",)),
    ("no_show", T, "scheduled", "adjourned", ("stop first_session",)),
    ("adjourn", T, "in_session", "adjourned", ()),
    ("extend_limit", T, "scheduled", "scheduled", ("extend tier_limit",)),
    ("wait_for", T, "adjourned", "adjourned", ("pause tier_limit",)),
    ("go_on", T, "adjourned", "adjourned", ("resume tier_limit",)),
    ("reach_terms", T, "in_session", "agreement_drafted", ("resume tier_limit", "start sign")),
    ("sign", R, "agreement_drafted", "agreement_drafted", ()),
    ("sign", T, "agreement_drafted", "agreement_effective",
     ("stop tier_limit", "stop sign", "start judicial_30d")),
    ("reject_terms", V, "agreement_drafted", "adjourned", ("end sign",)),
    ("reject_terms", W, "agreement_drafted", "adjourned", ("end sign",)),
    ("approve", R, "performing", "performing", ()),
    ("apply_confirmation", R, "performing", "judicial_confirmation_pending",
     ("stop judicial_30d", "start court_accept", "start court_decide")),
    ("court_answer", T, "judicial_confirmation_pending", "judicial_confirmation_pending",
     ("stop court_accept",)),
    ("confirmation_result", T, "judicial_confirmation_pending", "performing",
     ("stop court_accept", "stop court_decide")),
    ("obligation_done", V, "performing", "performing", ("stop obligation-1", "end urge")),
    ("obligation_done", V, "default", "performing", ("stop obligation-1", "end urge")),
    ("obligation_overdue", W, "performing", "default", ("start urge",)),
    ("obligation_overdue", W, "default", "default", ("start urge",)),
    ("suspend_obligation", T, "performing", "performing", ("pause obligation-2",)),
    ("resume_obligation", T, "performing", "performing", ("resume obligation-2",)),
    ("urge", T, "default", "default", ("stop urge",)),
    ("enforce", R, "default", "court_referred", ("stop case_limit", *ALL_END)),
    ("close", T, "performing", "closed_performed", ("stop case_limit", *ALL_END)),
    ("escalate", R, "adjourned", "escalated", (*TIER_ENDS, "start take_over")),
    ("escalate", W, "accepted", "escalated", (*TIER_ENDS, "start take_over")),
    ("receive_escalation", T, "escalated", "accepted",
     ("stop take_over", "start tier_limit", "start first_session")),
    ("party_refuses", V, "screening", "refused", ("stop screen",)),
    ("party_refuses", V, "scheduled", "terminated", (*TIER_ENDS, "start legal_choice")),
    ("terminate", T, "in_session", "terminated", (*TIER_ENDS, "start legal_choice")),
    ("refer_court", R, "terminated", "court_referred",
     ("stop legal_choice", "stop case_limit", *ALL_END)),
    ("exit_to_legal", V, "judicial_confirmation_pending", "court_referred", ALL_END),
    ("withdraw", R, "in_session", "withdrawn", ALL_END),
    ("close_failed", T, "terminated", "closed_failed",
     ("stop legal_choice", "stop case_limit", *ALL_END)),
    ("close_failed", W, "terminated", "closed_failed",
     ("stop legal_choice", "stop case_limit", *ALL_END)),
    ("flag_escalation_risk", S, "performing", "performing", ()),
    ("list", X, "performing", "performing", ()),
    ("delist", X, "performing", "performing", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "role", "source", "target", "clocks"),
    [pytest.param(*row, id=f"{row[0]}-{row[1]}-{row[2] or 'birth'}") for row in ROWS],
)
def test_a_row_leads_where_the_domain_says(event, role, source, target, clocks):
    on, data, refs, who = cell(source, event, role)

    played = BENCH.play(event, who, on, data, refs=refs)

    assert (played.state, played.clocks) == (target, clocks)


@pytest.mark.parametrize("state", [s.name for s in BENCH.workflow.states if not s.terminal])
@pytest.mark.parametrize("role", [R, V, K])
def test_a_party_may_leave_for_the_courts_from_every_open_state(state, role):
    on, data, refs, who = cell(state, "exit_to_legal", role)

    assert BENCH.play("exit_to_legal", who, on, data, refs=refs).state == "court_referred"


@pytest.mark.parametrize("state", [s.name for s in BENCH.workflow.states if s.terminal])
def test_a_case_that_ended_is_not_left_again_but_by_a_decided_appeal(state):
    leaving = {
        event
        for (event, source), rows in BENCH.workflow.rows.items()
        for row in rows
        if source == state and row.goes_to(state) != state
    }

    assert leaving == ({"decide_appeal"} if state == "refused" else set())


@pytest.mark.parametrize("tier", [1, 2, 3])
def test_targets_stand_under_the_tier_that_has_the_case(tier):
    assert BENCH.workflow.variant({"facts": {"tier": tier}}) == f"t{tier}"


@pytest.mark.parametrize(
    ("event", "role", "source", "after"),
    [
        ("sign", T, "agreement_drafted", "start_performance"),
        ("reject_terms", R, "agreement_drafted", "escalate"),
        ("confirmation_result", T, "judicial_confirmation_pending", "obligation_overdue"),
        ("flag_escalation_risk", T, "adjourned", "escalate"),
    ],
)
def test_what_waits_for_nothing_follows_by_itself(event, role, source, after):
    on, data, refs, who = cell(source, event, role)

    assert BENCH.play(event, who, on, data, refs=refs).step.then == after


def test_a_mediator_of_another_tier_touches_nothing():
    events = {
        (event, source)
        for (event, source), rows in BENCH.workflow.rows.items()
        if source and any(T in row.roles for row in rows) and event not in SIDE_DOORS
    }
    other = actor(T, tier=3, is_lead=True)

    untouched = set()
    for event, source in events:
        on, data, refs, _who = cell(source, event, T)
        if "not_my_tier" in BENCH.refusals(event, other, on, data, refs=refs):
            untouched.add((event, source))

    assert untouched == events


def test_a_stranger_is_no_party():
    events = {
        (event, source)
        for (event, source), rows in BENCH.workflow.rows.items()
        if source and any(R in row.roles for row in rows) and event not in SIDE_DOORS
    }
    stranger = actor(R, 1, place_id="h-9-999", place_path="jinjiang/dongjie/lotus-c/lotus/b9")
    codes = {"not_a_party", "not_applicant", "not_other_side"}

    admitted = set()
    for event, source in events:
        on, data, refs, _who = cell(source, event, R)
        if not codes & BENCH.refusals(event, stranger, on, data, refs=refs):
            admitted.add((event, source))

    assert not admitted
