"""Makes the demo world: two districts as rows, and a past of tickets of every kind."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import create_engine, text

from service.commands.ports import Ports
from service.local import cast, contracts
from service.local.cast import Cast
from service.local.directing import Director
from service.local.district import CITY, NEIGHBOUR, ZONE, Draw, Rows, Shape, places
from service.local.fates import SeededIds
from service.local.history import BY, Part, Past, Told
from service.local.improvised import Improvised
from service.local.lives import scripts
from service.local.lives.scripted import Atlas, Scripted
from service.local.openings import Reporters, Wish
from service.local.people import people
from service.local.plans import Plan, plans
from service.local.profiles import variants
from service.local.providers import providers
from service.local.simulated_clock import set_in
from service.sla.policy import Profile
from service.store import heartbeat
from service.store import rows as recordsets
from service.store.unit_of_work import Tx

PAST = timedelta(days=12)
"""How far back orders were reported."""
_AGE = timedelta(days=400)  # longer than the oldest story
_MADE = "world"

_TABLES: Mapping[str, Mapping[str, str]] = {
    "place": {
        "id": "text", "level": "text", "path": "text", "name": "text", "parent": "text",
        "time_zone": "text", "profile": "text", "flags": "jsonb",
    },
    "vendor": {
        "id": "text", "name": "text", "place_id": "text", "place_key": "text",
        "service_lines": "text[]", "body": "text", "pool_active": "boolean",
        "pool_trades": "text[]", "pool_valid_until": "date", "capacity": "int", "listed": "text",
        "market_exit": "boolean",
    },
    "crew": {
        "id": "text", "name": "text", "vendor_id": "text", "place_id": "text",
        "place_key": "text", "skills": "text[]", "certificates": "jsonb", "shifts": "jsonb",
    },
    "utility": {
        "id": "text", "trade": "text", "name": "text", "phone": "text", "place_id": "text",
        "place_key": "text",
    },
    "party": {
        "id": "uuid", "name": "text", "phone": "text", "place_id": "text",
        "created_at": "timestamptz",
    },
    "account": {
        "id": "uuid", "name": "text", "role": "text", "place_id": "text", "place_path": "text",
        "crew_id": "text", "vendor_id": "text", "party_id": "uuid", "tier": "smallint",
        "is_lead": "boolean", "on_duty": "boolean", "created_at": "timestamptz",
    },
}  # fmt: skip
_INSERT = {
    table: recordsets.recordset(
        f"INSERT INTO {table} ({{names}}) SELECT * FROM {{rows}}",  # noqa: S608 — our own names
        columns,
    )
    for table, columns in _TABLES.items()
}
_PROFILE = text("""
INSERT INTO sla_profile (id, version, kind, body, digest, missing, effective_from)
VALUES (:id, 1, :kind, cast(:body AS jsonb), :digest, '{}', :since)""")
_BACKDATE = text("UPDATE sla_profile SET effective_from = :since WHERE effective_from > :since")
_FINISHED = text("SELECT EXISTS (SELECT FROM heartbeat WHERE name = :name)")
_EMPTY = text("SELECT NOT EXISTS (SELECT FROM place)")


class State(Enum):
    """How far a database is."""

    EMPTY = "empty"
    UNFINISHED = "unfinished"  # somebody was killed while making it
    FINISHED = "finished"


def state_of(ports: Ports) -> State:
    """Tell whether there is a world, and a whole one."""
    with ports.uow() as tx:
        if tx.conn.execute(_EMPTY).scalar_one():
            return State.EMPTY
        made = tx.conn.execute(_FINISHED, {"name": _MADE}).scalar_one()
    return State.FINISHED if made else State.UNFINISHED


def build(ports: Ports, *, owner_url: str, profiles: Iterable[Profile], seed: int) -> Told:
    """Make two districts with a past in the first; the clock then stands still.

    The same seed and the same time make the same world. Precondition: a migrated, empty
    database with the movable clock.
    """
    rng = Random(seed)  # noqa: S311 — a demo, and repeatable
    ports = replace(ports, ids=SeededIds(rng))
    with ports.uow() as tx:
        end = tx.now().replace(microsecond=0)
    since = end - _AGE
    _backdate(owner_url, since)
    city, neighbour = (_drawn(ports, rng, shape, end) for shape in (CITY, NEIGHBOUR))
    with ports.uow() as tx:
        set_in(tx, since)
        _store_profiles(tx, variants(profiles), since)
        for drawing in (city, neighbour):
            _insert(tx, drawing.rows, since)
    told = _lived(ports, rng, (city, neighbour), end)
    with ports.uow() as tx:
        heartbeat.beat(tx, _MADE, seed=seed)
    return told


def _drawn(ports: Ports, rng: Random, shape: Shape, end: datetime) -> Draw:
    today = end.astimezone(ZoneInfo(ZONE)).date()
    drawing = Draw(rng, shape, ports.catalogue.of("repair_order"), today)
    places(drawing)
    providers(drawing)
    people(drawing)
    return drawing


def _lived(ports: Ports, rng: Random, drawn: Sequence[Draw], end: datetime) -> Told:
    """Live through the past of both districts; the home of the walk-through is spared."""
    with ports.uow() as tx:
        found = cast.read(tx)
    atlas = Atlas(found, rng)
    contracts.sign(ports, found, atlas.managed, end.date())
    parts: list[Part] = [*_orders(ports, found, rng, drawn, end), *_stories(ports, atlas, end)]
    return Past(ports, end).live(parts)


def _orders(
    ports: Ports, found: Cast, rng: Random, drawn: Sequence[Draw], end: datetime
) -> Iterator[Improvised]:
    """Yield the repair orders of both districts."""
    reporters = Reporters(found, ports.catalogue.of("repair_order"), rng, area=CITY.slug)
    director = Director(ports, found, BY)
    here, there = ([row["id"] for row in d.rows.places("household")] for d in drawn)
    abroad = [
        Plan(end - timedelta(hours=hours), Wish(place=there[hours], alone=True), stop)
        for hours, stop in ((1, "assigned"), (2, "on_site"), (3, "submitted"))
    ]
    twice = rng.sample(here[1:], 2)
    for plan in (*plans(rng, end, PAST, twice), *abroad):
        yield Improvised(plan, reporters, director)


def _stories(ports: Ports, atlas: Atlas, end: datetime) -> Iterator[Scripted]:
    """Yield the tickets of the other kinds, as their scripts tell them."""
    for kind, story in scripts(ports.registry).items():
        for life in story.lives:
            at = end - timedelta(days=life.ago)
            yield Scripted(ports.registry[kind], story, life, atlas, at)


def _backdate(owner_url: str, since: datetime) -> None:
    """Let the shipped profiles hold in the past too; only the owner may change them."""
    engine = create_engine(owner_url)
    try:
        with engine.begin() as conn:
            conn.execute(_BACKDATE, {"since": since})
    finally:
        engine.dispose()


def _store_profiles(tx: Tx, found: Iterable[Profile], since: datetime) -> None:
    for profile in found:
        body = orjson.dumps(profile.body(), option=orjson.OPT_SORT_KEYS)
        params = {
            "id": profile.id,
            "kind": profile.kind,
            "body": body.decode(),
            "digest": hashlib.sha256(body).hexdigest(),
            "since": since,
        }
        tx.conn.execute(_PROFILE, params)


def _insert(tx: Tx, rows: Rows, since: datetime) -> None:
    """Insert a drawing; a few statements whatever its size."""
    for table, statement in _INSERT.items():
        found: Iterable[Mapping[str, Any]] = getattr(rows, table)
        if "created_at" in _TABLES[table]:
            found = ({**row, "created_at": since} for row in found)
        recordsets.run(tx.conn, statement, found)
