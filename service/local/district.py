"""Draws an invented district as plain rows: places, vendors, crews, utilities, people.

Pure: the same Random gives the same rows. Ids are words, so that curl and logs are readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from service.core.catalogue import Catalogue
from service.local import names
from service.local.profiles import DEFAULT, QUICK, STATION, TRADE

ZONE = "Asia/Shanghai"
_FLOORS, _DOORS = 5, 2
_PROFILES = (DEFAULT, DEFAULT, STATION, QUICK, TRADE, None)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a district is and what its parts are called."""

    slug: str
    name: str
    streets: tuple[tuple[str, str], ...]
    communities: int
    compounds: int
    buildings: tuple[int, int]


CITY = Shape(
    slug="jinjiang",
    name="锦江区",
    streets=(
        ("dongjie", "东街街道"),
        ("hehuachi", "荷花池街道"),
        ("liujiang", "柳江街道"),
        ("qingshui", "清水街道"),
    ),
    communities=3,
    compounds=2,
    buildings=(2, 4),
)
NEIGHBOUR = Shape(
    slug="xishan",
    name="西山区",
    streets=(("songlin", "松林街道"),),
    communities=1,
    compounds=2,
    buildings=(1, 1),
)


@dataclass(slots=True)
class Rows:
    """What is to be inserted, in the order of the references."""

    place: list[Row] = field(default_factory=list)
    vendor: list[Row] = field(default_factory=list)
    crew: list[Row] = field(default_factory=list)
    utility: list[Row] = field(default_factory=list)
    party: list[Row] = field(default_factory=list)
    account: list[Row] = field(default_factory=list)

    def places(self, level: str) -> list[Row]:
        """Return the places of one level."""
        return [row for row in self.place if row["level"] == level]


@dataclass(frozen=True, slots=True)
class Draw:
    """What every part of a drawing needs. `today` is the local day."""

    rng: Random
    shape: Shape
    catalogue: Catalogue
    today: date
    rows: Rows = field(default_factory=Rows)

    def uid(self) -> UUID:
        """Return a random UUID of the world's own Random."""
        return UUID(int=self.rng.getrandbits(128), version=4)


def _place(draw: Draw, parent: Row | None, level: str, slug: str, name: str, **more: Any) -> Row:
    path = slug if parent is None else f"{parent['path']}/{slug}"
    row = {
        "id": more.pop("ident", None) or slug,
        "level": level,
        "path": path,
        "name": name,
        "parent": parent and parent["id"],
        "time_zone": ZONE,
        "profile": more.pop("profile", None),
        "flags": more.pop("flags", {}),
    }
    draw.rows.place.append(row)
    return row


def places(draw: Draw) -> None:
    """Add the district, its streets, communities, compounds, houses and homes."""
    shape = draw.shape
    top = _place(draw, None, "district", shape.slug, shape.name, profile=DEFAULT)
    compounds = _compound_names(shape)
    for slug, name in shape.streets:
        street = _place(draw, top, "street", slug, name)
        for n in range(1, shape.communities + 1):
            called = f"{name.removesuffix('街道')}第{'一二三四'[n - 1]}社区"
            community = _place(draw, street, "community", f"{slug}-{n}", called)
            for _ in range(shape.compounds):
                _compound(draw, community, *next(compounds))


def _compound_names(shape: Shape) -> Any:
    """Yield (slug, name, old); the first is the one the README walks through."""
    mixed = []
    old, new = list(names.OLD_COMPOUNDS), list(names.NEW_COMPOUNDS)
    while new:
        mixed += [(name, False) for name in new[:3]]
        del new[:3]
        if old:
            mixed.append((old.pop(0), True))
    prefix = "" if shape is CITY else f"{shape.slug}-"
    for n, (name, is_old) in enumerate(mixed, start=1):
        slug = "lotus" if n == 1 else f"compound-{n}"
        yield f"{prefix}{slug}", name if shape is CITY else f"西山{name}", is_old


def _compound(draw: Draw, community: Row, slug: str, name: str, old: bool) -> None:
    rng = draw.rng
    first = slug.endswith("lotus")
    flags: dict[str, Any] = {"no_manager": old, "committee": not old}
    if old:
        flags["micro_circulation_open"] = rng.random() < 0.5
    elif not first and rng.random() < 0.25:
        until = draw.today + timedelta(days=rng.randrange(60, 700))
        flags["warranty_until"] = until.isoformat()
    profile = DEFAULT if first else rng.choice(_PROFILES)
    row = _place(draw, community, "compound", slug, name, flags=flags, profile=profile)
    for n in range(1, rng.randint(*draw.shape.buildings) + 1):
        _building(draw, row, n)


def _building(draw: Draw, compound: Row, number: int) -> None:
    slug, name = compound["id"], compound["name"]
    building = _place(
        draw, compound, "building", str(number), f"{name}{number}幢", ident=f"{slug}-{number}"
    )
    for entrance in (1, 2):
        unit = _place(
            draw,
            building,
            "unit",
            str(entrance),
            f"{building['name']}{entrance}单元",
            ident=f"{slug}-{number}-{entrance}",
        )
        for floor in range(1, _FLOORS + 1):
            for door in range(1, _DOORS + 1):
                room = f"{floor}{door:02d}"
                home = _place(
                    draw,
                    unit,
                    "household",
                    room,
                    f"{unit['name']}{room}",
                    ident=f"{unit['id']}-{room}",
                )
                _household(draw, home)


def _household(draw: Draw, home: Row) -> None:
    party = {
        "id": draw.uid(),
        "name": names.person(draw.rng),
        "phone": names.mobile(draw.rng),
        "place_id": home["id"],
    }
    draw.rows.party.append(party)
