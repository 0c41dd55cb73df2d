"""What only a rectification order has: `ticket.facts`, typed, and its items by round.

An item is `open`, `submitted`, `passed` or `failed`. One that has passed is in no later
round: a round holds every item that has not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.core.workflow import Situation
from service.sla.notation import MS

Item = Mapping[str, Any]
BIRTH_FACTS: Mapping[str, Any] = {
    "cycle_no": 1,
    "notice": None,
    "extended": False,
    "suspended": False,
    "serious": False,
    "evidence_by": [],
    "penalties": [],
    "late_days": 0,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice in force. `span` is its whole time, which an extension may double."""

    no: str
    at: datetime
    issuer: str
    issuer_role: str
    deadline: datetime
    span: timedelta


@dataclass(frozen=True, slots=True)
class RectificationOrder:
    """The facts that rules look at.

    `cycle_no` counts from 1 and grows with every cycle that ends without a cure. `dispute`
    and `request` (for more time) belong to the notice in force. `proposal` is the penalty
    that waits for approvals.
    """

    subject: str
    grade: str
    items: tuple[Item, ...]
    cycle_no: int
    notice: Notice | None
    first_span: timedelta
    ack: Mapping[str, Any]
    dispute: Mapping[str, Any] | None
    request: Mapping[str, Any] | None
    extended: bool
    suspended: bool
    evidence_by: frozenset[str]
    penalties: tuple[Mapping[str, Any], ...]
    proposal: Mapping[str, Any] | None
    serious: bool
    late_days: int

    @property
    def round(self) -> tuple[Item, ...]:
        """The items of this round."""
        return tuple(item for item in self.items if item["state"] != "passed")

    @property
    def steps_taken(self) -> tuple[int, ...]:
        """Steps of the penalty ladder that were taken."""
        return tuple(penalty["step"] for penalty in self.penalties)

    @property
    def last_deduction(self) -> Mapping[str, Any] | None:
        """The newest penalty that took money."""
        found = [penalty for penalty in self.penalties if penalty.get("deduction_fen")]
        return found[-1] if found else None


def read(facts: Mapping[str, Any]) -> RectificationOrder:
    """Return typed facts; unknown members are left to others."""
    return RectificationOrder(
        subject=facts["subject"],
        grade=facts["grade"],
        items=tuple(facts["items"]),
        cycle_no=facts.get("cycle_no", 1),
        notice=_notice(facts.get("notice")),
        first_span=facts.get("first_span_ms", 0) * MS,
        ack=facts.get("ack") or {},
        dispute=facts.get("dispute_of_notice"),
        request=facts.get("extension_request"),
        extended=bool(facts.get("extended")),
        suspended=bool(facts.get("suspended")),
        evidence_by=frozenset(facts.get("evidence_by", ())),
        penalties=tuple(facts.get("penalties", ())),
        proposal=facts.get("proposal"),
        serious=bool(facts.get("serious")),
        late_days=facts.get("late_days", 0),
    )


def of(s: Situation) -> RectificationOrder:
    """Return the facts of the situation's ticket."""
    return read(s.facts)


def results(s: Situation) -> Mapping[int, str | None]:
    """Return the result of each item of the round: what was checked before, and what is said now.

    None is an item nobody has checked. Evidence that was flagged as false has failed.
    """
    now = {check["n"]: check["result"] for check in s.data.get("items", ())}
    return {
        item["n"]: "failed" if last(item).get("false") else now.get(item["n"], last(item)["result"])
        for item in of(s).round
    }


def last(item: Item) -> Mapping[str, Any]:
    """Return the newest round of an item whose evidence was filed."""
    newest: Mapping[str, Any] = item["rounds"][-1]
    return newest


def at(kept: Mapping[str, Any]) -> datetime:
    """Return when something kept in the facts happened."""
    return datetime.fromisoformat(kept["at"])


def _notice(kept: Mapping[str, Any] | None) -> Notice | None:
    if kept is None:
        return None
    return Notice(
        no=kept["no"],
        at=at(kept),
        issuer=kept["issuer_account"],
        issuer_role=kept["issuer_role"],
        deadline=datetime.fromisoformat(kept["deadline"]),
        span=kept["span_ms"] * MS,
    )
