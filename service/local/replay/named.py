"""Place names that stand in a text. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Named:
    """A place level whose name stands in a text: the first match of `pattern` in `columns`.

    With a group `name` it is the first match of that group: what else the pattern matches
    is passed over. The endings in `drop` are no part of a name.
    """

    level: str
    columns: tuple[str, ...]
    pattern: re.Pattern[str]
    drop: tuple[str, ...] = ()

    def find(self, text: str) -> str:
        """Return the name that a text tells of, "" when it tells of none."""
        group = "name" if "name" in self.pattern.groupindex else 0
        found = (match.group(group) for match in self.pattern.finditer(text))
        name = next((each for each in found if each), "")
        for ending in self.drop:
            name = name.removesuffix(ending)
        return name


def read_named(raw: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> tuple[Named, ...]:
    """Return the levels that a map takes from texts, one or several. Raises KeyError, re.error."""
    listed = [raw] if isinstance(raw, Mapping) else raw
    return tuple(
        Named(
            one["level"],
            tuple(one["columns"]),
            re.compile(one["pattern"]),
            tuple(one.get("drop", ())),
        )
        for one in listed
    )
