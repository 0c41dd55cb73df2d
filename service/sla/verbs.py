"""What each operation of a history line does to the clocks of its ticket."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from service.sla import late, timer
from service.sla.book import Book
from service.sla.calendar import ALL_HOURS, newest, next_time_of_day
from service.sla.history import Op
from service.sla.ladder import WARN
from service.sla.notation import ms
from service.sla.profile import ClockRule
from service.sla.timer import MET, NOT_APPLICABLE, PAUSED, RUNNING, STOPPED, Clock


def _start(book: Book, op: Op) -> None:
    rule = book.rule(op.clock)
    since = op.since or book.at
    due = op.due
    target = None if rule.absolute else rule.target.get(book.terms.urgency)
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
        anchor="opened" if op.since is not None and op.due is None else "event",
        target_ms=ms(calendar.between(since, due)),
        started_at=since,
        since=since,
        due_at=due,
        next_level=WARN,
    )
    book.put(timer.armed(fresh, book.ground(fresh)))


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
        if clock.anchor != "opened" or opened_at >= clock.started_at:
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
        next_level=WARN,
    )
    due_at = None if again.state == PAUSED else timer.instant(again, ground, target)
    return timer.armed(again, ground, due_at=due_at)


def _fired(book: Book, op: Op) -> None:
    clock = book.held.get((op.clock, op.epoch))
    if clock is None or clock.state == STOPPED:
        return
    ground = book.ground(clock)
    book.put(timer.fired(timer.settled(clock, ground, book.at), ground, op.level))


def wait_or_go_on(book: Book, clock: Clock) -> None:
    """Pause or resume a clock according to the state that the line led to (R-SLA-23)."""
    pauses = book.rule(clock.name).pauses
    if not pauses and clock.pause_cause is None:
        return
    cause = book.mark.to_state if book.mark.to_state in pauses else None
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
    "fired": _fired,
}
