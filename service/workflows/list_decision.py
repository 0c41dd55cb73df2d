"""The red and the black list: proposed, heard, decided by the bureau, valid for a year.

Red comes first when a successor is picked; black gets no assignment (DOMAIN 3C.4).

# size: one table, read as a whole
"""

from service.core.soundness import sound
from service.core.workflow import BIRTH, SAME, ClockAction, State, Step, Workflow
from service.workflows import assessment_guards as who
from service.workflows import list_data as data
from service.workflows import list_rules as rules
from service.workflows.event_data import ReasonOnly
from service.workflows.table import K, M, O, S, V, W, X, plain_lines, roles, rule

STATES = (
    State("proposed"),
    State("published"),
    State("appealed"),
    State("rejected", terminal=True),
    State("withdrawn", terminal=True),
    State("expired", terminal=True),
)

OWN_VENDOR = rule(who.other_vendor, "RULINGS 5")
VALID = (ClockAction("start", "validity"),)
NO_LONGER_VALID = (ClockAction("end", "validity"),)


STEPS = (
    Step(
        "propose",
        (BIRTH,),
        "proposed",
        roles(X, S, W),
        data=data.ListBody,
        guards=(
            rule(who.unknown_vendor, "R-VEN-09", needs_data=True),
            rule(rules.manager_missing, "R-VEN-09", needs_data=True),
        ),
        effect=rules.propose,
        needs=("vendor",),
        rule="R-VEN-09",
    ),
    Step(
        "hear",
        ("proposed",),
        SAME,
        roles(V),
        data=data.Statement,
        guards=(OWN_VENDOR,),
        effect=rules.hear,
        rule="R-VEN-09",
    ),
    Step(
        "decide",
        ("proposed",),
        "published",
        roles(X),
        data=data.Decided,
        guards=(
            rule(rules.penalty_step_skipped, "R-VEN-08"),
            rule(rules.hearing_time_running, "R-VEN-09"),
            rule(rules.already_listed, "R-VEN-09"),
        ),
        clocks=VALID,
        effect=rules.publish,
        needs=("subject",),
        rule="R-VEN-09",
    ),
    Step(
        "reject",
        ("proposed",),
        "rejected",
        roles(X),
        data=data.Decided,
        effect=rules.reject,
        rule="R-VEN-09",
    ),
    Step(
        "withdraw",
        ("proposed",),
        "withdrawn",
        roles(X, S),
        data=ReasonOnly,
        rule="R-VEN-09",
    ),
    Step(
        "withdraw",
        ("published", "appealed"),
        "withdrawn",
        roles(X),
        data=ReasonOnly,
        clocks=NO_LONGER_VALID,
        effect=rules.strike_off,
        rule="R-VEN-09",
    ),
    Step(
        "appeal",
        ("published",),
        "appealed",
        roles(V),
        data=ReasonOnly,
        guards=(
            OWN_VENDOR,
            rule(rules.listing_appeal_late, "R-VEN-09"),
            rule(rules.listing_appealed, "R-VEN-09"),
        ),
        effect=rules.appeal,
        rule="R-VEN-09",
    ),
    Step(
        "appeal_decided",
        ("appealed",),
        "withdrawn",
        roles(X),
        data=data.AppealDecided,
        clocks=NO_LONGER_VALID,
        effect=rules.strike_on_appeal,
        chooses=lambda s: s.data.get("decision") == "withdrawn",
        rule="R-VEN-09",
    ),
    Step(
        "appeal_decided",
        ("appealed",),
        "published",
        roles(X),
        data=data.AppealDecided,
        effect=rules.keep_listed,
        rule="R-VEN-09",
    ),
    Step(
        "expire_listing",
        ("published", "appealed"),
        "expired",
        roles(W),
        guards=(rule(rules.still_valid, "R-VEN-09"),),
        clocks=(ClockAction("stop", "validity"),),
        effect=rules.strike_off,
        rule="R-VEN-09",
    ),
    *plain_lines(STATES, amend=roles(S, X), note=roles(V, K, O, M)),
)


LIST_DECISION = sound(
    Workflow(
        kind="list_decision",
        collection="list-decisions",
        prefix="LD",
        version=1,
        states=STATES,
        steps=STEPS,
        clock_names=("validity",),
        create=data.ListFacts,
        on_due={"validity": "expire_listing"},
        family="list_decision",
        default_profile="LIST-DEFAULT",
        about_assignee=True,
        example={
            "place": "lotus",
            "category": "list_company",
            "title": "年度考核优秀",
            "reporter": {"channel": "desk"},
            "facts": {"vendor": "v-clean", "list": "red", "reason": "年度考核优秀"},
        },
        event_example={
            "type": "withdraw",
            "expected_version": 1,
            "data": {"reason": "认定有误"},
        },
    )
)
