"""What can be reported, by kind of ticket, and what follows from it."""

from collections.abc import Mapping
from typing import Any

from service.core.refs import CategoryRef

LANGUAGES = ("zh-Hans", "zh-Hant", "en")


class DuplicateCategory(ValueError):
    """A code stands in two files; the message names it."""


class Catalogue:
    """Categories by code, in the order of the files. A code belongs to one kind."""

    def __init__(self, raw: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Read the parsed files by kind.

        Raises KeyError for an entry without a needed member, and DuplicateCategory.
        """
        self._known: dict[str, CategoryRef] = {}
        for kind, rows in raw.items():
            for code, row in rows.items():
                if code in self._known:
                    raise DuplicateCategory(f"{code}: {self._known[code].kind} and {kind}")
                self._known[code] = _entry(kind, code, row)

    def of(self, kind: str) -> "Catalogue":
        """Return the categories of one kind."""
        found = Catalogue({})
        found._known = {code: e for code, e in self._known.items() if e.kind == kind}
        return found

    def get(self, code: str) -> CategoryRef | None:
        """Return one category, None when there is none such."""
        return self._known.get(code)

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes."""
        return tuple(self._known)


def _entry(kind: str, code: str, row: Mapping[str, Any]) -> CategoryRef:
    return CategoryRef(
        code=code,
        kind=kind,
        trade=row.get("trade", ""),
        urgency=row.get("urgency", "normal"),
        part=row.get("part", ""),
        responsible=row.get("responsible", ""),
        clock=row.get("clock"),
        utility=row.get("utility"),
        certificate=row.get("certificate"),
        rule=row["rule"],
        labels={language: row["label"][language] for language in LANGUAGES},
    )
