"""Strikes by a seeded schedule, moves the simulated clock, and writes down what it did.

The schedule, and every choice within a strike, follow from the seed and the turn's number
alone. What cannot be repeated is timing: which statement a process was at when it was hit.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from threading import Event
from time import monotonic

from tests.faults.soak.clockwork import Clockwork
from tests.faults.soak.faults import Fault, Scene
from tests.faults.soak.stand import Stand

_JUMP_EVERY_S = 9.0
_LOOK_S = 0.02
_ATTEMPTS = 4
_AGAIN_S = 0.4


@dataclass(frozen=True, slots=True)
class Injection:
    """One strike. `at` is real time, `tick` the machine's monotonic clock; `hit` what it hit.

    `lasts_s` is how long something stays frozen or full.
    """

    fault: Fault
    at: datetime
    tick: float
    hit: str
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard.

    It ends when `seconds` have passed, `kills` processes were killed or `strikes` were made.
    `gap_s` is the mean time between two strikes; `long_s` the longest freeze. Each fault comes
    once first, in the order of the seed; then they are drawn by their shares.
    """

    seed: int
    faults: Sequence[Fault]
    seconds: float
    kills: int | None = None
    strikes: int | None = None
    gap_s: float = 0.5
    long_s: float = 12.0

    def turns(self) -> Iterator[tuple[Fault, float, Random]]:
        """Yield for ever: what to strike with, how long to wait first, and the turn's dice."""
        first = list(self.faults)
        Random(f"{self.seed}/order").shuffle(first)  # noqa: S311 — a seed
        shares = [fault.share for fault in self.faults]
        for turn in count():
            rng = Random(f"{self.seed}/nemesis/{turn}")  # noqa: S311 — a seed
            gap = min(rng.expovariate(1 / self.gap_s), 3 * self.gap_s)
            drawn = rng.choices(self.faults, shares)[0]
            yield first[turn] if turn < len(first) else drawn, gap, rng


@dataclass
class Nemesis:
    """Strikes until the plan is fulfilled. Undoes what it left undone with `relent`."""

    plan: Plan
    stand: Stand
    clock: Clockwork
    tell: Callable[[str], None]
    injections: list[Injection] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    jumps: int = 0
    _later: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _owed: list[Fault] = field(default_factory=list)
    _lasts_s: float = 0.0

    def run(self) -> None:
        """Strike by the plan, then relent."""
        began = told = jumped = monotonic()
        jumps = Random(f"{self.plan.seed}/jumps")  # noqa: S311 — a seed
        for fault, gap, rng in self.plan.turns():
            self._wait(gap)
            now = monotonic()
            if self._is_over(now - began):
                break
            if now - jumped > _JUMP_EVERY_S:
                jumped = now
                self.jumps += self.clock.jump(timedelta(hours=jumps.choice((1, 2, 4, 8, 14))))
            owed, self._owed = self._owed, []
            for each in (*owed, fault):
                self._strike(each, rng)
            if now - told > 20:
                told = now
                self.tell(f"{now - began:5.0f} s  {len(self.injections)} faults, "
                          f"{self.killed.total()} kills")  # fmt: skip
        self.relent()

    def relent(self) -> None:
        """Undo everything that is still frozen or full."""
        while self._later:
            heapq.heappop(self._later)[2]()
        self.stand.wake()

    def _is_over(self, passed: float) -> bool:
        plan = self.plan
        killed = plan.kills is not None and self.killed.total() >= plan.kills
        struck = plan.strikes is not None and len(self.injections) >= plan.strikes
        return passed > plan.seconds or killed or struck

    def _strike(self, fault: Fault, rng: Random) -> None:
        """Strike; when there is nothing to hit just then, try again for a while."""
        self._lasts_s = 0.0
        scene = Scene(self.stand, rng, self._undo_after, self.plan.long_s)
        hit = fault.strike(scene)
        for _ in range(_ATTEMPTS):
            if hit is None:
                self._wait(_AGAIN_S)
                hit = fault.strike(scene)
        # After the strike: a hunt for a work-horse takes a while.
        at, tick = datetime.now(UTC), monotonic()
        if hit is None:
            self.missed[fault.name] += 1
            if fault not in (injection.fault for injection in self.injections):
                self._owed.append(fault)
            return
        self.injections.append(Injection(fault, at, tick, hit, self._lasts_s))
        if fault.kills:
            self.killed[fault.kills] += 1
        self._wait(fault.settle_s)

    def _undo_after(self, seconds: float, undo: Callable[[], object]) -> None:
        self._lasts_s = max(self._lasts_s, seconds)
        heapq.heappush(self._later, (monotonic() + seconds, next(self._order), undo))

    def _wait(self, seconds: float) -> None:
        until = monotonic() + seconds
        while True:
            now = monotonic()
            while self._later and self._later[0][0] <= now:
                heapq.heappop(self._later)[2]()
            if now >= until:
                return
            Event().wait(min(_LOOK_S, until - now))
