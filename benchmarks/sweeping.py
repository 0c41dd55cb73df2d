"""What a sweep costs: nothing due, a hundred, ten thousand, among few and many that wait."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from benchmarks.world import World, prepare
from service.bootstrap import Application
from service.commands.sweep import Swept, sweep_all
from service.local.servers import Servers

FEW, MANY = 20_000, 1_000_000
_LOOKS = 100
_WARM_UP, _SMALL, _LARGE = 200, 100, 10_000
_SMALLS, _LARGES = 5, 3


class Missed(Exception):
    """A sweep fired more or less than was due."""


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Medians of one worker among so many armed clocks.

    `pending` leaves out the rungs that fall due while measuring. `idle_ms` is one look
    that finds nothing; the others are seconds until all that is due has fired.
    """

    pending: int
    idle_ms: float
    due100_s: float
    due10k_s: float


@dataclass(frozen=True, slots=True)
class Sweeping:
    """The same among few and among many clocks."""

    few: Sweeps
    many: Sweeps

    def figures(self) -> dict[str, float]:
        """Return the figures by name, `_20k` and `_1m` telling the two apart."""
        return {
            "idle_20k_ms": self.few.idle_ms,
            "idle_1m_ms": self.many.idle_ms,
            "due100_20k_s": self.few.due100_s,
            "due100_1m_s": self.many.due100_s,
            "due10k_20k_s": self.few.due10k_s,
            "due10k_1m_s": self.many.due10k_s,
        }


def measure(servers: Servers, *, few: int = FEW, many: int = MANY) -> Sweeping:
    """Prepare worlds of both sizes, one after the other, and measure. Some eight minutes.

    Among few clocks each ten thousand gets a world of its own, so that they stay few.
    """
    return Sweeping(
        few=_among(servers, few, worlds=_LARGES, larges=1),
        many=_among(servers, many, worlds=1, larges=_LARGES),
    )


@dataclass(slots=True)
class _Taken:
    """Seconds of every sweep, and among how many pending clocks."""

    pending: int = 0
    idle: list[float] = field(default_factory=list)
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)


def _among(servers: Servers, pending: int, *, worlds: int, larges: int) -> Sweeps:
    cohorts = [(_WARM_UP, 1.0), *[(_SMALL, 1.0)] * _SMALLS, *[(_LARGE, 1.0)] * larges]
    taken = _Taken()
    name = f"bench_sweep_{pending}"
    for _ in range(worlds):
        world = prepare(servers, name, pending_clocks=pending, cohorts=cohorts)
        taken.pending = max(taken.pending, world.pending)
        _measure_in(world, taken)
        servers.postgres.drop_database(name)
    return Sweeps(
        pending=taken.pending,
        idle_ms=median(taken.idle) * 1000,
        due100_s=median(taken.small),
        due10k_s=median(taken.large),
    )


def _measure_in(world: World, taken: _Taken) -> None:
    """Sweep in a world whose cohorts are a warm-up, then hundreds, then ten thousands."""
    app = world.application()
    try:
        _fire_next(world, app)
        taken.idle += [_timed(lambda: sweep(app), due=0) for _ in range(_LOOKS)]
        while world.cohorts:
            into = taken.small if world.cohorts[0].number == _SMALL else taken.large
            into.append(_fire_next(world, app))
    finally:
        app.engine.dispose()


def sweep(app: Application) -> Swept:
    """Sweep as a worker's job does, until nothing is due."""
    return sweep_all(app.ports, by="bench")


def _fire_next(world: World, app: Application) -> float:
    cohort = world.make_due()
    return _timed(lambda: sweep(app), due=cohort.number)


def _timed(act: Callable[[], Swept], *, due: int) -> float:
    """Return the seconds of a sweep. Raises Missed when it did not fire exactly what was due."""
    began = perf_counter()
    swept = act()
    seconds = perf_counter() - began
    if swept.fired != due or swept.failed:
        raise Missed(f"{swept} of {due}")
    return seconds
