"""What only a listed supervision has: `ticket.facts`, typed, and when its reports fall due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.core.workflow import Situation
from service.sla.calendar import local_instant
from service.workflows.table import ticket_of

REASONS = ("ranking", "instruction", "collective_petition", "major_opinion", "mediation")
PERIODS = ("monthly", "weekly")
GROUNDS = ("shirking", "false_work", "overdue", "grave_result")

BIRTH_FACTS: Mapping[str, Any] = {
    "public": False, "cycle": 0, "leader": None, "responsible": None, "plans": [], "reports": [],
    "requested_by": [], "score": None,
}  # fmt: skip
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Supervision:
    """The facts that rules look at.

    `requested_by` are the accounts that declared this cycle's cure finished.
    """

    leader: str | None = None
    responsible: str | None = None
    finish_by: datetime | None = None
    requested_by: tuple[str, ...] = ()
    closed_out_at: datetime | None = None
    case: str | None = None
    cycle: int = 0


def read(facts: Mapping[str, Any]) -> Supervision:
    """Return typed facts; unknown members are left to others."""
    return Supervision(
        leader=facts.get("leader"),
        responsible=facts.get("responsible"),
        finish_by=_time(facts.get("finish_by")),
        requested_by=tuple(facts.get("requested_by") or ()),
        closed_out_at=_time(facts.get("closed_out_at")),
        case=facts.get("case"),
        cycle=facts.get("cycle", 0),
    )


def of(s: Situation) -> Supervision:
    """Return the facts of the situation's ticket."""
    return read(s.facts)


def month_of(at: datetime, zone: str) -> date:
    """Return the first day of the local month."""
    return at.astimezone(ZoneInfo(zone)).date().replace(day=1)


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def month_report_due(month: date, day: int, zone: str) -> datetime:
    """Return when the report about `month` is due: the end of day `day` of the month after it.

    Rule: R-INS-27 (每月3日前, the 3rd included).
    """
    return local_instant(_following(month).replace(day=day), "24:00", zone)


def first_monthly(s: Situation) -> datetime:
    """Return when the month of the listing is reported about."""
    zone = ticket_of(s).time_zone
    return month_report_due(month_of(s.at, zone), s.policy.report_day, zone)


def next_monthly(s: Situation, last: datetime) -> datetime:
    """Return the first due time of a monthly report after `last` and after now."""
    zone = ticket_of(s).time_zone
    month = month_of(max(last, s.at), zone) - timedelta(days=1)
    due = month_report_due(month.replace(day=1), s.policy.report_day, zone)
    while due <= max(last, s.at):
        month = _following(month.replace(day=1))
        due = month_report_due(month, s.policy.report_day, zone)
    return due


def next_weekly(s: Situation, last: datetime) -> datetime:
    """Return the first Friday 18:00, local time, after `last` and after now (R-INS-29)."""
    zone, after = ticket_of(s).time_zone, max(last, s.at)
    day = after.astimezone(ZoneInfo(zone)).date()
    day += timedelta(days=(s.policy.report_weekday - day.isoweekday()) % 7)
    due = _at_hour(day, s.policy.report_hour, zone)
    return due if due > after else _at_hour(day + _WEEK, s.policy.report_hour, zone)


def _at_hour(day: date, since_midnight: timedelta, zone: str) -> datetime:
    minutes = int(since_midnight.total_seconds()) // 60
    return local_instant(day, f"{minutes // 60:02}:{minutes % 60:02}", zone)


def open_from(period: str, due: datetime, zone: str) -> datetime:
    """Return from when the report due at `due` may be given.

    A monthly one when its month is over, a weekly one when the one before was due.
    """
    if period == "weekly":
        return due - _WEEK
    # Due at the end of a day: a moment before lies in the month the report is given in.
    return local_instant(month_of(due - timedelta(milliseconds=1), zone), "00:00", zone)


def _time(value: Any) -> datetime | None:
    """Read a time; within one transaction it may not yet have been text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
