"""What a row says: its cells, read with the map, become a report. Pure."""

from dataclasses import dataclass
from datetime import datetime

from service.local.replay.cells import Refused, Row, after_days, joined, one_line
from service.local.replay.journey import Fact
from service.local.replay.source_map import LAST_STEP, LEVELS, SourceMap
from service.local.replay.tables import CATALOGUE, NOT_A_REPAIR

NOT_STATED = "(not stated)"
_TITLE_MOST = 200


@dataclass(frozen=True, slots=True)
class Report:
    """One accepted case. `row` counts as a spreadsheet does; times are UTC.

    `reach` is the last step the record tells of, `ending` the event of its closing,
    `place` the names from the district down. `urgency` None means the catalogue's default;
    `wait` says why the visit failed; `recorded` is the source's verdict. `facts` are the
    rows of a log, in their order.
    """

    row: int
    case_id: str
    opened_at: datetime
    closed_at: datetime | None
    reach: str
    place: tuple[str, ...]
    category: str
    urgency: str | None
    title: str
    description: str
    channel: str
    outcome: str
    wait: str | None
    same_as: tuple[str, ...] | None
    ending: str = LAST_STEP
    team: str | None = None
    reporter: str | None = None
    priority: int | None = None
    recorded: str | None = None
    facts: tuple[Fact, ...] = ()


def cell(row: Row, column: str | None) -> str:
    """Return a cell, "" when the map names no column."""
    return row[column] if column else ""


def report_of(number: int, case_id: str, row: Row, source: SourceMap) -> Report:
    """Return what a row reports. Raises Refused."""
    opened_at = source.times.read(row[source.columns.opened], "opening")
    if opened_at is None:
        raise Refused("no_opening_date")
    reach = _reach(row, source)
    closed_at = None if source.journey else _closed(row, source, opened_at, reach)
    category = source.category.find(row)
    if category is None or category == NOT_A_REPAIR:
        raise Refused(NOT_A_REPAIR, joined(row, source.category.columns)[:_TITLE_MOST])
    urgency = source.urgency.find(row)
    priority = source.priority.find(row) if source.priority else None
    return Report(
        row=number,
        case_id=case_id,
        opened_at=opened_at,
        closed_at=closed_at if reach == LAST_STEP else None,
        reach=reach,
        place=_place(row, source),
        category=category,
        urgency=None if urgency == CATALOGUE else urgency,
        title=one_line(joined(row, source.columns.title))[:_TITLE_MOST],
        description=joined(row, source.columns.description),
        channel=_channel(row, source),
        outcome=cell(row, source.columns.report),
        wait=_wait(row, source),
        same_as=_same_as(row, source, category),
        ending=_ending(row, source),
        team=cell(row, source.columns.team) or None,
        reporter=cell(row, source.columns.reporter) or None,
        priority=None if priority is None else int(priority),
        recorded=row[source.recorded.column] if source.recorded else None,
    )


def _reach(row: Row, source: SourceMap) -> str:
    """Return the last step the record tells of; the facts of a log tell it themselves."""
    status = cell(row, source.columns.status)
    if status not in source.status:
        raise Refused("unknown_status", status)
    return source.status[status]


def _closed(row: Row, source: SourceMap, opened_at: datetime, reach: str) -> datetime | None:
    """Return the recorded closing. A row that contradicts itself is refused."""
    if source.columns.days_open is not None:
        closed_at = after_days(row[source.columns.days_open], opened_at)
    else:
        closed_at = source.times.read(cell(row, source.columns.closed), "closing")
    if closed_at is not None and closed_at < opened_at:
        raise Refused("closed_before_created", f"{opened_at - closed_at} before")
    if closed_at is None and reach == LAST_STEP:
        raise Refused("closed_without_date")
    return closed_at


def _place(row: Row, source: SourceMap) -> tuple[str, ...]:
    """Return the names from the district down; a building only when it is stated."""
    names = [source.district]
    for level in LEVELS[1:]:
        name = one_line(joined(row, source.place[level], by=" "))
        if source.named is not None and level == source.named.level:
            name = _found(row, source)
        if level == LEVELS[-1] and not name:
            break
        names.append(name or NOT_STATED)
    return tuple(names)


def _found(row: Row, source: SourceMap) -> str:
    """Return the place name that a text tells of, "" when it tells of none."""
    if source.named is None:
        return ""
    found = source.named.pattern.search(joined(row, source.named.columns, by="\n"))
    return found.group() if found else ""


def _channel(row: Row, source: SourceMap) -> str:
    return source.channel.get(cell(row, source.columns.channel), source.channel[""])


def _wait(row: Row, source: SourceMap) -> str | None:
    if source.wait is None:
        return None
    said = row[source.wait.column]
    return said if any(phrase in said for phrase in source.wait.phrases) else None


def _ending(row: Row, source: SourceMap) -> str:
    found = source.ending.events.find(row) if source.ending else None
    return found or LAST_STEP


def _same_as(row: Row, source: SourceMap, category: str) -> tuple[str, ...] | None:
    """Return what two reports of one trouble share; None when a part of it is missing."""
    cells = tuple(row[name] for name in source.duplicate)
    return (*cells, category) if cells and all(cells) else None
