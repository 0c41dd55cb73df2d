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
from service.local.replay.named import Named, read_named
from service.local.replay.recorded import Recorded, read_recorded
from service.local.replay.tables import NOT_A_REPAIR, Finder, Table, read_finder
from service.local.replay.told import Telling, read_telling
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
class SourceMap:
    """One parsed map. `steps` are in order of time.

    `refusal` is the reason for which a row that is not of the kind is refused. `alone` says
    that a case which names no compound shares its compound with no other, `one_home` that a
    compound lies where most of its cases say. `clusters` has the detector run each day; it is
    the column of how many stand behind a case beside who wrote it.
    `telling` is what only kinds other than repairs have; their steps stand there.
    """

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
    named: tuple[Named, ...]
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
    telling: Telling | None = None
    refusal: str = NOT_A_REPAIR
    alone: bool = False
    one_home: bool = False
    clusters: str | None = None

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
        single |= set(self.telling.columns) if self.telling else set()
        several: list[Sequence[str]] = [own.title, own.description, self.duplicate]
        several += [self.category.columns, self.urgency.columns, *self.place.values()]
        several += [self.priority.columns if self.priority else ()]
        several += [named.columns for named in self.named]
        several += [(self.clusters,) if self.clusters else ()]
        several += [self.ending.events.columns if self.ending else ()]
        several += [self.journey.columns if self.journey else ()]
        return frozenset(name for name in single if name) | {n for part in several for n in part}


def names() -> tuple[str, ...]:
    """Return the names of all maps."""
    return tuple(sorted(path.stem for path in MAPS.glob("*.toml")))


def load_map(name: str) -> SourceMap:
    """Return a map by name. Raises UnknownMap, BadMap."""
    if name not in names():
        raise UnknownMap(f"there is no map {name!r}; there are: {', '.join(names())}")
    return parse_map(name, _raw(name))


def _raw(name: str) -> Mapping[str, Any]:
    with (MAPS / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def parse_map(name: str, raw: Mapping[str, Any]) -> SourceMap:
    """Return a map from its parsed file. Raises BadMap."""
    try:
        return _parsed(name, raw)
    except (KeyError, TypeError, ValueError, re.error, ZoneInfoNotFoundError) as exc:
        raise BadMap(f"map {name}: {exc!r}") from exc


def _parsed(name: str, raw: Mapping[str, Any]) -> SourceMap:
    duplicate = raw.get("duplicate", {"columns": (), "within": "PT0S", "after": "PT0S"})
    journey, telling = read_journey(raw.get("journey")), read_telling(raw)
    told = telling is not None
    return SourceMap(
        name=name,
        title=raw["title"],
        publisher=raw["publisher"],
        kind=raw["kind"],
        profile=raw["profile"],
        times=Times(ZoneInfo(raw["zone"]), raw.get("moved_twice", False)),
        tail=read_duration(raw["tail"]),
        columns=_columns(raw["columns"], _closings(journey, telling)),
        district=raw["place"]["district"],
        place={level: tuple(raw["place"].get(level, ())) for level in LEVELS[1:]},
        named=read_named(raw["place"].get("named", ())),
        duplicate=tuple(duplicate["columns"]),
        within=read_duration(duplicate["within"]),
        merge_after=read_duration(duplicate["after"]),
        status=raw.get("status", {"": LAST_STEP}),
        channel=raw["channel"],
        category=_category(raw["category"]),
        urgency=read_finder(raw["urgency"]),
        priority=_table(raw.get("priority")),
        responsible=raw.get("responsible", {}),
        steps=() if told else tuple(_made(step) for step in raw.get("step", ())),
        wait=_wait(raw.get("wait")),
        ending=_ending(raw.get("ending")),
        recorded=read_recorded(raw.get("recorded")),
        journey=journey,
        telling=telling,
        refusal=raw.get("refusal", NOT_A_REPAIR),
        alone=raw["place"].get("alone", False),
        one_home=raw["place"].get("one_home", False),
        clusters=raw["clusters"]["votes"] if "clusters" in raw else None,
    )


def _closings(journey: Journey | None, telling: Telling | None) -> tuple[int, ...]:
    """Return how many columns may tell of the closing."""
    if journey is not None:
        return (0,)
    return (1,) if telling is None else (0, 1)


def _columns(raw: Mapping[str, Any], allowed: tuple[int, ...]) -> Columns:
    named: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    columns = Columns(**named)
    closings = sum(name is not None for name in (columns.closed, columns.days_open))
    if closings not in allowed:
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


def _category(raw: Mapping[str, Any]) -> Finder:
    """Return the table of a map, or that of another map which it names."""
    return read_finder(_raw(raw["of_map"])["category"] if "of_map" in raw else raw)
