"""What a run came to: the figures that programs read, and the tables that people do."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.calls import Figure, by_name
from benchmarks.lateness import Lateness
from benchmarks.outage import Outage
from benchmarks.sweeping import Sweeping

_LEAST = {"open": 0.45, "event": 0.5, "get": 0.5, "list50": 0.5}
_LIBRARIES = ("flask", "gunicorn", "sqlalchemy", "psycopg", "redis", "rq")


@dataclass(slots=True)
class Results:
    """Everything one run measured; what it was told to leave out is None."""

    sizes: Mapping[str, int]
    postgres: str = ""
    calls: Sequence[Figure] = ()
    growth: Mapping[str, float] = field(default_factory=dict)
    sweeping: Sweeping | None = None
    lateness: Lateness | None = None
    outage: Outage | None = None
    replay_events_per_s: float | None = None
    rss_mb: dict[str, float] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Return the figures by name; see the README for the shape."""
        named = by_name(self.calls)
        sweep = self.sweeping.figures() if self.sweeping else {}
        late, out = self.lateness, self.outage
        event = named.get("event_c8")
        found = {
            "sizes": dict(self.sizes),
            "ratios": {
                **{name: figure.ratio for name, figure in named.items()},
                **{f"{name}_100k_vs_1k": times for name, times in self.growth.items()},
            },
            "event_c8_p99_ms": event.anju_p99_ms if event else None,
            "sweep": sweep,
            "lateness": {"p50_s": late.p50_s, "p99_s": late.p99_s} if late else {},
            "takeover": {"p50_s": late.takeover_p50_s, "p99_s": late.takeover_p99_s}
            if late
            else {},
            "outage": {"overdue": out.overdue, "seconds": out.seconds, "api_p99_times": out.slower}
            if out
            else {},
            "replay_events_per_s": self.replay_events_per_s,
            "rss_mb": dict(self.rss_mb),
        }
        rounded: dict[str, Any] = _rounded(found)
        return rounded

    def markdown(self) -> str:
        """Return the tables."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from (f"* {line}" for line in (*_machine(), self.postgres, _sizes(self.sizes)))
        if self.calls:
            yield from _calls_table(self.calls)
        yield from ("", "| figure | measured | goal | |", "|---|---:|---:|---|")
        for goal in self._goals():
            yield goal.row()

    def _goals(self) -> Iterator["Goal"]:
        yield from self._call_goals()
        yield from self._sweep_goals()
        yield from self._time_goals()
        for name, megabytes in self.rss_mb.items():
            yield Goal(f"RSS of a {name} process, MB", megabytes, 150)
        if self.replay_events_per_s:
            yield Goal("bulk replay, events/s", self.replay_events_per_s, None)

    def _call_goals(self) -> Iterator["Goal"]:
        named = by_name(self.calls)
        for call, least in _LEAST.items():
            if figure := named.get(f"{call}_c8"):
                yield Goal(f"{call} ÷ floor, 8 at once", figure.ratio, least, at_least=True)
        if event := named.get("event_c8"):
            yield Goal("p99 of an event, 8 at once, ms", event.anju_p99_ms, 40)
        for name, times in self.growth.items():
            yield Goal(f"{name}: many ÷ few orders", times, 1.2)

    def _time_goals(self) -> Iterator["Goal"]:
        if late := self.lateness:
            yield Goal("lateness p50, s", late.p50_s, 0.6)
            yield Goal("lateness p99, s", late.p99_s, 1.5)
            yield Goal("earliest firing, s after due", late.earliest_s, 0, at_least=True)
            yield Goal("take-over after a kill p99, s", late.takeover_p99_s, 2)
        if out := self.outage:
            yield Goal(f"{out.overdue:,} overdue fired, s", out.seconds, 60)
            yield Goal("API p99 meanwhile ÷ normal", out.slower, 2)

    def _sweep_goals(self) -> Iterator["Goal"]:
        if self.sweeping is None:
            return
        few, many = self.sweeping.few, self.sweeping.many
        yield Goal("sweep, nothing due of many, ms", many.idle_ms, 5)
        yield Goal("sweep, 100 due of many, s", many.due100_s, 0.3)
        yield Goal("sweep, 10,000 due of few, s", few.due10k_s, 4)
        yield Goal("sweep, 10,000 due of many, s", many.due10k_s, 4)
        yield Goal("sweep of 10,000: many ÷ few", many.due10k_s / few.due10k_s, 1.2)


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure beside what it should be."""

    name: str
    measured: float
    goal: float | None
    at_least: bool = False

    def row(self) -> str:
        """Return the table's row."""
        if self.goal is None:
            return f"| {self.name} | {self.measured:,.2f} | | |"
        reached = self.measured >= self.goal if self.at_least else self.measured <= self.goal
        sign = "≥" if self.at_least else "≤"
        verdict = "reached" if reached else "**missed**"
        return f"| {self.name} | {self.measured:,.2f} | {sign} {self.goal:g} | {verdict} |"


def _calls_table(figures: Sequence[Figure]) -> Iterator[str]:
    yield ""
    yield "| call | at once | floor /s | Anju /s | ratio | floor ms | Anju ms | Anju p99 ms |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for f in figures:
        first, last = f.floor_per_s
        unsteady = "" if f.steady else " unsteady"
        yield (
            f"| {f.call} | {f.at_once} | {first:,.0f}, {last:,.0f}{unsteady} | {f.anju_per_s:,.0f}"
            f" | {f.ratio:.2f} | {f.floor_ms:.2f} | {f.anju_ms:.2f} | {f.anju_p99_ms:.1f} |"
        )


def _machine() -> tuple[str, ...]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{os.cpu_count()} cores ({model}), {memory} GiB, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {libraries}",
    )


def _sizes(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {size:,}" for name, size in sizes.items())


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value
