"""What only a complaint has: `ticket.facts`, typed. Times are kept as ISO text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.workflow import Situation

VIOLATION = "violation_report"
TYPES = ("complaint", "suggestion", "enquiry", VIOLATION)
ORIGINS = ("customer", "patrol", "public_collection", "transfer")
WITHOUT_PHONE = frozenset({"patrol", "public_collection", "transfer"})
"""Nobody in particular asked, or the ticket it comes from knows who did (RULINGS 39)."""
GRADES = ("danger", "utility", "general", "complex")
GRADE_OF = {"emergency": "danger", "urgent": "utility"}
MEANS = ("phone", "visit", "written", "message")
HOTLINE = "12345"

BIRTH_FACTS: Mapping[str, Any] = {
    "votes": 1, "petition": False, "by_authority": False, "first_receiver": None, "receivers": [],
    "promises": [], "postpone_count": 0, "surveyed": False, "answers": [], "calls": 0,
    "answered_by": [],
    "cluster": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Complaint:
    """The facts that rules look at.

    `by_authority`: an authority must answer, not the company. `promise_at` is the promise
    in force, `promises` how many were given. `answered` counts answers, `handled_by` are the
    accounts that resolved or answered since the last refusal, `answered_by` all that ever did.
    """

    type: str = "complaint"
    votes: int = 1
    by_authority: bool = False
    first_receiver: str | None = None
    promise_at: datetime | None = None
    promises: int = 0
    postpone_count: int = 0
    surveyed: bool = False
    answered: int = 0
    handled_by: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    signature_required: bool = False


def read(facts: Mapping[str, Any]) -> Complaint:
    """Return typed facts; unknown members are left to others."""
    promises = facts.get("promises") or ()
    last = promises[-1]["promise_at"] if promises else None
    return Complaint(
        type=facts.get("type", "complaint"),
        votes=facts.get("votes", 1),
        by_authority=bool(facts.get("by_authority")) or facts.get("type") == VIOLATION,
        first_receiver=facts.get("first_receiver"),
        promise_at=None if last is None else datetime.fromisoformat(last),
        promises=len(promises),
        postpone_count=facts.get("postpone_count", 0),
        surveyed=bool(facts.get("surveyed")),
        answered=len(facts.get("answers") or ()),
        handled_by=tuple(facts.get("handled_by") or ()),
        answered_by=tuple(facts.get("answered_by") or ()),
        signature_required=bool(facts.get("signature_required")),
    )


def of(s: Situation) -> Complaint:
    """Return the facts of the situation's ticket, or of the create body."""
    return read(s.facts)


def grade(row: Mapping[str, Any]) -> str:
    """Return the grade of a ticket row: the one stated, else what its urgency says (R-SLA-14)."""
    stated: str | None = row["facts"].get("grade")
    return stated or GRADE_OF.get(row["urgency"], "general")
