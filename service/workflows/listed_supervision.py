"""Listed supervision: every permitted event of DOMAIN 4.3, one row each.

The leading group is the district officer (RULINGS 25).
"""

from service.core.soundness import sound
from service.core.workflow import BIRTH, SAME, State, Step, Workflow
from service.workflows import holder, supervision_facts
from service.workflows import supervision_clocks as clocks
from service.workflows import supervision_data as data
from service.workflows import supervision_effects as effects
from service.workflows import supervision_guards as guards
from service.workflows.clock_actions import END_ALL
from service.workflows.event_data import EventData, ReasonOnly
from service.workflows.table import (
    DISCIPLINE,
    OFFICERS,
    K,
    M,
    O,
    S,
    T,
    V,
    W,
    X,
    plain_lines,
    roles,
    rule,
)

STATES = (
    State("proposed"),
    State("listed"),
    State("plan_submitted"),
    State("in_rectification"),
    State("verification_requested"),
    State("verifying"),
    State("closed_out"),
    State("lookback"),
    State("archived", terminal=True),
    State("rejected", terminal=True),
)
_PUBLIC = (
    "listed",
    "plan_submitted",
    "in_rectification",
    "verification_requested",
    "verifying",
)

SUPERVISED = roles(S, O, V)
NOT_ASSIGNED = rule(holder.not_assigned, "R-INS-25")
OFFICIAL = rule(guards.leader_not_official, "R-INS-25", needs_data=True)
OWN = rule(guards.own_request, "R-INS-26")

STEPS = (
    # ── proposal ──
    Step(
        "propose",
        (BIRTH,),
        "proposed",
        roles(X, S, T, W),
        data=data.SupervisionBody,
        guards=(
            rule(holder.unknown_vendor, "R-INS-24", needs_data=True),
            rule(guards.already_proposed, "R-INS-24"),
        ),
        clocks=clocks.PROPOSED,
        effect=effects.propose,
        needs=("vendor", "open_here"),
        rule="R-INS-24",
    ),
    Step(
        "list",
        ("proposed",),
        "listed",
        roles(X),
        data=data.ListCompound,
        guards=(OFFICIAL,),
        clocks=clocks.LISTED,
        effect=effects.listed,
        needs=("accounts",),
        rule="R-INS-24",
    ),
    Step(
        "reject",
        ("proposed",),
        "rejected",
        roles(X),
        data=ReasonOnly,
        clocks=END_ALL,
        rule="R-INS-24",
    ),
    # ── cure ──
    Step(
        "submit_plan",
        ("listed", "plan_submitted"),
        "plan_submitted",
        SUPERVISED,
        data=data.SubmitPlan,
        guards=(
            NOT_ASSIGNED,
            OFFICIAL,
            rule(guards.finish_past, "R-INS-25", needs_data=True),
        ),
        clocks=clocks.PLANNED,
        effect=effects.submit_plan,
        needs=("accounts",),
        rule="R-INS-25",
    ),
    Step(
        "start_rectification",
        ("plan_submitted",),
        "in_rectification",
        SUPERVISED,
        data=EventData,
        guards=(
            NOT_ASSIGNED,
            rule(guards.leader_missing, "R-INS-25"),
            rule(guards.responsible_missing, "R-INS-25"),
        ),
        clocks=clocks.STARTED,
        rule="R-INS-25",
    ),
    Step(
        "report_progress",
        _PUBLIC,
        SAME,
        OFFICERS,
        data=data.ReportProgress,
        guards=(
            rule(guards.not_the_reporter, "R-INS-27", needs_data=True),
            rule(guards.report_too_early, "R-INS-27", needs_data=True),
        ),
        clocks=clocks.REPORTED,
        effect=effects.report_progress,
        rule="R-INS-27",
    ),
    Step(
        "request_verification",
        ("in_rectification",),
        "verification_requested",
        SUPERVISED,
        data=data.RequestVerification,
        guards=(NOT_ASSIGNED,),
        clocks=clocks.REQUESTED,
        effect=effects.request_verification,
        rule="R-INS-26",
    ),
    # ── close-out ──
    Step(
        "verify_start",
        ("verification_requested",),
        "verifying",
        roles(X),
        data=EventData,
        guards=(OWN,),
        rule="R-INS-26",
    ),
    Step(
        "verify_pass",
        ("verifying",),
        "closed_out",
        roles(X),
        data=data.VerifyPass,
        guards=(OWN,),
        clocks=clocks.PASSED,
        effect=effects.verify_pass,
        then="start_lookback",
        rule="R-INS-26",
    ),
    Step(
        "verify_fail",
        ("verifying",),
        "listed",
        roles(X),
        data=data.Findings,
        guards=(OWN,),
        clocks=clocks.FAILED,
        effect=effects.verify_fail,
        rule="R-INS-26",
    ),
    Step(
        "start_lookback",
        ("closed_out",),
        "lookback",
        roles(W),
        clocks=clocks.LOOKING_BACK,
        rule="R-INS-28",
    ),
    Step(
        "lookback_ok",
        ("lookback",),
        "archived",
        roles(X),
        data=data.LookbackOk,
        guards=(OWN, rule(guards.lookback_too_early, "R-INS-28")),
        clocks=clocks.ARCHIVED,
        effect=effects.archive,
        rule="R-INS-28",
    ),
    Step(
        "lookback_fail",
        ("lookback",),
        "listed",
        roles(X),
        data=data.Findings,
        guards=(OWN,),
        clocks=clocks.LISTED_AGAIN,
        effect=effects.lookback_fail,
        rule="R-INS-28",
    ),
    # ── accountability is a human decision (R-SLA-25) ──
    Step(
        "transfer_discipline",
        (*_PUBLIC, "lookback"),
        SAME,
        roles(S, X),
        data=data.TransferDiscipline,
        guards=(rule(guards.nothing_overdue, "R-INS-30", needs_data=True),),
        sealed=("officials", "finding"),
        confidential=DISCIPLINE,
        rule="R-INS-30",
    ),
    *plain_lines(STATES, amend=OFFICERS, note=roles(K, M, T, V)),
)

LISTED_SUPERVISION = sound(
    Workflow(
        kind="listed_supervision",
        collection="listed-supervisions",
        prefix="LS",
        version=1,
        states=STATES,
        steps=STEPS,
        clock_names=clocks.CLOCKS,
        create=data.SupervisionFacts,
        editable_facts=frozenset({"basis"}),
        family="supervision",
        default_profile="SUP-DEFAULT",
        lists={"plans": "plans", "reports": "reports"},
        reads=supervision_facts.read,
        example={
            "place": "lotus",
            "category": "sup_service",
            "title": "季度投诉量第一",
            "reporter": {"channel": "desk"},
            "facts": {
                "reason": "ranking",
                "figures": {"quarter": "2026Q3", "petitions": 4, "hotline": 31, "rank": 1},
                "vendor": "v-clean",
            },
        },
        event_example={
            "type": "list",
            "expected_version": 1,
            "data": {"demands": "一个月内解决停车和保洁问题"},
        },
    )
)
