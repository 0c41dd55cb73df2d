"""The proof of a clock: which stretches counted, the sum, and the verdict that follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.errors import NotFound
from service.sla.calendar import Calendar, Calendars, pinned
from service.sla.clocks import Profiles
from service.sla.history import Mark
from service.sla.intervals import Interval, Span, counted_ms, intervals, reached
from service.sla.notation import MS, iso, ms, seconds
from service.sla.story import Basis, Story, tell
from service.sla.timer import PAUSED, STOPPED, Clock, ground_of, settled
from service.sla.wording import Account, sentence

_AS_OF = "due_at = as_of + (target_s - counted_s), walked through the calendar"
_STOPPED = "due_at = stopped_at + (target_s - counted_s), walked through the calendar"
_REACHED = "due_at = the moment at which counted_s reached target_s"
_PAUSED = "due_at = resumed_at + (target_s - counted_s), walked through the calendar"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be explained; the default epoch is the last one, the default moment now.

    `kind` is that of the ticket: its states are named in that kind's words.
    """

    clock: str
    now: datetime
    epoch: int | None = None
    at: datetime | None = None
    basis: Basis = "occurred"
    lang: str = "zh-Hans"
    kind: str = ""

    @property
    def as_of(self) -> datetime:
        """The moment that is asked about."""
        return self.at or self.now


def explain(
    marks: Iterable[Mark], ask: Ask, profiles: Profiles, calendars: Calendars
) -> dict[str, Any]:
    """Return the proof of one clock as the contract has it.

    Raises NotFound when the ticket had no such clock or epoch at that moment.
    """
    told = tuple(marks)
    story = tell(told, basis=ask.basis, until=ask.as_of, profiles=profiles, calendars=calendars)
    clock = _asked(told, ask, story)
    calendar = pinned(calendars, clock.calendar, clock.calendar_version)
    ground = ground_of(story.profile, clock.name, calendar, story.agreed.variant)
    clock = settled(clock, ground, ask.as_of)
    ends = min(clock.stopped_at, ask.as_of) if clock.stopped_at else ask.as_of
    span = Span(
        clock=clock.name,
        begins=clock.started_at,
        ends=max(ends, clock.started_at),
        born=story.births[clock.name, clock.epoch],
        pauses=ground.rule.pauses,
        max_pause=ground.max_pause_ms * MS,
    )
    found = intervals(story.lines, span, calendar)
    sums = _sums(clock, found, span, calendar)
    return {
        "clock": clock.name,
        "epoch": ask.epoch or clock.epoch,
        "basis": ask.basis,
        "as_of": iso(ask.as_of),
        **({"forecast": True} if ask.as_of > ask.now else {}),
        "policy": {
            "profile": clock.profile,
            "version": clock.profile_version,
            "rule": clock.rule,
        },
        "calendar": {"id": clock.calendar, "version": clock.calendar_version},
        "time_zone": story.agreed.time_zone,
        "target_s": seconds(clock.target_ms),
        "started_at": iso(clock.started_at),
        "stopped_at": iso(clock.stopped_at),
        "intervals": [piece.body() for piece in found],
        "arithmetic": sums.body(),
        "verdict": clock.result,
        "text": sentence(
            Account(
                clock=clock,
                as_of=ask.as_of,
                due_at=sums.due_at,
                used_ms=sums.counted_ms,
                waits=tuple((p.reason, p.span_ms) for p in found if p.reason is not None),
                zone=story.agreed.time_zone,
                kind=ask.kind,
            ),
            ask.lang,
        ),
    }


def _asked(marks: Iterable[Mark], ask: Ask, story: Story) -> Clock:
    """Return the clock that is meant; by receipt, epochs made by late reports do not exist."""
    epochs = story.epochs(ask.clock)
    if ask.epoch is not None and ask.basis == "received":
        occurred = tell(
            marks,
            basis="occurred",
            until=ask.as_of,
            profiles=story.profiles,
            calendars=story.calendars,
        )
        line = occurred.lineage.get((ask.clock, ask.epoch))
        epochs = [c for c in epochs if story.lineage[c.name, c.epoch] == line]
    elif ask.epoch is not None:
        epochs = [c for c in epochs if c.epoch == ask.epoch]
    if not epochs:
        raise NotFound
    return epochs[-1]


@dataclass(frozen=True, slots=True)
class _Sums:
    counted_ms: int
    elapsed_ms: int
    target_ms: int
    due_at: datetime | None
    formula: str

    def body(self) -> dict[str, Any]:
        return {
            "counted_s": seconds(self.counted_ms),
            "excluded_s": seconds(self.elapsed_ms - self.counted_ms),
            "elapsed_s": seconds(self.elapsed_ms),
            "remaining_s": seconds(self.target_ms - self.counted_ms),
            "due_at": iso(self.due_at),
            "formula": self.formula,
        }


def _sums(clock: Clock, found: tuple[Interval, ...], span: Span, calendar: Calendar) -> _Sums:
    counted = counted_ms(found)
    left = clock.target_ms - counted
    if left < 0:
        due_at, formula = reached(found, clock.target_ms), _REACHED
    elif clock.state == PAUSED:
        due_at, formula = None, _PAUSED
    elif left == 0 and found:
        due_at, formula = reached(found, clock.target_ms) or span.ends, _REACHED
    else:
        due_at = calendar.add(span.ends, left * MS)
        formula = _STOPPED if clock.state == STOPPED else _AS_OF
    return _Sums(counted, ms(span.ends - span.begins), clock.target_ms, due_at, formula)
