"""Hazards: found, graded, signed, circulated, cured and checked by somebody else (DOMAIN 4.1).

# size: one table with its few rules, read as a whole
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from service.core.shapes import Choice, Instant, Shape, Text, stamp
from service.core.soundness import sound
from service.core.workflow import (
    BIRTH,
    Change,
    Credit,
    Situation,
    State,
    Step,
    Workflow,
)
from service.workflows import handing_over, holder
from service.workflows.clock_actions import END_ALL, start, stop
from service.workflows.entries import appended
from service.workflows.event_data import (
    EventData,
    ReasonOnly,
    SourceTicket,
    body_of,
    code,
    photos,
    words,
)
from service.workflows.table import (
    OFFICERS,
    C,
    D,
    K,
    M,
    R,
    S,
    T,
    V,
    W,
    X,
    names,
    own_stake,
    plain_lines,
    roles,
    rule,
    ticket_of,
)

GRADES = ("immediate", "ordinary", "major")
FOUND_BY = ("self_check", "department", "professional", "patrol", "resident", "follow_up")

STATES = (
    State("reported"),
    State("graded"),
    State("warned"),
    State("interim_measures"),
    State("circulated"),
    State("in_cure"),
    State("overdue"),
    State("evidence"),
    State("reinspecting"),
    State("closed", terminal=True),
    State("handed_to_authority", terminal=True),
)
_OPEN = names(STATES, terminal=False)
_UNCURED = ("graded", "warned", "interim_measures", "circulated", "in_cure")
INSPECTORS = roles(K, *OFFICERS)
TRIAGE = INSPECTORS | roles(D, M)
ON_SITE = TRIAGE | roles(C, V)


# ── what a caller sends ──────────────────────────────────────────────────────


class HazardFacts(Shape):
    """Where it is, and who found it how (R-INS-01)."""

    found_by = Choice(*FOUND_BY, required=True)
    location = Text(most=500)
    source = fields.Nested(SourceTicket)


class Grade(EventData):
    """How bad it is, and which firm must cure it: the owner of the thing (R-INS-07)."""

    grade = Choice(*GRADES, required=True)
    vendor = code()
    finding = words(required=True)


class Warn(EventData):
    """The sign that was put up (R-INS-13)."""

    photos = photos(required=True)
    text = words()


class TakeInterim(EventData):
    """What keeps people safe until the cure."""

    measures = words(required=True)
    photos = photos(required=True)


class Circulate(EventData):
    """What the owner was told to do."""

    notice = words(required=True)


class StartCure(EventData):
    """How it is cured, by when."""

    plan = words(required=True)
    done_by = Instant()


class SubmitEvidence(EventData):
    """What was done, with photos."""

    report = words(required=True)
    photos = photos(required=True)


class Finding(EventData):
    """What the second look found."""

    finding = words(required=True)
    photos = photos()


class HandToAuthority(EventData):
    """Which authority takes over, under which number."""

    authority = Text(most=200, required=True)
    reason = words(required=True)
    document = code()


# ── what forbids an event ────────────────────────────────────────────────────


def sign_missing(s: Situation) -> str | None:
    """Put up a sign before anything is written: danger first (R-INS-13)."""
    needs_sign = s.facts.get("grade") != "ordinary"
    return "sign_missing" if needs_sign and not s.facts.get("sign") else None


def interim_missing(s: Situation) -> str | None:
    """Make a major hazard safe before its long cure begins (DOMAIN 4.1)."""
    major = s.facts.get("grade") == "major"
    return "interim_missing" if major and not s.facts.get("interim") else None


def not_owner(s: Situation) -> str | None:
    """Let a firm and its crews act on their own hazards only."""
    if s.actor.role not in (V, C):
        return None
    assignee = ticket_of(s).assignee
    mine = assignee is not None and assignee.vendor_id == s.actor.vendor_id
    return None if mine else "not_owner"


def evidence_filer(s: Situation) -> str | None:
    """Whoever filed the evidence never re-inspects (DOMAIN 3D)."""
    filed = s.facts.get("evidence_by", ())
    return None if s.actor.hands.isdisjoint(filed) else "evidence_filer"


KNOWN_OWNER = (rule(holder.unknown_vendor, "R-INS-07", needs_data=True),)
OWNER = rule(not_owner, "R-INS-07")
OTHER_EYES = rule(evidence_filer, "DOMAIN 3D")


# ── what an event changes ────────────────────────────────────────────────────


def _report(s: Situation) -> Change:
    return Change(facts={"evidence_by": [], "rounds": []}, stakes=own_stake(s))


def _grade(s: Situation) -> Change:
    facts = {"grade": s.data["grade"], "finding": s.data["finding"]}
    if s.data.get("vendor") is None:
        return Change(facts=facts)
    return Change(facts=facts, assigns=True, assignee=holder.held_by(s.refs["vendor"]))


def _warn(s: Situation) -> Change:
    return Change(facts={"sign": {"at": stamp(s.at), "text": s.data.get("text")}})


def _interim(s: Situation) -> Change:
    return Change(facts={"interim": {"at": stamp(s.at), "measures": s.data["measures"]}})


def _evidence(s: Situation) -> Change:
    filed = s.actor.hands.union(s.facts.get("evidence_by", ()))
    return Change(facts={"evidence_by": sorted(filed), "report": s.data["report"]})


def _checked(result: str) -> Any:
    def effect(s: Situation) -> Change:
        entry = {"result": result, "finding": s.data["finding"]}
        return Change(facts={"result": result, "rounds": appended(s, "rounds", entry)})

    return effect


def _dismissed(_s: Situation) -> Change:
    return Change(facts={"result": "dismissed"})


def _expired(s: Situation) -> Change:
    """Take points: more from a firm that has not even begun (DOMAIN 3C.4)."""
    ticket = ticket_of(s)
    if ticket.assignee is None or ticket.assignee.vendor_id is None:
        return Change()
    begun = ticket.state == "in_cure"
    points = s.policy.credit_overdue if begun else s.policy.credit_ignored
    reason = "hazard_overdue" if begun else "hazard_ignored"
    return Change(credits=(Credit(ticket.assignee.vendor_id, "company", points, reason),))


# ── what happens to the clocks ───────────────────────────────────────────────


def _variant(row: Mapping[str, Any]) -> str:
    found: str = row["facts"].get("grade", "ordinary")
    return found


def _is_major(s: Situation) -> bool:
    major: bool = s.data["grade"] == "major"
    return major


STEPS = (
    Step(
        "report", (BIRTH,), "reported", ON_SITE | roles(R, T, W), data=body_of(HazardFacts),
        clocks=(start("grade"),), effect=_report, rule="R-INS-02",
    ),
    Step(
        "grade", ("reported",), "graded", TRIAGE, data=Grade, guards=KNOWN_OWNER,
        clocks=(*stop("grade"), start("cure"), start("interim", when=_is_major)),
        effect=_grade, needs=("vendor",), rule="R-INS-03",
    ),
    Step(
        "dismiss", ("reported",), "closed", TRIAGE, data=ReasonOnly, clocks=stop("grade"),
        effect=_dismissed, rule="R-INS-02",
    ),
    Step(
        "warn", ("graded",), "warned", ON_SITE, data=Warn, guards=(OWNER,), effect=_warn,
        rule="R-INS-13",
    ),
    Step(
        "take_interim", ("graded", "warned", "circulated"), "interim_measures", ON_SITE,
        data=TakeInterim, guards=(OWNER,), clocks=stop("interim"), effect=_interim,
        rule="DOMAIN 4.1",
    ),
    Step(
        "circulate", ("graded", "warned", "interim_measures"), "circulated", INSPECTORS,
        data=Circulate, guards=(rule(sign_missing, "R-INS-13"),), rule="R-VEN-05",
    ),
    Step(
        "start_cure", ("circulated",), "in_cure", roles(V, C, K, D), data=StartCure,
        guards=(OWNER, rule(interim_missing, "DOMAIN 4.1")), rule="R-INS-02",
    ),
    Step(
        "submit_evidence", ("in_cure", "overdue"), "evidence", roles(V, C, K, D),
        data=SubmitEvidence, guards=(OWNER,),
        clocks=(*stop("cure", "interim"), start("reinspect")), effect=_evidence,
        rule="R-VEN-05",
    ),
    Step(
        "reinspect", ("evidence",), "reinspecting", INSPECTORS, data=EventData,
        guards=(OTHER_EYES,), rule="R-VEN-05",
    ),
    Step(
        "pass", ("reinspecting",), "closed", INSPECTORS, data=Finding, guards=(OTHER_EYES,),
        clocks=stop("reinspect"), effect=_checked("cured"), rule="R-INS-32",
    ),
    Step(
        "fail", ("reinspecting",), "in_cure", INSPECTORS, data=Finding, guards=(OTHER_EYES,),
        clocks=(*stop("reinspect"), start("cure")), effect=_checked("not_cured"),
        rule="R-VEN-05",
    ),
    Step("expire", _UNCURED, "overdue", roles(W), effect=_expired, rule="R-INS-02"),
    Step(
        "hand_to_authority", _OPEN, "handed_to_authority", roles(K, S, X), data=HandToAuthority,
        clocks=END_ALL, rule="R-INS-31",
    ),
    handing_over.row(tuple(state for state in _OPEN if state != "reported"), "="),
    *plain_lines(STATES, amend=TRIAGE, note=roles(R, C, V, T)),
)  # fmt: skip

HAZARD = sound(
    Workflow(
        kind="hazard",
        collection="hazards",
        prefix="HZ",
        version=1,
        states=STATES,
        steps=STEPS,
        clock_names=("grade", "interim", "cure", "reinspect"),
        create=HazardFacts,
        editable_facts=frozenset({"location"}),
        family="hazard",
        default_profile="HAZ-DEFAULT",
        variant=_variant,
        lists={"rounds": "rounds"},
        on_due={"cure": "expire"},
        example={
            "place": "lotus",
            "category": "hazard_fire",
            "title": "消防通道被杂物堵塞",
            "reporter": {"channel": "handheld"},
            "facts": {"found_by": "patrol", "location": "2幢1单元"},
        },
        event_example={
            "type": "grade",
            "data": {"grade": "immediate", "finding": "通道全部堵死", "vendor": "v-lotus"},
        },
    )
)
