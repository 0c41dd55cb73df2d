"""A ticket of the past that follows a script, opened and moved by the right people in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

from service.commands.open_ticket import Open
from service.core.actors import Actor, Role
from service.core.workflow import BIRTH, Workflow
from service.local import names, people
from service.local.behaviour import Act
from service.local.cast import Cast, Where
from service.local.directing import Cue
from service.local.district import CITY
from service.local.fates import mint
from service.local.lines import NobodyFits
from service.local.lives import script
from service.local.lives.script import Life, Script
from service.local.lives.stage import Stage, who
from service.store.unit_of_work import Tx


@dataclass(slots=True)
class Atlas:
    """Chooses where lives take place: each time another compound, in an order of its own."""

    cast: Cast
    rng: Random
    _turns: dict[tuple[str, bool], Any] = field(default_factory=dict)

    def place(self, kind: str, wish: str) -> Where:
        """Return a place of the first district. Raises NobodyFits when no home is free."""
        if wish == script.LOTUS:
            return self.cast.places[people.COMPOUND]
        if wish == script.LOTUS_HOME:
            return self.cast.places[people.HOUSEHOLD]
        if wish == script.CONTRACT:
            return self.managed[1]
        compound = self._next(kind, old=wish == script.OLD)
        return self._home(compound) if wish == script.HOME else compound

    @property
    def managed(self) -> list[Where]:
        """The compounds with a company and a committee, the walk-through's first."""
        found = [c for c in self.cast.compounds(CITY.slug) if not c.flags["no_manager"]]
        return sorted(found, key=lambda c: (c.id != people.COMPOUND, c.path))

    def _next(self, kind: str, *, old: bool) -> Where:
        if (kind, old) not in self._turns:
            every = self.cast.compounds(CITY.slug)
            fit = [c for c in every if c.flags["no_manager"]] if old else self.managed[2:]
            self._turns[kind, old] = cycle(self.rng.sample(fit, len(fit)))
        found: Where = next(self._turns[kind, old])
        return found

    def _home(self, compound: Where) -> Where:
        homes = self.cast.below(compound.path)
        if not homes:
            raise NobodyFits
        return self.cast.places[self.rng.choice(homes).place_id]


def opening(  # noqa: PLR0913 — everything a birth is made from
    tx: Tx, workflow: Workflow, story: Script, life: Life, atlas: Atlas, now: datetime
) -> Open:
    """Return how a life's ticket is opened at `now`. Raises NobodyFits."""
    where = atlas.place(story.kind, life.place)
    firm = property_of(where) if life.vendor == script.PROPERTY else life.vendor
    row: Mapping[str, Any] = {
        "place_id": where.id, "place_path": where.path, "vendor_id": firm, "facts": {},
    }  # fmt: skip
    actor = who(atlas.cast, row, life.by)
    if actor is None:
        raise NobodyFits
    stage = Stage(tx, atlas.cast, row, where, actor, now, atlas.rng)
    return Open(
        kind=story.kind,
        actor=actor,
        place=where.id,
        category=life.category,
        title=life.title,
        description=life.text,
        reporter=_reporter(stage, life),
        facts=story.facts(stage, life),
        id=mint(atlas.rng, now, alone=life.alone),
        event=_birth(workflow),
    )


def property_of(where: Where) -> str:
    """Return the company that manages the compounds of a place's street."""
    return f"v-property-{where.path.split('/')[1]}"


def _birth(workflow: Workflow) -> str:
    return next(step.event for step in workflow.steps if BIRTH in step.source)


def _reporter(stage: Stage, life: Life) -> Mapping[str, Any]:
    if stage.actor.role in (Role.COMMITTEE, Role.STREET_OFFICER, Role.DISTRICT_OFFICER):
        return {"channel": life.channel}
    person: Actor | None = who(stage.cast, stage.row, "resident")
    if person is None or person.place_id != stage.where.id:
        name, phone = names.person(stage.rng), names.mobile(stage.rng)
    else:
        name = person.name
        phone = stage.cast.phones.get(person.id) or names.mobile(stage.rng)
    return {"name": name, "phone": phone, "channel": life.channel}


@dataclass(slots=True)
class Scripted:
    """One life of the past: `at` its birth; the beats still to come are taken one by one."""

    workflow: Workflow
    story: Script
    life: Life
    atlas: Atlas
    at: datetime
    _taken: int = 0

    def opening(self, tx: Tx) -> Open:
        """Return how it is opened. Raises NobodyFits."""
        return opening(tx, self.workflow, self.story, self.life, self.atlas, self.at)

    def next(self, row: Mapping[str, Any]) -> Act | None:
        """Return the next beat, None after the last."""
        if self._taken == len(self.life.beats):
            return None
        coming = self.life.beats[self._taken]
        at: datetime = row["opened_at"] + timedelta(hours=coming.after)
        return Act(coming.event, coming.by, at.replace(microsecond=0), coming.data)

    def cue(self, tx: Tx, row: Mapping[str, Any], act: Act, now: datetime) -> Cue:
        """Return who does what in a beat. Raises NobodyFits."""
        self._taken += 1
        return cue(tx, self.atlas.cast, self.story, row, act, now)


def cue(  # noqa: PLR0913 — everything an event is made from
    tx: Tx, cast: Cast, story: Script, row: Mapping[str, Any], act: Act, now: datetime
) -> Cue:
    """Return who does what in an event, with the data a command takes. Raises NobodyFits."""
    actor = who(cast, row, act.who)
    if actor is None:
        raise NobodyFits
    rng = Random(row["id"].int ^ (row["version"] + 1))  # noqa: S311 — a demo, and repeatable
    stage = Stage(tx, cast, row, cast.places[row["place_id"]], actor, now, rng)
    return Cue(mint(rng, now), act.event, actor, story.data_of(stage, act.event, act.hints))
