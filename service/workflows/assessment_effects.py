"""What the events of a vendor assessment change, up to the fixed grade.

What follows a bad grade stands in `exit_effects.py`.
"""

from typing import Any

from service.core.refs import VendorRef
from service.core.shapes import stamp
from service.core.workflow import Assignee, Change, Credit, Situation
from service.workflows import assessment_facts, grading
from service.workflows.approvals import forget
from service.workflows.assessment_data import FIGURES
from service.workflows.table import ticket_of

VOTE_OPENED = "vendor_assessment.vote_opened"
GRADE_PUBLISHED = "vendor_assessment.grade_published"


def plan(s: Situation) -> Change:
    """Hold the vendor to its assessment; the category is its service line."""
    line, vendor = s.refs["category"].trade, s.refs["vendor"]
    facts = {
        "service_line": line,
        "company": bool(s.facts.get("company")) or _manages(line, vendor),
        "electorate_kind": s.facts.get("electorate_kind", "delegate"),
        "reopened": 0,
    }
    return Change(facts=facts, assigns=True, assignee=_held_by(vendor))


def _manages(line: str, vendor: VendorRef) -> bool:
    """Tell whether the vendor manages compounds, under whatever line it is assessed.

    Only the owners dismiss such a vendor (R-GOV-13), so nobody may state it away.
    """
    return assessment_facts.PROPERTY_SERVICE in {line, *vendor.service_lines}


def _held_by(vendor: VendorRef) -> Assignee:
    return Assignee("vendor", vendor.id, vendor.name, None, vendor.id)


def open_vote(s: Situation) -> Change:
    """Fix the electorate and the close; electors see the assessment from now on."""
    kind = assessment_facts.of(s).electorate_kind
    holder = "account" if kind == "delegate" else "place"
    voters = s.data["electors"]
    closes_at = s.data.get("closes_at") or s.at + s.policy.open_for
    facts = {
        "electors": [
            {"n": n, "voter": voter, "kind": kind} for n, voter in enumerate(voters, start=1)
        ],
        "opened_for_votes_at": stamp(s.at),
        "closes_at": stamp(closes_at),
        "turnout": {"electors": len(voters), "cast": 0},
        "ballots": {},
    }
    if "inspector" in s.data:
        facts["inspector"] = s.data["inspector"]
    return Change(
        facts=facts,
        stakes=tuple(f"{holder}:{voter}" for voter in voters),
        notices=((VOTE_OPENED, {}),),
    )


def grade(s: Situation) -> Change:
    """Note who voted, never what; a voter counts once."""
    facts = assessment_facts.of(s)
    ballots = {**(facts.ballots or {}), str(s.actor.id): facts.voter_of(s.actor)}
    cast = len(set(ballots.values()))
    return Change(facts={"ballots": ballots, "turnout": {**facts.turnout, "cast": cast}})


def draw_inspection(s: Situation) -> Change:
    """Draw inspector and target from a seed that nobody could choose (R-VEN-16)."""
    n = len(assessment_facts.of(s).inspections) + 1
    seed = f"{ticket_of(s).id}:{n}:{stamp(s.now)}"
    row = {
        "n": n,
        "inspector": grading.drawn(s.data["inspectors"], seed=seed),
        "target": grading.drawn(s.data["targets"], seed=seed),
        "seed": seed,
        "among": {name: sorted(set(s.data[name])) for name in ("inspectors", "targets")},
    }
    return Change(facts={"inspections": [*assessment_facts.of(s).inspections, row]})


def score_inspection(s: Situation) -> Change:
    """Keep a checklist or figures: the drawn inspection's, or one of their own."""
    facts = assessment_facts.of(s)
    known = [dict(row) for row in facts.inspections]
    number = s.data.get("inspection")
    if number is None:
        known.append({"n": len(known) + 1, "inspector": str(s.actor.id)})
        number = len(known)
    known[number - 1] |= {**_scored(s), "scored_at": stamp(s.at)}
    vetoes = [*facts.vetoes, s.data["veto"]] if "veto" in s.data else list(facts.vetoes)
    return Change(facts={"inspections": known, "vetoes": vetoes})


def _scored(s: Situation) -> dict[str, Any]:
    data = s.data
    found = {name: data[name] for name in ("target", "checklist", "assessor") if name in data}
    if "figures" in data:
        found["figures"] = [{**row, "reached": _reached(row)} for row in data["figures"]]
    if "photos" in data:
        found["photos"] = [str(file) for file in data["photos"]]
    if "report" in data:
        found["report"] = str(data["report"])
    return found


def _reached(figure: dict[str, Any]) -> bool:
    value, target = figure["value"], figure["target"]
    return bool(value >= target if FIGURES[figure["figure"]] else value <= target)


def close_vote(s: Situation) -> Change:
    """Compute the result; distribution and arithmetic are open from now on (S-66)."""
    facts, votes = assessment_facts.of(s), assessment_facts.votes(s)
    tally = {
        "n": votes.n,
        **{grade: getattr(votes, grade) for grade in grading.GRADES},
        "s": grading.shown(votes.s),
        "b": grading.shown(votes.b),
        "threshold": s.policy.threshold,
        "turnout": facts.turnout,
        "kpi_score": kpi_score(s),
        "vetoes": list(facts.vetoes),
        "grade": grading.grade(votes, threshold=s.policy.threshold, veto=bool(facts.vetoes)),
    }
    rows = [
        {"n": n, "grade": grade, "votes": getattr(votes, grade)}
        for n, grade in enumerate(grading.GRADES, start=1)
    ]
    return forget(Change(facts={"tally": tally, "votes": rows, "tallied_at": stamp(s.at)}))


def kpi_score(s: Situation) -> dict[str, int]:
    """Return how many checklist items and figures were asked for and how many were met."""
    inspections = assessment_facts.of(s).inspections
    items = [item["passed"] for row in inspections for item in row.get("checklist", ())]
    figures = [figure["reached"] for row in inspections for figure in row.get("figures", ())]
    return {"met": sum(items) + sum(figures), "of": len(items) + len(figures)}


def open_again(s: Situation) -> Change:
    """Give the electors a last span; votes cast stay."""
    return Change(
        facts={
            "reopened": assessment_facts.of(s).reopened + 1,
            "closes_at": stamp(s.at + s.policy.reopen_for),
        },
        notices=((VOTE_OPENED, {}),),
    )


def object_to(s: Situation) -> Change:
    """Keep the vendor's objection."""
    evidence = [str(file) for file in s.data["evidence"]]
    objection = {"at": stamp(s.at), "text": s.data["text"], "evidence": evidence}
    return forget(Change(facts={"objection": objection}))


def answer_objection(s: Situation) -> Change:
    """Keep the committee's answer beside the objection (S-67)."""
    known = assessment_facts.of(s).objection or {}
    answered = {"answer": s.data["answer"], "answered_at": stamp(s.at)}
    return Change(facts={"objection": {**known, **answered}})


def fix_grade(s: Situation) -> Change:
    """Fix and publish the grade; a stated veto fails the vendor (R-VEN-23)."""
    veto = s.data.get("veto")
    grade = "dissatisfied" if veto else s.facts["tally"]["grade"]
    facts = {"grade": grade, "graded_at": stamp(s.at), **published(s)}
    if veto:
        facts |= {"veto": veto, "serious": True}
    points = getattr(s.policy, f"points_{grade}")
    noted = credit(s, points, f"graded_{grade}")
    return forget(Change(facts=facts, notices=((GRADE_PUBLISHED, {}),), credits=noted))


def retain(s: Situation) -> Change:
    """Keep the vendor, with plus points (R-VEN-02)."""
    return Change(credits=credit(s, s.policy.points_retained, "vendor_retained"))


def published(s: Situation) -> dict[str, str]:
    """Return from when until when a result is shown in public (R-PUB-05)."""
    return {"published_at": stamp(s.at), "published_until": stamp(s.at + s.policy.publish)}


def credit(s: Situation, points: int, reason: str) -> tuple[Credit, ...]:
    """Return the entry in the assessed vendor's credit file (R-VEN-09)."""
    assignee = ticket_of(s).assignee
    vendor = assignee.vendor_id if assignee is not None else None
    return () if vendor is None else (Credit(vendor, "company", points, reason),)
