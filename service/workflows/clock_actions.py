"""What rows do to clocks, in the words of the tables."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from service.core.workflow import ClockAction, Situation
from service.workflows.table import ticket_of

When = Callable[[Situation], bool]
Due = Callable[[Situation], datetime | None]


def start(clock: str, *, when: When | None = None, due: Due | None = None) -> ClockAction:
    """Count from the event."""
    return ClockAction("start", clock, due=due, when=when)


def start_opened(clock: str, *, due: Due | None = None) -> ClockAction:
    """Count from the report: slow triage never buys time (DOMAIN 8 #21)."""
    return ClockAction("start", clock, since="opened", due=due)


def stop(*clocks: str) -> tuple[ClockAction, ...]:
    """Decide clocks."""
    return tuple(ClockAction("stop", clock) for clock in clocks)


def end(*clocks: str, when: When | None = None) -> tuple[ClockAction, ...]:
    """End clocks without a verdict; a breached one stays breached."""
    return tuple(ClockAction("end", clock, when=when) for clock in clocks)


def from_state(*states: str) -> When:
    """Only when the event leaves one of these states."""
    return lambda s: ticket_of(s).state in states


END_ALL: Final = end("*")
