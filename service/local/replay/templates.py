"""Fills the templates of a map: what an event of a case sends. Pure.

A plain value stands for itself. A table with one of these members stands for a value:

* `cell`: the text of a column, or that the source does not say; with `plus`, a number,
  `most` at the most.
* `find`: what a finder of the map found in the row.
* `after`: the event's time and a duration; with `from = "opened"`, the opening's.
* `time`: the time of a column; with `most`, no later than so long after the opening.
* `responsible`: by who must answer for the category, "*" for anybody else.
* `firm`: the firm that the case is about. `account`: who holds a post.
* `note`: the attachment by which a post files the note that there is no photo.
* `items`: a table for each item of the case, with its number `n`. `found`: their words.

Members that come to nothing are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.shapes import stamp
from service.local.replay.posts import note_of, person
from service.local.replay.scripts import NOT_RECORDED, Scene
from service.local.replay.told import OPENED, Template
from service.sla.notation import read_duration

_MOST_WORDS = 2000  # of a reason, an answer, a finding
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a template draws on: the case, and when the event happens."""

    scene: Scene
    at: datetime


def fill(template: Template, sheet: Sheet) -> dict[str, Any]:
    """Return the data that a template stands for."""
    filled = {name: _value(value, sheet) for name, value in template.items()}
    return {name: value for name, value in filled.items() if value is not None}


def _value(value: Any, sheet: Sheet) -> Any:
    if isinstance(value, list):
        return [_value(part, sheet) for part in value]
    if not isinstance(value, Mapping):
        return value
    form = next((name for name in _FORMS if name in value), None)
    return fill(value, sheet) if form is None else _FORMS[form](value, sheet)


def words(text: str) -> str:
    """Return a text no longer than a few sentences may be."""
    return text if len(text) <= _MOST_WORDS else text[: _MOST_WORDS - 1] + _CUT


def _cell(form: Template, sheet: Sheet) -> Any:
    said = sheet.scene.report.cells[form["cell"]]
    if "plus" in form:
        number = int(said or 0) + int(form["plus"])
        return min(number, int(form.get("most", number)))
    return words(said) or NOT_RECORDED


def _find(form: Template, sheet: Sheet) -> Any:
    return sheet.scene.report.found.get(form["find"])


def _after(form: Template, sheet: Sheet) -> Any:
    since = sheet.scene.report.opened_at if form.get("from") == OPENED else sheet.at
    return stamp(since + read_duration(form["after"]))


def _time(form: Template, sheet: Sheet) -> Any:
    report = sheet.scene.report
    at = report.times.get(form["time"])
    if at is not None and "most" in form:
        at = min(at, report.opened_at + read_duration(form["most"]))
    return None if at is None else stamp(at)


def _responsible(form: Template, sheet: Sheet) -> Any:
    told = form["responsible"]
    return _value(told.get(sheet.scene.responsible, told.get("*")), sheet)


def _firm(_form: Template, sheet: Sheet) -> Any:
    firm = sheet.scene.firm
    return None if firm is None else firm.id


def _account(form: Template, sheet: Sheet) -> Any:
    return str(person(form["account"], sheet.scene).id)


def _note(form: Template, sheet: Sheet) -> Any:
    return [str(note_of(person(form["note"], sheet.scene)))]


def _items(form: Template, sheet: Sheet) -> Any:
    each = fill(form["items"], sheet)
    return [{"n": n, **each} for n, _ in enumerate(sheet.scene.report.items, start=1)]


def _found(_form: Template, sheet: Sheet) -> Any:
    return [{"what": words(item)} for item in sheet.scene.report.items]


_FORMS: Mapping[str, Callable[[Template, Sheet], Any]] = {
    "cell": _cell,
    "find": _find,
    "after": _after,
    "time": _time,
    "responsible": _responsible,
    "firm": _firm,
    "account": _account,
    "note": _note,
    "items": _items,
    "found": _found,
}
