"""Accounts: who is told when a rung fires, and who a key belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from service.core.refs import AccountRef
from service.store.unit_of_work import Tx


@dataclass(frozen=True, slots=True)
class Contact:
    """An active account as an addressee."""

    id: UUID
    role: str
    place_path: str
    crew_id: str | None
    vendor_id: str | None
    tier: int | None
    is_lead: bool
    on_duty: bool


_NAMED = text("""
SELECT cast(id AS text), role, name, place_id, place_path, vendor_id, tier, is_lead, active
  FROM account WHERE id = ANY(:ids)""")


def named(tx: Tx, ids: Iterable[UUID]) -> Mapping[str, AccountRef]:
    """Return accounts by id text; those that do not exist are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row[0]: AccountRef(*row) for row in tx.conn.execute(_NAMED, {"ids": wanted})}


_REACH = text("""
SELECT id, role, place_path, crew_id, vendor_id, tier, is_lead, on_duty FROM account
 WHERE active AND ((role = ANY(:roles) AND place_path = ANY(:paths))
                   OR crew_id = ANY(:crews)
                   OR (role = 'vendor_manager' AND vendor_id = ANY(:vendors)))
 ORDER BY id""")


def ancestors(path: str) -> Sequence[str]:
    """Return the path and every path above it."""
    parts = path.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def reach(
    tx: Tx,
    *,
    roles: Iterable[str],
    paths: Iterable[str],
    crews: Iterable[str] = (),
    vendors: Iterable[str] = (),
) -> Sequence[Contact]:
    """Return the active accounts of these roles on or above the paths, and of these crews."""
    above = {node for path in paths for node in ancestors(path)}
    params: Mapping[str, list[str]] = {
        "roles": sorted(set(roles)),
        "paths": sorted(above),
        "crews": sorted(set(crews)),
        "vendors": sorted(set(vendors)),
    }
    return [Contact(*row) for row in tx.conn.execute(_REACH, params)]
