"""What happens next to a simulated order, and when: a pure reading of its row and its fate.

The history of the demo world and its moving present are both made by this one table, so
that nothing is remembered between two steps but the order itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from service.local.fates import Fate, fate_of
from service.local.profiles import QUICK

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody's next event. `who` is a role's name; `at` the earliest time of it."""

    event: str
    who: str
    at: datetime
    hints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One order at one moment, with dice that fall the same way each time it is looked at."""

    row: Row
    fate: Fate
    rng: Random

    def fact(self, name: str) -> Any:
        """Return a fact of the order."""
        return self.row["facts"].get(name)

    @property
    def first_cycle(self) -> bool:
        """Tell whether the order was never reworked."""
        return not self.fact("rework_count")

    def is_fated(self, fate: Fate) -> bool:
        """Tell whether the order has this fate and still is in the cycle it shows in."""
        return self.fate is fate and self.first_cycle

    @property
    def pace(self) -> float:
        """Return how slow people are: who promised to come fast has enough people."""
        return 0.45 if self.row["profile"] == QUICK else 1.0

    def act(self, event: str, who: str, low: float, high: float, **hints: Any) -> Act:
        """Return an event between `low` and `high` minutes after the last one."""
        minutes = self.rng.uniform(low, high) * self.pace
        at = self.row["last_event_at"] + timedelta(minutes=minutes)
        return Act(event, who, at.replace(microsecond=0), hints)


def next_act(row: Row) -> Act | None:
    """Return what happens next to an order; None when it stays as it is."""
    turn = Turn(row, fate_of(row["id"]), Random(row["id"].int + row["version"]))  # noqa: S311
    plan = _PLANS.get(row["state"])
    return plan(turn) if plan else None


def _hurried(turn: Turn) -> bool:
    return bool(turn.row["urgency"] != "normal")


def _submitted(turn: Turn) -> Act | None:
    if turn.is_fated(Fate.CANCELLED):
        return turn.act("cancel", "reporter", 5, 12)
    event = "merge" if turn.is_fated(Fate.MERGED) else "accept"
    if turn.is_fated(Fate.SLOW_DESK):
        return turn.act(event, "dispatcher", *((20, 60) if _hurried(turn) else (150, 260)))
    return turn.act(event, "dispatcher", *((1, 7) if _hurried(turn) else (4, 60)))


def _accepted(turn: Turn) -> Act | None:
    if turn.fact("route") == "refer" or turn.is_fated(Fate.REFERRED):
        return turn.act("refer_out", "dispatcher", 1, 5)
    if turn.fact("route") == "fund" and not turn.fact("fund"):
        return turn.act("need_fund", "manager", 20, 200)
    if turn.is_fated(Fate.POOL) and _hurried(turn):
        return turn.act("pick_pool_contractor", "street_officer", 2, 5)
    return turn.act("assign", "dispatcher", *((1, 4) if _hurried(turn) else (3, 90)))


def _assigned(turn: Turn) -> Act | None:
    if turn.is_fated(Fate.REJECTED) and turn.row["version"] < 4:
        return turn.act("reject_assignment", "crew", 2, 6)
    if turn.row["outside_body"]:
        return turn.act("take", "crew", 60, 400)
    return _for_visit(turn, turn.act("take", "crew", 1, 4), early=25)


def _en_route(turn: Turn) -> Act | None:
    if turn.is_fated(Fate.LATE):
        return turn.act("arrive", "crew", 28, 75)
    return _for_visit(turn, turn.act("arrive", "crew", 5, 13), early=8)


def _for_visit(turn: Turn, act: Act, early: float) -> Act:
    """Put an act off until shortly before an agreed visit."""
    agreed = turn.fact("appointment_to") if not _hurried(turn) else None
    if turn.fact("no_access_count") and turn.first_cycle:
        agreed = turn.fact("visit_to")
    if not agreed or not turn.first_cycle:
        return act
    latest = datetime.fromisoformat(agreed) - timedelta(minutes=early)
    return Act(act.event, act.who, max(act.at, latest), act.hints)


def _on_site(turn: Turn) -> Act | None:
    if turn.row["urgency"] == "emergency" and not turn.fact("safe"):
        return turn.act("make_safe", "crew", 8, 50)
    if turn.is_fated(Fate.NO_ACCESS) and not turn.fact("no_access_count"):
        return turn.act("no_access", "crew", 8, 14)
    if not turn.fact("outcome"):
        return turn.act("diagnose", "crew", 4, 13)
    if turn.fact("route") == "fund" and not turn.fact("fund"):
        return turn.act("need_fund", "crew", 10, 60)
    if turn.is_fated(Fate.PARTS) and not turn.fact("parts_eta"):
        return turn.act("request_parts", "crew", 5, 20)
    return turn.act("start_work", "crew", 2, 10)


def _in_progress(turn: Turn) -> Act | None:
    if turn.is_fated(Fate.POSTPONED) and not turn.fact("postpone_count"):
        return turn.act("report_cannot_finish", "crew", 30, 120)
    if turn.is_fated(Fate.SLOW_WORK):
        return turn.act("complete_work", "crew", 1500, 2600)
    return turn.act("complete_work", "crew", 20, 160)


def _awaiting_confirmation(turn: Turn) -> Act | None:
    if turn.is_fated(Fate.SILENT):
        return None  # the confirm clock closes it
    if turn.is_fated(Fate.REFUSED):
        return turn.act("refuse_confirmation", "resident", 60, 600)
    return turn.act("confirm", "resident", 30, 1500)


def _closed(turn: Turn) -> Act | None:
    if turn.is_fated(Fate.REOPENED):
        return turn.act("reopen", "reporter", 1500, 6000)
    if turn.fact("revisit") != "revisit_due":
        return None
    calls = len(turn.fact("revisit_calls") or ())
    if calls < 3 and turn.rng.random() < 0.25:
        return turn.act("revisit_call", "dispatcher", 300, 1500)
    return turn.act("revisit_ok", "dispatcher", 600, 3000)


_PLANS: Final[Mapping[str, Callable[[Turn], Act | None]]] = {
    "draft": lambda turn: turn.act("submit", "reporter", 30, 90),
    "submitted": _submitted,
    "accepted": _accepted,
    "assigned": _assigned,
    "en_route": _en_route,
    "on_site": _on_site,
    "in_progress": _in_progress,
    "waiting_parts": lambda turn: turn.act("parts_ready", "crew", 120, 600),
    "awaiting_resident": lambda turn: turn.act("resume", "dispatcher", 60, 600),
    "awaiting_fund": lambda turn: turn.act("fund_decided", "manager", 2000, 6000),
    "postponed": lambda turn: turn.act("resume_work", "crew", 600, 2400),
    "awaiting_confirmation": _awaiting_confirmation,
    "rework": lambda turn: turn.act("assign", "dispatcher", 2, 5),
    "closed": _closed,
}
