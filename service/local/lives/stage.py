"""What an event is made from in the demo world: the ticket, who acts, when, and who is near."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from service.core.actors import Actor, Role
from service.core.parties import stands_for
from service.local import evidence
from service.local.cast import Cast, Where
from service.local.fates import mint
from service.local.lines import NobodyFits
from service.store.unit_of_work import Tx

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """One event about to happen; `row` is the ticket, at its birth only where it will be."""

    tx: Tx
    cast: Cast
    row: Row
    where: Where
    actor: Actor
    now: datetime
    rng: Random

    @property
    def facts(self) -> Mapping[str, Any]:
        """The ticket's facts."""
        found: Mapping[str, Any] = self.row["facts"]
        return found

    def after(self, **delta: float) -> str:
        """Return a time from now on, as data name it."""
        return (self.now + timedelta(**delta)).isoformat()

    def photo(self) -> str:
        """Upload a picture as whoever acts; return its id."""
        ident = mint(self.rng, self.now)
        evidence.upload(self.tx, [(ident, self.actor.id)], self.now)
        return str(ident)

    def account(self, by: str) -> str:
        """Return the account id of somebody. Raises NobodyFits."""
        found = who(self.cast, self.row, by)
        if found is None:
            raise NobodyFits
        return str(found.id)

    def electors(self, number: int) -> Sequence[str]:
        """Return the accounts of so many residents of the compound."""
        compound = self.cast.places[self.where.compound_id]
        return [str(a.id) for a in self.cast.below(compound.path)[:number]]

    def neighbour(self) -> Where:
        """Return another home of the same staircase. Raises NobodyFits."""
        stairs = self.where.path.rpartition("/")[0]
        others = [a for a in self.cast.below(stairs) if a.place_id != self.where.id]
        if not others:
            raise NobodyFits
        return self.cast.places[self.rng.choice(others).place_id]


def who(cast: Cast, row: Row, by: str) -> Actor | None:
    """Return who is meant: a role near the ticket's place, or a part in the story.

    Parts are `resident`, `vendor` (the firm that holds the ticket), `mediator` (the head of
    the body that has the case), `applicant` and `respondent`, `elector-2`, and
    `district_officer-2` for the second of several.
    """
    part, _, number = by.partition("-")
    if number:
        return _numbered(cast, row, part, int(number))
    match part:
        case "resident":
            return cast.homes.get(row["place_id"]) or next(
                iter(cast.below(row["place_path"])), None
            )
        case "vendor":
            return cast.head(row["vendor_id"])
        case "mediator":
            return cast.mediator(row["place_path"], row["facts"].get("tier", 1))
        case "applicant" | "respondent":
            return _party(cast, row, part)
    return cast.over(Role(part), row["place_path"])


def _numbered(cast: Cast, row: Row, part: str, number: int) -> Actor | None:
    if part == "elector":
        voters = [one["voter"] for one in row["facts"].get("electors", ()) if one["n"] == number]
        return next((a for a in cast.by_id.values() if str(a.id) in voters), None)
    fit = [a for a in cast.by_role[Role(part)] if a.covers(row["place_path"])]
    return fit[number - 1] if len(fit) >= number else None


def _party(cast: Cast, row: Row, side: str) -> Actor | None:
    sides = [one for one in row["facts"].get("parties", ()) if one["side"] == side]
    for party in sides:
        committee = cast.over(Role.COMMITTEE, row["place_path"])
        known = (cast.homes.get(party.get("place", "")), cast.head(party.get("vendor")), committee)
        found = next((a for a in known if a is not None and stands_for(a, party)), None)
        if found is not None:
            return found
    return None
