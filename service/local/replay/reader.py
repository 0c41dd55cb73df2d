"""Reads a recorded file: every row becomes a report, or is refused with the reason."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast

from service.local.replay.source_map import CATALOGUE, LEVELS, NOT_A_REPAIR, SourceMap

NOT_STATED = "(not stated)"
_TITLE_MOST = 200
_LAST_STEP = "complete_work"
_FIRST_ROW = 2  # as a spreadsheet counts: the header is row 1


class NotThisSource(Exception):
    """The file cannot be read with this map; the message says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """One accepted row. `row` counts as a spreadsheet does; times are UTC.

    `reach` is the last step the record tells of, `place` the names from the district
    down. `urgency` None means the catalogue's default; `wait` says why the visit failed.
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that does not become an order, and why."""

    row: int
    case_id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file, sorted out. `len(reports) + len(refused)` is the number of rows."""

    reports: tuple[Report, ...]
    refused: tuple[Refusal, ...]


class _Refused(Exception):
    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def read(file: Path, source: SourceMap) -> Reading:
    """Read a CSV file, plain or gzip. Raises NotThisSource."""
    reports: list[Report] = []
    refused: list[Refusal] = []
    seen: dict[str, int] = {}
    with _opened(file) as text:
        rows = csv.DictReader(text)
        _require(rows.fieldnames, source, file)
        for number, row in enumerate(rows, start=_FIRST_ROW):
            case_id = (row.get(source.columns.id) or "").strip()
            try:
                reports.append(_report(number, _whole(row), source, seen))
            except _Refused as exc:
                refused.append(Refusal(number, case_id, exc.reason, exc.detail))
    return Reading(tuple(reports), tuple(refused))


@contextmanager
def _opened(file: Path) -> Iterator[IO[str]]:
    try:
        with _bytes(file) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
            yield text
    except OSError as exc:
        raise NotThisSource(f"{file} cannot be read: {exc}") from exc
    except (UnicodeDecodeError, EOFError, csv.Error) as exc:
        raise NotThisSource(f"{file} is not a UTF-8 CSV file: {exc}") from exc


def _bytes(file: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


def _require(found: object, source: SourceMap, file: Path) -> None:
    have = frozenset(found) if isinstance(found, (list, tuple)) else frozenset()
    missing = sorted(source.needed() - have)
    if missing:
        raise NotThisSource(f"{file} lacks columns of map {source.name}: {', '.join(missing)}")


def _whole(row: Mapping[str | None, object]) -> Mapping[str, str]:
    """Return the cells trimmed. Refuses a row with too few or too many of them."""
    if None in row or any(not isinstance(cell, str) for cell in row.values()):
        raise _Refused("malformed_row", "not as many cells as the header has")
    if any("\0" in str(cell) for cell in row.values()):
        raise _Refused("malformed_row", "a cell holds a NUL character")
    return {str(name): " ".join(str(cell).split()) for name, cell in row.items()}


def _report(number: int, row: Mapping[str, str], source: SourceMap, seen: dict[str, int]) -> Report:
    case_id = _new_id(number, row, source, seen)
    opened_at = _moment(row[source.columns.opened], source, "opening")
    if opened_at is None:
        raise _Refused("no_opening_date")
    reach = _reach(row, source)
    closed_at = _closed(row, source, opened_at, reach)
    category = source.category.find(row)
    if category is None or category == NOT_A_REPAIR:
        raise _Refused(NOT_A_REPAIR, _joined(row, source.category.columns))
    urgency = source.urgency.find(row)
    outcome = row[source.columns.report] if source.columns.report else ""
    return Report(
        row=number,
        case_id=case_id,
        opened_at=opened_at,
        closed_at=closed_at if reach == _LAST_STEP else None,
        reach=reach,
        place=_place(row, source),
        category=category,
        urgency=None if urgency == CATALOGUE else urgency,
        title=_joined(row, source.columns.title)[:_TITLE_MOST],
        description=_joined(row, source.columns.description),
        channel=_channel(row, source),
        outcome=outcome,
        wait=_wait(row, source),
        same_as=_same_as(row, source, category),
    )


def _new_id(number: int, row: Mapping[str, str], source: SourceMap, seen: dict[str, int]) -> str:
    case_id = row[source.columns.id]
    if not case_id:
        raise _Refused("no_case_id")
    if case_id in seen:
        raise _Refused("duplicate_case_id", f"same as row {seen[case_id]}")
    seen[case_id] = number
    return case_id


def _moment(cell: str, source: SourceMap, which: str) -> datetime | None:
    """Return a local clock time as UTC; None for an empty cell.

    A time that the autumn change repeats is the first of the two.
    """
    if not cell:
        return None
    try:
        local = datetime.fromisoformat(cell)
        if local.tzinfo is None:
            local = local.replace(tzinfo=source.zone)
        utc = local.astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise _Refused("unreadable_date", f"{which}: {cell}") from exc
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _reach(row: Mapping[str, str], source: SourceMap) -> str:
    status = row[source.columns.status]
    if status not in source.status:
        raise _Refused("unknown_status", status)
    return source.status[status]


def _closed(
    row: Mapping[str, str], source: SourceMap, opened_at: datetime, reach: str
) -> datetime | None:
    """Return the recorded closing. A row that contradicts itself is refused."""
    if source.columns.days_open is not None:
        closed_at = _after_days(row[source.columns.days_open], opened_at)
    else:
        closed_at = _moment(row[source.columns.closed or ""], source, "closing")
    if closed_at is not None and closed_at < opened_at:
        raise _Refused("closed_before_created", f"{opened_at - closed_at} before")
    if closed_at is None and reach == _LAST_STEP:
        raise _Refused("closed_without_date")
    return closed_at


def _after_days(cell: str, opened_at: datetime) -> datetime | None:
    if not cell:
        return None
    try:
        return opened_at + timedelta(days=float(cell))
    except (ValueError, OverflowError) as exc:
        raise _Refused("unreadable_date", f"closing: {cell} days") from exc


def _joined(row: Mapping[str, str], columns: tuple[str, ...]) -> str:
    return ", ".join(row[name] for name in columns if row[name])


def _place(row: Mapping[str, str], source: SourceMap) -> tuple[str, ...]:
    """Return the names from the district down; a building only when it is stated."""
    names = [source.district]
    for level in LEVELS[1:]:
        name = " ".join(row[column] for column in source.place[level] if row[column])
        if level == LEVELS[-1] and not name:
            break
        names.append(name or NOT_STATED)
    return tuple(names)


def _channel(row: Mapping[str, str], source: SourceMap) -> str:
    cell = row[source.columns.channel] if source.columns.channel else ""
    return source.channel.get(cell, source.channel[""])


def _wait(row: Mapping[str, str], source: SourceMap) -> str | None:
    if source.wait is None:
        return None
    said = row[source.wait.column]
    return said if any(phrase in said for phrase in source.wait.phrases) else None


def _same_as(row: Mapping[str, str], source: SourceMap, category: str) -> tuple[str, ...] | None:
    """Return what two reports of one trouble share; None when a part of it is missing."""
    cells = tuple(row[name] for name in source.duplicate)
    return (*cells, category) if all(cells) else None
