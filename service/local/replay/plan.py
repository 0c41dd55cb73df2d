"""What will be asked of the service, and when: reports become moves in order of time. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.core.catalogue import Catalogue
from service.core.ids import derived
from service.core.refs import CategoryRef
from service.local.replay import scripts
from service.local.replay.places import Node, chain
from service.local.replay.reader import Report
from service.local.replay.scripts import Scene
from service.local.replay.source_map import Made, SourceMap
from service.sla.notation import MS

_STREET = 1  # index in a chain of places
_LAST = "complete_work"
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Move:
    """One command: `event` on `ticket` at `at`. The first move of a report opens its order.

    `by` is "desk" or "crew" of `street`. What the record does not have says so in its data
    and comment.
    """

    at: datetime
    report: Report
    n: int
    id: UUID
    ticket: UUID
    street: Node
    event: str
    by: str
    data: Mapping[str, Any]
    comment: str


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
    recorded = [at for r in reports for at in (r.opened_at, r.closed_at) if at is not None]
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
    street = chain(report.place)[_STREET]
    urgency = report.urgency or category.urgency
    responsible = source.responsible.get(category.code, category.responsible)
    scene = Scene(report, category, urgency, responsible, street)
    steps = _in_time(report, list(_steps(report, source, urgency, follows=master is not None)))
    made_up = f"made up by map {source.name}, row {report.row}"
    recorded = f"recorded in row {report.row}"
    yield Move(
        report.opened_at, report, 0, derived(ticket, 0), ticket, street, "submit", "desk",
        {}, recorded,
    )  # fmt: skip
    into = None if master is None else str(ticket_id(source, master))
    for n, (step, at, made) in enumerate(steps, start=1):
        yield Move(
            at=at,
            report=report,
            n=n,
            id=derived(ticket, n),
            ticket=ticket,
            street=street,
            event=step.event,
            by=step.by,
            data=scripts.data(step.event, scene, at, made=made, into=into),
            comment=made_up if made else recorded,
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
    for step in mine:
        yield step, False
        if step.event == report.reach:
            return
    if report.closed_at is not None:
        yield Made(_LAST, "crew", timedelta()), True


def _with_wait(mine: Sequence[Made], wait: Made) -> Iterator[tuple[Made, bool]]:
    """Yield the visit that failed, and at the recorded closing the one that did not."""
    arrival = next(n for n, step in enumerate(mine) if step.event == "arrive")
    for step in mine[: arrival + 1]:
        yield step, False
    yield wait, False
    taken = next(n for n, step in enumerate(mine) if step.event == "take")
    again = [Made("resume", "desk", timedelta()), *mine[taken:]]
    for step in (*again, Made(_LAST, "crew", timedelta())):
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
            yield step, report.closed_at, step.event != _LAST
        else:
            at = report.opened_at + step.after * scale // MS * MS
            yield step, at, True
