"""Cells of a recorded row, read: texts tidied, local clock times made UTC. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Row = Mapping[str, str]


class Refused(Exception):
    """A row that does not become an order: the reason and what of it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Times:
    """How a source writes times.

    `moved_twice`: the publisher took local clock times for UTC and moved them to the local
    clock once more, so that they are too early by the zone's distance from UTC.
    """

    zone: ZoneInfo
    moved_twice: bool = False

    def read(self, cell: str, which: str) -> datetime | None:
        """Return a recorded time as UTC, to the millisecond; None for an empty cell.

        A time that the autumn change repeats is the first of the two; one that the spring
        change leaves out is read on the clock before the change. Raises Refused.
        """
        if not cell:
            return None
        try:
            utc = self._utc(datetime.fromisoformat(cell))
        except (ValueError, OverflowError) as exc:
            raise Refused("unreadable_date", f"{which}: {cell}") from exc
        return utc.replace(microsecond=utc.microsecond // 1000 * 1000)

    def _utc(self, time: datetime) -> datetime:
        if time.tzinfo is None:
            time = time.replace(tzinfo=self.zone)
        utc = time.astimezone(UTC)
        return utc.replace(tzinfo=self.zone).astimezone(UTC) if self.moved_twice else utc


def after_days(cell: str, opened_at: datetime) -> datetime | None:
    """Return the opening and so many days of 24 hours. Raises Refused."""
    if not cell:
        return None
    try:
        return opened_at + timedelta(days=float(cell))
    except (ValueError, OverflowError) as exc:
        raise Refused("unreadable_date", f"closing: {cell} days") from exc


def whole(row: Mapping[str | None, object], texts: frozenset[str]) -> Row:
    """Return the cells tidied; columns named in `texts` keep their line breaks.

    Refuses a row with too few or too many cells.
    """
    if None in row or any(not isinstance(cell, str) for cell in row.values()):
        raise Refused("malformed_row", "not as many cells as the header has")
    if any("\0" in str(cell) for cell in row.values()):
        raise Refused("malformed_row", "a cell holds a NUL character")
    cells = {str(name): str(cell) for name, cell in row.items()}
    return {name: _lines(cell) if name in texts else one_line(cell) for name, cell in cells.items()}


def one_line(cell: str) -> str:
    """Return a text with single spaces, without line breaks."""
    return " ".join(cell.split())


def _lines(cell: str) -> str:
    return "\n".join(line for line in map(one_line, cell.splitlines()) if line)


def joined(row: Row, columns: tuple[str, ...], by: str = ", ") -> str:
    """Return the cells of columns that say something."""
    return by.join(row[name] for name in columns if row[name])
