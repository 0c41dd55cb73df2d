"""What a row says: its cells, read with the map, become a report. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.local.replay.cells import Refused, Row, after_days, joined, one_line
from service.local.replay.journey import Fact
from service.local.replay.places import Firm, firm_of
from service.local.replay.source_map import LAST_STEP, LEVELS, SourceMap
from service.local.replay.tables import CATALOGUE
from service.local.replay.told import Closing, Telling

NOT_STATED = "(not stated)"
COMPOUND = 4  # names from the district down to a compound
_TITLE_MOST = 200
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Report:
    """One accepted case. `row` counts as a spreadsheet does; times are UTC.

    `reach` is the last step the record tells of, `ending` the event of its closing,
    `place` the names from the district down. `urgency` None means the catalogue's default;
    `wait` says why the visit failed; `recorded` is the source's verdict. `facts` are the
    rows of a log, in their order. `rows` counts those of the file that it is told by,
    `later_row` is the one that went on with it.

    What only a map of another kind asks for: `cells` as they are, further `times`, the
    `items` of a list, what was `found`, and the `firm` it is about.
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
    rows: int = 1
    later_row: int = 0
    cells: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    found: Mapping[str, str] = field(default_factory=dict)
    firm: Firm | None = None


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
    if category is None or category == source.refusal:
        raise Refused(source.refusal, joined(row, source.category.columns)[:_TITLE_MOST])
    place = _place(row, source, case_id)
    told = source.telling
    urgency = source.urgency.find(row)
    priority = source.priority.find(row) if source.priority else None
    return Report(
        row=number,
        case_id=case_id,
        opened_at=opened_at,
        closed_at=closed_at if reach == LAST_STEP else None,
        reach=reach,
        place=place,
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
        recorded=_recorded(row, source),
        cells=row if told else {},
        times=_times(row, source, opened_at),
        items=_items(row, told),
        found=_found_words(row, told),
        firm=_firm(row, source, place),
    )


def _recorded(row: Row, source: SourceMap) -> str | None:
    known = source.recorded is not None and source.recorded.column is not None
    return cell(row, source.recorded.column) if source.recorded and known else None


def _times(row: Row, source: SourceMap, opened_at: datetime) -> Mapping[str, datetime]:
    """Return the further times that a row tells; a log's rows stand in no order to them."""
    found = {}
    for column in source.telling.times if source.telling else ():
        at = source.times.read(row[column], column)
        if at is not None and at < opened_at and source.journey is None:
            raise Refused("time_before_opening", f"{column}: {opened_at - at} before")
        if at is not None:
            found[column] = at
    return found


def _items(row: Row, told: Telling | None) -> tuple[str, ...]:
    """Return the items of a list in a cell; numbers that are none are refused here as well."""
    for column in told.numbers if told else ():
        if row[column] and not row[column].isdecimal():
            raise Refused("unreadable_number", f"{column}: {row[column]}")
    if told is None or told.items is None:
        return ()
    column, by = told.items
    items = tuple(part.strip() for part in row[column].split(by) if part.strip())
    if not items:
        raise Refused("no_items_listed", column)
    return items


def _found_words(row: Row, told: Telling | None) -> Mapping[str, str]:
    found = {name: finder.find(row) for name, finder in told.find.items()} if told else {}
    return {name: code for name, code in found.items() if code is not None}


def _firm(row: Row, source: SourceMap, place: tuple[str, ...]) -> Firm | None:
    """Return the firm that a row names, or whoever serves its compound."""
    firms = source.telling.firms if source.telling else None
    if firms is None:
        return None
    if firms.words and not any(word in row[text] for text in firms.texts for word in firms.words):
        return None
    if not firms.columns:
        above = place[:1] if source.one_home else place[: COMPOUND - 1]
        compound = place[COMPOUND - 1]
        return firm_of(place, "/".join((*above, compound)), compound)
    key = joined(row, firms.columns)
    return firm_of(place, key, joined(row, firms.name or firms.columns)) if key else None


def _reach(row: Row, source: SourceMap) -> str:
    """Return the last step the record tells of; the facts of a log tell it themselves."""
    status = cell(row, source.columns.status)
    if status not in source.status:
        raise Refused("unknown_status", status)
    return source.status[status]


def _closed(row: Row, source: SourceMap, opened_at: datetime, reach: str) -> datetime | None:
    """Return the recorded closing. A row that contradicts itself is refused."""
    closing = source.telling.closing if source.telling else None
    if closing is not None:
        return _made_up_closing(row, source, closing)
    if source.columns.days_open is not None:
        closed_at = after_days(row[source.columns.days_open], opened_at)
    else:
        closed_at = source.times.read(cell(row, source.columns.closed), "closing")
    if closed_at is not None and closed_at < opened_at:
        raise Refused("closed_before_created", f"{opened_at - closed_at} before")
    if closed_at is None and reach == LAST_STEP and source.telling is None:
        raise Refused("closed_without_date")
    return closed_at


def _made_up_closing(row: Row, source: SourceMap, closing: Closing) -> datetime | None:
    since, after = source.times.read(row[closing.since], closing.since), closing.after
    return None if since is None else since + after.get(row[closing.column], after.get("*", _NONE))


def _place(row: Row, source: SourceMap, case_id: str) -> tuple[str, ...]:
    """Return the names from the district down; a building only when it is stated."""
    read = {named.level: named for named in source.named}
    names = [source.district]
    for level in LEVELS[1:]:
        name = one_line(joined(row, source.place[level], by=" "))
        if level in read:
            name = read[level].find(joined(row, read[level].columns, by="\n"))
        if level == LEVELS[-1] and not name:
            break
        alone = source.alone and level == LEVELS[COMPOUND - 1]
        names.append(name or (f"{NOT_STATED} {case_id}" if alone else NOT_STATED))
    return tuple(names)


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
