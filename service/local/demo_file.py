"""`demo.json`: the keys and names with which a visitor enters the demo world (RULINGS 17)."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from sqlalchemy import text

from service.commands.accounts import create_key
from service.commands.links import CreateLink, create_link, hash_of
from service.commands.ports import Ports
from service.core.actors import SYSTEM
from service.edge.authentication import Authenticator
from service.local import people
from service.local.district import CITY, NEIGHBOUR
from service.local.fates import left_alone
from service.store import link, ticket

NAME = "demo.json"
_TRACK = "/v1/track/"

_STRANGE = text(
    "SELECT min(id::text) FROM ticket WHERE kind = 'repair_order' AND place_path LIKE :slug || '/%'"
)
# An emergency is never confirmed by silence, so its link stays good.
_AWAITING = text("""
SELECT id FROM ticket WHERE state = 'awaiting_confirmation' AND place_path LIKE :slug || '/%'
 ORDER BY urgency <> 'emergency', opened_at DESC, id""")
# Tickets of the walk-through's compound that stand for their kinds; the newest first.
_EXAMPLES = text("""
SELECT t.id, t.kind, t.number FROM ticket t JOIN place p ON p.id = :compound
 WHERE t.place_key >= p.key AND t.place_key < p.path || '0' AND t.kind <> 'repair_order'
   AND t.closed_at IS NULL AND t.opened_by <> :system ORDER BY t.opened_at DESC, t.id""")


@dataclass(frozen=True, slots=True)
class DemoFile:
    """What the file says; `token` is that of the resident's link.

    `accounts` are those of the keys, by label. `tickets` gives the number of one ticket of
    each kind that the simulator leaves alone.
    """

    keys: Mapping[str, str]
    keys_other_district: Mapping[str, str]
    ticket_other_district: str
    token: str
    accounts: Mapping[str, str] = field(default_factory=dict)
    tickets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return the file of a folder, None when there is none or it is damaged."""
        try:
            said = json.loads((folder / NAME).read_text(encoding="utf-8"))
            url: str = said["links"]["awaiting_confirmation"]
            return cls(
                keys=said["keys"],
                keys_other_district=said["keys_other_district"],
                ticket_other_district=said["ticket_other_district"],
                token=url.rpartition("/")[2],
                accounts=said["accounts"],
                tickets=said["tickets"],
            )
        except (OSError, ValueError, KeyError):
            return None

    def body(self, base_url: str) -> Mapping[str, Any]:
        """Return what stands in the file."""
        return {
            "base_url": base_url,
            "keys": self.keys,
            "keys_other_district": self.keys_other_district,
            "accounts": self.accounts,
            "place": {
                "compound": people.COMPOUND,
                "building": people.BUILDING,
                "household": people.HOUSEHOLD,
            },
            "crew": people.CREW,
            "vendor": people.VENDOR,
            "tickets": self.tickets,
            "ticket_other_district": self.ticket_other_district,
            "links": {"awaiting_confirmation": f"{base_url}{_TRACK}{self.token}"},
        }

    def write(self, folder: Path, base_url: str) -> Path:
        """Write the file for its owner's eyes only; a reader never sees half of it."""
        place = folder / NAME
        draft = folder / f"{NAME}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as out:
            json.dump(self.body(base_url), out, ensure_ascii=False, indent=2)
            out.write("\n")
        draft.replace(place)
        return place


def make(ports: Ports, known: DemoFile | None) -> DemoFile:
    """Return a file whose keys and link work, new ones where the known do not."""
    if known is None:
        keys, accounts = _keys(ports, CITY.slug)
        known = DemoFile(
            keys=keys,
            keys_other_district=_keys(ports, NEIGHBOUR.slug)[0],
            ticket_other_district=_strange(ports),
            token="",
            accounts=accounts,
            tickets=_examples(ports),
        )
    if _awaits(ports, known.token):
        return known
    return replace(known, token=_link(ports, known.keys["dispatcher"]))


def _keys(ports: Ports, slug: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Make the keys of a district; return them and their accounts by label."""
    requests = people.key_requests(slug)
    made = {label: create_key(ports, request) for label, request in requests.items()}
    accounts = {label: str(row["account_id"]) for label, (_, row) in made.items()}
    return {label: key for label, (key, _) in made.items()}, accounts


def _examples(ports: Ports) -> Mapping[str, str]:
    """Return the number of the newest ticket of each kind that is left to visitors."""
    params = {"compound": people.COMPOUND, "system": SYSTEM.id}
    with ports.uow() as tx:
        found = [row for row in tx.conn.execute(_EXAMPLES, params) if left_alone(row.id)]
    return {row.kind: row.number for row in reversed(found)}


def _strange(ports: Ports) -> str:
    with ports.uow() as tx:
        return str(tx.conn.execute(_STRANGE, {"slug": NEIGHBOUR.slug}).scalar_one())


def _awaits(ports: Ports, token: str) -> bool:
    """Tell whether the order behind a link still waits for the resident."""
    with ports.uow() as tx:
        found = link.by_hash(tx, hash_of(token))
        if found is None or found["revoked_at"] is not None:
            return False
        order = ticket.read(tx, kind=None, ref=found["ticket_id"], actor=SYSTEM)
    return order is not None and bool(order["state"] == "awaiting_confirmation")


def _link(ports: Ports, key: str) -> str:
    """Let the desk make a link to an order that awaits confirmation; "" when there is none."""
    with ports.uow() as tx:
        found = list(tx.conn.execute(_AWAITING, {"slug": CITY.slug}).scalars())
    chosen = next((ident for ident in found if left_alone(ident)), None) or next(iter(found), None)
    if chosen is None:
        return ""
    desk = Authenticator(ports).actor_of(f"Bearer {key}").actor
    wanted = CreateLink(kind="repair_order", ticket=chosen, actor=desk)
    return str(create_link(ports, wanted).ticket["token"])


def base_url_of(folder: Path) -> str:
    """Return where the demo of a folder answers or answered; the default when unknown."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return str(said["base_url"])
    except (OSError, ValueError, KeyError):
        return "http://127.0.0.1:8000"
