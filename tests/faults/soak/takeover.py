"""How soon somebody fires what is due: after each kill, and altogether. Real time throughout."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.faults.soak.clockwork import Clockwork


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung that fired: when it really could be fired, when it was noticed, by whom."""

    due: datetime
    fired: datetime
    by: str = ""

    @property
    def late_s(self) -> float:
        """Return how late it was."""
        return (self.fired - self.due).total_seconds()


def rungs(clock: Clockwork, rows: Iterable[tuple[datetime, datetime, str]]) -> list[Rung]:
    """Return what fired, in order of due time.

    `rows` say when each could be fired, when it was noticed, and by whom.
    """
    found = [Rung(clock.real(due), clock.real(noticed), by) for due, noticed, by in rows]
    return sorted(found, key=lambda rung: rung.due)


def after_kill(at: datetime, fired: Sequence[Rung]) -> tuple[float, datetime] | None:
    """Return the seconds from a kill until the next due rung was fired by somebody, and when.

    That is the first, by due time, of those not yet fired then: one that was waiting, perhaps
    in the killed process's hands, counts from the kill; one that fell due later from its due
    time. None when nothing fell due any more.
    """
    coming = bisect_right(fired, at, key=lambda rung: rung.due)
    waiting = [rung for rung in fired[max(0, coming - _WINDOW) : coming] if rung.fired > at]
    following = [*waiting, *fired[coming : coming + 1]]
    if not following:
        return None
    rung = following[0]
    return (rung.fired - max(at, rung.due)).total_seconds(), rung.fired


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` of them lie, by nearest rank; None of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


_WINDOW = 3000  # rungs looked back at for one that was waiting; more never fall due at once
