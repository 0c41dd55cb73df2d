"""CSV for spreadsheet programs: UTF-8 with a mark, and no cell that could be a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_MARK = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """Return a cell. Text that a program might run is preceded by an apostrophe (A16)."""
    if value is None:
        return ""
    written = str(value)
    risky = isinstance(value, str) and written.lstrip(" ").startswith(_FORMULA)
    return f"'{written}" if risky else written


def stream(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the file line by line. What `rows` raises breaks it off: no short file looks whole."""
    yield _MARK + _line(header)
    for row in rows:
        yield _line([cell(value) for value in row])


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()
