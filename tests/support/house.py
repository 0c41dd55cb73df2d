"""A small believable world for tests: places, people, crews, vendors, utilities."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, text

from service.bootstrap import load_catalogue
from service.core.actors import SCOPES, SYSTEM, Actor
from service.core.ids import derived
from tests.support.people import BESIDE, PEOPLE, Person

START = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai

PLACES = (
    ("jinjiang", "district", None),
    ("dongjie", "street", "jinjiang"),
    ("lotus-c", "community", "dongjie"),
    ("lotus", "compound", "lotus-c"),
    ("b2", "building", "lotus"),
    ("u1", "unit", "b2"),
    ("h-2-101", "household", "u1"),
    ("h-2-102", "household", "u1"),
    ("old", "compound", "lotus-c"),
    ("b9", "building", "old"),
    ("north", "district", None),
    ("n-street", "street", "north"),
    ("n-community", "community", "n-street"),
    ("pine", "compound", "n-community"),
    ("b5", "building", "pine"),
)
VENDORS: tuple[tuple[str, list[str], str | None, list[str]], ...] = (
    # id, lines, body, pool trades
    ("v-lotus", ["repair"], None, []),
    ("v-pool1", ["repair"], None, ["water", "power"]),
    ("v-pool2", ["repair"], None, ["water", "power"]),
    ("v-dev", ["construction"], "developer", []),
    ("v-property", ["property_service"], None, []),
    ("v-clean", ["cleaning"], None, []),
    ("v-green", ["greening"], None, []),
    ("v-guard", ["security"], None, []),
    ("v-parking", ["parking"], None, []),
)
_REPAIRS = load_catalogue().of("repair_order")
_ENTRIES = [e for e in map(_REPAIRS.get, _REPAIRS.codes) if e]
ALL_TRADES = sorted(
    {entry.trade for entry in _ENTRIES}
    | {entry.certificate for entry in _ENTRIES if entry.certificate}
)


@dataclass
class House:
    """Who and what exists. `actors` holds one actor a role in the first district."""

    paths: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Return an actor by name: a role, or one of the extra ones."""
        return SYSTEM if name == "system" else self.actors[name]


def build(conn: Connection) -> House:
    """Insert the world through an owner or application connection; return it."""
    house = House()
    for ident, level, parent in PLACES:
        path = f"{house.paths[parent]}/{ident}" if parent else ident
        house.paths[ident] = path
        flags = '{"no_manager": true}' if ident == "old" else "{}"
        conn.execute(
            text("INSERT INTO place (id, level, path, name, parent, time_zone, flags) VALUES "
                 "(:id, :level, :path, :name, :parent, 'Asia/Shanghai', cast(:flags AS jsonb))"),
            {"id": ident, "level": level, "path": path, "name": f"{ident}号", "parent": parent,
             "flags": flags},
        )  # fmt: skip
    for ident, lines, body, trades in VENDORS:
        conn.execute(
            text("INSERT INTO vendor (id, name, place_id, place_key, service_lines, body, "
                 "pool_active, pool_trades, pool_valid_until) VALUES "
                 "(:id, :id, 'jinjiang', 'jinjiang/', :lines, :body, :pool, :trades, "
                 "'2027-12-31')"),
            {"id": ident, "lines": lines, "body": body, "pool": bool(trades), "trades": trades},
        )  # fmt: skip
    for ident, vendor in (("c7", "v-lotus"), ("c9", "v-lotus")):
        _crew(conn, ident, vendor)
    conn.execute(
        text("INSERT INTO utility (id, trade, name, phone, place_id, place_key) VALUES "
             "('u-water', 'water', '自来水公司', '96655', 'jinjiang', 'jinjiang/')")
    )  # fmt: skip
    for person in PEOPLE:
        admit(conn, house, person)
    return house


def _crew(conn: Connection, ident: str, vendor: str) -> None:
    skills = "{" + ",".join(ALL_TRADES) + "}"
    certificates = (
        "[" + ",".join(f'{{"trade":"{t}","valid_until":"2030-01-01"}}' for t in ALL_TRADES) + "]"
    )
    conn.execute(
        text("INSERT INTO crew (id, name, vendor_id, place_id, place_key, skills, certificates, "
             "shifts) VALUES (:id, :id, :vendor, 'jinjiang', 'jinjiang/', :skills, "
             "cast(:certs AS jsonb), '[{\"from\": \"00:00\", \"to\": \"24:00\"}]')"),
        {"id": ident, "vendor": vendor, "skills": skills, "certs": certificates},
    )  # fmt: skip


def admit(conn: Connection, house: House, person: Person) -> Actor:
    """Add a person to the house."""
    name, role, place, own = person
    actor = Actor(
        id=derived("test-account", name), role=role, name=name, place_id=place,
        place_path=house.paths[place], scopes=frozenset(SCOPES), **own,
    )  # fmt: skip
    house.actors[name] = actor
    _account(conn, actor)
    return actor


def somebody(conn: Connection, house: House, name: str) -> Actor:
    """Return an actor by name; who stands beside another comes when first named."""
    beside = {person[0]: person for person in BESIDE}
    if name in beside and name not in house.actors:
        return admit(conn, house, beside[name])
    return house.actor(name)


def _account(conn: Connection, actor: Actor) -> None:
    conn.execute(
        text("INSERT INTO account (id, name, role, place_id, place_path, crew_id, vendor_id, tier, "
             "is_lead, created_at) VALUES (:id, :name, :role, :place, :path, :crew, :vendor, "
             ":tier, :lead, :at)"),
        {"id": actor.id, "name": actor.name, "role": str(actor.role), "place": actor.place_id,
         "path": actor.place_path, "crew": actor.crew_id, "vendor": actor.vendor_id,
         "tier": actor.tier, "lead": actor.is_lead, "at": START},
    )  # fmt: skip


def photo(conn: Connection, actor: Actor, name: str = "photo") -> UUID:
    """Insert a complete uploaded picture of an actor; return its id."""
    ident = derived("test-photo", actor.id, name)
    conn.execute(
        text("INSERT INTO attachment (id, account_id, media_type, size, received, digest, "
             "created_at, complete_at) VALUES (:id, :actor, 'image/jpeg', 3, 3, '\\x00', :at, :at) "
             "ON CONFLICT DO NOTHING"),
        {"id": ident, "actor": actor.id, "at": START},
    )  # fmt: skip
    return ident
