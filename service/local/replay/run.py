"""Replays a file: read, plan, play, tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.commands.ports import Ports
from service.local.replay import stage as staging
from service.local.replay import summary
from service.local.replay.grouped import groups
from service.local.replay.passage import Chores
from service.local.replay.plan import Plan, make_plan
from service.local.replay.reader import Reading, read
from service.local.replay.source_map import load_map
from service.local.replay.stage import Stage
from service.local.replay.summary import Summary
from service.sla.notation import iso

EXCERPT = Path(__file__).parent / "data" / "nyc311_excerpt.csv"
"""A few hundred rows of the public New York set, for map nyc311_full."""


def run(
    ports: Ports,
    file: Path,
    map_name: str,
    progress: staging.Progress | None = None,
    chores: Chores | None = None,
) -> Summary:
    """Replay a file into an empty simulated database and return what it came to.

    Raises UnknownMap, BadMap, NotThisSource, UnknownCategory, NotReplayable, ReplayStuck.
    """
    started = monotonic()
    source = load_map(map_name)
    reading = read(file, source)
    plan = make_plan(reading.reports, source, ports.catalogue)
    stage = Stage(ports, source, chores or Chores())
    stage.set_up(reading, plan)
    stage.play(plan, progress or _unseen)
    return _told(f"{source.name}: {file.name}", stage, reading, plan, monotonic() - started)


@contextmanager
def bar(console: Console) -> Iterator[staging.Progress]:
    """Show a progress bar while the body runs; hand what it yields to `run`."""
    columns = (TextColumn("replay"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("replay", total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)


def _unseen(_done: int, _of: int) -> None:
    return None


def _told(source: str, stage: Stage, reading: Reading, plan: Plan, wall_s: float) -> Summary:
    with stage.ports.uow() as tx:
        found = summary.figures(tx)
        catalogue = stage.ports.catalogue
        recorded = summary.compared(tx, stage.source, catalogue, reading.reports)
        clusters = groups(tx, stage.source, reading.reports)
    walk = stage.walk
    return Summary(
        source=source,
        rows=reading.rows,
        merge_candidates=plan.candidates,
        refused=summary.by_reason(reading.refused),
        refused_rows=reading.refused,
        steps_refused=dict(sorted(stage.refused.items())),
        log_rows=dict(sorted(walk.rows.items())) if walk else _gone_on(reading),
        unplayed=dict(sorted(walk.unplayed.items())) if walk else {},
        recorded=recorded,
        clusters=clusters,
        from_time=iso(plan.moves[0].at) if plan.moves else None,
        until_time=iso(plan.until),
        wall_s=round(wall_s, 3),
        events_per_s=round(found["events"] / wall_s, 1),
        **found,
    )


def _gone_on(reading: Reading) -> dict[str, int]:
    """Return what became of rows, where some go on with the case of an earlier one."""
    later = sum(report.rows - 1 for report in reading.reports)
    return {"opened": len(reading.reports), "went on with a case": later} if later else {}
