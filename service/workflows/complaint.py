"""The complaint with its first receiver: every permitted event of DOMAIN 4.2, one row each.

Suggestions, enquiries and violation reports are types of it (RULINGS 52). The company
answers the first three, an authority the last.

# size: one table, read as a whole
"""

from service.core.shapes import Instant
from service.core.soundness import sound
from service.core.workflow import BIRTH, SAME, State, Step, Workflow
from service.workflows import approvals, complaint_facts, handing_over, holder
from service.workflows import complaint_clocks as clocks
from service.workflows import complaint_data as data
from service.workflows import complaint_effects as effects
from service.workflows import complaint_guards as guards
from service.workflows import complaint_promises as promise
from service.workflows import promise_guards as told
from service.workflows.clock_actions import END_ALL
from service.workflows.event_data import EventData, ReasonOnly
from service.workflows.table import (
    DISCIPLINE,
    OFFICERS,
    C,
    D,
    K,
    M,
    O,
    R,
    S,
    T,
    V,
    W,
    X,
    names,
    plain_lines,
    roles,
    rule,
)

STATES = (
    State("received"),
    State("accepted"),
    State("surveyed"),
    State("in_handling"),
    State("postponed"),
    State("resolved"),
    State("replied"),
    State("confirmed"),
    State("closed_satisfied", terminal=True),
    State("closed_overridden", terminal=True),
    State("referred", terminal=True),
    State("converted", terminal=True),
    State("withdrawn", terminal=True),
)
# `confirmed` is left in the transaction that enters it.
_PENDING = tuple(name for name in names(STATES, terminal=False) if name != "confirmed")
_UNRESOLVED = ("received", "accepted", "surveyed", "in_handling", "postponed", "resolved")

HANDLERS = roles(D, K, M, V, *OFFICERS)
MINE = (
    rule(holder.not_assigned, "R-CMP-16"),
    rule(guards.authority_handles, "R-CMP-09"),
)
OWN = rule(guards.own_resolution, "R-CMP-03")
UNKNOWN_RECEIVER = rule(guards.unknown_receiver, "R-CMP-03", needs_data=True)
PROMISE_PAST = rule(promise.promise_past, "R-CMP-04", needs_data=True)
BEYOND_LIMIT = rule(promise.promise_beyond_limit, "R-CMP-09", needs_data=True)
CONFIRM_GUARDS = (
    OWN,
    rule(guards.opinion_missing, "R-CMP-14", needs_data=True),
)

STEPS = (
    # ── intake ──
    Step(
        "receive",
        (BIRTH,),
        "received",
        roles(R, D, C, V, T, K, M, W, *OFFICERS),
        data=data.ComplaintBody,
        guards=(
            rule(guards.violation_type_mismatch, "R-CMP-23", needs_data=True),
            rule(guards.dissuasion_missing, "R-CMP-22", needs_data=True),
            rule(guards.authority_not_named, "R-CMP-22", needs_data=True),
            rule(guards.dissuaded_in_future, "R-CMP-22", needs_data=True),
            rule(holder.unknown_vendor, "R-CMP-16", needs_data=True),
            rule(guards.not_own_vendor, "R-CMP-16", needs_data=True),
        ),
        clocks=clocks.RECEIVED,
        effect=effects.receive,
        needs=("vendor",),
        rule="R-CMP-01",
    ),
    approvals.step(
        {"accept": (("received",), (roles(M),))},
        "R-CMP-05",
        content={"promise_at": Instant(required=True)},
    ),
    Step(
        "accept",
        ("received",),
        "accepted",
        HANDLERS,
        data=data.Accept,
        guards=(
            *MINE,
            rule(guards.receiver_fixed, "R-CMP-03", needs_data=True),
            UNKNOWN_RECEIVER,
            rule(holder.unknown_vendor, "R-CMP-16", needs_data=True),
            PROMISE_PAST,
            rule(promise.promise_reason_missing, "R-CMP-05", needs_data=True),
            rule(promise.promise_approval_missing, "R-CMP-05", needs_data=True),
            rule(promise.approval_for_other_content, "R-CMP-05", needs_data=True),
            BEYOND_LIMIT,
        ),
        clocks=clocks.ACCEPTED,
        effect=effects.accept,
        needs=("vendor", "accounts"),
        rule="R-CMP-04",
    ),
    Step(
        "resolve_on_spot",
        ("received", "accepted"),
        "resolved",
        HANDLERS,
        data=data.Resolve,
        guards=MINE,
        clocks=clocks.RESOLVED_ON_SPOT,
        effect=effects.resolve_on_spot,
        rule="R-CMP-18",
    ),
    Step(
        "refer_out",
        ("received", "accepted", "surveyed"),
        "referred",
        HANDLERS,
        data=data.ReferOut,
        guards=MINE,
        clocks=END_ALL,
        effect=effects.refer_out,
        rule="DOMAIN 4.2",
    ),
    # ── handling ──
    Step(
        "survey_site",
        ("accepted",),
        "surveyed",
        HANDLERS,
        data=data.SurveySite,
        guards=MINE,
        effect=effects.survey,
        rule="R-CMP-21",
    ),
    Step(
        "start_handling",
        ("accepted", "surveyed"),
        "in_handling",
        HANDLERS,
        data=data.StartHandling,
        guards=(
            *MINE,
            rule(guards.survey_missing, "R-CMP-21", needs_data=True),
            rule(guards.unknown_handler, "R-CMP-13", needs_data=True),
        ),
        effect=effects.start_handling,
        needs=("accounts",),
        rule="R-CMP-13",
    ),
    Step(
        "postpone",
        ("accepted", "surveyed", "in_handling"),
        "postponed",
        HANDLERS,
        data=data.Postpone,
        guards=(
            *MINE,
            rule(promise.already_postponed, "R-CMP-07"),
            rule(promise.nothing_promised, "R-CMP-06"),
            PROMISE_PAST,
            rule(promise.promise_too_far, "R-CMP-05", needs_data=True),
            BEYOND_LIMIT,
            rule(told.notified_in_future, "R-CMP-06", needs_data=True),
            rule(told.notified_before_report, "R-CMP-06", needs_data=True),
            rule(promise.notified_too_late, "R-SLA-21", needs_data=True),
        ),
        clocks=clocks.POSTPONED,
        effect=effects.postpone,
        rule="R-CMP-06",
    ),
    Step(
        "resume_handling",
        ("postponed",),
        "in_handling",
        HANDLERS,
        data=EventData,
        guards=MINE,
        rule="R-SLA-22",
    ),
    Step(
        "resolve",
        ("in_handling",),
        "resolved",
        HANDLERS,
        data=data.Resolve,
        guards=MINE,
        clocks=clocks.RESOLVED,
        effect=effects.resolve,
        rule="R-CMP-08",
    ),
    # ── answer and satisfaction ──
    Step(
        "reply",
        ("resolved",),
        "replied",
        HANDLERS,
        data=data.Reply,
        guards=(*MINE, rule(guards.signature_missing, "R-CMP-08", needs_data=True)),
        clocks=clocks.REPLIED,
        effect=effects.reply,
        rule="R-CMP-10",
    ),
    Step(
        "record_call",
        ("replied",),
        SAME,
        HANDLERS,
        data=data.RecordCall,
        guards=(rule(holder.not_assigned, "R-CMP-16"),),
        effect=effects.record_call,
        rule="R-CMP-14",
    ),
    Step(
        "confirm",
        ("replied",),
        "confirmed",
        roles(R, D, K, O),
        data=data.Confirm,
        guards=CONFIRM_GUARDS,
        clocks=clocks.CONFIRMED,
        effect=effects.satisfied,
        chooses=lambda s: s.data.get("satisfied") is True,
        then="close",
        rule="R-CMP-03",
    ),
    Step(
        "confirm",
        ("replied",),
        "in_handling",
        roles(R, D, K, O),
        data=data.Confirm,
        guards=CONFIRM_GUARDS,
        clocks=clocks.REFUSED,
        effect=effects.unsatisfied,
        rule="R-CMP-03",
    ),
    Step(
        "close",
        ("confirmed",),
        "closed_satisfied",
        roles(W),
        clocks=END_ALL,
        rule="R-CMP-03",
    ),
    Step(
        "override_close",
        ("in_handling", "postponed", "resolved", "replied"),
        "closed_overridden",
        roles(M, S, X),
        data=ReasonOnly,
        guards=(
            rule(guards.authority_handles, "R-CMP-09"),
            rule(guards.answer_missing, "R-CMP-03"),
            rule(guards.own_answer, "R-CMP-03"),
        ),
        clocks=END_ALL,
        rule="R-CMP-03",
    ),
    # ── the person's other ways ──
    Step(
        "turn_to_authority",
        _UNRESOLVED,
        SAME,
        roles(R, D, K, O),
        data=ReasonOnly,
        guards=(
            rule(guards.already_with_authority, "R-SLA-12"),
            rule(guards.company_has_time, "R-SLA-12"),
        ),
        clocks=clocks.TURNED,
        effect=effects.turn_to_authority,
        rule="R-SLA-12",
    ),
    Step(
        "escalate_to_mediation",
        _PENDING,
        "converted",
        roles(R, D, K, M, O, S),
        data=data.EscalateToMediation,
        guards=(rule(guards.mediation_not_available, "DOMAIN 3B"),),
        clocks=END_ALL,
        effect=effects.escalate_to_mediation,
        rule="DOMAIN 3B",
    ),
    Step(
        "withdraw",
        _PENDING,
        "withdrawn",
        roles(R, D),
        data=ReasonOnly,
        clocks=END_ALL,
        rule="DOMAIN 4.2",
    ),
    # ── beside the flow ──
    Step(
        "hand_over_receiver",
        _PENDING,
        SAME,
        HANDLERS | roles(C, T),
        data=data.HandOver,
        guards=(
            rule(guards.not_first_receiver, "R-CMP-03"),
            rule(guards.already_receiver, "R-CMP-03", needs_data=True),
            UNKNOWN_RECEIVER,
        ),
        effect=effects.hand_over,
        needs=("accounts",),
        rule="R-CMP-03",
    ),
    Step(
        "transfer_discipline",
        names(STATES),
        SAME,
        roles(S),
        data=data.TransferDiscipline,
        guards=(rule(guards.not_transferable, "R-CMP-25"),),
        sealed=("officials", "finding"),
        confidential=DISCIPLINE,
        rule="R-CMP-25",
    ),
    handing_over.row(names(STATES, terminal=False), SAME),
    Step(
        "join_cluster",
        names(STATES),
        SAME,
        roles(W),
        data=data.JoinCluster,
        guards=(rule(guards.already_clustered, "R-CMP-13"),),
        effect=effects.join_cluster,
        rule="R-CMP-13",
    ),
    *plain_lines(STATES, amend=HANDLERS | roles(R), note=roles(C, T), link=roles(D, M, K)),
)

COMPLAINT = sound(
    Workflow(
        kind="complaint",
        collection="complaints",
        prefix="CP",
        version=1,
        states=STATES,
        steps=STEPS,
        clock_names=clocks.CLOCKS,
        create=data.ComplaintFacts,
        editable_facts=frozenset({"location", "votes", "hotline_no", "signature_required"}),
        family="complaint",
        default_profile="CMP-2D",
        variant=complaint_facts.grade,
        links=frozenset({"confirm", "withdraw", "turn_to_authority", "escalate_to_mediation"}),
        lists={"promises": "promises", "answers": "answers"},
        reads=complaint_facts.read,
        example={
            "place": "h-2-101",
            "category": "cmp_cleaning",
            "title": "楼道三天未清扫",
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
            "facts": {"type": "complaint", "origin": "customer", "vendor": "v-clean"},
        },
        event_example={
            "type": "refer_out",
            "expected_version": 1,
            "data": {"reason": "不属物业管理", "advice": "请向交警反映", "to": "交警大队"},
        },
    )
)
