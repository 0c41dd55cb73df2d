"""Loads what a workflow row names in `needs`, as the frozen rows of `core.refs`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor
from service.core.refs import (
    AttachmentRef,
    CrewRef,
    PlaceRef,
    PoolCandidate,
    TicketRef,
    UtilityRef,
    VendorRef,
)
from service.store import rows
from service.store.account import ancestors
from service.store.scope import bounds, visible
from service.store.unit_of_work import Tx


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def place_of(row: Mapping[str, Any]) -> PlaceRef:
    """Return the place of a ticket row that was joined with its place and compound."""
    return _place(row, row["place_id"], row["place_path"], row["place_level"], row["place_name"])


def _place(row: Mapping[str, Any], ident: str, path: str, level: str, name: str) -> PlaceRef:
    flags = row["compound_flags"]
    return PlaceRef(
        id=ident,
        level=level,
        path=path,
        name=name,
        compound_id=row["compound_id"],
        time_zone=row["time_zone"],
        profiles=_profiles(row, flags),
        no_manager=bool(flags.get("no_manager", False)),
        micro_circulation_open=bool(flags.get("micro_circulation_open", False)),
        committee=bool(flags.get("committee", True)),
        warranty_until=_day(flags.get("warranty_until")),
    )


def _profiles(row: Mapping[str, Any], flags: Mapping[str, Any]) -> Mapping[str, str]:
    repair = row.get("place_profile")
    return {**flags.get("profiles", {}), **({"repair": repair} if repair else {})}


_PLACE = text("""
SELECT app_now() AS now, p.id, p.path, p.level, p.name, p.time_zone, c.id AS compound_id,
       c.flags AS compound_flags,
       (SELECT a.profile FROM place a WHERE a.path = ANY(above.paths) AND a.profile IS NOT NULL
         ORDER BY length(a.path) DESC LIMIT 1) AS place_profile
  FROM place p
 CROSS JOIN LATERAL (
   SELECT array_agg(array_to_string((string_to_array(p.path, '/'))[1:n], '/')) AS paths
     FROM generate_series(1, cardinality(string_to_array(p.path, '/'))) n) above
  JOIN place c ON c.path = ANY(above.paths) AND c.level = 'compound'
 WHERE p.id = :id""")


def place(tx: Tx, place_id: str) -> tuple[PlaceRef, datetime] | None:
    """Return a place on or below a compound and the time; None when there is none such."""
    row = rows.one(tx.conn.execute(_PLACE, {"id": place_id}))
    if row is None:
        return None
    return _place(row, row["id"], row["path"], row["level"], row["name"]), row["now"]


_BELOW = text("""
SELECT p.id FROM place p JOIN place top ON top.id = :top
 WHERE p.id = ANY(:ids) AND (p.id = top.id OR starts_with(p.path, top.path || '/'))""")


def below(tx: Tx, ids: Iterable[str], top: str) -> frozenset[str]:
    """Return those of the place ids that are the place `top`, or lie below it."""
    found = tx.conn.execute(_BELOW, {"ids": list(ids), "top": top})
    return frozenset(found.scalars())


_CREW = text("SELECT c.*, p.path FROM crew c JOIN place p ON p.id = c.place_id WHERE c.id = :id")


def crew(tx: Tx, crew_id: str | None) -> CrewRef | None:
    """Return a crew."""
    row = rows.one(tx.conn.execute(_CREW, {"id": crew_id}))
    if row is None:
        return None
    return CrewRef(
        id=row["id"],
        name=row["name"],
        vendor_id=row["vendor_id"],
        place_path=row["path"],
        skills=frozenset(row["skills"]),
        certificates={
            c["trade"]: date.fromisoformat(c["valid_until"]) for c in row["certificates"]
        },
        shifts=tuple((s["from"], s["to"]) for s in row["shifts"]),
    )


_A_VENDOR = "SELECT v.*, p.path FROM vendor v JOIN place p ON p.id = v.place_id WHERE v.id = :id"
_VENDOR = text(_A_VENDOR)
_JUDGED = text(f"{_A_VENDOR} FOR NO KEY UPDATE OF v")


def vendor(tx: Tx, vendor_id: str | None) -> VendorRef | None:
    """Return a vendor or outside body."""
    row = rows.one(tx.conn.execute(_VENDOR, {"id": vendor_id}))
    return None if row is None else _vendor(row)


def judged(tx: Tx, vendor_id: str | None) -> VendorRef | None:
    """Lock and return a vendor: who decides next on it sees what was decided before."""
    row = rows.one(tx.conn.execute(_JUDGED, {"id": vendor_id}))
    return None if row is None else _vendor(row)


def _vendor(row: Mapping[str, Any]) -> VendorRef:
    return VendorRef(
        id=row["id"],
        name=row["name"],
        place_path=row["path"],
        service_lines=frozenset(row["service_lines"]),
        pool_active=row["pool_active"],
        pool_trades=frozenset(row["pool_trades"]),
        pool_valid_until=row["pool_valid_until"],
        capacity=row["capacity"],
        listed=row["listed"],
        market_exit=row["market_exit"],
        body=row["body"],
    )


_POOL = text("""
SELECT v.*, p.path,
       (SELECT count(*) FROM assignment a JOIN ticket t ON t.id = a.ticket_id AND t.kind = :kind
         WHERE a.vendor_id = v.id AND a.assigned_at > :since) AS orders_30d,
       (SELECT count(*) FROM ticket t
         WHERE t.vendor_id = v.id AND t.closed_at IS NULL AND t.kind = :kind) AS open_orders,
       (SELECT coalesce(avg((k.result = 'met')::int), 1)::float8 FROM assignment a JOIN clock k
          ON k.ticket_id = a.ticket_id AND k.name = 'arrive' AND k.result IN ('met', 'breached')
         WHERE a.vendor_id = v.id AND a.assigned_at > :since) AS timeliness,
       ('x' || substr(encode(sha256(convert_to(v.id || :salt, 'UTF8')), 'hex'), 1, 8))
         ::bit(32)::bigint / 4294967296.0 AS draw
  FROM vendor v JOIN place p ON p.id = v.place_id
 WHERE v.pool_active AND p.path = ANY(:above) ORDER BY v.id""")


def pool(
    tx: Tx, *, kind: str, ticket_id: UUID, place_path: str, now: datetime
) -> tuple[PoolCandidate, ...]:
    """Return the active pool of the places above a ticket, with what the pick order needs.

    The random number is a digest of ticket and vendor: it can be checked afterwards.
    """
    params = {
        "kind": kind,
        "since": now - timedelta(days=30),
        "salt": str(ticket_id),
        "above": ancestors(place_path),
    }
    return tuple(
        PoolCandidate(
            vendor=_vendor(row),
            orders_30d=row["orders_30d"],
            timeliness=row["timeliness"],
            open_orders=row["open_orders"],
            draw=float(row["draw"]),
        )
        for row in rows.many(tx.conn.execute(_POOL, params))
    )


_UTILITY = text("""
SELECT u.id, u.trade, u.name, u.phone FROM utility u JOIN place p ON p.id = u.place_id
 WHERE u.id = :id AND p.path = ANY(:above)""")


def utility(tx: Tx, utility_id: str | None, *, place_path: str) -> UtilityRef | None:
    """Return an entry of the directory that serves the place."""
    params = {"id": utility_id, "above": ancestors(place_path)}
    row = tx.conn.execute(_UTILITY, params).one_or_none()
    return None if row is None else UtilityRef(*row)


def other_ticket(tx: Tx, ref: str | UUID | None, *, actor: Actor) -> TicketRef | None:
    """Return another ticket that the actor may see, unlocked."""
    scope, params = visible(actor)
    uid = rows.as_uuid(ref) if ref else None
    statement = text(
        "SELECT t.id, t.number, t.kind, t.state, t.closed_at IS NULL AS is_open, t.compound_id,"
        " t.place_id, t.category, t.opened_at FROM ticket t"
        f" WHERE (t.id = :ref_id OR t.number = :ref_number) AND {scope}"
    )
    params = {"ref_id": uid, "ref_number": str(ref), **params}
    row = tx.conn.execute(statement, params).one_or_none()
    return None if row is None else TicketRef(*row)


_OPEN_HERE = text("""
SELECT id, number, kind, state, true, compound_id, place_id, category, opened_at FROM ticket
 WHERE kind = :kind AND place_key >= :low AND place_key < :high AND closed_at IS NULL
 ORDER BY opened_at, id""")


def open_here(tx: Tx, kind: str, compound_path: str) -> tuple[TicketRef, ...]:
    """Return the open tickets of a kind in a compound."""
    low, high = bounds(compound_path)
    found = tx.conn.execute(_OPEN_HERE, {"kind": kind, "low": low, "high": high})
    return tuple(TicketRef(*row) for row in found)


_FOLLOWERS = text("""
SELECT row->>'ticket' AS ticket, row->>'number' AS number FROM ticket_child
 WHERE ticket_id = :id AND noun = 'follower' ORDER BY seq, n""")


def followers(tx: Tx, ref: str | UUID | None) -> Sequence[Mapping[str, Any]]:
    """Return ticket and number of every order that was merged into an order."""
    return rows.many(tx.conn.execute(_FOLLOWERS, {"id": rows.as_uuid(ref) if ref else None}))


_FILES = text("""
SELECT id, media_type, complete_at IS NOT NULL, account_id = :actor FROM attachment
 WHERE id = ANY(:ids)""")


def attachments(tx: Tx, ids: list[UUID], *, actor: UUID) -> Mapping[UUID, AttachmentRef]:
    """Return the attachments among `ids` that exist."""
    found = tx.conn.execute(_FILES, {"ids": ids, "actor": actor})
    return {row[0]: AttachmentRef(*row) for row in found}


_TIMES = text("""
SELECT occurred_at FROM event WHERE ticket_id = :id AND type = :type ORDER BY seq""")


def times_of(tx: Tx, ticket_id: UUID, event: str) -> tuple[datetime, ...]:
    """Return when an event happened on a ticket, oldest first."""
    return tuple(tx.conn.execute(_TIMES, {"id": ticket_id, "type": event}).scalars())
