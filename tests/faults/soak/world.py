"""The people of a run, in two districts that must never see each other, and their keys."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from service.core import keys
from service.core.actors import SCOPES, Role
from service.core.ids import derived
from tests.support import house
from tests.support.house import ALL_TRADES, START, House

# Who acts beside the people of the house: name, role, place, crew.
_MORE = (
    ("north_crew", Role.CREW, "north", "c-north"),
    ("north_manager", Role.MANAGER, "pine", None),
)
_PHONES = ("13800000001", "13900000002", "13700000003")
HOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True, slots=True)
class Person:
    """An account as a client sees itself: its id, its key, and a picture that it uploaded."""

    name: str
    role: str
    place_path: str
    account: UUID
    key: str
    photo: UUID


@dataclass(frozen=True, slots=True)
class World:
    """Everybody by name, and the places' paths by id."""

    people: dict[str, Person]
    paths: dict[str, str]

    @property
    def secrets(self) -> list[str]:
        """What no log may hold."""
        return [*(person.key for person in self.people.values()), HOOK_SECRET, *_PHONES]


def phone(turn: int) -> str:
    """Return one of the reporters' phone numbers."""
    return _PHONES[turn % len(_PHONES)]


def build(conn: Connection, hook: str) -> World:
    """Insert both districts, a key for everybody and a webhook to `hook`."""
    made = house.build(conn)
    _north(conn, made)
    for name, role, place, crew in _MORE:
        conn.execute(
            text("INSERT INTO account (id, name, role, place_id, place_path, crew_id, is_lead, "
                 "created_at) VALUES (:id, :name, :role, :place, :path, :crew, true, :at)"),
            {"id": derived("test-account", name), "name": name, "role": str(role),
             "place": place, "path": made.paths[place], "crew": crew, "at": START},
        )  # fmt: skip
    _webhook(conn, made, hook)
    _deposit(conn, made)
    accounts = conn.execute(text("SELECT id, name, role, place_path FROM account")).all()
    people = {row.name: _person(conn, *row) for row in accounts}
    return World(people, made.paths)


def _person(conn: Connection, ident: UUID, name: str, role: str, path: str) -> Person:
    minted = keys.mint()
    conn.execute(
        text("INSERT INTO api_key (id, account_id, prefix, hash, scopes, created_at) VALUES "
             "(:id, :account, :prefix, :hash, :scopes, :at)"),
        {"id": derived("test-key", minted.prefix), "account": ident, "prefix": minted.prefix,
         "hash": minted.digest, "scopes": sorted(SCOPES), "at": START},
    )  # fmt: skip
    photo = derived("test-photo", ident)
    conn.execute(
        text("INSERT INTO attachment (id, account_id, media_type, size, received, digest, "
             "created_at, complete_at) VALUES (:id, :owner, 'image/jpeg', 3, 3, '\\x00', :at, "
             ":at)"), {"id": photo, "owner": ident, "at": START},
    )  # fmt: skip
    return Person(name, role, path, ident, minted.text, photo)


def _north(conn: Connection, made: House) -> None:
    skills = "{" + ",".join(ALL_TRADES) + "}"
    conn.execute(
        text("INSERT INTO crew (id, name, place_id, place_key, skills, certificates, shifts) "
             "SELECT 'c-north', 'c-north', 'north', 'north/', :skills, certificates, shifts "
             "FROM crew WHERE id = 'c7'"), {"skills": skills},
    )  # fmt: skip
    made.paths.setdefault("north", "north")


def _deposit(conn: Connection, made: House) -> None:
    """Let the vendor that is judged most have money to lose."""
    conn.execute(text("INSERT INTO deposit (vendor_id, compound_id, required_fen) VALUES "
                      "('v-lotus', 'lotus', 1000000)"))  # fmt: skip
    conn.execute(
        text("INSERT INTO ledger_entry (vendor_id, compound_id, debit, credit, fen, reason, "
             "actor_id, document, at) VALUES ('v-lotus', 'lotus', :debit, :credit, 1000000, "
             "'received', :actor, 'receipt', :at)"),
        {"debit": "vendor:v-lotus", "credit": "deposit:v-lotus:lotus",
         "actor": made.actor("district_officer").id, "at": START},
    )  # fmt: skip


def _webhook(conn: Connection, made: House, url: str) -> None:
    conn.execute(
        text("INSERT INTO webhook_endpoint (id, account_id, url, types, place_id, place_key, "
             "secret, created_at) VALUES (:id, :owner, :url, :types, 'jinjiang', 'jinjiang/', "
             ":secret, :at)"),
        {"id": derived("soak-endpoint"), "owner": made.actor("admin").id, "url": url,
         "types": ["repair_order.opened", "repair_order.closed", "sla.breached"],
         "secret": HOOK_SECRET, "at": START},
    )  # fmt: skip
