"""One epoch of one clock, reckoned a second time: what was counted, when it falls due.

Nothing is carried along from line to line but facts: when it began, when the ticket waited,
which rungs fired. Every figure is worked out from these anew, by walking over the stretches
between the waits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from service.sla.profile import ClockRule, Warn
from service.store.audit.hours import Hours

MS: Final = timedelta(milliseconds=1)
BREACH: Final = 0
NOTHING: Final = timedelta()
_DEFAULT_RATIO: Final = 0.8  # R-SLA-24

Wait = tuple[datetime, datetime | None]
Rungs = tuple[tuple[int, timedelta], ...]
"""(level, counted time at which it is reached), lowest level first."""


@dataclass(slots=True)
class Life:
    """One epoch. `seen_at` is when the last line that moved it took effect.

    `cap` is what its waits may add up to: after that, counting goes on. `cause` is the state
    it waits in, or "@" and the word by which an event made it wait. `agreed` is what a date of
    its own gave it, None where the profile did. `verdict` is None until it ended at `ended_at`.
    """

    name: str
    epoch: int
    hours: Hours
    begins: datetime
    target: timedelta
    from_opening: bool
    cap: timedelta
    rungs: Rungs
    seen_at: datetime
    waits: list[Wait] = field(default_factory=list)
    cause: str | None = None
    agreed: timedelta | None = None
    fired: set[int] = field(default_factory=set)
    excused: bool = False
    ended_at: datetime | None = None
    verdict: str | None = None

    @property
    def held(self) -> bool:
        """Tell whether an event, and no state, makes it wait."""
        return self.cause is not None and self.cause.startswith("@")

    @property
    def left_to_wait(self) -> timedelta:
        """What the cap leaves after the waits that are over."""
        return self.cap - sum((b - a for a, b in self._capped() if b is not None), NOTHING)

    @property
    def waiting(self) -> bool:
        """Tell whether it stood still when the last line moved it."""
        if not self.waits or self.waits[-1][1] is not None:
            return False
        left = self.left_to_wait
        return left > NOTHING and self.seen_at < self.waits[-1][0] + left

    @property
    def stopped_by_excuse(self) -> bool:
        """Tell whether its due time ended it: it was postponed, and the breach was noticed."""
        return self.verdict is None and self.excused and BREACH in self.fired

    @property
    def due(self) -> datetime:
        """When the target is used up; for one that waits, when it would be at the latest."""
        return self.instant(self.target)

    def stretches(self) -> Iterator[tuple[datetime, datetime | None]]:
        """Yield when it ran, opening hours aside; the last stretch has no end."""
        here = self.begins
        left = self.cap
        for begins, ends in self._capped():
            yield here, begins
            here = begins + left if ends is None else ends
            left -= here - begins
        yield here, None

    def _capped(self) -> Iterator[Wait]:
        left = self.cap
        for begins, ends in self.waits:
            if left <= NOTHING:
                return
            if ends is not None and ends - begins > left:
                ends = begins + left
            yield begins, ends
            left -= NOTHING if ends is None else ends - begins

    def counted(self, until: datetime | None = None) -> timedelta:
        """Return what was counted until then, or before the last stretch."""
        total = NOTHING
        for begins, ends in self.stretches():
            if until is None and ends is None:
                break
            last = until if ends is None else ends if until is None else min(ends, until)
            total += self.hours.counted(begins, last or begins)
        return total

    def instant(self, amount: timedelta) -> datetime:
        """Return the last moment at which no more than `amount` had been counted.

        Closing time ends no wait: what is used up at closing time was due then.
        """
        for begins, ends in self.stretches():
            reached = None if ends is None else self.hours.counted(begins, ends)
            if reached is None or ends is None or reached > amount:
                return self.hours.after(begins, amount)
            if reached == amount > NOTHING and self.hours.after(begins, amount) < ends:
                return self.hours.after(begins, amount)
            amount -= reached
        raise AssertionError("the last stretch has no end")

    def is_known(self, amount: timedelta) -> bool:
        """Tell whether the service knows exactly when `amount` was counted.

        Of what was counted before the last wait it keeps only the sum; and an amount used up
        to the millisecond as that wait began may be dated before or after it.
        """
        return amount > self.counted()

    def next_rung(self) -> tuple[int, datetime] | None:
        """Return the level that fires next, and when; the breach a tick after its time."""
        if self.verdict is not None or self.stopped_by_excuse:
            return None
        passed = max(self.fired, default=None)
        for level, amount in self.rungs:
            if (passed is not None and level <= passed) or (self.excused and level > BREACH):
                continue
            return level, self.instant(amount) + (MS if level == BREACH else NOTHING)
        return None

    def exact(self, figure: str) -> bool:
        """Tell whether the service can know this figure exactly; see `is_known`."""
        if figure == "next_at":
            rung = self.next_rung()
            return rung is None or self.is_known(self.amount_of(rung[0]))
        of_due = {"due_at", "breached_at"} | (
            {"stopped_at", "counted_ms"} if self.excused else set()
        )
        return figure not in of_due or self.is_known(self.target)

    def amount_of(self, level: int) -> timedelta:
        """Return what must be counted for a level to fire."""
        return next((amount for each, amount in self.rungs if each == level), self.target)

    def disproved(self, at: datetime) -> set[int]:
        """Return the fired levels that cannot stand when something happened at `at`."""
        found = {level for level, amount in self.rungs if self.instant(amount) > at} - {BREACH}
        return self.fired & (found | ({BREACH} if self.due >= at else set()))

    def is_late(self, at: datetime) -> bool:
        """Tell whether it was past due at `at`."""
        return self.counted() > self.target if self.waiting else at > self.due

    def figures(self) -> dict[str, Any]:
        """Return what the stored row must say; None where it says nothing."""
        rung = self.next_rung()
        found = {
            "state": "paused" if self.waiting else "running",
            "result": "breached" if BREACH in self.fired else None,
            "started_at": self.begins,
            "target_ms": self.target // MS,
            "counted_ms": self.counted() // MS,
            "paused_ms": self._waited() // MS,
            "due_at": None if self.waiting else self.due,
            "breached_at": self.due if BREACH in self.fired else None,
            "stopped_at": None,
            "next_level": rung and rung[0],
            "next_at": rung and rung[1],
        }
        if self.stopped_by_excuse:
            counted = self.counted(self.due) // MS
            return found | self._ended("breached_excused", self.due, counted)
        if self.ended_at is not None and self.verdict is not None:
            return found | self._ended(
                self.verdict, self.ended_at, self.counted(self.ended_at) // MS
            )
        return found

    def _waited(self) -> timedelta:
        left = self.left_to_wait
        last = self.waits[-1] if self.waits else None
        on_and_on = last is not None and last[1] is None and not self.waiting
        return self.cap if on_and_on else self.cap - left

    def _ended(self, verdict: str, at: datetime, counted_ms: int) -> dict[str, Any]:
        breached = verdict.startswith("breached")
        excused = verdict == "breached_excused"
        return {
            "state": "stopped",
            "result": verdict,
            "counted_ms": min(counted_ms, self.target // MS) if excused else counted_ms,
            "due_at": self.due,
            "breached_at": self.due if breached else None,
            "stopped_at": self.due if excused else at,
        }


def rungs(rule: ClockRule, target: timedelta, variant: str) -> Rungs:
    """Return the levels of a clock and what must be counted for each, lowest first."""
    return tuple(sorted(_rungs(rule, target, variant)))


def _rungs(rule: ClockRule, target: timedelta, variant: str) -> Iterator[tuple[int, timedelta]]:
    yield BREACH, target
    for rung in rule.ladder:
        if rung.level != BREACH and rung.variant in (None, variant):
            yield rung.level, target + rung.after
    # The last reminder before the target has level -1, the one before it -2.
    latest_first = sorted((_reminded(warn, target) for warn in rule.warn), reverse=True)
    for n, amount in enumerate(latest_first, start=1):
        yield -n, amount


def _reminded(warn: Warn, target: timedelta) -> timedelta:
    lead = warn.before or warn.after or NOTHING
    if warn.ratio is None and lead < target:
        return target - lead if warn.before is not None else lead
    return round(target / MS * (_DEFAULT_RATIO if warn.ratio is None else warn.ratio)) * MS
