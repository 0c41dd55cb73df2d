"""Draws reports: who reports what, where, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from service.commands.open_ticket import Open
from service.core.actors import Actor, Role
from service.core.catalogue import Catalogue
from service.local import names, reports
from service.local.cast import Cast, Where
from service.local.fates import Fate, fate_of, mint
from service.local.lines import NobodyFits

KIND: Final = "repair_order"
_FUNDED: Final = ("roof", "wall_leak")
_HURRIED: Final = ("burst_pipe", "water_leak", "power_loss", "public_lighting")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is settled about a report before it is drawn; the rest falls by the dice."""

    fate: Fate | None = None
    alone: bool = False
    hurried: bool = False  # no appointment
    draft: bool = False
    category: str | None = None
    place: str | None = None
    urgency: str | None = None


@dataclass(frozen=True, slots=True)
class Reporters:
    """Draws reports in the district `area`."""

    cast: Cast
    catalogue: Catalogue
    rng: Random
    area: str

    def draw(self, now: datetime, wish: Wish) -> Open:
        """Return a report made at `now`. Raises NobodyFits."""
        ident = mint(self.rng, now, wish.fate, alone=wish.alone)
        code = wish.category or self._category(fate_of(ident))
        where = self.cast.places[wish.place] if wish.place else self._place(code)
        actor, channel = self._opener(where, draft=wish.draft)
        title, description = self.rng.choice(reports.WORDS.get(code, reports.WORDS["other"]))
        urgency = wish.urgency or self._urgency(code, hurried=wish.hurried)
        agreed = {} if wish.hurried else self._appointment(urgency, now)
        return Open(
            kind=KIND,
            actor=actor,
            place=where.id,
            category=code,
            title=title,
            description=description,
            reporter=self._contact(actor, where, channel),
            urgency=urgency,
            facts=self._facts(actor),
            id=ident,
            event="capture" if wish.draft else "submit",
            **agreed,
        )

    def _category(self, fate: Fate) -> str:
        if fate is Fate.FUND:
            return self.rng.choice(_FUNDED)
        if fate is Fate.POOL:
            return self.rng.choice(_HURRIED)
        known = [code for code in self.catalogue.codes if code in reports.WORDS]
        weights = [reports.OFTEN.get(code, 1) for code in known]
        return self.rng.choices(known, weights)[0]

    def _place(self, code: str) -> Where:
        """Return a home for what happens at home, else a part of the house or compound."""
        levels = ("household",) if code in reports.AT_HOME else ("compound", "building", "unit")
        level = self.rng.choice(levels)
        fit = [
            where
            for where in self.cast.places.values()
            if where.level == level
            and where.path.startswith(self.area + "/")
            and (level != "household" or where.id in self.cast.homes)
        ]
        return self.rng.choice(fit)

    def _opener(self, where: Where, *, draft: bool) -> tuple[Actor, str]:
        """Return who opens the order and through which channel."""
        resident = self.cast.homes.get(where.id) or self._neighbour(where)
        if resident is not None and (draft or self.rng.random() < 0.55):
            return resident, "web"
        committee = self.cast.over(Role.COMMITTEE, where.path)
        if where.level != "household" and committee and self.rng.random() < 0.2:
            return committee, "web"
        desk = self.cast.over(Role.DISPATCHER, where.path)
        if desk is None:
            raise NobodyFits
        return desk, self.rng.choice(("phone", "phone", "desk", "12345"))

    def _neighbour(self, where: Where) -> Actor | None:
        """Return a resident who lives below a common part."""
        below = [a for a in self.cast.homes.values() if a.place_path.startswith(where.path + "/")]
        return self.rng.choice(below) if below else None

    def _contact(self, actor: Actor, where: Where, channel: str) -> Mapping[str, Any]:
        person = actor if actor.role is Role.RESIDENT else self.cast.homes.get(where.id)
        if person is None:
            return {
                "name": names.person(self.rng),
                "phone": names.mobile(self.rng),
                "channel": channel,
            }
        phone = self.cast.phones.get(person.id) or names.mobile(self.rng)
        return {"name": person.name, "phone": phone, "channel": channel}

    def _facts(self, actor: Actor) -> Mapping[str, Any]:
        patrol = actor.role is Role.DISPATCHER and self.rng.random() < 0.1
        return {"origin": "patrol" if patrol else "customer"}

    def _urgency(self, code: str, *, hurried: bool) -> str:
        category = self.catalogue.get(code)
        usual = category.urgency if category else "normal"
        if usual == "urgent" and self.rng.random() < 0.12:
            return "emergency"
        return "urgent" if usual == "normal" and hurried else usual

    def _appointment(self, urgency: str, now: datetime) -> Mapping[str, Any]:
        """Residents who are in no hurry mostly agree on a time."""
        if urgency != "normal" or self.rng.random() < 0.08:
            return {}
        start = (now + timedelta(hours=self.rng.randint(2, 20))).replace(minute=0, second=0)
        return {"appointment_from": start, "appointment_to": start + timedelta(hours=2)}
