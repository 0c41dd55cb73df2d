"""Who may act in the demo world: simulated accounts, crews and places, read once.

Accounts that hold an API key belong to visitors and are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from service.core.actors import Actor, Role
from service.core.refs import CategoryRef
from service.local.district import ZONE
from service.store import rows
from service.store.unit_of_work import Tx

_ACCOUNTS = text("""
SELECT a.id, a.name, a.role, a.place_id, a.place_path, a.crew_id, a.vendor_id, a.tier,
       a.is_lead, p.phone
  FROM account a LEFT JOIN party p ON p.id = a.party_id
 WHERE a.active AND NOT EXISTS (SELECT FROM api_key k WHERE k.account_id = a.id) ORDER BY a.id""")
_PLACES = text("""
SELECT p.id, p.path, p.level, p.name, c.id AS compound_id, c.flags FROM place p
  JOIN place c ON c.level = 'compound' AND (p.path = c.path OR p.path LIKE c.path || '/%')
 ORDER BY p.path""")
_CREWS = text("""
SELECT c.id, c.skills, c.certificates, c.shifts, p.path FROM crew c
  JOIN place p ON p.id = c.place_id ORDER BY c.id""")
_UTILITIES = text(
    "SELECT u.id, u.trade, u.phone, p.path FROM utility u JOIN place p ON p.id = u.place_id"
)
_VENDORS = text(
    "SELECT v.id, v.body, p.path FROM vendor v JOIN place p ON p.id = v.place_id ORDER BY v.id"
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """A place on or below a compound, with what its compound is like."""

    id: str
    path: str
    level: str
    name: str
    compound_id: str
    flags: Mapping[str, Any]

    def warranty(self, day: date) -> bool:
        """Tell whether the developer still answers for the house."""
        until = self.flags.get("warranty_until")
        return until is not None and day <= date.fromisoformat(until)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything about people and places that does not change while the world moves."""

    by_role: Mapping[Role, Sequence[Actor]]
    by_id: Mapping[UUID, Actor]
    homes: Mapping[str, Actor]
    phones: Mapping[UUID, str]
    places: Mapping[str, Where]
    crews: Sequence[Row]
    utilities: Sequence[Row]
    vendors: Sequence[Row]

    def over(self, role: Role, path: str) -> Actor | None:
        """Return the account of a role that is closest above a place."""
        fit = [a for a in self.by_role.get(role, ()) if a.covers(path)]
        return max(fit, key=lambda a: len(a.place_path), default=None)

    def member(self, crew_id: str | None) -> Actor | None:
        """Return a member of a crew."""
        return next((a for a in self.by_role[Role.CREW] if a.crew_id == crew_id), None)

    def head(self, vendor_id: str | None) -> Actor | None:
        """Return a vendor's head."""
        heads = self.by_role.get(Role.VENDOR_MANAGER, ())
        return next((a for a in heads if a.vendor_id == vendor_id), None)

    def mediator(self, path: str, tier: int) -> Actor | None:
        """Return the head of the mediation body of a tier that serves a place."""
        serving = (a for a in self.by_role[Role.MEDIATOR] if a.tier == tier and a.covers(path))
        return max(serving, key=lambda a: a.is_lead, default=None)

    def below(self, path: str) -> Sequence[Actor]:
        """Return the residents who live below a place, in the order of their homes."""
        homes = sorted(self.homes.items())
        return [a for _, a in homes if a.place_path.startswith(path + "/")]

    def compounds(self, area: str) -> Sequence[Where]:
        """Return the compounds of an area by path."""
        return [w for w in self.places.values() if w.level == "compound" and _below(w.path, area)]

    def fit_crews(self, path: str, category: CategoryRef, at: datetime) -> list[str]:
        """Return the crews that may be sent: area, skill, certificate, shift."""
        local = at.astimezone(ZoneInfo(ZONE))
        return [
            crew["id"]
            for crew in self.crews
            if _below(path, crew["path"])
            and category.trade in crew["skills"]
            and _certified(crew, category.certificate, local.date())
            and any(_within(local.time(), s["from"], s["to"]) for s in crew["shifts"])
            and self.member(crew["id"]) is not None
        ]

    def utility(self, path: str, trade: str | None) -> Row | None:
        """Return the entry of the directory for a trade."""
        fit = (u for u in self.utilities if u["trade"] == trade and _below(path, u["path"]))
        return next(fit, None)

    def body(self, path: str, kind: str) -> str | None:
        """Return the outside body of a kind that answers for a place."""
        fit = (v["id"] for v in self.vendors if v["body"] == kind and _below(path, v["path"]))
        return next(fit, None)


def read(tx: Tx) -> Cast:
    """Return the cast of the stored world."""
    found = rows.many(tx.conn.execute(_ACCOUNTS))
    actors = [_actor(row) for row in found]
    return Cast(
        by_role=_grouped(actors),
        by_id={actor.id: actor for actor in actors},
        homes={a.place_id: a for a in actors if a.role is Role.RESIDENT},
        phones={row["id"]: row["phone"] for row in found if row["phone"]},
        places={row["id"]: Where(**row) for row in rows.many(tx.conn.execute(_PLACES))},
        crews=rows.many(tx.conn.execute(_CREWS)),
        utilities=rows.many(tx.conn.execute(_UTILITIES)),
        vendors=rows.many(tx.conn.execute(_VENDORS)),
    )


def _actor(row: Row) -> Actor:
    return Actor(
        id=row["id"],
        role=Role(row["role"]),
        name=row["name"],
        place_id=row["place_id"],
        place_path=row["place_path"],
        crew_id=row["crew_id"],
        vendor_id=row["vendor_id"],
        tier=row["tier"],
        is_lead=row["is_lead"],
    )


def _grouped(actors: Iterable[Actor]) -> Mapping[Role, Sequence[Actor]]:
    found: dict[Role, list[Actor]] = {role: [] for role in Role}
    for actor in actors:
        found[actor.role].append(actor)
    return found


def _below(path: str, area: str) -> bool:
    return path == area or path.startswith(area + "/")


def _certified(crew: Row, needed: str | None, day: date) -> bool:
    if needed is None:
        return True
    return any(
        c["trade"] == needed and date.fromisoformat(c["valid_until"]) >= day
        for c in crew["certificates"]
    )


def _within(clock: time, first: str, last: str) -> bool:
    begin, end, now = first, last, f"{clock:%H:%M}"
    return begin <= now < end if begin < end else now >= begin or now < end
