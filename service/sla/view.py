"""A clock as the API shows it (contract section 7)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from service.sla.calendar import Calendars, pinned
from service.sla.notation import duration_of_ms, iso, ms, seconds
from service.sla.profile import Profile
from service.sla.timer import (
    MET,
    NOT_APPLICABLE,
    PAUSED,
    STOPPED,
    Clock,
    ground_of,
    settled,
    used_ms,
)

_DECIDED: Final[Mapping[str | None, str | None]] = {MET: "met", NOT_APPLICABLE: None}


def clock_view(
    clock: Clock,
    now: datetime,
    calendars: Calendars,
    noticed_at: datetime | None = None,
    profile: Profile | None = None,
) -> dict[str, Any]:
    """Return the members of one clock at `now`; escalations are not among them.

    `warn_at` is its first reminder. `noticed_at` is when the breach was recorded. With the
    clock's `profile` a pause that has outlasted its cap is shown as running.
    """
    calendar = pinned(calendars, clock.calendar, clock.calendar_version)
    if profile is not None:
        clock = settled(clock, ground_of(profile, clock.name, calendar, ""), now)
    used = used_ms(clock, calendar, now)
    spent = clock.paused_ms
    if clock.state == PAUSED and clock.paused_at is not None:
        spent += max(0, ms(now - clock.paused_at))
    return {
        "clock": clock.name,
        "epoch": clock.epoch,
        "state": clock.state,
        "result": clock.result,
        "display": display(clock, now),
        "started_at": iso(clock.started_at),
        "warn_at": iso(clock.warn_at),
        "due_at": iso(clock.due_at),
        "stopped_at": iso(clock.stopped_at),
        "breached_at": iso(clock.breached_at),
        "noticed_at": iso(noticed_at),
        **amount("target", clock.target_ms),
        **amount("used", used),
        **amount("remaining", clock.target_ms - used),
        **amount("paused", spent),
        "pause_cause": clock.pause_cause if clock.state == PAUSED else None,
        "profile": clock.profile,
        "profile_version": clock.profile_version,
        "calendar": clock.calendar,
        "calendar_version": clock.calendar_version,
        "rule": clock.rule,
    }


def amount(name: str, value_ms: int) -> dict[str, Any]:
    """Return an amount of time in seconds with its ISO 8601 twin."""
    return {f"{name}_s": seconds(value_ms), name: duration_of_ms(value_ms)}


def display(clock: Clock, now: datetime) -> str | None:
    """Return the token of a clock; None for one without a verdict (S-08)."""
    if clock.state == STOPPED:
        return _DECIDED.get(clock.result, "missed")
    if clock.state == PAUSED:
        return "paused"
    if clock.due_at is not None and now > clock.due_at:
        return "overdue"
    if clock.warn_at is not None and now >= clock.warn_at:
        return "due_soon"
    return "running"
