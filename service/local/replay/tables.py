"""How a map turns cells into codes: by their values, or by the words in a text. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

NOT_A_REPAIR = "not_a_repair"
CATALOGUE = "catalogue"

Tree = Mapping[str, Any]


class Finder(Protocol):
    """Finds a code for a row. `columns` are those it looks at."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns it looks at."""

    def find(self, row: Mapping[str, str]) -> str | None:
        """Return the code for a row, None when nothing fits."""

    def codes(self) -> frozenset[str]:
        """Return every code it may give."""


@dataclass(frozen=True, slots=True)
class Table:
    """Values of columns, one after another, to a code; "*" is any other value."""

    columns: tuple[str, ...]
    tree: Tree

    def find(self, row: Mapping[str, str]) -> str | None:
        """Return the code for a row, None when nothing fits."""
        node: Any = self.tree
        for column in self.columns:
            if isinstance(node, str):
                break
            node = node.get(row[column], node.get("*")) if node is not None else None
        return node if isinstance(node, str) else None

    def codes(self) -> frozenset[str]:
        """Return every code the table may give."""
        return frozenset(_leaves(self.tree))


def _leaves(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    return [leaf for child in node.values() for leaf in _leaves(child)]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a text to a code: the first listed that occurs; none when a `never` does.

    `tables` are (column, word → code), looked at in this order; `never` belongs to the
    first column. With `only` one of these must occur in one of the columns `texts`.
    `default` is the code when no word does.
    """

    tables: tuple[tuple[str, Mapping[str, str]], ...]
    never: tuple[str, ...]
    only: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    default: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns with the texts."""
        tables = (column for column, _ in self.tables)
        return tuple(dict.fromkeys((*tables, *self.texts)))

    def find(self, row: Mapping[str, str]) -> str | None:
        """Return the code of the first word that occurs in a row, else the default."""
        if any(word in row[self.columns[0]] for word in self.never):
            return None
        if self.only and not any(word in row[text] for text in self.texts for word in self.only):
            return None
        return next(self._found(row), self.default)

    def _found(self, row: Mapping[str, str]) -> Iterator[str]:
        for column, table in self.tables:
            yield from (code for word, code in table.items() if word in row[column])

    def codes(self) -> frozenset[str]:
        """Return every code the words may give."""
        found = {code for _, table in self.tables for code in table.values()}
        return frozenset(found if self.default is None else {*found, self.default})


def read_finder(raw: Mapping[str, Any]) -> Finder:
    """Return a table, or words when the raw form has them. Raises KeyError, ValueError."""
    if "words" not in raw:
        return Table(tuple(raw["columns"]), raw["table"])
    tables = tuple((part["column"], part["table"]) for part in raw["words"])
    if not tables:
        raise ValueError("words needs a table")
    return Words(
        tables=tables,
        never=tuple(raw.get("never", ())),
        only=tuple(raw.get("only", ())),
        texts=tuple(raw.get("texts", ())),
        default=raw.get("default"),
    )
