"""What only a repair order has: `ticket.facts`, typed. Times are kept as ISO text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.workflow import Situation

BIRTH_FACTS: Mapping[str, Any] = {"rework_count": 0, "postpone_count": 0, "safe": False}


@dataclass(frozen=True, slots=True)
class RepairFacts:
    """The facts that rules look at.

    `safe` and `arrived_at` belong to the current cycle: rework clears them. `passed` are
    pool contractors that did not answer or declined.
    """

    origin: str = "customer"
    part: str | None = None
    responsible: str | None = None
    repair_class: str | None = None
    rework_count: int = 0
    postpone_count: int = 0
    safe: bool = False
    arrived_at: datetime | None = None
    arrival_waived: bool = False
    appointment_to: datetime | None = None
    price_shown_fen: int | None = None
    warning_up: bool = False
    fund_decision: str | None = None
    picked: bool = False
    passed: tuple[str, ...] = ()
    rating: str | None = None
    unconfirmed: bool = False
    revisit: str | None = None
    revisit_calls: tuple[datetime, ...] = ()


def read(facts: Mapping[str, Any]) -> RepairFacts:
    """Return typed facts; unknown members are left to others."""
    fund = facts.get("fund") or {}
    pick = facts.get("pick") or {}
    return RepairFacts(
        origin=facts.get("origin", "customer"),
        part=facts.get("part"),
        responsible=facts.get("responsible"),
        repair_class=facts.get("class"),
        rework_count=facts.get("rework_count", 0),
        postpone_count=facts.get("postpone_count", 0),
        safe=bool(facts.get("safe")),
        arrived_at=_time(facts.get("arrived_at")),
        arrival_waived=bool(facts.get("arrival_waived")),
        appointment_to=_time(facts.get("appointment_to")),
        price_shown_fen=facts.get("price_shown_fen"),
        warning_up=bool(facts.get("warning_up")),
        fund_decision=fund.get("decision"),
        picked=bool(pick),
        passed=tuple(facts.get("passed", ())),
        rating=facts.get("rating"),
        unconfirmed=bool(facts.get("unconfirmed")),
        revisit=facts.get("revisit"),
        revisit_calls=tuple(datetime.fromisoformat(t) for t in facts.get("revisit_calls", ())),
    )


def of(s: Situation) -> RepairFacts:
    """Return the facts of the situation's ticket."""
    return read(s.facts)


def _time(value: Any) -> datetime | None:
    """Read a time; within one transaction it may not yet have been text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
