"""Late reports: what happened earlier than it became known may prove fired rungs wrong."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from service.sla.ladder import BREACH, Step
from service.sla.notation import ms
from service.sla.timer import (
    EXCUSED,
    NOT_APPLICABLE,
    RUNNING,
    STOPPED,
    Clock,
    Ground,
    armed,
    due_time,
    instant,
    is_late,
    stopped_at_due,
    used_ms,
    woken,
)


def withdrawn(clock: Clock, ground: Ground, at: datetime) -> tuple[Clock, tuple[int, ...]]:
    """Return the clock as if what fired after `at` had not, and the levels taken back.

    A breach noticed at or after `at` cannot stand either: at `at` it was not yet late.
    """
    going = going_on(clock, ground)
    levels = tuple(s.level for s in ground.steps(going) if _undone(going, ground, s, at))
    if not levels:
        return clock, ()
    changes: dict[str, Any] = {"next_level": levels[0]}
    if levels[0] <= BREACH and going.breached_at is not None:
        changes |= {"breached_at": None, "result": None}
    return armed(going, ground, **changes), levels


def going_on(clock: Clock, ground: Ground) -> Clock:
    """Return a clock that its excuse stopped as if it still ran; any other unchanged."""
    if clock.stopped_at is None or clock.since is None:
        return clock
    counted = clock.counted_ms - ms(ground.calendar.between(clock.since, clock.stopped_at))
    return replace(clock, state=RUNNING, stopped_at=None, counted_ms=counted)


def stopped_by_excuse(clock: Clock) -> bool:
    """Tell whether the due time stopped the clock, not an event: a late report may undo it."""
    return clock.result == EXCUSED and clock.since is not None


def _undone(clock: Clock, ground: Ground, step: Step, at: datetime) -> bool:
    if clock.next_level is not None and step.level >= clock.next_level:
        return False
    if step.level == BREACH:
        return clock.breached_at is not None and clock.breached_at >= at
    return instant(clock, ground, step.offset_ms) > at


def excused(clock: Clock, ground: Ground, at: datetime) -> tuple[Clock, tuple[int, ...]]:
    """Return the clock as postponed at `at`, with the levels that must be taken back.

    After its due time nothing changes: the breach stays (R-SLA-21). Announced before, but
    reported after the breach was noticed, the breach becomes an excused one.
    """
    if clock.state == STOPPED or _overdue(clock, at):
        return clock, ()
    if clock.breached_at is None:
        return armed(clock, ground, excused=True), ()
    levels = tuple(
        s.level for s in ground.steps(clock) if s.level > BREACH and _undone(clock, ground, s, at)
    )
    return stopped_at_due(clock, ground, clock.breached_at), levels


def _overdue(clock: Clock, at: datetime) -> bool:
    if clock.breached_at is not None:
        return at > clock.breached_at
    return is_late(clock, clock.counted_ms, at)


def superseded(clock: Clock, ground: Ground, at: datetime) -> Clock:
    """Return the clock as closed at `at` in favour of its next epoch, which carries it on."""
    clock = going_on(clock, ground)
    return replace(
        woken(clock, at, state=STOPPED, since=None),
        counted_ms=used_ms(clock, ground.calendar, at),
        result=NOT_APPLICABLE,
        stopped_at=at,
        breached_at=None,
        due_at=clock.due_at or due_time(replace(clock, since=at), ground),
        next_level=None,
        next_at=None,
    )
