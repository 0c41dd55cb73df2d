"""One clock: how it is armed, pauses, resumes and is decided. Every function is pure.

Counted time is exact to the millisecond. `counted_ms` is what was counted before `since`;
so a running clock's row needs no writing while time passes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from service.sla.calendar import Calendar
from service.sla.ladder import BREACH, Step, steps
from service.sla.notation import MS, ms
from service.sla.profile import ClockRule, Profile

RUNNING: Final = "running"
PAUSED: Final = "paused"
STOPPED: Final = "stopped"

MET: Final = "met"
BREACHED: Final = "breached"
EXCUSED: Final = "breached_excused"
NOT_APPLICABLE: Final = "not_applicable"

OPENED: Final = "opened"
EVENT: Final = "event"
AGREED: Final = "agreed"
PROLONGED: Final = "prolonged"
"""What a clock's time is anchored to: the report, the event, a date of its own, or such a date
put off by `extend`."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One epoch of one clock of a ticket.

    `since` is when counting (re)started. `due_at` is None while paused. `paused_at` stays
    on a running clock whose ticket still waits after `max_pause` was used up: its counting
    went on at `since`. `counted_ms` of a stopped clock is all that was counted; one that
    stopped excused at `due_at` keeps `since`, because a late report may still undo that.
    `pause_cause` is the state it waits in or, with a leading "@", the word that a `pause` gave.
    """

    name: str
    epoch: int
    state: str
    result: str | None
    profile: str
    profile_version: int
    calendar: str
    calendar_version: int
    rule: str
    anchor: str
    target_ms: int
    started_at: datetime
    counted_ms: int = 0
    since: datetime | None = None
    paused_at: datetime | None = None
    paused_ms: int = 0
    due_at: datetime | None = None
    warn_at: datetime | None = None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    excused: bool = False
    next_level: int | None = None
    next_at: datetime | None = None
    pause_cause: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What one clock is judged by: its rule, calendar, variant, and the cap on pauses."""

    rule: ClockRule
    calendar: Calendar
    variant: str
    max_pause_ms: int

    def steps(self, clock: Clock) -> tuple[Step, ...]:
        """Return the rungs of a clock; an excused one has no ladder and costs no score."""
        found = steps(self.rule, clock.target_ms, self.variant)
        if not clock.excused:
            return found
        return tuple(replace(s, action=None) for s in found if s.level <= BREACH)


def ground_of(profile: Profile, clock: str, calendar: Calendar, variant: str) -> Ground:
    """Return what a clock of that name is judged by under a profile."""
    rule = profile.rule(clock)
    return Ground(rule, calendar, variant, ms(profile.longest_pause(rule)))


def armed(clock: Clock, ground: Ground, **changes: Any) -> Clock:
    """Return the clock with `changes`, its first reminder and next rung placed anew.

    `next_level` says from which level on; None means nothing is left.
    """
    clock = replace(clock, **changes) if changes else clock
    next_level, next_at, warn_at = None, None, clock.warn_at
    found = ground.steps(clock)
    first = found[0]
    if first.level < BREACH and first.offset_ms > clock.counted_ms:
        warn_at = instant(clock, ground, first.offset_ms) if clock.state == RUNNING else None
    for step in found:
        if next_level is None and clock.next_level is not None and step.level >= clock.next_level:
            next_level, next_at = step.level, fires_at(clock, ground, step)
    return replace(clock, next_level=next_level, next_at=next_at, warn_at=warn_at)


def fires_at(clock: Clock, ground: Ground, step: Step) -> datetime:
    """Return when a rung fires: one tick after its instant if it is the breach."""
    if step.level != BREACH:
        return instant(clock, ground, step.offset_ms)
    due = clock.due_at or instant(clock, ground, step.offset_ms)
    return due + MS  # stopping at exactly the due time is in time (RULINGS 9)


def counting_from(clock: Clock, ground: Ground) -> datetime:
    """Return when counting began or, for a paused clock, when the cap makes it go on."""
    if clock.since is not None:
        return clock.since
    waits_since = clock.paused_at or clock.started_at
    return waits_since + (ground.max_pause_ms - clock.paused_ms) * MS


def instant(clock: Clock, ground: Ground, offset_ms: int) -> datetime:
    """Return when `offset_ms` have been counted.

    For an amount that was counted before `since` the pauses in between are not known;
    the answer is then the earliest that it can have been.
    """
    base = counting_from(clock, ground)
    if offset_ms >= clock.counted_ms:
        return ground.calendar.add(base, (offset_ms - clock.counted_ms) * MS)
    return min(base, ground.calendar.add(clock.started_at, offset_ms * MS))


def used_ms(clock: Clock, calendar: Calendar, at: datetime) -> int:
    """Return the time counted until `at`, or until the clock stopped."""
    if clock.since is None or clock.state == STOPPED:
        return clock.counted_ms
    return clock.counted_ms + ms(calendar.between(clock.since, at))


def settled(clock: Clock, ground: Ground, at: datetime) -> Clock:
    """Return the clock as it stands at `at` when only time passes (RULINGS 11).

    A pause longer than the cap lets counting go on; and back again, when a late report
    from before the cap arrives.
    """
    if clock.paused_at is None or clock.state == STOPPED:
        return clock
    if clock.state == PAUSED:
        cap = counting_from(clock, ground)
        if at < cap:
            return clock
        running = replace(clock, state=RUNNING, since=cap, paused_ms=ground.max_pause_ms)
        return armed(running, ground, due_at=due_time(running, ground))
    if clock.since is None or at >= clock.since:
        return clock
    spent = ground.max_pause_ms - (clock.since - clock.paused_at) // MS
    return armed(clock, ground, state=PAUSED, since=None, paused_ms=spent, due_at=None)


def due_time(clock: Clock, ground: Ground) -> datetime:
    """Return when a counting clock falls or fell due."""
    if clock.breached_at is not None and clock.target_ms <= clock.counted_ms:
        return clock.breached_at
    return instant(clock, ground, clock.target_ms)


def paused(clock: Clock, ground: Ground, at: datetime, cause: str) -> Clock:
    """Return the clock pausing at `at`. The cap on its pauses is not used up."""
    return armed(
        clock,
        ground,
        state=PAUSED,
        counted_ms=used_ms(clock, ground.calendar, at),
        since=None,
        paused_at=at,
        pause_cause=cause,
        due_at=None,
    )


def resumed(clock: Clock, ground: Ground, at: datetime) -> Clock:
    """Return the clock counting again from `at`."""
    if clock.state == RUNNING:  # the cap had let it go on before
        return replace(clock, paused_at=None, pause_cause=None)
    running = woken(clock, at, state=RUNNING, since=at)
    if clock.breached_at and clock.paused_at and clock.breached_at > clock.paused_at:
        # Found while the cap was thought to have ended the pause: not when it really fell due.
        running = replace(running, breached_at=None)
    due = due_time(running, ground)
    breached_at = None if clock.breached_at is None else due
    return armed(running, ground, due_at=due, breached_at=breached_at)


def woken(clock: Clock, at: datetime, **changes: Any) -> Clock:
    """Return the clock with its pause, if any, ended at `at` and added up."""
    spent = clock.paused_ms
    if clock.state == PAUSED and clock.paused_at is not None:
        spent += ms(max(at - clock.paused_at, timedelta()))
    return replace(clock, paused_ms=spent, paused_at=None, pause_cause=None, **changes)


def decided(clock: Clock, ground: Ground, at: datetime, *, in_time: str) -> Clock:
    """Return the clock stopped at `at`: `in_time` if it was not late, else breached.

    An excused clock stopped when it fell due (R-SLA-22).
    """
    used = used_ms(clock, ground.calendar, at)
    breached_at = clock.breached_at
    if breached_at is None and is_late(clock, used, at):
        breached_at = clock.due_at or due_time(clock, ground)
    result, stopped_at = in_time, at
    if breached_at is not None and clock.excused:
        result, stopped_at, used = EXCUSED, breached_at, min(used, clock.target_ms)
    elif breached_at is not None:
        result = BREACHED
    due_at = breached_at or clock.due_at or due_time(replace(clock, since=at), ground)
    return replace(
        woken(clock, at, state=STOPPED, counted_ms=used, since=None),
        result=result,
        stopped_at=stopped_at,
        due_at=due_at,
        breached_at=breached_at,
        next_level=None,
        next_at=None,
    )


def is_late(clock: Clock, used: int, at: datetime) -> bool:
    """Tell whether the clock was past due at `at`, with `used` milliseconds counted."""
    # Not by counted time while it runs: nothing is counted between closing time and `at`.
    return used > clock.target_ms if clock.due_at is None else at > clock.due_at


def fired(clock: Clock, ground: Ground, level: int) -> Clock:
    """Return the clock after the rung of `level` fired; the one above is armed.

    The breach of an excused clock stops it there.
    """
    if clock.next_level is None or level < clock.next_level:
        return clock
    if level != BREACH:
        return armed(clock, ground, next_level=level + 1)
    due = clock.due_at or due_time(clock, ground)
    if clock.excused:
        return stopped_at_due(clock, ground, due)
    return armed(clock, ground, next_level=level + 1, breached_at=due, result=BREACHED)


def stopped_at_due(clock: Clock, ground: Ground, due: datetime) -> Clock:
    """Return an excused clock as its due time stops it (R-SLA-22)."""
    return replace(
        clock,
        state=STOPPED,
        result=EXCUSED,
        excused=True,
        counted_ms=used_ms(clock, ground.calendar, due),
        due_at=due,
        breached_at=due,
        stopped_at=due,
        next_level=None,
        next_at=None,
    )
