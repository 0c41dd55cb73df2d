"""What will be asked of the service, and when: reports become moves in order of time. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.core.catalogue import Catalogue
from service.core.ids import derived
from service.core.refs import CategoryRef
from service.local.replay import scripts
from service.local.replay.journey import Fact
from service.local.replay.places import crew_of
from service.local.replay.report import Report
from service.local.replay.scripts import Scene
from service.local.replay.source_map import LAST_STEP, Made, SourceMap
from service.local.replay.templates import Sheet, fill
from service.local.replay.timeline import recorded_times, timed
from service.local.replay.told import AGAIN, Telling
from service.sla.notation import MS

OPENING = "submit"
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Move:
    """One command: `event` on `ticket` at `at`. The first move of a report opens its order.

    `by` is the post that acts. `on` is the kind of the ticket it happens to when that is not
    the report's own but one which followed from it. What the record does not have says so in
    its data and comment. A move with a `fact` leaves its steps to the moment: where the order
    stands then decides them; its steps' ids are counted (None).
    """

    at: datetime
    scene: Scene
    n: int
    id: UUID | None
    ticket: UUID
    event: str
    by: str
    data: Mapping[str, Any]
    comment: str
    fact: Fact | None = None
    on: str | None = None

    @property
    def report(self) -> Report:
        """The case it belongs to."""
        return self.scene.report


@dataclass(frozen=True, slots=True)
class Plan:
    """Every move in order of time, and when the simulated time ends (None without moves).

    `candidates` counts reports that look like one that is still open.
    """

    moves: tuple[Move, ...]
    until: datetime | None
    candidates: int


class UnknownCategory(Exception):
    """The map names a category that the catalogue does not have."""


def make_plan(reports: Sequence[Report], source: SourceMap, catalogue: Catalogue) -> Plan:
    """Return the plan. Two plans of the same reports are equal, ids included.

    Raises UnknownCategory.
    """
    masters = _masters(reports, source)
    moves: list[Move] = []
    for report in reports:
        category = catalogue.get(report.category)
        if category is None:
            raise UnknownCategory(f"map {source.name}: no category {report.category!r}")
        moves += _moves(report, source, category, masters.get(report.case_id))
    moves.sort(key=lambda move: (move.at, move.report.row, move.n))
    recorded = [at for report in reports for at in recorded_times(report)]
    last = max([*recorded, *(move.at for move in moves)], default=None)
    until = None if last is None else last + source.tail
    return Plan(tuple(moves), until, len(masters))


def ticket_id(source: SourceMap, case_id: str) -> UUID:
    """Return the id of the order that a case becomes."""
    return derived("replay", source.name, case_id)


def _masters(reports: Sequence[Report], source: SourceMap) -> Mapping[str, str]:
    """Return follower → master by case id: the first report of the trouble still unfinished."""
    found: dict[str, str] = {}
    leading: dict[tuple[str, ...], Report] = {}
    for report in sorted(reports, key=lambda r: (r.opened_at, r.row)):
        if report.same_as is None:
            continue
        master = leading.get(report.same_as)
        if master is not None and _still_open(master, report.opened_at, source):
            found[report.case_id] = master.case_id
        else:
            leading[report.same_as] = report
    return found


def _still_open(master: Report, at: datetime, source: SourceMap) -> bool:
    finished = master.closed_at is not None and master.closed_at <= at
    return not finished and at - master.opened_at <= source.within


def _moves(
    report: Report, source: SourceMap, category: CategoryRef, master: str | None
) -> Iterator[Move]:
    ticket = ticket_id(source, report.case_id)
    scene = Scene(
        report=report,
        category=category,
        urgency=report.urgency or category.urgency,
        responsible=source.responsible.get(category.code, category.responsible),
        crew=crew_of(report.place, report.team),
        firm=report.firm,
    )
    telling = source.telling
    opening = Move(
        at=report.opened_at,
        scene=scene,
        n=0,
        id=derived(ticket, 0),
        ticket=ticket,
        event=OPENING if telling is None else telling.birth,
        by="desk" if telling is None else telling.by,
        data={},
        comment=f"recorded in row {report.row}",
    )
    yield opening
    yield from _facts(opening)
    if telling is not None:
        yield from _told(opening, source, telling)
    elif source.journey is None:
        yield from _planned(opening, source, master)


def _facts(opening: Move) -> Iterator[Move]:
    """Yield a move for each row of a log."""
    for n, fact in enumerate(opening.report.facts, start=1):
        yield replace(
            opening,
            at=fact.at,
            n=n,
            id=None,
            event=fact.said,
            comment=f"recorded in row {fact.row}",
            fact=fact,
        )


def _told(opening: Move, source: SourceMap, telling: Telling) -> Iterator[Move]:
    """Yield the moves that a map of another kind names."""
    report = opening.report
    made_up = f"made up by map {source.name}, row {report.row}"
    for n, (step, at) in enumerate(timed(report, telling), start=1):
        row = report.later_row if step.at == AGAIN else report.row
        template = step.data if step.data is not None else telling.data.get(step.event, {})
        filled = fill(template, Sheet(opening.scene, at))
        yield replace(
            opening,
            at=at,
            n=n,
            id=derived(opening.ticket, n),
            event=step.event,
            by=step.by,
            data=filled if step.recorded else {**filled, "synthetic": True},
            comment=f"recorded in row {row}" if step.recorded else made_up,
            on=step.on,
        )


def _planned(opening: Move, source: SourceMap, master: str | None) -> Iterator[Move]:
    """Yield the moves of a report that is a single row."""
    report, scene = opening.report, opening.scene
    steps = list(_steps(report, source, scene.urgency, follows=master is not None))
    made_up = f"made up by map {source.name}, row {report.row}"
    into = None if master is None else str(ticket_id(source, master))
    for n, (step, at, made) in enumerate(_in_time(report, steps), start=1):
        yield replace(
            opening,
            at=at,
            n=n,
            id=derived(opening.ticket, n),
            event=step.event,
            by=step.by,
            data=scripts.data(step.event, scene, at, made=made, into=into),
            comment=made_up if made else opening.comment,
        )


def _steps(
    report: Report, source: SourceMap, urgency: str, *, follows: bool
) -> Iterator[tuple[Made, bool]]:
    """Yield the steps that lead to what is recorded; True for those of the closing itself."""
    if follows:
        yield Made("merge", "desk", source.merge_after), False
    mine = [s for s in source.steps if s.when in (None, urgency)]
    # Danger comes first: an emergency is made safe, not left for want of a key.
    if report.wait and source.wait and report.closed_at and urgency != "emergency":
        yield from _with_wait(mine, source.wait.as_step())
        return
    last = report.reach
    if report.closed_at is not None and source.ending is not None:
        last = source.ending.after.get(report.ending, last)
    for step in mine:
        yield step, False
        if step.event == last:
            break
    if report.closed_at is not None:
        yield _closing(report), True


def _closing(report: Report) -> Made:
    by = "crew" if report.ending == LAST_STEP else "desk"
    return Made(report.ending, by, timedelta())


def _with_wait(mine: Sequence[Made], wait: Made) -> Iterator[tuple[Made, bool]]:
    """Yield the visit that failed, and at the recorded closing the one that did not."""
    arrival = next(n for n, step in enumerate(mine) if step.event == "arrive")
    for step in mine[: arrival + 1]:
        yield step, False
    yield wait, False
    taken = next(n for n, step in enumerate(mine) if step.event == "take")
    again = [Made("resume", "desk", timedelta()), *mine[taken:]]
    for step in (*again, Made(LAST_STEP, "crew", timedelta())):
        yield step, True


def _in_time(
    report: Report, steps: Sequence[tuple[Made, bool]]
) -> Iterable[tuple[Made, datetime, bool]]:
    """Return steps with their times; what would come after the closing is squeezed in front."""
    offsets = [step.after for step, at_closing in steps if not at_closing]
    scale = 1.0
    if report.closed_at is not None and offsets:
        longest = max(offsets) + _SLACK
        scale = min(1.0, (report.closed_at - report.opened_at) / longest)
    for step, at_closing in steps:
        if at_closing and report.closed_at is not None:
            yield step, report.closed_at, step.event != report.ending
        else:
            at = report.opened_at + step.after * scale // MS * MS
            yield step, at, True
