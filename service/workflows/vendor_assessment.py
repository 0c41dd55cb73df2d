"""The vendor assessment: every permitted event of DOMAIN 3C.1, one row each.

# size: one table, read as a whole
"""

from service.core.soundness import sound
from service.core.workflow import BIRTH, SAME, State, Step, Workflow
from service.workflows import approvals, assessment_facts
from service.workflows import assessment_clocks as clocks
from service.workflows import assessment_data as data
from service.workflows import assessment_effects as effects
from service.workflows import assessment_guards as guards
from service.workflows import assignment_guards as who
from service.workflows import exit_data as exits
from service.workflows import exit_effects as leaving
from service.workflows import exit_guards as review
from service.workflows.clock_actions import stop
from service.workflows.event_data import EventData, ReasonOnly, words
from service.workflows.table import K, M, O, R, S, V, W, X, plain_lines, roles, rule

STATES = (
    State("planned"),
    State("collecting"),
    State("tallied"),
    State("objection"),
    State("graded"),
    State("retained", terminal=True),
    State("rectifying"),
    State("exit_review"),
    State("exit_voted"),
    State("handover"),
    State("exited", terminal=True),
    State("kept_on_probation", terminal=True),
    State("void", terminal=True),
)

GRADED_BY = (roles(K), roles(S))
"""Who fixes a grade together (RULINGS 54)."""
CLEARED_BY = (roles(K, S), roles(X))
"""Who clears a vendor from the market: a step of the bureau's (DOMAIN 3C.5)."""

KNOWN_VENDOR = (
    rule(guards.unknown_vendor, "DOMAIN 3C.1", needs_data=True),
    rule(guards.vendor_out_of_area, "DOMAIN 3C.1", needs_data=True),
)
OWN_VENDOR = rule(guards.other_vendor, "RULINGS 5")
GRADE_MAY_BE_FIXED = (
    rule(guards.objection_time_running, "DOMAIN 3C.1"),
    rule(guards.objection_unanswered, "DOMAIN 3C.1"),
    rule(guards.veto_unstated, "R-VEN-23", needs_data=True),
    approvals.missing("fix_grade", GRADED_BY, "RULINGS 54"),
    approvals.same_content("fix_grade", GRADED_BY, ("veto",), "RULINGS 54"),
)
VALID_VOTE = (
    rule(review.exit_appealed, "DOMAIN 3C.3"),
    rule(review.owners_ballot_required, "R-GOV-13", needs_data=True),
    rule(review.committee_resolution_required, "R-GOV-02", needs_data=True),
    rule(review.seats_wrong, "R-GOV-01", needs_data=True),
    rule(review.quorum_missed, "R-GOV-14", needs_data=True),
)
HANDED_OVER = (
    rule(review.handover_incomplete, "DOMAIN 3C.1", needs_data=True),
    rule(review.deposit_unsettled, "DOMAIN 3C.1", needs_data=True),
    rule(review.handover_open_tickets, "DOMAIN 3C.1"),
)


STEPS = (
    # ── cycle ──
    Step(
        "plan",
        (BIRTH,),
        "planned",
        roles(K, O, W),
        data=data.AssessmentBody,
        guards=(*KNOWN_VENDOR, rule(guards.period_missing, "R-VEN-19", needs_data=True)),
        effect=effects.plan,
        needs=("vendor",),
        rule="R-VEN-01",
    ),
    Step(
        "open",
        ("planned",),
        "collecting",
        roles(K, O, W),
        data=data.Open,
        guards=(
            rule(guards.too_short_open, "DOMAIN 3C.1", needs_data=True),
            rule(guards.unknown_elector, "RULINGS 53", needs_data=True),
            rule(guards.elector_elsewhere, "RULINGS 53", needs_data=True),
            rule(guards.unknown_inspector, "DOMAIN 3", needs_data=True),
        ),
        clocks=clocks.OPENED,
        effect=effects.open_vote,
        needs=("accounts", "households"),
        rule="R-VEN-01",
    ),
    Step(
        "grade",
        ("collecting",),
        SAME,
        roles(R),
        data=data.Grade,
        guards=(
            rule(guards.not_elector, "RULINGS 53"),
            rule(guards.collection_closed, "R-GOV-15"),
        ),
        effect=effects.grade,
        sealed=("grade", "words"),
        rule="R-VEN-01",
    ),
    Step(
        "draw_inspection",
        ("collecting",),
        SAME,
        roles(K, O, S),
        data=data.DrawInspection,
        guards=(rule(guards.unknown_inspector, "R-VEN-16", needs_data=True),),
        effect=effects.draw_inspection,
        needs=("accounts",),
        rule="R-VEN-16",
    ),
    Step(
        "score_inspection",
        ("collecting",),
        SAME,
        roles(K, O, S),
        data=data.ScoreInspection,
        guards=(
            rule(guards.not_inspector, "DOMAIN 3", needs_data=True),
            rule(guards.not_drawn, "R-VEN-16", needs_data=True),
            rule(guards.collection_closed, "DOMAIN 3C.1"),
        ),
        effect=effects.score_inspection,
        rule="R-VEN-12",
    ),
    Step(
        "tally",
        ("collecting",),
        "tallied",
        roles(W),
        guards=(rule(guards.collection_running, "DOMAIN 3C.1"),),
        clocks=stop("collect"),
        effect=effects.close_vote,
        needs=("sealed",),
        chooses=assessment_facts.turnout_reached,
        rule="R-VEN-01",
    ),
    Step(
        "tally",
        ("collecting",),
        SAME,
        roles(W),
        guards=(rule(guards.collection_running, "DOMAIN 3C.1"),),
        clocks=clocks.OPENED_AGAIN,
        effect=effects.open_again,
        chooses=lambda s: assessment_facts.of(s).reopened < s.policy.reopenings,
        rule="R-GOV-07",
    ),
    Step(
        "tally",
        ("collecting",),
        "void",
        roles(W),
        guards=(rule(guards.collection_running, "DOMAIN 3C.1"),),
        clocks=stop("collect"),
        rule="R-GOV-07",
    ),
    # ── objection and grade ──
    Step(
        "object",
        ("tallied",),
        "objection",
        roles(V),
        data=data.ObjectTo,
        guards=(OWN_VENDOR, rule(guards.objection_too_late, "DOMAIN 3C.1")),
        clocks=clocks.OBJECTED,
        effect=effects.object_to,
        rule="DOMAIN 3C.1",
    ),
    Step(
        "answer_objection",
        ("objection",),
        SAME,
        roles(K),
        data=data.AnswerObjection,
        guards=(rule(guards.objection_answered, "DOMAIN 3C.1"),),
        effect=effects.answer_objection,
        rule="DOMAIN 3C.1",
    ),
    approvals.step(
        {"fix_grade": (("tallied", "objection"), GRADED_BY)},
        "RULINGS 54",
        content={"veto": words()},
    ),
    Step(
        "fix_grade",
        ("tallied", "objection"),
        "graded",
        roles(K, S),
        data=data.FixGrade,
        guards=GRADE_MAY_BE_FIXED,
        clocks=stop("objection"),
        effect=effects.fix_grade,
        then="retain",
        rule="R-VEN-01",
    ),
    Step(
        "retain",
        ("graded",),
        "retained",
        roles(W),
        guards=(rule(guards.grade_not_satisfied, "R-VEN-02"),),
        effect=effects.retain,
        rule="R-VEN-02",
    ),
    # ── cure ──
    Step(
        "order_rectification",
        ("graded",),
        "rectifying",
        roles(K),
        data=exits.OrderRectification,
        guards=(rule(review.grade_not_basic, "R-VEN-03"),),
        effect=leaving.order_rectification,
        rule="R-VEN-03",
    ),
    Step(
        "cure_passed",
        ("rectifying",),
        "retained",
        roles(W),
        guards=(rule(review.cure_pending, "R-VEN-03"),),
        effect=leaving.cured,
        needs=("caused",),
        rule="R-VEN-03",
    ),
    Step(
        "cure_failed",
        ("rectifying",),
        "exit_review",
        roles(W),
        guards=(rule(review.cure_not_failed, "R-VEN-08"),),
        clocks=clocks.UNDER_REVIEW,
        effect=leaving.start_exit,
        needs=("caused", "cycles"),
        rule="R-VEN-08",
    ),
    # ── exit review ──
    Step(
        "open_exit",
        (BIRTH,),
        "exit_review",
        roles(W),
        data=data.AssessmentBody,
        guards=(*KNOWN_VENDOR, rule(guards.source_missing, "RULINGS 55", needs_data=True)),
        clocks=clocks.UNDER_REVIEW,
        effect=leaving.open_exit,
        needs=("vendor",),
        rule="RULINGS 55",
    ),
    Step(
        "start_exit",
        ("graded",),
        "exit_review",
        roles(K),
        data=EventData,
        guards=(rule(review.exit_not_justified, "R-VEN-04"),),
        clocks=clocks.UNDER_REVIEW,
        effect=leaving.start_exit,
        rule="R-VEN-04",
    ),
    Step(
        "hear",
        ("exit_review",),
        SAME,
        roles(V),
        data=exits.Hear,
        guards=(OWN_VENDOR,),
        effect=leaving.hear,
        rule="DOMAIN 3C.1",
    ),
    Step(
        "appeal_exit",
        ("exit_review",),
        SAME,
        roles(V),
        data=ReasonOnly,
        guards=(OWN_VENDOR, rule(review.exit_already_appealed, "DOMAIN 3C.3")),
        clocks=clocks.APPEALED,
        effect=leaving.appeal,
        rule="DOMAIN 3C.3",
    ),
    Step(
        "appeal_decided",
        ("exit_review",),
        "kept_on_probation",
        roles(S, X),
        data=exits.DecideAppeal,
        guards=(rule(review.no_exit_appeal, "DOMAIN 3C.3"),),
        clocks=clocks.APPEAL_UPHELD,
        effect=leaving.appeal_upheld,
        chooses=lambda s: s.data.get("decision") == "upheld",
        rule="DOMAIN 3C.3",
    ),
    Step(
        "appeal_decided",
        ("exit_review",),
        SAME,
        roles(S, X),
        data=exits.DecideAppeal,
        guards=(rule(review.no_exit_appeal, "DOMAIN 3C.3"),),
        clocks=clocks.APPEAL_DISMISSED,
        effect=leaving.appeal_dismissed,
        rule="DOMAIN 3C.3",
    ),
    Step(
        "vote_exit",
        ("exit_review",),
        "exit_voted",
        roles(K),
        data=exits.VoteExit,
        guards=VALID_VOTE,
        clocks=stop("exit"),
        effect=leaving.vote_passed,
        chooses=review.exit_passes,
        rule="R-VEN-04",
    ),
    Step(
        "vote_exit",
        ("exit_review",),
        "kept_on_probation",
        roles(K),
        data=exits.VoteExit,
        guards=VALID_VOTE,
        clocks=stop("exit"),
        effect=leaving.vote_failed,
        rule="R-VEN-04",
    ),
    # ── hand-over ──
    Step(
        "give_notice",
        ("exit_voted",),
        "handover",
        roles(K),
        data=exits.GiveNotice,
        guards=(
            rule(review.contract_term_missing, "DOMAIN 3C.1", needs_data=True),
            rule(review.notice_too_short, "DOMAIN 3C.1", needs_data=True),
        ),
        clocks=clocks.NOTICE_GIVEN,
        effect=leaving.give_notice,
        rule="R-VEN-04",
    ),
    Step(
        "name_successor",
        ("handover",),
        SAME,
        roles(K, S),
        data=exits.NameSuccessor,
        guards=(
            *KNOWN_VENDOR,
            rule(review.itself_successor, "R-VEN-18", needs_data=True),
            rule(who.vendor_black_listed, "R-VEN-08", needs_data=True),
            rule(who.market_exit, "R-VEN-15", needs_data=True),
        ),
        effect=leaving.name_successor,
        needs=("vendor",),
        rule="R-VEN-18",
    ),
    Step(
        "leave_without_handover",
        ("handover",),
        SAME,
        roles(K),
        data=exits.LeftWithoutHandover,
        guards=(rule(review.already_left, "R-VEN-08"),),
        effect=leaving.leave_without_handover,
        rule="R-VEN-08",
    ),
    approvals.step({"finish_handover": (("handover",), CLEARED_BY)}, "R-VEN-15"),
    Step(
        "finish_handover",
        ("handover",),
        "exited",
        roles(K, S, X),
        data=exits.Handover,
        guards=(
            *HANDED_OVER,
            rule(review.not_serious, "R-VEN-15"),
            approvals.missing("finish_handover", CLEARED_BY, "R-VEN-15"),
        ),
        clocks=stop("notice"),
        effect=leaving.clear_from_market,
        needs=("open_tickets",),
        chooses=lambda s: bool(s.data.get("market_exit")),
        rule="R-VEN-15",
    ),
    Step(
        "finish_handover",
        ("handover",),
        "exited",
        roles(K, S),
        data=exits.Handover,
        guards=(
            *HANDED_OVER,
            rule(review.market_exit_undecided, "R-VEN-15", needs_data=True),
        ),
        clocks=stop("notice"),
        effect=leaving.finish_handover,
        needs=("open_tickets",),
        rule="R-VEN-04",
    ),
    *plain_lines(STATES, amend=roles(K, O, S), note=roles(V, M, X), link=roles(K, O)),
)


VENDOR_ASSESSMENT = sound(
    Workflow(
        kind="vendor_assessment",
        collection="vendor-assessments",
        prefix="VA",
        version=1,
        states=STATES,
        steps=STEPS,
        clock_names=clocks.CLOCKS,
        create=data.AssessmentFacts,
        on_due={"collect": "tally"},
        family="assessment",
        default_profile="ASSESS-DEFAULT",
        links=frozenset({"grade"}),
        about_assignee=True,
        linked="electors",
        linkable=assessment_facts.votes_by_link,
        lists={"findings": "findings", "inspections": "inspections", "votes": "votes"},
        reads=assessment_facts.read,
        example={
            "place": "lotus",
            "category": "line_cleaning",
            "title": "保洁第三季度测评",
            "reporter": {"channel": "desk"},
            "facts": {
                "vendor": "v-clean",
                "period": {"from": "2026-07-01", "to": "2026-09-30", "cycle": "quarterly"},
                "electorate_kind": "household",
            },
        },
        event_example={
            "type": "open",
            "expected_version": 1,
            "data": {"electors": ["h-2-101", "h-2-102"]},
        },
    )
)
