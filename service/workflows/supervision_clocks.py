"""What the events of a listed supervision do to clocks. Numbers stand in the profile."""

from collections.abc import Callable
from datetime import datetime

from service.core.workflow import ClockAction, Situation
from service.workflows import supervision_facts
from service.workflows.clock_actions import end, start, stop
from service.workflows.supervision_facts import first_monthly, next_monthly, next_weekly
from service.workflows.table import newest_clock

CLOCKS = (
    "decide",
    "plan",
    "rectify",
    "verify",
    "monthly_report",
    "weekly_report",
    "lookback",
)


def _period(name: str) -> Callable[[Situation], bool]:
    return lambda s: s.data["period"] == name


def _last(s: Situation, clock: str) -> datetime:
    """Return when the report now given was due."""
    found = newest_clock(s, clock)
    return s.at if found is None or found.due_at is None else found.due_at


def _first_weekly(s: Situation) -> datetime:
    return next_weekly(s, s.at)


def _monthly(s: Situation) -> datetime:
    return next_monthly(s, _last(s, "monthly_report"))


def _weekly(s: Situation) -> datetime:
    return next_weekly(s, _last(s, "weekly_report"))


def _finish_by(s: Situation) -> datetime | None:
    return supervision_facts.of(s).finish_by


_REPORTS = (
    start("monthly_report", due=first_monthly),
    start("weekly_report", due=_first_weekly),
)

PROPOSED = (start("decide"),)
LISTED = (*stop("decide"), start("plan"), *_REPORTS)
PLANNED = stop("plan")
STARTED = (start("rectify", due=_finish_by),)
REPORTED = (
    ClockAction("stop", "monthly_report", when=_period("monthly")),
    ClockAction("stop", "weekly_report", when=_period("weekly")),
    start("monthly_report", when=_period("monthly"), due=_monthly),
    start("weekly_report", when=_period("weekly"), due=_weekly),
)
REQUESTED = (*stop("rectify"), start("verify"))
# Struck off the list, nothing is reported about it any more.
PASSED = (*stop("verify"), *end("monthly_report", "weekly_report"))
FAILED = (*stop("verify"), start("plan"))
LOOKING_BACK = (ClockAction("start", "lookback"),)
ARCHIVED = stop("lookback")
LISTED_AGAIN = (*stop("lookback"), start("plan"), *_REPORTS)
