"""The stretches of a clock's life: what counted, what did not, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.sla.calendar import Calendar
from service.sla.history import CAUSE, Mark
from service.sla.notation import MS, iso, ms, seconds

OUTSIDE = "outside_calendar"


@dataclass(frozen=True, slots=True)
class Interval:
    """One stretch. `opener` and `closer` are the lines that began and ended a pause.

    `reason` is why it did not count: a state, "@" and the word of a `pause`, or closed hours.
    """

    begins: datetime
    ends: datetime
    states: tuple[str, ...]
    reason: str | None = None
    opener: Mark | None = None
    closer: Mark | None = None
    capped: bool = False

    @property
    def counted(self) -> bool:
        """Tell whether its time counts."""
        return self.reason is None

    @property
    def span_ms(self) -> int:
        """Its length in milliseconds of wall-clock time."""
        return ms(self.ends - self.begins)

    def body(self) -> dict[str, Any]:
        """Return the JSON of the contract."""
        found: dict[str, Any] = {
            "from": iso(self.begins),
            "to": iso(self.ends),
            "counted": self.counted,
            "seconds": seconds(self.span_ms),
        }
        if self.counted:
            first, last = self.states[0], self.states[-1]
            found["state"] = first if first == last else f"{first}…{last}"
            return found
        found["reason"] = self.reason
        if self.opener is not None:
            found["paused_by"] = _line(self.opener)
            found["resumed_by"] = _line(self.closer)
            if self.capped:
                found["resumed_by"] = {"event": "max_pause", "seq": None}
        return found


def _line(mark: Mark | None) -> dict[str, Any] | None:
    return None if mark is None else {"event": mark.event, "seq": mark.seq}


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of a history a clock lived through, and what makes it wait.

    `born` is the seq of the line that started it: earlier lines never pause it.
    """

    clock: str
    begins: datetime
    ends: datetime
    born: int
    pauses: frozenset[str]
    max_pause: timedelta


def intervals(lines: Sequence[Mark], span: Span, calendar: Calendar) -> tuple[Interval, ...]:
    """Return contiguous stretches from the beginning to the end of the span, in order."""
    pieces = _capped(_by_state(lines, span), span.max_pause)
    return tuple(_joined(part for piece in pieces for part in _by_hours(piece, calendar)))


def _by_state(lines: Sequence[Mark], span: Span) -> Iterator[Interval]:
    changes = list(_changes(lines, span))
    for n, (change, cause) in enumerate(changes):
        after = changes[n + 1][0] if n + 1 < len(changes) else None
        begins = span.begins if n == 0 else max(change.at, span.begins)
        ends = span.ends if after is None else min(after.at, span.ends)
        piece = Interval(begins, ends, (change.to_state,))
        if cause is not None:
            piece = replace(piece, reason=cause, opener=change, closer=after)
        if begins < ends:
            yield piece


def _changes(lines: Iterable[Mark], span: Span) -> Iterator[tuple[Mark, str | None]]:
    """Yield the lines by which the state or the cause of a pause changed, and that cause."""
    held: str | None = None
    before: tuple[str, str | None] | None = None
    for line in lines:
        held = _held(held, line, span) if line.seq >= span.born else None
        cause = held or (line.to_state if line.to_state in span.pauses else None)
        if line.seq < span.born:
            cause = None
        if (line.to_state, cause) != before or line.seq == span.born:
            yield line, cause
        before = (line.to_state, cause)


def _held(held: str | None, line: Mark, span: Span) -> str | None:
    """Return what holds the clock after a line, whatever the state."""
    for op in line.ops:
        if op.clock not in (span.clock, "*"):
            continue
        if op.verb == "start" and line.seq == span.born:
            held = None
        elif op.verb == "pause":
            held = f"{CAUSE}{op.cause}"
        elif op.verb == "resume" and held is not None:
            held = None if op.cause in (None, held.removeprefix(CAUSE)) else held
    return held


def _capped(pieces: Iterable[Interval], left: timedelta) -> Iterator[Interval]:
    for piece in pieces:
        spent = piece.ends - piece.begins
        if piece.counted or spent <= left:
            left -= timedelta() if piece.counted else spent
            yield piece
            continue
        cap, left = piece.begins + left, timedelta()
        if piece.begins < cap:
            yield replace(piece, ends=cap, capped=True)
        yield Interval(cap, piece.ends, piece.states)


def _by_hours(piece: Interval, calendar: Calendar) -> Iterator[Interval]:
    if not piece.counted:
        yield piece
        return
    here = piece.begins
    for opens, closes in calendar.opened(piece.begins, piece.ends):
        if here < opens:
            yield Interval(here, opens, piece.states, OUTSIDE)
        yield Interval(opens, closes, piece.states)
        here = closes
    if here < piece.ends:
        yield Interval(here, piece.ends, piece.states, OUTSIDE)


def _joined(pieces: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and last.opener is piece.opener is None and last.reason == piece.reason:
            found[-1] = replace(last, ends=piece.ends, states=(*last.states, *piece.states))
        else:
            found.append(piece)
    return found


def counted_ms(found: Iterable[Interval]) -> int:
    """Return what counted, in milliseconds."""
    return sum(piece.span_ms for piece in found if piece.counted)


def reached(found: Sequence[Interval], amount_ms: int) -> datetime | None:
    """Return the last moment at which no more than `amount_ms` had been counted.

    None if a pause that began right then has not ended. Closing time ends no pause: what
    is used up at closing time was due then.
    """
    for piece, after in zip(found, (*found[1:], None), strict=True):
        if not piece.counted:
            continue
        if piece.span_ms > amount_ms:
            return piece.begins + amount_ms * MS
        amount_ms -= piece.span_ms
        if amount_ms == 0 and (after is None or after.opener is None):
            return piece.ends
    return None
