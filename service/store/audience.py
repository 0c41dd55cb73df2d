"""Who may have to hear of a ticket: accounts by duty, by assignment, or as its reporter."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.store.account import ancestors
from service.store.unit_of_work import Tx

_PEOPLE = text("""
SELECT id, role, place_path, crew_id, vendor_id, party_id FROM account
 WHERE active AND ((role = ANY(:roles) AND place_path = ANY(:paths))
    OR crew_id = ANY(:crews) OR (role = 'vendor_manager' AND vendor_id = ANY(:vendors))
    OR (role = 'resident' AND (id = ANY(:accounts) OR party_id = ANY(:parties))))
 ORDER BY id""")
_FORMER = text("""
SELECT DISTINCT ON (r.ticket_id, r.seq) r.ticket_id, r.seq, a.crew_id, a.vendor_id
  FROM unnest(cast(:tickets AS uuid[]), cast(:seqs AS int[])) AS r (ticket_id, seq)
  JOIN assignment a ON a.ticket_id = r.ticket_id AND a.seq < r.seq
 ORDER BY r.ticket_id, r.seq, a.seq DESC""")
_FOLLOWERS = text("""
SELECT c.ticket_id, t.opened_by, t.reporter_id
  FROM ticket_child c JOIN ticket t ON t.id = cast(c.row->>'ticket' AS uuid)
 WHERE c.noun = 'follower' AND c.ticket_id = ANY(:tickets)""")
_STAKES = text("""
WITH s AS (SELECT ticket_id, split_part(holder, ':', 1) AS kind, split_part(holder, ':', 2) AS name
             FROM ticket_stake WHERE ticket_id = ANY(:tickets))
SELECT s.ticket_id, a.id FROM s JOIN account a ON s.kind = 'account'
   AND a.id = CASE WHEN s.name ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                   THEN cast(s.name AS uuid) END
 WHERE a.active
 UNION
SELECT s.ticket_id, a.id FROM s JOIN place p ON s.kind = 'place' AND p.id = s.name
  JOIN account a ON a.role = 'resident' AND a.place_path = p.path WHERE a.active
 UNION
SELECT s.ticket_id, a.id FROM s JOIN account a ON s.kind = 'vendor' AND a.vendor_id = s.name
   AND a.role = 'vendor_manager' WHERE a.active
 UNION
SELECT s.ticket_id, a.id FROM s JOIN ticket t ON s.kind = 'tier' AND t.id = s.ticket_id
  JOIN account a ON a.role = 'mediator' AND a.is_lead AND cast(a.tier AS text) = s.name
   AND (t.place_path = a.place_path OR starts_with(t.place_path, a.place_path || '/'))
 WHERE a.active
 ORDER BY 1, 2""")
_TOLD = text("""
SELECT told FROM escalation
 WHERE ticket_id = :ticket AND clock = :clock AND epoch = :epoch AND level = ANY(:levels)""")
_RESIDENTS = text("""
SELECT a.id FROM place p JOIN account a
    ON a.place_path = p.path OR a.place_path LIKE replace(p.path, '_', '\\_') || '/%'
 WHERE p.id = :place AND a.role = 'resident' AND a.active ORDER BY a.id""")
_BUILDING = text("""
SELECT id FROM place WHERE path = ANY(:above) AND level IN ('building', 'compound')
 ORDER BY length(path) DESC LIMIT 1""")


@dataclass(frozen=True, slots=True)
class Person:
    """An active account."""

    id: UUID
    role: str
    place_path: str
    crew_id: str | None
    vendor_id: str | None
    party_id: UUID | None


@dataclass(slots=True)
class Wanted:
    """Whom to look up: duties on or above the paths, crews, vendors, reporters."""

    roles: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    crews: set[str] = field(default_factory=set)
    vendors: set[str] = field(default_factory=set)
    accounts: set[UUID] = field(default_factory=set)
    parties: set[UUID] = field(default_factory=set)


def people(tx: Tx, wanted: Wanted) -> Sequence[Person]:
    """Return everybody wanted, with one statement."""
    params: Mapping[str, list[Any]] = {
        "roles": sorted(wanted.roles),
        "paths": sorted({node for path in wanted.paths for node in ancestors(path)}),
        "crews": sorted(wanted.crews),
        "vendors": sorted(wanted.vendors),
        "accounts": sorted(wanted.accounts),
        "parties": sorted(wanted.parties),
    }
    return [Person(*row) for row in tx.conn.execute(_PEOPLE, params)]


def former_assignees(
    tx: Tx, events: Iterable[tuple[UUID, int]]
) -> Mapping[tuple[UUID, int], tuple[str | None, str | None]]:
    """Return (crew, vendor) that held each ticket before the event with that number."""
    listed = list(events)
    if not listed:
        return {}
    params = {"tickets": [t for t, _ in listed], "seqs": [s for _, s in listed]}
    return {
        (row.ticket_id, row.seq): (row.crew_id, row.vendor_id)
        for row in tx.conn.execute(_FORMER, params)
    }


def followers(tx: Tx, tickets: Iterable[UUID]) -> Mapping[UUID, Collection[UUID]]:
    """Return the accounts and parties that reported what was merged into each ticket."""
    found: dict[UUID, set[UUID]] = {}
    for row in tx.conn.execute(_FOLLOWERS, {"tickets": sorted(set(tickets))}):
        found.setdefault(row.ticket_id, set()).update({row.opened_by, row.reporter_id} - {None})
    return found


def stakes(tx: Tx, tickets: Iterable[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    """Return the accounts that have a stake in each ticket; of a mediation body, its heads."""
    wanted = sorted(set(tickets))
    found: dict[UUID, list[UUID]] = {}
    for row in tx.conn.execute(_STAKES, {"tickets": wanted}) if wanted else ():
        found.setdefault(row[0], []).append(row[1])
    return found


def told_of(
    tx: Tx, ticket_id: UUID, *, clock: str, epoch: int, levels: Sequence[int]
) -> Sequence[Mapping[str, Any]]:
    """Return [{role, account}] of everybody told when these rungs fired."""
    params = {"ticket": ticket_id, "clock": clock, "epoch": epoch, "levels": list(levels)}
    return [entry for told in tx.conn.execute(_TOLD, params).scalars() for entry in told]


def residents(tx: Tx, place_id: str) -> Sequence[UUID]:
    """Return the resident accounts on and below a place."""
    return tx.conn.execute(_RESIDENTS, {"place": place_id}).scalars().all()


def building(tx: Tx, place_path: str) -> str | None:
    """Return the building that a place belongs to, else its compound."""
    found: str | None = tx.conn.execute(_BUILDING, {"above": ancestors(place_path)}).scalar()
    return found
