"""The source's own verdict on a case, told in words to be held against that of our clock. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.local.replay.recorded import Recorded
from service.local.replay.report import Report

IN_TIME, LATE, NOT_ENDED = "in time", "late", "not ended"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the source says, and the clock that it is about."""

    clock: str
    said: str


def verdict_of(report: Report, recorded: Recorded, responsible: str) -> Verdict:
    """Return what the source says of a case, by its flag or by its times.

    `responsible` is who must answer: an authority has another clock than a firm.
    """
    clock = chosen(recorded.clock, responsible)
    if recorded.column is not None:
        return Verdict(clock, report.recorded or "")
    due, ended = _due(report, recorded, responsible), _ended(report, recorded)
    said = NOT_ENDED if due is None or ended is None else IN_TIME if ended <= due else LATE
    return Verdict(clock, said if isinstance(recorded.clock, str) else f"{clock}: {said}")


def chosen(by: Any, responsible: str) -> Any:
    """Return what stands for who must answer, "*" being anybody; a plain value is for all."""
    return by.get(responsible, by.get("*")) if isinstance(by, Mapping) else by


def _due(report: Report, recorded: Recorded, responsible: str) -> datetime | None:
    if recorded.due is not None:
        return report.times.get(recorded.due)
    within: timedelta | None = chosen(recorded.within, responsible)
    return None if within is None else report.opened_at + within


def _ended(report: Report, recorded: Recorded) -> datetime | None:
    return report.closed_at if recorded.end is None else report.times.get(recorded.end)
