"""What the columns of one source mean: the declarative file beside it, parsed and checked."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.sla.notation import read_duration

MAPS = Path(__file__).parent / "maps"
NOT_A_REPAIR = "not_a_repair"
CATALOGUE = "catalogue"
LEVELS = ("district", "street", "community", "compound", "building")

Tree = Mapping[str, Any]


class UnknownMap(Exception):
    """There is no such map; the message lists those there are."""


class BadMap(Exception):
    """A map is malformed; the message names the file and the fault."""


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
class Columns:
    """Names of the columns that carry the case itself. One of `closed`, `days_open` is set."""

    id: str
    opened: str
    status: str
    title: tuple[str, ...]
    closed: str | None = None
    days_open: str | None = None
    channel: str | None = None
    report: str | None = None
    description: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A step the record does not have, `after` the opening; `when` limits it to an urgency."""

    event: str
    by: str
    after: timedelta
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """How the source says that nobody opened: phrases in a column."""

    column: str
    event: str
    after: timedelta
    phrases: tuple[str, ...]

    def as_step(self) -> Made:
        """Return the failed visit as a step."""
        return Made(self.event, "crew", self.after)


@dataclass(frozen=True, slots=True)
class SourceMap:
    """One parsed map. `steps` are in order of time."""

    name: str
    title: str
    publisher: str
    kind: str
    profile: str
    zone: ZoneInfo
    tail: timedelta
    columns: Columns
    district: str
    place: Mapping[str, tuple[str, ...]]
    duplicate: tuple[str, ...]
    within: timedelta
    merge_after: timedelta
    status: Mapping[str, str]
    channel: Mapping[str, str]
    category: Table
    urgency: Table
    responsible: Mapping[str, str]
    steps: tuple[Made, ...]
    wait: Wait | None

    def needed(self) -> frozenset[str]:
        """Return every column that the file must have."""
        own = self.columns
        single = {own.id, own.opened, own.status, own.closed, own.days_open, own.channel}
        single |= {own.report, self.wait.column if self.wait else None}
        several: list[Sequence[str]] = [own.title, own.description, self.duplicate]
        several += [self.category.columns, self.urgency.columns, *self.place.values()]
        return frozenset(name for name in single if name) | {n for part in several for n in part}


def names() -> tuple[str, ...]:
    """Return the names of all maps."""
    return tuple(sorted(path.stem for path in MAPS.glob("*.toml")))


def load_map(name: str) -> SourceMap:
    """Return a map by name. Raises UnknownMap, BadMap."""
    if name not in names():
        raise UnknownMap(f"there is no map {name!r}; there are: {', '.join(names())}")
    with (MAPS / f"{name}.toml").open("rb") as file:
        return parse_map(name, tomllib.load(file))


def parse_map(name: str, raw: Mapping[str, Any]) -> SourceMap:
    """Return a map from its parsed file. Raises BadMap."""
    try:
        return _parsed(name, raw)
    except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as exc:
        raise BadMap(f"map {name}: {exc!r}") from exc


def _parsed(name: str, raw: Mapping[str, Any]) -> SourceMap:
    return SourceMap(
        name=name,
        title=raw["title"],
        publisher=raw["publisher"],
        kind=raw["kind"],
        profile=raw["profile"],
        zone=ZoneInfo(raw["zone"]),
        tail=read_duration(raw["tail"]),
        columns=_columns(raw["columns"]),
        district=raw["place"]["district"],
        place={level: tuple(raw["place"].get(level, ())) for level in LEVELS[1:]},
        duplicate=tuple(raw["duplicate"]["columns"]),
        within=read_duration(raw["duplicate"]["within"]),
        merge_after=read_duration(raw["duplicate"]["after"]),
        status=raw["status"],
        channel=raw["channel"],
        category=_table(raw["category"]),
        urgency=_table(raw["urgency"]),
        responsible=raw.get("responsible", {}),
        steps=tuple(_made(step) for step in raw["step"]),
        wait=_wait(raw.get("wait")),
    )


def _columns(raw: Mapping[str, Any]) -> Columns:
    named: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    columns = Columns(**named)
    if (columns.closed is None) == (columns.days_open is None):
        raise ValueError("columns needs one of closed, days_open")
    return columns


def _table(raw: Mapping[str, Any]) -> Table:
    return Table(tuple(raw["columns"]), raw["table"])


def _made(raw: Mapping[str, Any]) -> Made:
    return Made(**{**raw, "after": read_duration(raw["after"])})


def _wait(raw: Mapping[str, Any] | None) -> Wait | None:
    if raw is None:
        return None
    spelled = {"after": read_duration(raw["after"]), "phrases": tuple(raw["phrases"])}
    return Wait(**{**raw, **spelled})
