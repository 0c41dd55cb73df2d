"""When the steps of a case of another kind than a repair happen. Pure."""

from collections.abc import Iterator
from datetime import datetime

from service.local.replay.report import Report
from service.local.replay.told import AGAIN, CLOSED, OPENED, Step, Telling


def timed(report: Report, telling: Telling) -> Iterator[tuple[Step, datetime]]:
    """Yield the steps of a case in their order, each with its time.

    A step whose moment the row does not have is left out. None comes later than those behind
    it: what was made up is squeezed in front of what the record says.
    """
    found = [(step, at) for step in telling.steps if (at := _at(report, step)) is not None]
    latest = None
    squeezed = []
    for step, at in reversed(found):
        latest = at if latest is None else min(at, latest)
        squeezed.append((step, latest))
    yield from reversed(squeezed)


def _at(report: Report, step: Step) -> datetime | None:
    """Return when a step happens; None when it does not."""
    if any(report.cells.get(column, "") not in said for column, said in step.when.items()):
        return None
    moments = {OPENED: report.opened_at, CLOSED: report.closed_at}
    since = moments.get(step.at, report.times.get(step.at))
    return None if since is None else since + step.after


def recorded_times(report: Report) -> Iterator[datetime]:
    """Yield every moment that the record tells of a case."""
    yield report.opened_at
    yield from (at for at in (report.closed_at, report.times.get(AGAIN)) if at is not None)
