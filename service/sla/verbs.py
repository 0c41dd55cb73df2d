"""What each operation of a history line does to the clocks of its ticket."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from service.sla import late, timer
from service.sla.book import Book
from service.sla.calendar import ALL_HOURS, newest, next_time_of_day
from service.sla.history import CAUSE, Op
from service.sla.ladder import BREACH
from service.sla.notation import ms
from service.sla.profile import ClockRule
from service.sla.timer import (
    AGREED,
    EVENT,
    MET,
    NOT_APPLICABLE,
    OPENED,
    PAUSED,
    PROLONGED,
    RUNNING,
    STOPPED,
    Clock,
)


def _start(book: Book, op: Op) -> None:
    rule = book.rule(op.clock)
    since = op.since or book.at
    due = op.due
    target = None if rule.absolute else rule.target.get(book.terms.variant)
    if rule.absolute is not None and op.clock in book.terms.absolute:
        due = due or _absolute_due(rule, since, book.terms.time_zone)
    elif rule.absolute is not None:
        due = None
    # A date is a date: an agreed or absolute due time is not walked through opening hours.
    calendar = newest(book.calendars, rule.calendar) if due is None else ALL_HOURS
    if due is None and target is not None:
        due = calendar.add(since, target)
    if due is None:
        return
    due = max(due, since)
    for clock in book.open(op.clock):
        _decide(book, clock, NOT_APPLICABLE)
    fresh = Clock(
        name=op.clock,
        epoch=book.next_epoch(op.clock),
        state=RUNNING,
        result=None,
        profile=book.terms.profile,
        profile_version=book.terms.profile_version,
        calendar=calendar.id,
        calendar_version=calendar.version,
        rule=rule.rule,
        anchor=_anchor(op),
        target_ms=ms(calendar.between(since, due)),
        started_at=since,
        since=since,
        due_at=due,
        next_level=-len(rule.warn),
    )
    book.put(timer.armed(fresh, book.ground(fresh)))


def _anchor(op: Op) -> str:
    if op.due is not None:
        return AGREED
    return EVENT if op.since is None else OPENED


def _absolute_due(rule: ClockRule, since: datetime, zone: str) -> datetime:
    """Return the end of a limit given as a local time of day (DOMAIN 3A.4)."""
    due = next_time_of_day(since, rule.absolute or "24:00", zone)
    return due if rule.floor is None else max(due, since + rule.floor)


def _stop(book: Book, op: Op) -> None:
    for clock in book.open(op.clock):
        _decide(book, clock, MET)


def _end(book: Book, op: Op) -> None:
    for clock in book.open(op.clock):
        _decide(book, clock, NOT_APPLICABLE)


def _decide(book: Book, clock: Clock, in_time: str) -> None:
    ground = book.ground(clock)
    clean, levels = late.withdrawn(clock, ground, book.at)
    book.take_back(clock, levels)
    settled = timer.settled(clean, ground, book.at)
    book.put(timer.decided(settled, ground, book.at, in_time=in_time))


def _excuse(book: Book, op: Op) -> None:
    for clock in book.open(op.clock):
        if clock.state == STOPPED:
            continue
        ground = book.ground(clock)
        if clock.breached_at is None:
            clock = timer.settled(clock, ground, book.at)
        postponed, levels = late.excused(clock, ground, book.at)
        book.take_back(clock, levels)
        book.put(postponed)


def _rebase(book: Book, op: Op) -> None:
    opened_at = op.since or book.at
    for clock in book.open(op.clock):
        if clock.anchor != OPENED or opened_at >= clock.started_at:
            continue
        ground = book.ground(clock)
        settled = timer.settled(late.going_on(clock, ground), ground, book.at)
        book.put(late.superseded(settled, ground, book.at))
        book.put(_reopened(book, settled, opened_at))


def _reopened(book: Book, clock: Clock, opened_at: datetime) -> Clock:
    """Return the next epoch, counted from an earlier opening, with its whole ladder ahead."""
    ground = book.ground(clock)
    calendar = ground.calendar
    target = clock.target_ms
    if ground.rule.absolute is not None:
        due = _absolute_due(ground.rule, opened_at, book.terms.time_zone)
        target = ms(calendar.between(opened_at, due))
    whole = clock.since == clock.started_at  # it never paused: simply count from the opening
    earlier = 0 if whole else ms(calendar.between(opened_at, clock.started_at))
    again = replace(
        clock,
        epoch=clock.epoch + 1,
        result=None,
        target_ms=target,
        started_at=opened_at,
        since=opened_at if whole else clock.since,
        counted_ms=clock.counted_ms + earlier,
        breached_at=None,
        due_at=None,
        warn_at=None,
        next_level=-len(ground.rule.warn),
    )
    due_at = None if again.state == PAUSED else timer.instant(again, ground, target)
    return timer.armed(again, ground, due_at=due_at)


def _extend(book: Book, op: Op) -> None:
    for clock in book.open(op.clock):
        ground = book.ground(clock)
        going = timer.settled(late.going_on(clock, ground), ground, book.at)
        _decide(book, clock, NOT_APPLICABLE)
        book.put(_prolonged(book, going))


def _prolonged(book: Book, clock: Clock) -> Clock:
    """Return the next epoch, with its target once more and what was counted kept."""
    ground = book.ground(clock)
    agreed = clock.anchor in (AGREED, PROLONGED)
    more = None if agreed else ground.rule.target.get(book.terms.variant)
    again = replace(
        clock,
        epoch=clock.epoch + 1,
        result=None,
        anchor=PROLONGED if agreed else clock.anchor,
        target_ms=clock.target_ms + (_first_target(book, clock) if more is None else ms(more)),
        breached_at=None,
        due_at=None,
        warn_at=None,
    )
    # A reminder whose time has passed is not given again; a breach is never passed over.
    ahead = (
        step.level
        for step in ground.steps(again)
        if step.level >= BREACH or timer.instant(again, ground, step.offset_ms) > book.at
    )
    due_at = None if again.state == PAUSED else timer.instant(again, ground, again.target_ms)
    return timer.armed(again, ground, due_at=due_at, next_level=next(ahead))


def _first_target(book: Book, clock: Clock) -> int:
    """Return the milliseconds that a clock had before it was ever extended."""
    while clock.anchor == PROLONGED:
        clock = book.held[clock.name, clock.epoch - 1]
    return clock.target_ms


def _fired(book: Book, op: Op) -> None:
    clock = book.held.get((op.clock, op.epoch))
    if clock is None or clock.state == STOPPED:
        return
    ground = book.ground(clock)
    book.put(timer.fired(timer.settled(clock, ground, book.at), ground, op.level))


def _hold(book: Book, op: Op) -> None:
    for clock in book.open(op.clock):
        _turn(book, clock, f"{CAUSE}{op.cause}")


def _release(book: Book, op: Op) -> None:
    for clock in book.open(op.clock):
        if (word := _held(clock)) is not None and op.cause in (None, word):
            _turn(book, clock, None)


def _held(clock: Clock) -> str | None:
    """Return the word of the `pause` that a clock waits by, None if it waits by none."""
    cause = clock.pause_cause
    return cause.removeprefix(CAUSE) if cause is not None and cause.startswith(CAUSE) else None


def wait_or_go_on(book: Book, clock: Clock) -> None:
    """Pause or resume a clock according to the state that the line led to (R-SLA-23).

    One that a `pause` holds waits for its `resume`, whatever the state.
    """
    pauses = book.rule(clock.name).pauses
    if (not pauses and clock.pause_cause is None) or _held(clock) is not None:
        return
    _turn(book, clock, book.mark.to_state if book.mark.to_state in pauses else None)


def _turn(book: Book, clock: Clock, cause: str | None) -> None:
    """Let a clock wait for another cause from now on, or for none."""
    if cause == clock.pause_cause:
        return
    if clock.pause_cause is not None:
        clock = _resumed(book, clock)
        book.put(clock)
    if cause is not None:
        _pause(book, clock, cause)


def _resumed(book: Book, clock: Clock) -> Clock:
    ground = book.ground(clock)
    going = timer.settled(late.going_on(clock, ground), ground, book.at)
    resumed = timer.resumed(going, ground, book.at)
    if clock.state != STOPPED:
        return resumed
    # Its excuse stopped it after the cap; with a resume from before, it was due earlier.
    return timer.stopped_at_due(resumed, ground, timer.due_time(resumed, ground))


def _pause(book: Book, clock: Clock, cause: str) -> None:
    ground = book.ground(clock)
    if ground.max_pause_ms <= clock.paused_ms:
        return
    clean, levels = late.withdrawn(clock, ground, book.at)
    if levels:
        # The key of a rung forbids a second firing, so the clock goes on as its next epoch.
        book.take_back(clock, levels)
        book.put(late.superseded(clock, ground, book.at))
        clean = replace(clean, epoch=clock.epoch + 1)
    book.put(timer.paused(clean, ground, book.at, cause))


Verb = Callable[[Book, Op], None]

VERBS: Final[Mapping[str, Verb]] = {
    "start": _start,
    "stop": _stop,
    "end": _end,
    "excuse": _excuse,
    "rebase": _rebase,
    "extend": _extend,
    "pause": _hold,
    "resume": _release,
    "fired": _fired,
}
