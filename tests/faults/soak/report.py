"""The report of a run, as Markdown."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.faults import checker
from tests.faults.journal import READ, Call
from tests.faults.soak.nemesis import Injection
from tests.faults.soak.takeover import after_kill, percentile
from tests.faults.soak.verdict import Verdict, summary

_MOST = 40
_AFTERMATH = timedelta(seconds=2.5)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did and what came of it. Times are seconds."""

    seed: int
    rate: float
    wall_s: float
    drain_s: float
    simulated_h: float
    jumps: int
    injections: Sequence[Injection]
    missed: Mapping[str, int]
    killed: Mapping[str, int]
    ordinary_starts: int
    starts: int
    calls: Sequence[Call]
    received: Sequence[str]
    verdict: Verdict
    noise: Mapping[str, int]

    @property
    def sound(self) -> bool:
        """Tell whether nothing was found."""
        return not self.verdict.findings


@dataclass
class _Row:
    injections: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    rungs: int = 0
    take_over: list[float] = field(default_factory=list)


def markdown(run: Run) -> str:
    """Return the whole report."""
    parts = (_head(run), _kinds(run), _faults(run), _kills(run), _found(run))
    return "\n".join(line for part in parts for line in (*part, ""))


def _head(run: Run) -> Iterator[str]:
    wrote: Counter[str] = Counter(call.outcome for call in run.calls if call.asks != READ)
    late = [rung.late_s for rung in run.verdict.rungs]
    repeats = len(run.received) - len(set(run.received))
    yield f"# Soak, seed {run.seed}"
    yield ""
    yield (f"{run.wall_s:.0f} s under fire, {run.drain_s:.0f} s until all was done; simulated "
           f"{run.simulated_h:.0f} h at rate {run.rate:g} with {run.jumps} jumps. "
           "Rate limit off. The seed repeats what nemesis and clients decide, not at which "
           "statement a process is hit.")  # fmt: skip
    yield ""
    yield "| total | |"
    yield "|---|---|"
    yield f"| **violations** | **{len(run.verdict.findings)}** |"
    yield f"| injections | {len(run.injections)} |"
    yield f"| kill -9 | {sum(run.killed.values())} |"
    yield f"| starts of parts (ordinary, not forked) | {run.starts} ({run.ordinary_starts}) |"
    yield f"| HTTP calls | {len(run.calls)} |"
    yield f"| commands ok / fail / unknown | {_outcomes(wrote)} |"
    yield f"| tickets, history lines | {run.verdict.tickets}, {run.verdict.events} |"
    yield f"| rungs fired | {len(late)} |"
    yield f"| lateness of rungs p50 / p99 / most | {_times(late)} |"
    yield f"| webhooks received (of them repeats) | {len(run.received)} ({repeats}) |"


def _kinds(run: Run) -> Iterator[str]:
    """Yield what was asked of each kind of ticket, by which events."""
    told: dict[str, Counter[str]] = {}
    events: dict[str, set[str]] = {}
    for call in run.calls:
        if call.asks != READ:
            kind = call.path.split("/")[2]
            told.setdefault(kind, Counter())[call.outcome] += 1
            events.setdefault(kind, set()).update([call.asks] if call.outcome == "ok" else [])
    yield "| of | commands ok / fail / unknown | different events |"
    yield "|---|---|---|"
    for kind, counted in sorted(told.items()):
        yield f"| {kind} | {_outcomes(counted)} | {len(events[kind])} |"


def _faults(run: Run) -> Iterator[str]:
    yield "Commands and rungs are counted to the fault that struck last before them."
    yield ""
    yield ("| fault | PROOF | injections | nothing to hit | commands ok / fail / unknown "
           "| rungs fired | violations | take-over p50 / p99 / most |")  # fmt: skip
    yield "|---|---|---|---|---|---|---|---|"
    clean = "0" if run.sound else "see below"
    proofs = {injection.fault.name: injection.fault.proof for injection in run.injections}
    for name, row in sorted(_rows(run).items()):
        yield (f"| {name} | {proofs.get(name, '')} | {row.injections} | {run.missed.get(name, 0)} "
               f"| {_outcomes(row.commands)} | {row.rungs} | {clean} "
               f"| {_times(row.take_over)} |")  # fmt: skip


def _rows(run: Run) -> dict[str, _Row]:
    rows: dict[str, _Row] = {name: _Row() for name in run.missed}
    for injection in run.injections:
        row = rows.setdefault(injection.fault.name, _Row())
        row.injections += 1
        taken = after_kill(injection.at, run.verdict.rungs) if injection.fault.kills else None
        if taken is not None:
            row.take_over.append(taken[0])
    ticks = [injection.tick for injection in run.injections]
    for call in run.calls:
        if call.asks != READ and (at := bisect_right(ticks, call.sent_at)):
            rows[run.injections[at - 1].fault.name].commands[call.outcome] += 1
    times = [injection.at for injection in run.injections]
    for rung in run.verdict.rungs:
        if at := bisect_right(times, rung.fired):
            rows[run.injections[at - 1].fault.name].rungs += 1
    return rows


def _kills(run: Run) -> Iterator[str]:
    known, alone = _take_over(run)
    yield "| killed with -9 | times |"
    yield "|---|---|"
    for name, times in sorted(run.killed.items()):
        yield f"| {name} | {times} |"
    yield f"| all | {sum(run.killed.values())} |"
    yield ""
    yield (f"Take-over after a kill, p50 / p99 / most: {_times(known)} of all {len(known)}; "
           f"{_times(alone)} of the {len(alone)} during which neither database nor Redis was "
           "down and nothing frozen (PROOF G3: p99 ≤ 2 s).")  # fmt: skip


def _take_over(run: Run) -> tuple[list[float], list[float]]:
    """Return the take-over times after all kills, and after those that nothing else disturbed.

    Other kills of processes do not count as disturbance; databases and Redis that were hit do
    until some seconds later, frozen processes until they go on.
    """
    troubles = [
        (i.at, i.at + timedelta(seconds=i.lasts_s) + _AFTERMATH)
        for i in run.injections if not i.fault.passing
    ]  # fmt: skip
    known, alone = [], []
    for injection in run.injections:
        taken = after_kill(injection.at, run.verdict.rungs) if injection.fault.kills else None
        if taken is None:
            continue
        known.append(taken[0])
        if not any(begin < taken[1] and injection.at < end for begin, end in troubles):
            alone.append(taken[0])
    return known, alone


def _found(run: Run) -> Iterator[str]:
    if run.sound:
        yield "No violation of I1–I13 was found."
    else:
        yield "## Violations"
        yield ""
        for name, times in summary(run.verdict.findings).items():
            yield f"* {name}: {times}"
        yield "```"
        yield checker.table(run.verdict.findings[:_MOST])
        yield "```"
    if run.noise:
        yield ""
        yield "Warnings and errors in the parts' log: " + ", ".join(
            f"{name} {times}" for name, times in sorted(run.noise.items())
        )


def _outcomes(counted: Mapping[str, int]) -> str:
    return " / ".join(str(counted.get(name, 0)) for name in ("ok", "fail", "unknown"))


def _times(values: Sequence[float]) -> str:
    if not values:
        return "–"
    shown = (percentile(values, 0.5), percentile(values, 0.99), max(values))
    return " / ".join(f"{value:.2f}" for value in shown if value is not None) + " s"
