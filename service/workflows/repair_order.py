"""The repair order: every permitted event of DOMAIN 3A.2, one row each.

# size: one table, read as a whole
"""

from service.core.actors import Actor, Role
from service.core.soundness import sound
from service.core.workflow import ADD_NOTE, AMEND, BIRTH, SAME, State, Step, TicketView, Workflow
from service.workflows import assignment_effects as holds
from service.workflows import assignment_guards as who
from service.workflows import closing_effects as closing
from service.workflows import promise_guards as promise
from service.workflows import repair_clocks as clocks
from service.workflows import repair_data as data
from service.workflows import repair_effects as effects
from service.workflows import repair_facts
from service.workflows import repair_guards as guards
from service.workflows import work_data as work
from service.workflows.repair_guards import rule

R, D, C, V = Role.RESIDENT, Role.DISPATCHER, Role.CREW, Role.VENDOR_MANAGER
M, S, K, W = Role.MANAGER, Role.STREET_OFFICER, Role.COMMITTEE, Role.SYSTEM
OFFICERS = frozenset({Role.COMMUNITY_OFFICER, S, Role.DISTRICT_OFFICER})

STATES = (
    State("draft"),
    State("submitted"),
    State("accepted"),
    State("assigned"),
    State("en_route"),
    State("on_site"),
    State("in_progress"),
    State("waiting_parts"),
    State("awaiting_resident"),
    State("awaiting_fund"),
    State("postponed"),
    State("completed"),
    State("awaiting_confirmation"),
    State("rework"),
    State("closed", terminal=True),
    State("referred", terminal=True),
    State("merged", terminal=True),
    State("cancelled", terminal=True),
)
_ALL = tuple(state.name for state in STATES)
_OPEN = tuple(state.name for state in STATES if not state.terminal)
_REPORTED = tuple(name for name in _OPEN if name != "draft")

NOT_ASSIGNED = rule(guards.not_assigned, "RULINGS 4")
SAFE_FIRST = rule(guards.danger_not_removed, "RULINGS 12")
CAPABLE = (
    rule(who.unknown_crew, "R-REP-18", needs_data=True),
    rule(who.unknown_vendor, "R-REP-56", needs_data=True),
    rule(who.place_out_of_area, "R-REP-18", needs_data=True),
    rule(who.skill_missing, "R-REP-18", needs_data=True),
    rule(who.off_shift, "R-REP-18", needs_data=True),
    rule(who.certificate_missing, "R-REP-44", needs_data=True),
    rule(who.certificate_expired, "R-REP-44", needs_data=True),
    rule(who.vendor_black_listed, "R-VEN-08", needs_data=True),
    rule(who.market_exit, "R-VEN-08", needs_data=True),
)
IN_POOL = (
    rule(who.not_urgent_enough, "R-REP-15"),
    rule(who.unknown_vendor, "R-REP-15", needs_data=True),
    rule(who.not_in_pool, "R-REP-15", needs_data=True),
    rule(who.pool_not_valid, "R-REP-16", needs_data=True),
    rule(who.place_out_of_area, "R-REP-15", needs_data=True),
    rule(who.skill_missing, "R-REP-16", needs_data=True),
    rule(who.no_capacity, "R-REP-16", needs_data=True),
    rule(who.vendor_black_listed, "R-VEN-08", needs_data=True),
    rule(who.market_exit, "R-VEN-08", needs_data=True),
)
DUPLICATE = (
    rule(guards.unknown_ticket, "DOMAIN 3A.2", needs_data=True),
    rule(guards.itself, "DOMAIN 3A.2", needs_data=True),
    rule(guards.master_closed, "DOMAIN 3A.2", needs_data=True),
    rule(guards.different_place, "DOMAIN 3A.2", needs_data=True),
    rule(guards.different_category, "DOMAIN 3A.2", needs_data=True),
    rule(guards.merge_too_old, "DOMAIN 3A.2", needs_data=True),
)
FUND_PROOF = (
    rule(guards.fund_application_decides, "RULINGS 14"),
    rule(guards.document_missing, "RULINGS 14", needs_data=True),
)
REVISIT_DUE = rule(promise.no_revisit_due, "R-REP-26")


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


STEPS = (
    # ── intake ──
    Step(
        "capture",
        (BIRTH,),
        "draft",
        _roles(R, C),
        data=data.OrderBody,
        effect=effects.open_order,
        rule="R-REP-17",
    ),
    Step(
        "submit",
        (BIRTH,),
        "submitted",
        _roles(R, D, C, K),
        data=data.OrderBody,
        clocks=(clocks.start_opened("ack"),),
        effect=effects.open_order,
        rule="R-REP-01",
    ),
    Step(
        "submit",
        ("draft",),
        "submitted",
        _roles(R, D, C, K),
        data=data.DraftCompletion,
        guards=(rule(guards.contact_missing, "R-REP-17"),),
        clocks=(clocks.start_opened("ack"),),
        effect=effects.submit_draft,
        rule="R-REP-01",
    ),
    Step(
        "merge",
        ("submitted", "accepted", "assigned"),
        "merged",
        _roles(D),
        data=data.Merge,
        guards=DUPLICATE,
        clocks=clocks.END_ALL,
        effect=effects.follow_master,
        needs=("master",),
        rule="DOMAIN 3A.2",
    ),
    Step(
        "absorb",
        _REPORTED,
        SAME,
        _roles(W),
        data=data.Absorb,
        guards=(rule(guards.unknown_ticket, "RULINGS 7", needs_data=True),),
        clocks=clocks.REBASED,
        effect=effects.absorb,
        needs=("master", "followers"),
        rule="RULINGS 7",
    ),
    Step(
        "accept",
        ("submitted",),
        "accepted",
        _roles(D),
        data=data.Accept,
        guards=(
            rule(guards.unknown_category, "R-REP-18", needs_data=True),
            rule(guards.named_person_missing, "R-REP-54", needs_data=True),
        ),
        clocks=clocks.ACCEPTED,
        effect=effects.triage,
        rule="R-REP-18",
    ),
    Step(
        "refer_out",
        ("submitted", "accepted", "on_site"),
        "referred",
        _roles(D, C),
        data=data.ReferOut,
        guards=(
            NOT_ASSIGNED,
            rule(guards.unknown_utility, "R-REP-11", needs_data=True),
            rule(guards.utility_phone_required, "R-REP-11", needs_data=True),
        ),
        clocks=clocks.END_ALL,
        effect=effects.refer_out,
        needs=("utility",),
        rule="R-REP-10",
    ),
    # ── assignment ──
    Step(
        "assign",
        ("accepted", "rework"),
        "assigned",
        _roles(D),
        data=data.Assign,
        guards=(*CAPABLE, rule(who.price_not_shown, "R-REP-13", needs_data=True)),
        clocks=clocks.stop("dispatch"),
        effect=holds.assign,
        needs=("crew", "vendor"),
        rule="R-REP-19",
    ),
    Step(
        "pick_pool_contractor",
        ("accepted", "waiting_parts"),
        "assigned",
        _roles(S),
        data=data.PickPoolContractor,
        guards=IN_POOL,
        clocks=clocks.PICKED,
        effect=holds.pick,
        needs=("vendor", "pool"),
        rule="R-REP-15",
    ),
    Step(
        "pass_over",
        ("assigned",),
        SAME,
        _roles(W),
        guards=(
            rule(who.not_picked, "RULINGS 4"),
            rule(promise.answer_not_due, "RULINGS 4"),
            rule(who.no_candidate_left, "RULINGS 4"),
        ),
        clocks=(clocks.start("pool_answer"),),
        effect=holds.pass_over,
        needs=("pool",),
        rule="RULINGS 4",
    ),
    Step(
        "reassign",
        ("assigned", "en_route", "on_site", "waiting_parts"),
        "assigned",
        _roles(D, M),
        data=data.Reassign,
        guards=CAPABLE,
        clocks=clocks.REASSIGNED,
        effect=holds.reassign,
        needs=("crew", "vendor"),
        rule="R-REP-18",
    ),
    Step(
        "reject_assignment",
        ("assigned",),
        "accepted",
        _roles(C),
        data=data.ReasonOnly,
        guards=(NOT_ASSIGNED,),
        clocks=clocks.REJECTED,
        effect=holds.reject,
        rule="DOMAIN 3A.2",
    ),
    Step(
        "take",
        ("assigned",),
        "en_route",
        _roles(C),
        data=data.Take,
        guards=(NOT_ASSIGNED,),
        clocks=clocks.stop("pool_answer"),
        effect=effects.take,
        rule="R-REP-19",
    ),
    # ── arrival and access ──
    Step(
        "waive_arrival",
        ("assigned", "en_route"),
        SAME,
        _roles(D),
        data=data.WaiveArrival,
        guards=(
            rule(guards.already_waived, "R-REP-37"),
            rule(guards.arrival_overdue, "R-REP-37"),
            rule(guards.consent_in_future, "R-REP-37", needs_data=True),
            rule(guards.new_time_past, "R-REP-37", needs_data=True),
        ),
        clocks=clocks.WAIVED,
        effect=effects.waive_arrival,
        rule="R-REP-37",
    ),
    Step(
        "arrive",
        ("assigned", "en_route"),
        "on_site",
        _roles(C, D),
        data=data.Arrive,
        guards=(NOT_ASSIGNED, rule(guards.arrival_proof_missing, "R-REP-07", needs_data=True)),
        clocks=clocks.ARRIVED,
        effect=effects.arrive,
        rule="R-REP-07",
    ),
    Step(
        "no_access",
        ("on_site",),
        "awaiting_resident",
        _roles(C),
        data=data.NoAccess,
        guards=(NOT_ASSIGNED, SAFE_FIRST),
        clocks=clocks.LEAVE_SITE,
        effect=effects.no_access,
        rule="R-SLA-23",
    ),
    Step(
        "resume",
        ("awaiting_resident",),
        "assigned",
        _roles(R, D),
        data=data.Resume,
        guards=(rule(guards.visit_past, "R-SLA-23", needs_data=True),),
        clocks=clocks.RESUMED,
        effect=effects.resume,
        rule="R-SLA-23",
    ),
    # ── on site ──
    Step(
        "diagnose",
        ("on_site",),
        SAME,
        _roles(C),
        data=work.Diagnose,
        guards=(NOT_ASSIGNED,),
        clocks=clocks.LEAVE_SITE,
        effect=effects.diagnose,
        rule="R-REP-29",
    ),
    Step(
        "make_safe",
        ("on_site", "in_progress", "waiting_parts"),
        SAME,
        _roles(C),
        data=work.MakeSafe,
        guards=(NOT_ASSIGNED,),
        clocks=clocks.stop("make_safe"),
        effect=effects.make_safe,
        rule="R-REP-07",
    ),
    Step(
        "start_work",
        ("on_site",),
        "in_progress",
        _roles(C),
        data=work.StartWork,
        guards=(
            NOT_ASSIGNED,
            SAFE_FIRST,
            rule(guards.fund_decision_missing, "R-REP-34"),
            rule(guards.price_not_accepted, "R-REP-13", needs_data=True),
            rule(guards.confined_space_checks_missing, "RULINGS 41", needs_data=True),
        ),
        clocks=clocks.LEAVE_SITE,
        effect=effects.start_work,
        rule="R-REP-49",
    ),
    Step(
        "request_parts",
        ("on_site", "in_progress"),
        "waiting_parts",
        _roles(C),
        data=work.RequestParts,
        guards=(NOT_ASSIGNED,),
        clocks=clocks.LEAVE_SITE,
        effect=effects.request_parts,
        rule="R-SLA-23",
    ),
    Step(
        "parts_ready",
        ("waiting_parts",),
        "in_progress",
        _roles(C, D),
        data=data.EventData,
        guards=(NOT_ASSIGNED,),
        rule="R-SLA-23",
    ),
    # ── fund ──
    Step(
        "need_fund",
        ("accepted", "on_site"),
        "awaiting_fund",
        _roles(C, M),
        data=work.NeedFund,
        guards=(
            NOT_ASSIGNED,
            SAFE_FIRST,
            rule(guards.not_common_part, "R-REP-12"),
            rule(guards.not_major, "R-REP-34"),
        ),
        clocks=clocks.FUND_NEEDED,
        effect=effects.need_fund,
        rule="R-REP-34",
    ),
    Step(
        "fund_decided",
        ("awaiting_fund",),
        "referred",
        _roles(W, K, M),
        data=work.FundDecided,
        guards=FUND_PROOF,
        clocks=clocks.END_ALL,
        effect=effects.fund_refused,
        chooses=lambda s: s.data.get("decision") == "refused",
        rule="RULINGS 14",
    ),
    Step(
        "fund_decided",
        ("awaiting_fund",),
        "assigned",
        _roles(W, K, M),
        data=work.FundDecided,
        guards=FUND_PROOF,
        effect=effects.fund_approved,
        chooses=lambda s: s.ticket is not None and s.ticket.assignee is not None,
        rule="RULINGS 14",
    ),
    # Asked for before anybody was assigned: the desk assigns now. DOMAIN 3A.2 says
    # "assigned", but an assigned order that nobody holds could never be moved.
    Step(
        "fund_decided",
        ("awaiting_fund",),
        "accepted",
        _roles(W, K, M),
        data=work.FundDecided,
        guards=FUND_PROOF,
        clocks=(clocks.start("dispatch"),),
        effect=effects.fund_approved,
        rule="RULINGS 14",
    ),
    # ── the one postponement ──
    Step(
        "report_cannot_finish",
        ("on_site", "in_progress", "waiting_parts"),
        "postponed",
        _roles(C, M),
        data=work.ReportCannotFinish,
        guards=(
            NOT_ASSIGNED,
            SAFE_FIRST,
            rule(promise.already_postponed, "R-SLA-20"),
            rule(promise.promise_past, "R-SLA-20", needs_data=True),
            rule(promise.promise_too_far, "R-SLA-20", needs_data=True),
            rule(promise.notified_in_future, "R-REP-03", needs_data=True),
            rule(promise.notified_before_report, "R-REP-03", needs_data=True),
            rule(promise.warning_required, "R-REP-04", needs_data=True),
        ),
        clocks=clocks.POSTPONED,
        effect=effects.postpone,
        rule="R-REP-03",
    ),
    Step(
        "resume_work",
        ("postponed",),
        "in_progress",
        _roles(C),
        data=data.EventData,
        guards=(NOT_ASSIGNED,),
        rule="R-SLA-22",
    ),
    # ── completion and confirmation ──
    Step(
        "complete_work",
        ("in_progress",),
        "completed",
        _roles(C),
        data=work.CompleteWork,
        guards=(
            NOT_ASSIGNED,
            SAFE_FIRST,
            rule(guards.site_not_clean, "R-REP-45", needs_data=True),
            rule(guards.warning_not_removed, "R-REP-04", needs_data=True),
        ),
        clocks=clocks.COMPLETED,
        effect=closing.complete,
        then="request_confirmation",
        rule="R-REP-21",
    ),
    Step(
        "request_confirmation",
        ("completed",),
        "awaiting_confirmation",
        _roles(W),
        clocks=(clocks.start("confirm"),),
        rule="R-REP-25",
    ),
    Step(
        "confirm",
        ("awaiting_confirmation",),
        "closed",
        _roles(R, K, M),
        data=work.Confirm,
        guards=(rule(guards.common_part_only, "R-REP-25"),),
        clocks=clocks.stop("confirm"),
        effect=closing.confirm,
        then="revisit_draw",
        rule="R-REP-25",
    ),
    Step(
        "auto_confirm",
        ("awaiting_confirmation",),
        "closed",
        _roles(W),
        guards=(
            rule(promise.never_for_emergency, "RULINGS 12"),
            rule(promise.too_early, "R-REP-25"),
        ),
        clocks=clocks.stop("confirm"),
        effect=closing.auto_confirm,
        then="revisit_draw",
        rule="R-REP-25",
    ),
    Step(
        "refuse_confirmation",
        ("awaiting_confirmation",),
        "rework",
        _roles(R),
        data=data.ReasonOnly,
        clocks=(*clocks.stop("confirm"), *clocks.REWORKED),
        effect=closing.rework,
        rule="R-REP-25",
    ),
    # ── revisit ──
    Step(
        "revisit_draw",
        ("closed",),
        SAME,
        _roles(W),
        data=work.RevisitDraw,
        guards=(
            rule(promise.already_drawn, "RULINGS 3"),
            rule(promise.not_sampled, "RULINGS 3", needs_data=True),
        ),
        clocks=(clocks.start("revisit"),),
        effect=closing.revisit_draw,
        rule="R-REP-26",
    ),
    Step(
        "revisit_call",
        ("closed",),
        SAME,
        _roles(D),
        data=work.RevisitCall,
        guards=(REVISIT_DUE,),
        clocks=clocks.UNREACHABLE,
        effect=closing.revisit_called,
        rule="RULINGS 3",
    ),
    Step(
        "revisit_ok",
        ("closed",),
        SAME,
        _roles(D),
        data=work.RevisitOk,
        guards=(REVISIT_DUE,),
        clocks=clocks.stop("revisit"),
        effect=closing.revisit_ok,
        rule="R-REP-26",
    ),
    Step(
        "revisit_fail",
        ("closed",),
        "rework",
        _roles(D),
        data=work.RevisitFail,
        guards=(REVISIT_DUE,),
        clocks=(*clocks.stop("revisit"), *clocks.REWORKED),
        effect=closing.revisit_failed,
        reopens=True,
        rule="R-REP-26",
    ),
    Step(
        "reopen",
        ("closed",),
        "rework",
        _roles(R, K, D),
        data=data.ReasonOnly,
        guards=(rule(promise.reopen_too_late, "R-REP-26"),),
        clocks=(clocks.end("revisit"), *clocks.REWORKED),
        effect=closing.rework,
        reopens=True,
        rule="R-REP-26",
    ),
    # ── withdrawal ──
    Step(
        "cancel",
        ("draft", "submitted", "accepted", "assigned", "awaiting_resident"),
        "cancelled",
        _roles(R, D),
        data=data.ReasonOnly,
        guards=(
            rule(guards.danger_on_site, "DOMAIN 3A.2"),
            rule(guards.too_few_visits, "DOMAIN 3A.2"),
        ),
        clocks=clocks.END_ALL,
        needs=("no_access_times",),
        rule="DOMAIN 3A.2",
    ),
    Step(
        "convert",
        ("submitted", "accepted"),
        "cancelled",
        _roles(D),
        data=data.Convert,
        guards=(rule(guards.kind_not_available, "DOMAIN 3A.2", needs_data=True),),
        clocks=clocks.END_ALL,
        effect=effects.convert,
        rule="DOMAIN 3A.2",
    ),
    # ── lines that move nothing ──
    Step(
        AMEND,
        _OPEN,
        SAME,
        _roles(R, D, C, M, K, *OFFICERS),
        rule="RULINGS 2",
    ),
    Step(
        ADD_NOTE,
        _ALL,
        SAME,
        _roles(R, D, C, V, M, K, *OFFICERS),
        data=data.AddNote,
        rule="RULINGS 2",
    ),
)


def standing(actor: Actor, ticket: TicketView | None) -> frozenset[Role]:
    """Return in which roles an actor acts (ruling 4).

    On a reported order a vendor's manager acts as crew too; whether it is the assigned
    vendor's is a guard. The desk acts as crew for bodies outside the service.
    """
    if actor.role is V:
        reported = ticket is not None and ticket.state not in (BIRTH, "draft")
        return frozenset({V, C} if reported else {V})
    outside = ticket is not None and ticket.assignee is not None and ticket.assignee.outside_body
    if actor.role is D and outside:
        return frozenset({D, C})
    return frozenset({actor.role})


REPAIR_ORDER = sound(
    Workflow(
        kind="repair_order",
        collection="repair-orders",
        prefix="RO",
        version=1,
        states=STATES,
        steps=STEPS,
        clock_names=clocks.CLOCKS,
        create=data.OrderFacts,
        editable_facts=frozenset({"location", "access_note", "call_log", "asset"}),
        standing=standing,
        on_breach={"confirm": "auto_confirm", "pool_answer": "pass_over"},
        reads=repair_facts.read,
    )
)
