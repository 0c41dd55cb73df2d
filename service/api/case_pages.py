"""Lays lines of text out on numbered pages and writes them as one printable document.

The service itself breaks lines and pages, so that the page numbers in the contents are true
whatever prints the document: a line never needs more room than it is given. The same lines
give the same bytes.
"""

import base64
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from typing import Final, Literal, NamedTuple

LINES: Final = 38
"""Lines on a page: at 6 mm each, with margins and the page's number, less than A4 is high."""

EM: Final = 10
WIDTH: Final = 42 * EM
"""How wide a line may be. A Chinese character is one em; narrow ones are taken as broader
than any font draws them, so that nothing ever wraps by itself."""

_NARROW = 6
_BROAD = frozenset("mwMWOQ@%&—…")
_FULL = ("W", "F", "A")

_STYLE: Final = (
    "@page{size:A4;margin:0}"
    "html,body{margin:0;padding:0;color:#000;background:#fff}"
    'body{font:10.5pt/6mm "Noto Serif CJK SC","Songti SC",SimSun,"Noto Serif",serif}'
    "section{box-sizing:border-box;width:210mm;height:296mm;padding:22mm 25mm 0;"
    "position:relative;break-after:page;break-inside:avoid}"
    "section:last-child{break-after:auto}"
    "p,h1,h2,h3,footer{margin:0;min-height:6mm;white-space:pre-wrap;font:inherit}"
    "h1{font-size:22pt;line-height:12mm;text-align:center;letter-spacing:.1em}"
    "h2{font-size:14pt;line-height:12mm;font-weight:bold}"
    "h3{font-weight:bold}"
    "table{width:100%;border-collapse:collapse}"
    "th,td{height:8mm;padding:0 2mm;border:.2mm solid #000;text-align:left;font-weight:normal}"
    "th{font-weight:bold}td:first-child,td:nth-child(n+3){white-space:nowrap;text-align:center}"
    ".lack{font-weight:bold}.lack::before{content:'\\25B2  '}"
    "footer{position:absolute;left:0;right:0;bottom:10mm;text-align:center;font-size:9pt}"
    "@media screen{body{background:#ddd}section{margin:6mm auto;background:#fff;"
    "box-shadow:0 0 2mm #888}}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""The Content-Security-Policy of the document: its own style and nothing else."""

Mark = Literal["h1", "h2", "h3", "p"]
_TAKES: Final = {"h1": 2, "h2": 2, "h3": 1, "p": 1}  # lines that one line of a mark takes
_LARGER: Final = {"h1": 0.47, "h2": 0.75, "h3": 1.0, "p": 1.0}  # how much of WIDTH it has


class Line(NamedTuple):
    """A line as somebody wrote it, of any length, and what it is."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a file: it begins on a new page. An item without lines has no page."""

    n: int
    title: str
    need: str
    status: str
    lacking: bool
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that is printed. `heads` are the column heads of the contents.

    `page_of` says "page {n} of {total}" in the book's language.
    """

    lang: str
    title: str
    cover: Sequence[Line]
    contents: str
    heads: Sequence[str]
    parts: Sequence[Part]
    page_of: str


Page = Sequence[Line]


def written(book: Book) -> bytes:
    """Return the document: cover, contents with page numbers, every item in order."""
    fronts = [*paged(book.cover), None]  # None: the contents
    inner = [(part, paged(part.lines)) for part in book.parts]
    at, numbered = count(len(fronts) + 1), []
    for part, pages in inner:
        numbers = [next(at) for _ in pages]
        numbered.append((part, numbers))
    sheets = [page and _page(page) for page in fronts]
    sheets += [_page(page) for _, pages in inner for page in pages]
    total = len(sheets)
    whole = "".join(
        f'<section id="p{n}">{sheet or _contents(book, numbered)}'
        f"<footer>{escape(book.page_of.format(n=n, total=total))}</footer></section>"
        for n, sheet in enumerate(sheets, 1)
    )
    return (
        f'<!doctype html><html lang="{escape(book.lang)}"><head><meta charset="utf-8">'
        f"<title>{escape(book.title)}</title><style>{_STYLE}</style></head>"
        f"<body>{whole}</body></html>"
    ).encode()


def _page(lines: Page) -> str:
    return "".join(f"<{mark}>{escape(text)}</{mark}>" for mark, text in lines)


def _contents(book: Book, numbered: Iterable[tuple[Part, Sequence[int]]]) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in book.heads)
    rows = "".join(_row(part, numbers) for part, numbers in numbered)
    return f"<h2>{escape(book.contents)}</h2><table><tr>{heads}</tr>{rows}</table>"


def _row(part: Part, numbers: Sequence[int]) -> str:
    cells = (str(part.n), part.title, part.need)
    shown = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    lack = ' class="lack"' if part.lacking else ""
    status = f"<td{lack}>{escape(part.status)}</td>"
    return f"<tr>{shown}{status}<td>{_span(numbers)}</td></tr>"


def _span(numbers: Sequence[int]) -> str:
    """Return "7" or "7–9"; nothing for an item that is not there."""
    if not numbers:
        return ""
    first, last = numbers[0], numbers[-1]
    return str(first) if first == last else f"{first}–{last}"


def paged(lines: Iterable[Line]) -> list[list[Line]]:
    """Return pages of lines that fit; a heading never stands last on a page."""
    pages: list[list[Line]] = []
    room = 0
    for block in _blocks(lines):
        need = sum(_TAKES[line.mark] for line in block)
        if not pages or need > room:
            pages.append([])
            room = LINES
        pages[-1] += block
        room -= need
    return pages


def _blocks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield what stays together: a line as it fits, with the headings before it."""
    held: list[Line] = []
    for line in lines:
        for piece in wrapped(line.text, int(WIDTH * _LARGER[line.mark])):
            held.append(Line(line.mark, piece))
            if line.mark == "p" or len(held) >= LINES // 2:
                yield held
                held = []
    if held:
        yield held


def wrapped(text: str, width: int = WIDTH) -> Iterator[str]:
    """Yield the lines of a text, none wider than `width`; an empty one stays a line.

    Words are kept whole unless one alone is wider than a line.
    """
    for paragraph in text.splitlines() or [""]:
        rest = paragraph.expandtabs(4)
        while _width(rest) > width:
            at = _break(rest, width)
            yield rest[:at].rstrip()
            rest = rest[at:].lstrip()
        yield rest


def _break(text: str, width: int) -> int:
    """Return where to break: before what is too much, at a word's begin if there is one."""
    used = 0
    for at, character in enumerate(text):
        used += _em(character)
        if used > width:
            return _word_begin(text, at) or max(at, 1)
    return len(text)


def _word_begin(text: str, at: int) -> int:
    """Return the begin of the word that position `at` lies in, 0 when it fills the line."""
    begin = at
    while begin > 0 and _is_word(text[begin - 1 : begin + 1]):
        begin -= 1
    return begin


def _is_word(pair: str) -> bool:
    return len(pair) == 2 and all(c.isascii() and not c.isspace() for c in pair)


def _width(text: str) -> int:
    return sum(map(_em, text))


def _em(character: str) -> int:
    wide = unicodedata.east_asian_width(character) in _FULL or character in _BROAD
    return EM if wide or character.isupper() else _NARROW
