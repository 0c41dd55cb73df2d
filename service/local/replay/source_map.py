"""What the columns of one source mean: the declarative file beside it, parsed and checked."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.local.replay.cells import Times
from service.local.replay.journey import Journey, read_journey
from service.local.replay.tables import Finder, Table, read_finder
from service.sla.notation import read_duration

MAPS = Path(__file__).parent / "maps"
LEVELS = ("district", "street", "community", "compound", "building")
LAST_STEP = "complete_work"


class UnknownMap(Exception):
    """There is no such map; the message lists those there are."""


class BadMap(Exception):
    """A map is malformed; the message names the file and the fault."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns that carry the case itself.

    One of `closed`, `days_open` is set, neither for an event log. Without `status` the
    status is "". `team` is who handles the case; without it the crew of the street does.
    `reporter` is the code of who reported.
    """

    id: str
    opened: str
    title: tuple[str, ...]
    status: str | None = None
    closed: str | None = None
    days_open: str | None = None
    channel: str | None = None
    report: str | None = None
    team: str | None = None
    reporter: str | None = None
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
class Ending:
    """Which event a closing is, by what the source says of it; `after` the last step before."""

    events: Table
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The source's own verdict, a column, to be held against that of `clock`."""

    column: str
    clock: str


@dataclass(frozen=True, slots=True)
class Named:
    """A place level whose name stands in a text: the first match of `pattern` in `columns`."""

    level: str
    columns: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class SourceMap:
    """One parsed map. `steps` are in order of time."""

    name: str
    title: str
    publisher: str
    kind: str
    profile: str
    times: Times
    tail: timedelta
    columns: Columns
    district: str
    place: Mapping[str, tuple[str, ...]]
    named: Named | None
    duplicate: tuple[str, ...]
    within: timedelta
    merge_after: timedelta
    status: Mapping[str, str]
    channel: Mapping[str, str]
    category: Finder
    urgency: Finder
    priority: Table | None
    responsible: Mapping[str, str]
    steps: tuple[Made, ...]
    wait: Wait | None
    ending: Ending | None
    recorded: Recorded | None
    journey: Journey | None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the source's places."""
        return self.times.zone

    @property
    def texts(self) -> frozenset[str]:
        """The columns whose line breaks count."""
        return frozenset((*self.columns.description, self.columns.report or ""))

    def needed(self) -> frozenset[str]:
        """Return every column that the file must have."""
        own = self.columns
        single = {own.id, own.opened, own.status, own.closed, own.days_open, own.channel}
        single |= {own.report, own.team, own.reporter, self.wait.column if self.wait else None}
        single |= {self.recorded.column if self.recorded else None}
        several: list[Sequence[str]] = [own.title, own.description, self.duplicate]
        several += [self.category.columns, self.urgency.columns, *self.place.values()]
        several += [self.priority.columns if self.priority else ()]
        several += [self.named.columns if self.named else ()]
        several += [self.ending.events.columns if self.ending else ()]
        several += [(self.journey.order, *self.journey.status) if self.journey else ()]
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
    duplicate = raw.get("duplicate", {"columns": (), "within": "PT0S", "after": "PT0S"})
    journey = read_journey(raw.get("journey"))
    return SourceMap(
        name=name,
        title=raw["title"],
        publisher=raw["publisher"],
        kind=raw["kind"],
        profile=raw["profile"],
        times=Times(ZoneInfo(raw["zone"]), raw.get("moved_twice", False)),
        tail=read_duration(raw["tail"]),
        columns=_columns(raw["columns"], log=journey is not None),
        district=raw["place"]["district"],
        place={level: tuple(raw["place"].get(level, ())) for level in LEVELS[1:]},
        named=_named(raw["place"].get("named")),
        duplicate=tuple(duplicate["columns"]),
        within=read_duration(duplicate["within"]),
        merge_after=read_duration(duplicate["after"]),
        status=raw.get("status", {"": LAST_STEP}),
        channel=raw["channel"],
        category=read_finder(raw["category"]),
        urgency=read_finder(raw["urgency"]),
        priority=_table(raw.get("priority")),
        responsible=raw.get("responsible", {}),
        steps=tuple(_made(step) for step in raw.get("step", ())),
        wait=_wait(raw.get("wait")),
        ending=_ending(raw.get("ending")),
        recorded=Recorded(**raw["recorded"]) if "recorded" in raw else None,
        journey=journey,
    )


def _columns(raw: Mapping[str, Any], *, log: bool) -> Columns:
    named: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    columns = Columns(**named)
    closings = sum(name is not None for name in (columns.closed, columns.days_open))
    if closings != (0 if log else 1):
        raise ValueError("columns needs one of closed, days_open; an event log neither")
    return columns


def _table(raw: Mapping[str, Any] | None) -> Table | None:
    return None if raw is None else Table(tuple(raw["columns"]), raw["table"])


def _made(raw: Mapping[str, Any]) -> Made:
    return Made(**{**raw, "after": read_duration(raw["after"])})


def _wait(raw: Mapping[str, Any] | None) -> Wait | None:
    if raw is None:
        return None
    spelled = {"after": read_duration(raw["after"]), "phrases": tuple(raw["phrases"])}
    return Wait(**{**raw, **spelled})


def _ending(raw: Mapping[str, Any] | None) -> Ending | None:
    if raw is None:
        return None
    return Ending(Table(tuple(raw["columns"]), raw["table"]), raw.get("after", {}))


def _named(raw: Mapping[str, Any] | None) -> Named | None:
    if raw is None:
        return None
    return Named(raw["level"], tuple(raw["columns"]), re.compile(raw["pattern"]))
