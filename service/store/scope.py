"""Which tickets a caller may see: one predicate for every read and every lock (RULINGS 5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.core.actors import Actor, Role


def bounds(path: str) -> tuple[str, str]:
    """Return the half-open range of keys of the node at `path` and everything below.

    A key is the path with a closing slash, and "0" follows "/" in the database's
    byte-wise order.
    """
    if path == "":
        return "", "\U0010ffff"
    return path + "/", path + "0"


def named(places: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """Return a table `f` of the places named, and its parameters.

    Each name is an id, perhaps with `level:` before it (RULINGS 38).
    """
    parts = [place.rpartition(":") for place in places]
    source = (
        "unnest(cast(:place_ids AS text[]), cast(:place_levels AS text[])) w (id, level)"
        " JOIN place f ON f.id = w.id AND w.level IN ('', f.level)"
    )
    return source, {
        "place_ids": [ident for _, _, ident in parts],
        "place_levels": [level for level, _, _ in parts],
    }


def within(key: str, places: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """Return a condition that the SQL expression `key` lies in one of the places or below.

    Without places it is always true; an unknown place holds nothing.
    """
    if not places:
        return "true", {}
    source, params = named(places)
    return (
        f"EXISTS (SELECT FROM {source} WHERE {key} >= f.key AND {key} < f.path || '0')",
        params,
    )


def visible(actor: Actor, alias: str = "t") -> tuple[str, Mapping[str, Any]]:
    """Return an SQL condition on a ticket row, and its parameters."""
    low, high = bounds(actor.place_path)
    params: dict[str, Any] = {"scope_low": low, "scope_high": high}
    inside = f"{alias}.place_key >= :scope_low AND {alias}.place_key < :scope_high"
    if actor.link_ticket is not None:
        return f"{alias}.id = :scope_ticket", {"scope_ticket": actor.link_ticket}
    if actor.role is Role.CREW:
        params["scope_crew"] = actor.crew_id
        params["scope_holders"] = [f"account:{actor.id}"]
        mine = f"{_assigned(alias, 'crew_id', 'scope_crew')} OR {_stake(alias)}"
        return f"{inside} AND ({mine})", params
    if actor.role is Role.VENDOR_MANAGER:
        params["scope_vendor"] = actor.vendor_id
        params["scope_holders"] = [f"vendor:{actor.vendor_id}", f"account:{actor.id}"]
        mine = f"{_assigned(alias, 'vendor_id', 'scope_vendor')} OR {_stake(alias)}"
        return f"{inside} AND ({mine})", params
    if actor.role is Role.RESIDENT:
        params["scope_actor"] = actor.id
        params["scope_holders"] = [f"account:{actor.id}", f"place:{actor.place_id}"]
        return f"(({inside}) OR {alias}.opened_by = :scope_actor OR {_stake(alias)})", params
    if actor.role is Role.MEDIATOR:
        params["scope_holders"] = [f"tier:{actor.tier}", f"account:{actor.id}"]
        return f"{inside} AND {_stake(alias)}", params
    return inside, params


def _stake(alias: str) -> str:
    return (
        f"EXISTS (SELECT FROM ticket_stake s WHERE s.holder = ANY(:scope_holders)"
        f" AND s.ticket_id = {alias}.id)"
    )


def _assigned(alias: str, column: str, param: str) -> str:
    return (
        f"EXISTS (SELECT FROM assignment a WHERE a.ticket_id = {alias}.id"
        f" AND a.{column} = :{param})"
    )
