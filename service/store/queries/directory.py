"""Lists and items of what stands in the directory: places, crews, vendors, utilities, parties.

One shape of statement serves them all: bound to the caller's scope, keyset-paged by place
and id. What serves a caller's place from above (a district's crew, the pool of a street) is
seen as well as what lies inside it; places themselves and parties only inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from service.core.actors import Actor, Role
from service.store import rows
from service.store.account import ancestors
from service.store.scope import bounds, within
from service.store.unit_of_work import Tx
from service.workflows.credit import FLOOR_PERCENT

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Noun:
    """How one kind of thing is read. `filters` maps names to conditions on `:name`."""

    columns: str
    source: str
    key: str
    ident: str = "x.id"
    serves_below: bool = True
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list is asked for. `places` are ids, each perhaps with `level:` before it."""

    places: tuple[str, ...] = ()
    filters: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, str] | None = None
    limit: int = 50


PLACES = Noun(
    columns="x.id, x.level, x.path, x.name, x.parent, x.time_zone, x.profile, x.flags, x.version",
    source="place x",
    key="x.key",
    serves_below=False,
    filters={"level": "x.level = ANY(:level)", "parent": "x.parent = ANY(:parent)"},
)
_CONTACT = """greatest(x.last_contact_at,
  (SELECT max(k.last_used_at) FROM account a JOIN api_key k ON k.account_id = a.id
    WHERE a.crew_id = x.id))"""
CREWS = Noun(
    columns=f"""x.id, x.name, x.vendor_id, v.name AS vendor_name, x.place_id, p.name AS place_name,
  p.time_zone, x.skills, x.certificates, x.shifts, x.version, app_now() AS now,
  (SELECT count(*) FROM ticket t WHERE t.crew_id = x.id AND t.closed_at IS NULL) AS open_orders,
  {_CONTACT} AS last_contact_at""",
    source="crew x JOIN place p ON p.id = x.place_id LEFT JOIN vendor v ON v.id = x.vendor_id",
    key="x.place_key",
    filters={"skill": "x.skills && cast(:skill AS text[])", "vendor": "x.vendor_id = ANY(:vendor)"},
)
# As `workflows/pool_pick.py` judges it: by the local day, and only with a term that is known.
_ACTIVE = (
    "(x.pool_active AND coalesce("
    "x.pool_valid_until >= (app_now() AT TIME ZONE p.time_zone)::date, false))"
)
_BLOCKED = f"""EXISTS (SELECT FROM deposit d WHERE d.vendor_id = x.id
  AND d.balance_fen * 100 < d.required_fen * {FLOOR_PERCENT})"""
VENDORS = Noun(
    columns=f"""x.id, x.name, x.place_id, p.name AS place_name, p.time_zone, x.service_lines,
  x.body, x.pool_active, x.pool_trades, x.pool_valid_until, x.capacity, x.listed, x.market_exit,
  {_BLOCKED} AS blocked, x.version""",
    source="vendor x JOIN place p ON p.id = x.place_id",
    key="x.place_key",
    filters={
        "pool": f"{_ACTIVE} = (:pool = 'active')",
        "trade": "x.pool_trades && cast(:trade AS text[])",
        "listed": "x.listed = ANY(:listed)",
    },
)
UTILITIES = Noun(
    columns="x.id, x.trade, x.name, x.phone, x.place_id, p.name AS place_name, x.version",
    source="utility x JOIN place p ON p.id = x.place_id",
    key="x.place_key",
    filters={"trade": "x.trade = ANY(:trade)"},
)
PARTIES = Noun(
    columns="""x.id::text AS id, x.name, x.phone, x.place_id, p.name AS place_name,
  x.notice_version, x.created_at, x.version""",
    source="party x JOIN place p ON p.id = x.place_id",
    key="p.key",
    ident="x.id::text",
    serves_below=False,
)


def page(tx: Tx, noun: Noun, actor: Actor, asked: Asked) -> Sequence[Row]:
    """Return at most `limit` rows after the position; each has `sort_key` for the next."""
    where, params = _where(noun, actor, asked)
    if asked.after is not None:
        where += f" AND ({noun.key}, {noun.ident}) > (:after_key, :after_id)"
        params |= {"after_key": asked.after[0], "after_id": asked.after[1]}
    statement = text(
        f"SELECT {noun.columns}, {noun.key} AS sort_key FROM {noun.source} WHERE {where}"
        f" ORDER BY {noun.key}, {noun.ident} LIMIT :limit"
    )
    return rows.many(tx.conn.execute(statement, {**params, "limit": asked.limit}))


def total(tx: Tx, noun: Noun, actor: Actor, asked: Asked) -> int:
    """Return how many rows the whole list has."""
    where, params = _where(noun, actor, asked)
    counted = text(f"SELECT count(*) FROM {noun.source} WHERE {where}")
    found: int = tx.conn.execute(counted, params).scalar_one()
    return found


def item(tx: Tx, noun: Noun, actor: Actor, ident: str) -> Row | None:
    """Return one row that the caller may see."""
    where, params = _where(noun, actor, Asked())
    statement = text(
        f"SELECT {noun.columns}, {noun.key} AS sort_key FROM {noun.source}"
        f" WHERE {where} AND {noun.ident} = :ident"
    )
    return rows.one(tx.conn.execute(statement, {**params, "ident": ident}))


def _where(noun: Noun, actor: Actor, asked: Asked) -> tuple[str, dict[str, Any]]:
    low, high = bounds(actor.place_path)
    params: dict[str, Any] = {"low": low, "high": high}
    where = f"({noun.key} >= :low AND {noun.key} < :high)"
    if noun.serves_below and actor.place_path:
        where = f"({where} OR {noun.key} = ANY(:above))"
        params["above"] = [f"{path}/" for path in ancestors(actor.place_path)]
    inside, places = within(noun.key, asked.places)
    where += f" AND {inside}"
    params |= places
    for condition, values in (_own(noun, actor), _filtered(noun, asked)):
        where += condition
        params |= values
    return where, params


def _own(noun: Noun, actor: Actor) -> tuple[str, dict[str, Any]]:
    """Crews see their crew, a vendor's manager the vendor and its crews."""
    if noun is CREWS and actor.role is Role.CREW:
        return " AND x.id = :own", {"own": actor.crew_id}
    if noun in (CREWS, VENDORS) and actor.role is Role.VENDOR_MANAGER:
        column = "x.vendor_id" if noun is CREWS else "x.id"
        return f" AND {column} = :own", {"own": actor.vendor_id}
    return "", {}


def _filtered(noun: Noun, asked: Asked) -> tuple[str, dict[str, Any]]:
    named = {name: value for name, value in asked.filters.items() if value is not None}
    return "".join(f" AND {noun.filters[name]}" for name in named), named
