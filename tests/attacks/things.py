"""One of everything on the unit, for the matrix to reach for."""

import base64
import hashlib
import io
from dataclasses import dataclass
from uuid import UUID

from PIL import Image

from tests.attacks.client import Caller
from tests.attacks.plan import OF_TICKETS, Try
from tests.attacks.world import CANARY, PLACE, World, uuid_of


@dataclass
class Things:
    """Ids by kind of thing; what a cell uses up is made anew."""

    world: World
    ids: dict[str, str]
    _made: int = 1000

    def at(self, attempt: Try, kind: str, state: str) -> str:
        """Return the id of the thing that a call is aimed at."""
        if attempt.at in OF_TICKETS:
            return self.world.of(kind)[state]
        if attempt.granted == 204 or attempt.granted == 415:
            return self._one_more(str(attempt.at))
        return self.ids.get(str(attempt.at), "")

    def _one_more(self, kind: str) -> str:
        self._made += 1
        ident = uuid_of(self._made)
        if kind == "endpoint":
            _endpoint(self.world, ident)
        elif kind == "api_key":
            key = self.world.fresh_key("auditor@own", id=UUID(ident))
            assert key
        return ident


def lay_out(world: World, server: Caller) -> Things:
    """Make everything; files really are uploaded."""
    picture = upload(server, world.key("dispatcher@own"), jpeg())
    world.open("assigned", by="dispatcher@own", attachments=(UUID(picture),), title=CANARY)
    _directory(world)
    endpoint, entry = uuid_of(10), uuid_of(11)
    _endpoint(world, endpoint)
    world.live.do(
        "INSERT INTO inbox (id, account_id, ticket_id, event_seq, topic, at)"
        " VALUES (:id, :account, :ticket, 1, 'repair_order.submit', app_now())",
        id=entry, account=world.live.story.actor("other_dispatcher").id,
        ticket=world.tickets["assigned"],
    )  # fmt: skip
    ids = {
        "file": picture, "place": PLACE, "crew": "c-u1", "vendor": "vn-u1", "utility": "u-u1",
        "party": str(world.value("SELECT id FROM party WHERE place_id = :place LIMIT 1",
                                 place=PLACE)),
        "endpoint": endpoint, "entry": entry, "profile": "REP-DEFAULT",
    }  # fmt: skip
    return Things(world, ids)


def jpeg(size: tuple[int, int] = (30, 20)) -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "#3a7").save(out, "JPEG")
    return out.getvalue()


def upload_headers(content: bytes, media: str = "image/jpeg") -> dict[str, str]:
    """Return the headers of an upload."""
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return {"Content-Type": media, "Repr-Digest": f"sha-256=:{digest}:"}


def upload(server: Caller, key: str, content: bytes, ident: str | None = None) -> str:
    """Upload a picture; return its id."""
    ident = ident or uuid_of(int.from_bytes(hashlib.sha256(content).digest()[:4]))
    got = server.send(
        "PUT", f"/v1/attachments/{ident}", key, raw=content, headers=upload_headers(content)
    )
    assert got.status in (200, 201), got.body
    return ident


def _directory(world: World) -> None:
    for table, columns, values in (
        ("vendor", "service_lines, pool_trades", "'{repair}', '{}'"),
        ("utility", "trade, phone", "'water', '96655'"),
        ("crew", "skills, certificates, shifts", "'{}', '[]', '[]'"),
    ):
        ident = {"vendor": "vn-u1", "utility": "u-u1", "crew": "c-u1"}[table]
        world.live.do(
            f"INSERT INTO {table} (id, name, place_id, place_key, {columns})"
            f" SELECT :id, :id, id, key, {values} FROM place WHERE id = :place",
            id=ident, place=PLACE,
        )  # fmt: skip


def _endpoint(world: World, ident: str) -> None:
    world.live.do(
        "INSERT INTO webhook_endpoint (id, account_id, url, types, place_id, place_key,"
        " description, secret, created_at, version) SELECT :id, :account, 'https://x.example/',"
        " '{sla.*}', id, key, '', 'whsec_eA==', app_now(), 1 FROM place WHERE id = :place",
        id=ident, account=world.live.story.actor("manager@own").id, place=PLACE,
    )  # fmt: skip
