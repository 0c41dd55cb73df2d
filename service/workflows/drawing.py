"""A workflow as SVG, laid out here: no label ever lies on another.

States stand below each other in the order of the table. Beside each one, every move out of
it has a line of its own; all moves into a state share one vertical lane on the right, and
an arrow leads from the lane into the state. Lanes that do not overlap share a column.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from service.core.messages import text
from service.core.workflow import BIRTH, Workflow
from service.workflows.render import edges, staying

ROW = 22
GAP = 14
BOX_LEFT, BOX_WIDTH = 16, 226
LABEL_LEFT = BOX_LEFT + BOX_WIDTH + 14
GLYPH, WIDE_GLYPH = 7.4, 13  # rough width of a letter and of a Chinese character, in px
LANE = 16
COLOURS = ("#1b5e9b", "#9b3b1b", "#2c7a3f", "#6b3fa0", "#8a6d00", "#00757a", "#a0295f", "#4a5560")

_STYLE = (
    "text{font:13px system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;"
    "fill:#1c2733}"
    ".name{font-weight:600}.code,.stays{font-size:11px;fill:#5a6673}"
    ".state rect{fill:#eef4fa;stroke:#1b5e9b;stroke-width:1.4}"
    ".terminal rect{fill:#eceff1;stroke:#4a5560;stroke-width:2.6}"
    ".birth rect{fill:#fff;stroke:#4a5560;stroke-dasharray:4 3}"
    ".move path,.lane path{fill:none;stroke-width:1.3}"
)


@dataclass(frozen=True, slots=True)
class _Box:
    """One state: its top, its height, and the line on which arrows enter."""

    name: str
    top: int
    height: int

    @property
    def entry(self) -> int:
        return self.top + ROW // 2 + 2


@dataclass(frozen=True, slots=True)
class _Lane:
    """All moves into one state."""

    target: str
    first: int
    last: int
    column: int


def as_svg(workflow: Workflow, lang: str) -> str:
    """Return the drawing: a whole SVG document, states and moves as groups with `data-` names."""
    labels = _labels(workflow, lang)
    boxes = _boxes(workflow, labels)
    tails = _tails(boxes, labels)
    lanes = _lanes(boxes, tails)
    left = LABEL_LEFT + max(_width(words) for words in labels.values()) + 12
    right = left + LANE * (1 + max(lane.column for lane in lanes.values()))
    height = max(box.top + box.height for box in boxes.values()) + GAP
    title = f"{text(f'kind.{workflow.kind}', lang)} ({workflow.kind})"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {right:.0f} {height}" '
        f'width="{right:.0f}" height="{height}" lang={quoteattr(lang)}>',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{_arrows()}",
        *(_lane(lane, boxes[lane.target], left) for lane in lanes.values()),
        *(
            _move(move, words, tails[move], lanes[move[1]].column, left)
            for move, words in labels.items()
        ),
        *(_state(workflow, box, lang) for box in boxes.values()),
        "</svg>",
    ]
    return "\n".join([*parts, ""])


def _labels(workflow: Workflow, lang: str) -> dict[tuple[str, str], str]:
    found = {}
    for (source, target), events in edges(workflow).items():
        words = " / ".join(text(f"event.{workflow.kind}.{event}", lang) for event in events)
        found[source, target] = f"{words} → {text(f'state.{workflow.kind}.{target}', lang)}"
    return found


def _boxes(workflow: Workflow, labels: Mapping[tuple[str, str], str]) -> dict[str, _Box]:
    """Stack the states; each is as high as its moves need. Lines: name, code, then the moves."""
    found, top = {}, GAP
    stays = staying(workflow)
    for name in (BIRTH, *(state.name for state in workflow.states)):
        moves = sum(1 for source, _ in labels if source == name)
        height = max(2 + (name in stays), 1 + moves) * ROW
        found[name] = _Box(name, top, height)
        top += height + GAP
    return found


def _tails(
    boxes: Mapping[str, _Box], labels: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], int]:
    """Give every move a line of its own, below the line on which arrows enter its state."""
    used = dict.fromkeys(boxes, 0)
    found = {}
    for source, target in labels:
        used[source] += 1
        found[source, target] = boxes[source].top + used[source] * ROW + ROW // 2
    return found


def _lanes(boxes: Mapping[str, _Box], tails: Mapping[tuple[str, str], int]) -> dict[str, _Lane]:
    """Give every target a lane, short ones innermost, none on another."""
    spans: dict[str, list[int]] = {}
    for (_, target), line in tails.items():
        spans.setdefault(target, [boxes[target].entry]).append(line)
    taken: list[list[tuple[int, int]]] = []
    found = {}
    for target, lines in sorted(spans.items(), key=lambda item: max(item[1]) - min(item[1])):
        first, last = min(lines), max(lines)
        column = _free(taken, first, last)
        found[target] = _Lane(target, first, last, column)
    return found


def _free(taken: list[list[tuple[int, int]]], first: int, last: int) -> int:
    """Take the innermost column that is free from `first` to `last`."""
    for column, spans in enumerate(taken):
        if all(last < begin - ROW or end + ROW < first for begin, end in spans):
            spans.append((first, last))
            return column
    taken.append([(first, last)])
    return len(taken) - 1


def _width(words: str) -> float:
    return sum(WIDE_GLYPH if ord(glyph) > 0x2E7F else GLYPH for glyph in words)


def _colour(column: int) -> int:
    return column % len(COLOURS)


def _arrows() -> str:
    heads = (
        f'<marker id="a{n}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
        for n, colour in enumerate(COLOURS)
    )
    return f"<defs>{''.join(heads)}</defs>"


def _lane(lane: _Lane, box: _Box, left: float) -> str:
    n = _colour(lane.column)
    x = left + LANE * lane.column
    return (
        f'<g class="lane" data-to={quoteattr(lane.target)}><path stroke="{COLOURS[n]}" '
        f'd="M{x:.0f} {lane.first}V{lane.last}"/><path stroke="{COLOURS[n]}" '
        f'marker-end="url(#a{n})" d="M{x:.0f} {box.entry}H{BOX_LEFT + BOX_WIDTH + 2}"/></g>'
    )


def _move(move: tuple[str, str], words: str, line: int, column: int, left: float) -> str:
    source, target = move
    colour, x = COLOURS[_colour(column)], left + LANE * column
    begin = LABEL_LEFT + _width(words) + 4
    return (
        f'<g class="move" data-from={quoteattr(source)} data-to={quoteattr(target)}>'
        f'<text x="{LABEL_LEFT}" y="{line + 4}">{escape(words)}</text>'
        f'<path stroke="{colour}" stroke-dasharray="1 3" d="M{begin:.0f} {line}H{x:.0f}"/>'
        f'<circle cx="{x:.0f}" cy="{line}" r="2.6" fill="{colour}"/></g>'
    )


def _state(workflow: Workflow, box: _Box, lang: str) -> str:
    shape, name, code = "birth", "—", ""
    stays = staying(workflow).get(box.name, ())
    if box.name != BIRTH:
        shape = "state terminal" if box.name in workflow.terminal else "state"
        name, code = text(f"state.{workflow.kind}.{box.name}", lang), box.name
    titles = ", ".join(text(f"event.{workflow.kind}.{event}", lang) for event in stays)
    inner = f"<title>{escape(titles)}</title>" if titles else ""
    count = f'<text class="stays" x="{BOX_LEFT + 10}" y="{box.top + 56}">↺ {len(stays)}</text>'
    return (
        f'<g class="{shape}" data-state={quoteattr(box.name)}>{inner}'
        f'<rect x="{BOX_LEFT}" y="{box.top}" width="{BOX_WIDTH}" height="{box.height}" rx="6"/>'
        f'<text class="name" x="{BOX_LEFT + 10}" y="{box.top + 18}">{escape(name)}</text>'
        f'<text class="code" x="{BOX_LEFT + 10}" y="{box.top + 37}">{escape(code)}</text>'
        f"{count if stays else ''}</g>"
    )
