"""All clocks of a ticket: how each history line moves them, and what follows from the whole.

`advance` takes one line; `derive` folds it over the history. What is stored must equal
what is derived.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.sla import timer
from service.sla.book import Book
from service.sla.calendar import ALL_HOURS, Calendars, pinned
from service.sla.history import SLA_LINES, Mark, Op, Terms, effects, read_effects
from service.sla.ladder import BREACH, Ring
from service.sla.notation import MS
from service.sla.profile import Profile
from service.sla.timer import Clock
from service.sla.verbs import VERBS, wait_or_go_on

__all__ = [
    "Advance",
    "Clock",
    "Mark",
    "Op",
    "Ring",
    "Terms",
    "advance",
    "derive",
    "due_rungs",
    "effects",
    "read_effects",
]

Profiles = Mapping[tuple[str, int], Profile]
"""Profile versions by (id, version)."""


@dataclass(frozen=True, slots=True)
class Advance:
    """The clocks after one history line, and the (name, epoch, level) it proved wrong."""

    clocks: tuple[Clock, ...]
    withdrawn: tuple[tuple[str, int, int], ...] = ()


def advance(
    clocks: tuple[Clock, ...],
    mark: Mark,
    terms: Terms,
    profile: Profile,
    calendars: Calendars,
) -> Advance:
    """Return every clock of a ticket after one history line.

    Rungs due before `mark.at` have been fired by the caller. `terms` and `profile` are
    those in force after the line. Raises CalendarGap.
    """
    book = Book(mark, terms, profile, calendars)
    for clock in sorted(clocks, key=lambda c: c.epoch):
        book.put(clock)
    for op in mark.ops:
        VERBS[op.verb](book, op)
    # A rung recorded late must not pause a clock at the rung's own, earlier time.
    for clock in book.open("*") if mark.event not in SLA_LINES else ():
        wait_or_go_on(book, clock)
    return Advance(book.clocks(), tuple(book.withdrawn))


def derive(marks: Iterable[Mark], profiles: Profiles, calendars: Calendars) -> tuple[Clock, ...]:
    """Return the clocks that follow from a history, oldest line first.

    Raises LookupError for a profile version that is not given or a history without terms.
    """
    clocks: tuple[Clock, ...] = ()
    terms: Terms | None = None
    for mark in marks:
        terms = mark.terms or terms
        if terms is None:
            raise LookupError("a history begins with its terms")
        profile = profiles[terms.profile, terms.profile_version]
        clocks = advance(clocks, mark, terms, profile, calendars).clocks
    return clocks


def due_rungs(
    clock: Clock,
    profile: Profile,
    now: datetime,
    terms: Terms,
    calendars: Calendars | None = None,
) -> tuple[Ring, ...]:
    """Return the armed rungs of a clock that fire by `now`, in order.

    Without `calendars` a clock that does not run on all hours gives one rung at a time.
    """
    if clock.next_at is None or clock.next_at > now:
        return ()
    alone = calendars is None and clock.calendar != ALL_HOURS.id
    calendar = (
        ALL_HOURS if alone else pinned(calendars or {}, clock.calendar, clock.calendar_version)
    )
    ground = timer.ground_of(profile, clock.name, calendar, terms.variant)
    found = []
    at: datetime | None = clock.next_at
    clock = clock if alone else timer.settled(clock, ground, now)
    for step in ground.steps(clock):
        if clock.next_level is None or step.level < clock.next_level:
            continue
        if step.level > clock.next_level:
            at = None if alone else timer.fires_at(clock, ground, step)
        if at is None or at > now:
            break
        due = at - MS if step.level == BREACH else at
        found.append(Ring(clock.name, clock.epoch, step.level, due, step.roles, step.action))
    return tuple(found)
