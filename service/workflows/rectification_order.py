"""The rectification order: every permitted event of DOMAIN 3C.2, one row each.

# size: one table, read as a whole
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.core.soundness import sound
from service.core.workflow import BIRTH, SAME, State, Step, Workflow
from service.workflows import approvals, rectification_facts
from service.workflows import penalty_effects as penalty
from service.workflows import penalty_guards as measures
from service.workflows import rectification_clocks as clocks
from service.workflows import rectification_data as data
from service.workflows import rectification_effects as effects
from service.workflows import rectification_guards as guards
from service.workflows import reinspection_effects as reinspection
from service.workflows.event_data import body_of
from service.workflows.rectification_guards import INSPECTORS
from service.workflows.table import D, K, M, S, V, W, X, names, plain_lines, roles, rule

STATES = (
    State("found"),
    State("circulated"),
    State("issued"),
    State("acknowledged"),
    State("in_rectification"),
    State("evidence_submitted"),
    State("reinspecting"),
    State("overdue"),
    State("failed"),
    State("penalized"),
    State("closed_passed", terminal=True),
    State("closed_withdrawn", terminal=True),
    State("closed_exit", terminal=True),
)
_CURING = ("issued", "acknowledged", "in_rectification")
_NOTIFIED = tuple(n for n in names(STATES) if n not in ("found", "circulated"))
_NOTICE_OPEN = tuple(n for n in names(STATES, terminal=False) if n in _NOTIFIED)
_UNCURED = ("failed", "overdue")

# The desk records what a body outside the service says (RULINGS 4).
SUBJECT = roles(V, D)
ISSUERS = roles(K, S, X)
OWN = rule(guards.not_subject, "RULINGS 53")
ISSUER = rule(guards.not_issuer, "RULINGS 53")
OTHER_EYES = rule(guards.evidence_filer, "R-VEN-05")
ITEMS = rule(guards.unknown_item, "R-VEN-05", needs_data=True)
DATED = (
    rule(guards.deadline_past, "R-SLA-17", needs_data=True),
    rule(guards.deadline_too_far, "R-SLA-17", needs_data=True),
)
EXTENSION = (
    rule(guards.already_extended, "R-SLA-20"),
    rule(guards.never_for_immediate, "R-SLA-17"),
    rule(guards.cure_suspended, "R-SLA-17"),
    rule(guards.extension_not_later, "R-SLA-17", needs_data=True),
    rule(guards.extension_too_long, "R-SLA-17", needs_data=True),
)
AFFORDABLE = rule(measures.deduction_exceeds_deposit, "R-FIN-03", needs_data=True)

_APPROVE_PASS = approvals.step({"pass": (("reinspecting",), (INSPECTORS,))}, "RULINGS 54")
_APPROVE_PENALTY = approvals.step({"penalize": (_UNCURED, (ISSUERS,))}, "RULINGS 54")


def _grade(row: Mapping[str, Any]) -> str:
    found: str = row["facts"]["grade"]
    return found


STEPS = (
    # ── finding and notice ──
    Step(
        "record",
        (BIRTH,),
        "found",
        INSPECTORS | {W},
        data=body_of(data.RectificationFacts),
        guards=(
            rule(guards.unknown_vendor, "R-VEN-05", needs_data=True),
            rule(guards.wrong_subject, "R-VEN-24", needs_data=True),
        ),
        effect=effects.record,
        needs=("vendor",),
        rule="R-VEN-05",
    ),
    Step(
        "circulate",
        ("found",),
        "circulated",
        ISSUERS,
        data=data.Circulate,
        effect=effects.circulate,
        rule="R-VEN-05",
    ),
    Step(
        "issue_notice",
        ("found", "circulated"),
        "issued",
        ISSUERS,
        data=data.IssueNotice,
        guards=DATED,
        clocks=clocks.ISSUED,
        effect=effects.issue_notice,
        rule="R-VEN-06",
    ),
    Step(
        "acknowledge",
        ("issued",),
        "acknowledged",
        SUBJECT,
        data=data.Acknowledge,
        guards=(OWN,),
        clocks=clocks.SERVED,
        effect=effects.acknowledge,
        rule="R-VEN-05",
    ),
    Step(
        "deem_served",
        ("issued",),
        "acknowledged",
        roles(W),
        guards=(rule(guards.ack_not_overdue, "R-SLA-17"),),
        clocks=clocks.SERVED,
        effect=effects.deem_served,
        rule="R-SLA-17",
    ),
    Step(
        "dispute_notice",
        ("issued", "acknowledged"),
        SAME,
        SUBJECT,
        data=data.DisputeNotice,
        guards=(
            OWN,
            rule(guards.already_disputed, "DOMAIN 3C.2"),
            rule(guards.dispute_too_late, "DOMAIN 3C.2"),
        ),
        clocks=clocks.DISPUTED,
        effect=effects.dispute_notice,
        rule="DOMAIN 3C.2",
    ),
    Step(
        "answer_dispute",
        _NOTICE_OPEN,
        SAME,
        ISSUERS,
        data=data.AnswerDispute,
        guards=(ISSUER, rule(guards.no_dispute, "DOMAIN 3C.2")),
        clocks=clocks.ANSWERED,
        effect=effects.answer_dispute,
        rule="DOMAIN 3C.2",
    ),
    Step(
        "withdraw_notice",
        _CURING,
        "closed_withdrawn",
        roles(S, X),
        data=data.ReasonOnly,
        guards=(rule(guards.not_superior, "RULINGS 53"),),
        clocks=clocks.WITHDRAWN,
        rule="RULINGS 53",
    ),
    # ── cure ──
    Step(
        "start",
        ("acknowledged",),
        "in_rectification",
        SUBJECT,
        data=data.EventData,
        guards=(OWN,),
        rule="R-VEN-05",
    ),
    Step(
        "request_extension",
        ("acknowledged", "in_rectification"),
        SAME,
        SUBJECT,
        data=data.Extension,
        guards=(OWN, rule(guards.deadline_passed, "R-SLA-21"), *EXTENSION),
        effect=effects.request_extension,
        rule="R-SLA-17",
    ),
    Step(
        "extend",
        ("acknowledged", "in_rectification"),
        SAME,
        ISSUERS,
        data=data.Extension,
        guards=(ISSUER, rule(guards.extension_not_requested, "R-SLA-21"), *EXTENSION),
        clocks=clocks.EXTENDED,
        effect=effects.extend,
        rule="R-SLA-17",
    ),
    Step(
        "suspend_cure",
        _CURING,
        SAME,
        ISSUERS,
        data=data.SuspendCure,
        guards=(ISSUER, rule(guards.cure_suspended, "R-SLA-23")),
        clocks=clocks.SUSPENDED,
        effect=effects.suspend_cure,
        rule="R-SLA-23",
    ),
    Step(
        "resume_cure",
        _CURING,
        SAME,
        ISSUERS,
        data=data.EventData,
        guards=(ISSUER, rule(guards.not_suspended, "R-SLA-23")),
        clocks=clocks.RESUMED,
        effect=effects.resume_cure,
        rule="R-SLA-23",
    ),
    Step(
        "expire",
        _CURING,
        "overdue",
        roles(W),
        guards=(rule(guards.not_overdue, "R-SLA-17"),),
        clocks=clocks.EXPIRED,
        effect=effects.expire,
        rule="R-SLA-17",
    ),
    Step(
        "submit_evidence",
        ("in_rectification", "overdue"),
        "evidence_submitted",
        SUBJECT,
        data=data.SubmitEvidence,
        guards=(OWN, ITEMS, rule(guards.item_without_evidence, "R-VEN-05", needs_data=True)),
        clocks=clocks.FILED,
        effect=reinspection.submit_evidence,
        rule="R-VEN-05",
    ),
    # ── re-inspection ──
    Step(
        "reinspect",
        ("evidence_submitted",),
        "reinspecting",
        INSPECTORS,
        data=data.EventData,
        guards=(OTHER_EYES,),
        effect=reinspection.reinspect,
        rule="R-VEN-05",
    ),
    Step(
        "check_items",
        ("reinspecting",),
        SAME,
        INSPECTORS,
        data=data.CheckItems,
        guards=(OTHER_EYES, ITEMS),
        effect=reinspection.check_items,
        rule="R-VEN-05",
    ),
    Step(
        "flag_false_evidence",
        ("reinspecting",),
        SAME,
        ISSUERS,
        data=data.FlagFalseEvidence,
        guards=(
            OTHER_EYES,
            ITEMS,
            rule(guards.already_flagged, "R-VEN-09", needs_data=True),
        ),
        effect=reinspection.flag_false_evidence,
        rule="R-VEN-09",
    ),
    replace(_APPROVE_PASS, guards=(*_APPROVE_PASS.guards, OTHER_EYES)),
    Step(
        "pass",
        ("reinspecting",),
        "closed_passed",
        INSPECTORS,
        data=data.Verdict,
        guards=(
            OTHER_EYES,
            ITEMS,
            rule(guards.item_not_passed, "R-VEN-05", needs_data=True),
            rule(guards.approval_missing, "RULINGS 54"),
            rule(guards.approval_for_other_content, "RULINGS 54", needs_data=True),
        ),
        clocks=clocks.PASSED,
        effect=reinspection.strike_off,
        rule="R-VEN-05",
    ),
    Step(
        "fail",
        ("reinspecting",),
        "failed",
        INSPECTORS,
        data=data.Verdict,
        guards=(
            OTHER_EYES,
            ITEMS,
            rule(guards.item_not_checked, "R-VEN-05", needs_data=True),
            rule(guards.no_failed_item, "R-VEN-05", needs_data=True),
        ),
        clocks=clocks.FAILED,
        effect=reinspection.fail,
        rule="R-VEN-05",
    ),
    # ── penalty, next cycle, exit ──
    Step(
        "propose_penalty",
        _UNCURED,
        SAME,
        ISSUERS,
        data=data.ProposePenalty,
        guards=(
            rule(measures.no_such_step, "R-VEN-08", needs_data=True),
            rule(measures.step_skipped, "R-VEN-08", needs_data=True),
            AFFORDABLE,
        ),
        effect=penalty.propose_penalty,
        needs=("deposit",),
        rule="R-VEN-08",
    ),
    _APPROVE_PENALTY,
    Step(
        "penalize",
        _UNCURED,
        "penalized",
        ISSUERS,
        data=data.EventData,
        guards=(
            rule(measures.no_proposal, "R-VEN-08"),
            rule(measures.approval_missing, "R-FIN-02"),
            rule(measures.deduction_exceeds_deposit, "R-FIN-03"),
        ),
        clocks=clocks.PENALIZED,
        effect=penalty.penalize,
        needs=("deposit",),
        rule="R-VEN-08",
    ),
    Step(
        "object_deduction",
        _NOTIFIED,
        SAME,
        SUBJECT,
        data=data.ObjectDeduction,
        guards=(
            OWN,
            rule(measures.no_deduction, "R-FIN-02"),
            rule(measures.already_objected, "R-FIN-02"),
            rule(measures.objection_too_late, "R-FIN-02"),
        ),
        effect=penalty.object_deduction,
        rule="R-FIN-02",
    ),
    Step(
        "record_top_up",
        _NOTIFIED,
        SAME,
        ISSUERS,
        data=data.RecordTopUp,
        guards=(rule(measures.nothing_to_top_up, "R-FIN-01"),),
        clocks=clocks.TOPPED_UP,
        effect=penalty.record_top_up,
        needs=("deposit",),
        rule="R-FIN-01",
    ),
    Step(
        "reissue",
        ("penalized", "failed"),
        "issued",
        ISSUERS,
        data=data.Reissue,
        guards=(ISSUER, *DATED),
        clocks=clocks.ISSUED,
        effect=effects.reissue,
        rule="R-SLA-17",
    ),
    Step(
        "to_exit",
        ("penalized",),
        "closed_exit",
        roles(K, S),
        data=data.ReasonOnly,
        guards=(rule(measures.too_few_cycles, "R-VEN-08"),),
        clocks=clocks.EXITED,
        effect=penalty.to_exit,
        rule="R-VEN-08",
    ),
    *plain_lines(STATES, amend=INSPECTORS, note=roles(V, D, M), link=ISSUERS | roles(D)),
)

RECTIFICATION_ORDER = sound(
    Workflow(
        kind="rectification_order",
        collection="rectification-orders",
        prefix="RC",
        version=1,
        states=STATES,
        steps=STEPS,
        clock_names=clocks.CLOCKS,
        create=data.RectificationFacts,
        editable_facts=frozenset({"legal_basis"}),
        standing=guards.acts_as,
        on_due={"ack_notice": "deem_served", "cure": "expire"},
        family="rectification",
        default_profile="RECT-DEFAULT",
        variant=_grade,
        links=frozenset({"acknowledge", "dispute_notice", "start", "submit_evidence"}),
        about_assignee=True,
        lists={"findings": "items"},
        reads=rectification_facts.read,
        example={
            "place": "lotus",
            "category": "rect_service",
            "title": "垃圾清运不及时",
            "reporter": {"channel": "desk"},
            "facts": {
                "subject": "vendor",
                "vendor": "v-clean",
                "grade": "ordinary",
                "items": [{"what": "垃圾桶满溢", "where": "2幢垃圾房"}],
            },
        },
        event_example={
            "type": "issue_notice",
            "expected_version": 1,
            "data": {"legal_basis": "合同4.2", "penalty_warning": "扣保证金"},
        },
    )
)
