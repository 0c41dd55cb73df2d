"""The repair categories: what residents report, and what follows from it."""

from collections.abc import Mapping
from typing import Any

from service.core.refs import CategoryRef

LANGUAGES = ("zh-Hans", "zh-Hant", "en")


class Catalogue:
    """Categories by code, in the order of the file."""

    def __init__(self, raw: Mapping[str, Mapping[str, Any]]) -> None:
        """Read the parsed file. Raises KeyError for an entry without a needed member."""
        self._known = {code: _entry(code, row) for code, row in raw.items()}

    def get(self, code: str) -> CategoryRef | None:
        """Return one category, None when there is none such."""
        return self._known.get(code)

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes."""
        return tuple(self._known)


def _entry(code: str, row: Mapping[str, Any]) -> CategoryRef:
    return CategoryRef(
        code=code,
        trade=row["trade"],
        urgency=row["urgency"],
        part=row["part"],
        responsible=row["responsible"],
        clock=row.get("clock"),
        utility=row.get("utility"),
        certificate=row.get("certificate"),
        rule=row["rule"],
        labels={language: row["label"][language] for language in LANGUAGES},
    )
