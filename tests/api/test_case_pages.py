"""Pages of a printed file: numbers are true, everything is escaped, bytes are the same."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.api.case_pages import LINES, WIDTH, Book, Line, Part, paged, wrapped, written

HEADS = ("序号", "材料名称", "要求", "状态", "页次")


def part(n: int, *lines: Line, lacking: bool = False) -> Part:
    status = "缺" if lacking else "有" if lines else ""
    return Part(n, f"材料{n}", "必须", status, lacking, lines)


def book(*parts: Part, cover: tuple[Line, ...] = (Line("h1", "调解卷宗"),)) -> Book:
    return Book("zh-Hans", "DC-1", cover, "卷内目录", HEADS, parts, "第 {n} 页 共 {total} 页")


def text(times: int) -> list[Line]:
    return [Line("p", f"第{n}行") for n in range(times)]


class Sheets(HTMLParser):
    """Collects the text of each page and the rows of the contents."""

    def __init__(self, document: bytes) -> None:
        super().__init__()
        self.pages: list[str] = []
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.feed(document.decode())

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag == "section":
            self.pages.append("")
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.pages:
            self.pages[-1] += data + "\n"
        if self.tags[-1] in ("td", "th") and self.rows:
            self.rows[-1][-1] += data


def test_the_contents_tell_the_page_on_which_an_item_really_begins() -> None:
    document = book(
        part(1, *text(3)), part(2, *text(2 * LINES + 1)), part(3, lacking=True), part(4, *text(1))
    )

    sheets = Sheets(written(document))

    assert sheets.rows == [
        list(HEADS), ["1", "材料1", "必须", "有", "3"], ["2", "材料2", "必须", "有", "4–6"],
        ["3", "材料3", "必须", "缺", ""], ["4", "材料4", "必须", "有", "7"],
    ]  # fmt: skip
    assert len(sheets.pages) == 7
    for n, page in enumerate(sheets.pages, 1):
        assert f"第 {n} 页 共 7 页" in page


def test_the_same_book_gives_the_same_bytes() -> None:
    assert written(book(part(1, *text(9)))) == written(book(part(1, *text(9))))


@pytest.mark.attack
@pytest.mark.parametrize("mark", ["h1", "h2", "h3", "p"])
def test_whatever_somebody_wrote_is_text(mark: str) -> None:
    evil = "<script>alert(1)</script>\"'&<img src=x onerror=y>"
    hostile = Part(1, evil, evil, evil, True, [Line(mark, evil)])  # type: ignore[arg-type]
    shown = Book(evil, evil, [Line(mark, evil)], evil, (evil,) * 5, [hostile], "{n} {total}")  # type: ignore[arg-type]

    document = written(shown).decode()

    assert "<script" not in document
    assert "<img" not in document
    assert document.count("&lt;script&gt;") >= 10
    assert set(Sheets(document.encode()).tags) <= {
        "html", "head", "meta", "title", "style", "body", "section", "footer", "table", "tr",
        "th", "td", "h1", "h2", "h3", "p",
    }  # fmt: skip


def width(line: str) -> int:
    return sum(10 if ord(c) > 0x2E7F or c in "mwMWOQ@%&—…" or c.isupper() else 6 for c in line)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="漏水修 abcXYZ-,。\n", max_size=400))
def test_no_line_is_too_wide_and_no_character_is_lost(written_text: str) -> None:
    lines = list(wrapped(written_text))

    assert all(width(line) <= WIDTH for line in lines)
    assert "".join("".join(lines).split()) == "".join(written_text.split())


def test_a_word_stays_whole_and_a_longer_one_than_a_line_does_not() -> None:
    first, second = wrapped("漏" * 40 + " certificate")

    assert (first, second) == ("漏" * 40, "certificate")
    assert len(list(wrapped("a" * 71))) == 2
    assert list(wrapped("")) == [""]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["h2", "h3", "p"]), st.text("修a ", max_size=90))))
def test_no_page_holds_more_than_fits_and_no_heading_stands_last(
    lines: list[tuple[str, str]],
) -> None:
    pages = paged(Line(mark, words) for mark, words in lines)  # type: ignore[arg-type]

    for page in pages:
        assert sum(2 if line.mark == "h2" else 1 for line in page) <= LINES
    for page in pages[:-1]:
        tail = [line.mark for line in page[-1:]]
        following = sum(line.mark != "p" for line in page)
        assert tail == ["p"] or following >= LINES // 2
