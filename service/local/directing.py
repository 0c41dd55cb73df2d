"""Lets the cast play: chooses who acts, and fires it as a command."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from service.commands.fire_event import Fire, fire_in
from service.commands.ports import Outcome, Ports
from service.core.actors import Actor, Role
from service.local import lines
from service.local.behaviour import Act, Row
from service.local.cast import Cast
from service.local.fates import mint
from service.local.lines import NobodyFits, Scene
from service.store.unit_of_work import Tx


@dataclass(frozen=True, slots=True)
class Cue:
    """Who does what, in words that a command takes."""

    id: UUID
    event: str
    actor: Actor
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Director:
    """Plays acts with the ports' commands. `by` names the process in escalations."""

    ports: Ports
    cast: Cast
    by: str

    def play(self, tx: Tx, row: Row, act: Act, now: datetime) -> Outcome:
        """Play one act inside a transaction, unless somebody moved the order meanwhile.

        Raises NobodyFits, and what `fire` raises when the rules refuse.
        """
        cue = self.cue(tx, row, act, now)
        cmd = Fire(
            ticket=row["id"],
            event=cue.event,
            actor=cue.actor,
            data=cue.data,
            id=cue.id,
            expected_version=row["version"],
            by=self.by,
        )
        return fire_in(tx, self.ports, cmd)

    def cue(self, tx: Tx, row: Row, act: Act, now: datetime) -> Cue:
        """Return who does what in an act; photos it needs are uploaded. Raises NobodyFits."""
        rng = Random(row["id"].int ^ row["version"])  # noqa: S311 — a demo, and repeatable
        actor = self._actor(row, act)
        category = self.ports.catalogue.get(row["category"])
        if category is None:
            raise NobodyFits
        where = self.cast.places[row["place_id"]]
        scene = Scene(tx, self.cast, row, act, actor, where, category, now, rng)
        event = self._event(scene)
        build = lines.DATA.get(event)
        return Cue(mint(rng, now), event, actor, build(scene) if build else {})

    def _event(self, scene: Scene) -> str:
        """Return what is done in fact: some acts have no ground to stand on."""
        event = scene.act.event
        if event == "merge" and lines.master_of(scene) is None:
            return "accept"
        if event == "refuse_confirmation" and scene.actor.role is not Role.RESIDENT:
            return "confirm"  # nobody lives at a roof; a committee speaks for it
        return event

    def _actor(self, row: Row, act: Act) -> Actor:
        found = self._crew(row) if act.who == "crew" else self._other(row, act.who)
        if found is None:
            raise NobodyFits
        return found

    def _crew(self, row: Row) -> Actor | None:
        if row["outside_body"]:
            return self.cast.over(Role.DISPATCHER, row["place_path"])
        if row["crew_id"] is not None:
            return self.cast.member(row["crew_id"])
        return self.cast.head(row["vendor_id"])

    def _other(self, row: Row, who: str) -> Actor | None:
        path = row["place_path"]
        if who not in ("reporter", "resident"):
            return self.cast.over(Role(who), path)
        opener = self.cast.by_id.get(row["opened_by"])
        resident = opener if opener is not None and opener.role is Role.RESIDENT else None
        resident = resident or self.cast.homes.get(row["place_id"])
        if resident is not None:
            return resident
        fallback = Role.DISPATCHER if who == "reporter" else Role.COMMITTEE
        return self.cast.over(fallback, path) or self.cast.over(Role.MANAGER, path)
