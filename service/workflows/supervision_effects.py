"""What the events of a listed supervision change, as values."""

from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import supervision_facts
from service.workflows.entries import appended
from service.workflows.holder import held_by
from service.workflows.supervision_facts import BIRTH_FACTS
from service.workflows.table import own_stake

CASE_LISTED = "listed_supervision.case_listed"
CASE_DELISTED = "listed_supervision.case_delisted"

Notices = tuple[tuple[str, dict[str, Any]], ...]


def _case(s: Situation, topic: str) -> Notices:
    """Tell the dispute case that it is supervised, or no longer."""
    case = supervision_facts.of(s).case
    return () if case is None else ((topic, {"case": case}),)


def propose(s: Situation) -> Change:
    """Keep the facts of the create body; the company named is the one supervised."""
    named = s.data["facts"].get("vendor") is not None
    vendor = s.refs.get("vendor") if named else None
    return Change(
        facts=dict(BIRTH_FACTS),
        assigns=vendor is not None,
        assignee=None if vendor is None else held_by(vendor),
        stakes=own_stake(s),
    )


def listed(s: Situation) -> Change:
    """Make the listing public."""
    facts = {"public": True, "cycle": 1, "listed_at": stamp(s.at), **_leader(s)}
    return Change(facts=facts, notices=_case(s, CASE_LISTED))


def _leader(s: Situation) -> dict[str, Any]:
    return {"leader": s.data["leader"]} if s.data.get("leader") is not None else {}


def submit_plan(s: Situation) -> Change:
    """Keep leader, responsible body, date and measures; the text stays in the history."""
    finish_by = stamp(s.data["finish_by"])
    measures = [{"n": n, "what": what} for n, what in enumerate(s.data["measures"], 1)]
    body = s.data.get("responsible")
    plan = {"finish_by": finish_by, "cycle": supervision_facts.of(s).cycle}
    facts = {
        **_leader(s),
        **({"responsible": body} if body is not None else {}),
        "finish_by": finish_by,
        "measures": measures,
        "plans": appended(s, "plans", plan),
    }
    return Change(facts=facts)


def report_progress(s: Situation) -> Change:
    """Keep that the report was given, and how far the cure is."""
    report = {"period": s.data["period"], "percent": s.data.get("percent")}
    return Change(facts={"reports": appended(s, "reports", report)})


def request_verification(s: Situation) -> Change:
    """Keep who declared the cure finished."""
    return Change(facts={"requested_by": [str(s.actor.id)]})


def verify_pass(s: Situation) -> Change:
    """Strike it off with its score; it is public no longer."""
    facts = {"closed_out_at": stamp(s.at), "score": s.data["score"], "public": False}
    return Change(facts=facts, notices=_case(s, CASE_DELISTED))


def _again(s: Situation) -> dict[str, Any]:
    """Begin the next cycle: it stays listed until cured and needs a new plan (R-INS-26)."""
    return {
        "cycle": supervision_facts.of(s).cycle + 1,
        "finish_by": None,
        "requested_by": [],
        "measures": [],
        "findings": list(s.data["findings"]),
    }


def verify_fail(s: Situation) -> Change:
    """Leave it listed."""
    return Change(facts=_again(s))


def lookback_fail(s: Situation) -> Change:
    """List it again, publicly."""
    facts = {**_again(s), "public": True, "closed_out_at": None, "score": None}
    return Change(facts=facts, notices=_case(s, CASE_LISTED))


def archive(s: Situation) -> Change:
    """Keep when the look-back check was passed."""
    return Change(facts={"looked_back_at": stamp(s.at)})
