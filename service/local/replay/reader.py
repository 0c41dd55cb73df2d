"""Reads a recorded file: every row becomes a report, part of one, or is refused with the reason."""

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from service.local.replay.cells import Refused, Row, joined, whole
from service.local.replay.homes import at_home
from service.local.replay.journey import Fact, Journey
from service.local.replay.report import Report, cell, report_of
from service.local.replay.source_map import SourceMap
from service.local.replay.told import AGAIN, Again

_FIRST_ROW = 2  # as a spreadsheet counts: the header is row 1


class NotThisSource(Exception):
    """The file cannot be read with this map; the message says why."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that does not become an order, and why."""

    row: int
    case_id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file, sorted out."""

    reports: tuple[Report, ...]
    refused: tuple[Refusal, ...]

    @property
    def rows(self) -> int:
        """Return how many rows the file has: those of the reports and those refused."""
        return sum(report.rows for report in self.reports) + len(self.refused)


def read(file: Path, source: SourceMap) -> Reading:
    """Read a CSV file, plain or gzip. Raises NotThisSource."""
    sorter = _sorter(source)
    with _opened(file) as text:
        rows = csv.DictReader(text)
        _require(rows.fieldnames, source, file)
        for number, row in enumerate(rows, start=_FIRST_ROW):
            try:
                sorter.take(number, whole(row, source.texts))
            except Refused as exc:
                case_id = (row.get(source.columns.id) or "").strip()
                sorter.refused.append(Refusal(number, case_id, exc.reason, exc.detail))
    return Reading(sorter.sorted(), tuple(sorter.refused))


def _sorter(source: SourceMap) -> "_Sorter":
    if source.journey is not None:
        return _Log(source, source.journey)
    again = source.telling.again if source.telling else None
    return _Sorter(source) if again is None else _Sequel(source, again)


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


class _Sorter:
    """Sorts rows: each is a case of its own."""

    def __init__(self, source: SourceMap) -> None:
        self.source = source
        self.reports: dict[str, Report] = {}
        self.refused: list[Refusal] = []
        self._seen: dict[str, int] = {}

    def take(self, number: int, row: Row) -> None:
        """Take a row in. Raises Refused."""
        case_id = _case_id(row, self.source)
        if case_id in self._seen:
            raise Refused("duplicate_case_id", f"same as row {self._seen[case_id]}")
        self._seen[case_id] = number
        self.reports[case_id] = report_of(number, case_id, row, self.source)

    def sorted(self) -> tuple[Report, ...]:
        """Return the reports in the order of the file."""
        return at_home(self.reports.values(), self.source)


class _Log(_Sorter):
    """Sorts the rows of an event log: a case has several, the first of them opens it."""

    def __init__(self, source: SourceMap, journey: Journey) -> None:
        super().__init__(source)
        self._journey = journey
        self._events: dict[tuple[str, str], int] = {}

    def take(self, number: int, row: Row) -> None:
        """Take a row in. Raises Refused."""
        case_id = _case_id(row, self.source)
        fact = self._fact(number, row)
        same = self._events.setdefault((case_id, row[self._journey.order]), number)
        if same != number:
            raise Refused("duplicate_event", f"same as row {same}")
        first = self.reports.get(case_id) or report_of(number, case_id, row, self.source)
        ends = self._end(number, row) if case_id not in self.reports else ()
        facts = (*first.facts, fact, *ends)
        rows = sum(not fact.ends for fact in facts)
        self.reports[case_id] = replace(first, facts=facts, rows=rows)

    def _fact(self, number: int, row: Row) -> Fact:
        at = self.source.times.read(row[self.source.columns.opened], "event")
        if at is None:
            raise Refused("no_event_date")
        said = joined(row, self._journey.status, by="/")
        if said not in self._journey.goals and said not in self._journey.unused:
            raise Refused("unknown_status", said)
        n = row[self._journey.order]
        if not n.isdecimal():
            raise Refused("unreadable_order", n)
        return Fact(number, at, int(n), said, cell(row, self.source.columns.team) or None)

    def _end(self, number: int, row: Row) -> tuple[Fact, ...]:
        """Return the end of the case as a fact behind all others of its second."""
        column = self._journey.ends
        at = self.source.times.read(row[column], "end") if column is not None else None
        return () if at is None else (Fact(number, at, sys.maxsize, column or "", None, ends=True),)

    def sorted(self) -> tuple[Report, ...]:
        """Return the reports with their facts in order of time; the first opens the case."""
        found = []
        for report in self.reports.values():
            facts = tuple(sorted(report.facts, key=lambda fact: (fact.at, fact.n)))
            begun = report.times.get(self._journey.begins or "", facts[0].at)
            found.append(replace(report, opened_at=min(begun, facts[0].at), facts=facts))
        return tuple(found)


class _Sequel(_Sorter):
    """Sorts rows of which some go on with a case that an earlier one opened."""

    def __init__(self, source: SourceMap, again: Again) -> None:
        super().__init__(source)
        self._again = again
        self._rows: list[tuple[datetime, int, str, Row]] = []
        self._open: dict[tuple[str, ...], str] = {}

    def take(self, number: int, row: Row) -> None:
        """Take a row in; which case it belongs to is seen when all are there. Raises Refused."""
        case_id = _case_id(row, self.source)
        if case_id in self._seen:
            raise Refused("duplicate_case_id", f"same as row {self._seen[case_id]}")
        at = self.source.times.read(row[self.source.columns.opened], "opening")
        if at is None:
            raise Refused("no_opening_date")
        self._seen[case_id] = number
        self._rows.append((at, number, case_id, row))

    def sorted(self) -> tuple[Report, ...]:
        """Return the reports in order of time, each with what went on with it."""
        for at, number, case_id, row in sorted(self._rows, key=lambda each: each[:2]):
            try:
                self._tell(at, number, case_id, row)
            except Refused as exc:
                self.refused.append(Refusal(number, case_id, exc.reason, exc.detail))
        self.refused.sort(key=lambda refusal: refusal.row)
        return super().sorted()

    def _tell(self, at: datetime, number: int, case_id: str, row: Row) -> None:
        same = tuple(row[name] for name in self._again.columns)
        outcome = self._again.outcome.find(row)
        if outcome is not None and same in self._open:
            first = self.reports[self._open.pop(same)]
            times, cells = {**first.times, AGAIN: at}, {**first.cells, AGAIN: outcome}
            again = replace(first, times=times, cells=cells, rows=2, later_row=number)
            self.reports[first.case_id] = again
            return
        self.reports[case_id] = report_of(number, case_id, row, self.source)
        self._open[same] = case_id


def _case_id(row: Row, source: SourceMap) -> str:
    case_id = row[source.columns.id]
    if not case_id:
        raise Refused("no_case_id")
    return case_id
