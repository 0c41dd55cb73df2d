"""How a map tells a case of another kind than a repair: its birth, its steps, their data. Pure.

Everything that a step sends stands in the map, as a template: plain values, and tables with
one of the forms that `templates` knows. What the record has is marked `recorded`; every
other step is made up, and its data says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.local.replay.tables import Finder, read_finder
from service.sla.notation import read_duration

Template = Mapping[str, Any]
OPENED, CLOSED, AGAIN = "opened", "closed", "again"
ANCHORS = (OPENED, CLOSED, AGAIN)
"""Moments that every case may have, besides the columns of times."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event, `after` the moment `at`: an anchor or a column of times.

    `when` limits it to rows whose columns say one of a few things. `on` is the kind of the
    ticket it happens to when that is one which followed from the case's own.
    """

    event: str
    by: str
    at: str = OPENED
    after: timedelta = timedelta()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    on: str | None = None
    recorded: bool = False
    data: Template | None = None


@dataclass(frozen=True, slots=True)
class Firms:
    """Which firm a case is about: what columns name, or whoever serves the compound.

    Two rows with the same `columns` are about the same firm, which `name` calls by a name.
    With `words` a case is about a firm only when one of them occurs in `texts`.
    """

    columns: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """Rows that go on with a case of the same `columns` that is still open.

    `outcome` says which rows do, and what they say of it.
    """

    columns: tuple[str, ...]
    outcome: Finder


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing that the record does not date: so long `after` a time, by what a column says."""

    since: str
    column: str
    after: Mapping[str, timedelta]


@dataclass(frozen=True, slots=True)
class Telling:
    """The part of a map that only kinds other than repairs have.

    `birth` is the event that opens, `by` who fires it, `facts` its template; `data` and
    `posts` are by event. `find` names what a row is found to say, `items` is (column,
    separator) of a list in a cell, `times` the columns of further times, none of which may
    lie before the opening, `numbers` columns that hold whole numbers. `follows` says which
    event leads to a ticket of which kind.
    """

    birth: str
    by: str
    facts: Template
    data: Mapping[str, Template]
    posts: Mapping[str, str]
    steps: tuple[Step, ...]
    find: Mapping[str, Finder]
    times: tuple[str, ...]
    numbers: tuple[str, ...]
    items: tuple[str, str] | None
    firms: Firms | None
    again: Again | None
    follows: Mapping[str, str]
    closing: Closing | None

    @property
    def columns(self) -> frozenset[str]:
        """Every column that steps, templates and finders look at."""
        firms = self.firms or Firms()
        several = [self.times, self.numbers, firms.columns, firms.name, firms.texts]
        several += [finder.columns for finder in self.find.values()]
        several += [tuple(step.when) for step in self.steps]
        several += [tuple(cells_of(t)) for t in (self.facts, *self.data.values())]
        several += [tuple(cells_of(step.data or {})) for step in self.steps]
        several += [(self.closing.column,) if self.closing else ()]
        several += [self.items[:1] if self.items else ()]
        several += [(*self.again.columns, *self.again.outcome.columns) if self.again else ()]
        return frozenset(name for part in several for name in part) - {AGAIN}

    @property
    def events(self) -> frozenset[str]:
        """Every event that the map names for the case's own ticket."""
        own = {step.event for step in self.steps if step.on is None}
        return frozenset({self.birth, *own, *self.follows})


def cells_of(template: Any) -> Iterator[str]:
    """Yield the columns that a template takes a cell from."""
    if isinstance(template, list):
        for part in template:
            yield from cells_of(part)
    elif isinstance(template, Mapping):
        if isinstance(template.get("cell"), str):
            yield template["cell"]
        for part in template.values():
            yield from cells_of(part)


def read_telling(raw: Mapping[str, Any]) -> Telling | None:
    """Return the part of a map that tells another kind; None for a map of repairs.

    Raises KeyError, TypeError, ValueError.
    """
    birth = raw.get("birth")
    if birth is None:
        return None
    items = raw.get("items")
    telling = Telling(
        birth=birth["event"],
        by=birth["by"],
        facts=birth.get("facts", {}),
        data=raw.get("data", {}),
        posts=raw.get("posts", {}),
        steps=tuple(_step(step) for step in raw.get("step", ())),
        find={name: read_finder(finder) for name, finder in raw.get("find", {}).items()},
        times=tuple(raw.get("times", ())),
        numbers=tuple(raw.get("numbers", ())),
        items=None if items is None else (items["column"], items["by"]),
        firms=_firms(raw.get("firm")),
        again=_again(raw.get("again")),
        follows=raw.get("follows", {}),
        closing=_closing(raw.get("closing")),
    )
    _require_known(telling)
    return telling


def _step(raw: Mapping[str, Any]) -> Step:
    after = read_duration(raw["after"]) if "after" in raw else timedelta()
    when = {column: tuple(said) for column, said in raw.get("when", {}).items()}
    return Step(**{**raw, "after": after, "when": when})


def _firms(raw: Mapping[str, Any] | None) -> Firms | None:
    return None if raw is None else Firms(**{name: tuple(value) for name, value in raw.items()})


def _again(raw: Mapping[str, Any] | None) -> Again | None:
    return None if raw is None else Again(tuple(raw["columns"]), read_finder(raw["outcome"]))


def _closing(raw: Mapping[str, Any] | None) -> Closing | None:
    if raw is None:
        return None
    after = {said: read_duration(span) for said, span in raw["after"].items()}
    return Closing(raw["since"], raw["column"], after)


def _require_known(telling: Telling) -> None:
    """Refuse steps that hang on nothing. Raises ValueError."""
    for step in telling.steps:
        if step.at not in (*ANCHORS, *telling.times):
            raise ValueError(f"step {step.event}: no time {step.at!r}")
        if step.on is not None and step.on not in telling.follows.values():
            raise ValueError(f"step {step.event}: no event leads to {step.on!r}")
