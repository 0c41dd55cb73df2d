"""Escalation ladders: which rungs a clock has, at which amount of counted time, for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from service.sla.notation import ms
from service.sla.profile import ClockRule, Warn

BREACH: Final = 0
"""Level of the breach. Reminders have the levels below: two are -2 and -1."""

_DEFAULT_RATIO = 0.8  # R-SLA-24, where a lead or delay does not fit into the target


@dataclass(frozen=True, slots=True)
class Step:
    """A rung placed on one clock: it is reached when `offset_ms` have been counted."""

    level: int
    offset_ms: int
    roles: tuple[str, ...]
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A rung that is due. `at` is its instant; for level 0 that is the due time itself."""

    name: str
    epoch: int
    level: int
    at: datetime
    roles: tuple[str, ...]
    action: str | None = None


def steps(rule: ClockRule, target_ms: int, variant: str) -> tuple[Step, ...]:
    """Return the rungs of a clock with this target, lowest level first."""
    found = [
        Step(rung.level, target_ms + ms(rung.after), rung.roles, rung.action)
        for rung in rule.ladder
        if rung.variant is None or rung.variant == variant
    ]
    if not found or found[0].level != BREACH:
        found.insert(0, Step(BREACH, target_ms, ()))  # a clock nobody is told of is still breached
    return (*_reminders(rule.warn, target_ms), *found)


def _reminders(warns: Sequence[Warn], target_ms: int) -> list[Step]:
    # By time, not as listed: which comes first may depend on the target.
    placed = sorted(((warn_offset_ms(warn, target_ms), warn) for warn in warns), key=itemgetter(0))
    return [Step(n - len(placed), at, warn.roles) for n, (at, warn) in enumerate(placed)]


def warn_offset_ms(warn: Warn, target_ms: int) -> int:
    """Return the counted time after which a clock with this target warns."""
    if warn.ratio is not None:
        return round(target_ms * warn.ratio)
    lead = ms(warn.before if warn.before is not None else warn.after or timedelta())
    if lead >= target_ms:
        return round(target_ms * _DEFAULT_RATIO)
    return target_ms - lead if warn.before is not None else lead
