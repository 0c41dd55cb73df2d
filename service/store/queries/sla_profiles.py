"""SLA profiles and their versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from service.store import rows
from service.store.unit_of_work import Tx

_SELECT = "SELECT id, version, kind, body, digest, missing, effective_from FROM sla_profile"
_NEWEST = text(f"""
SELECT DISTINCT ON (id) * FROM ({_SELECT}) p
 WHERE effective_from <= (SELECT app_now()) AND id > :after
   AND (cast(:only AS text) IS NULL OR id = :only) ORDER BY id, version DESC LIMIT :limit""")
_VERSIONS = text(f"{_SELECT} WHERE id = :id ORDER BY version")


def newest(
    tx: Tx, *, after: str = "", only: str | None = None, limit: int = 1
) -> Sequence[Mapping[str, Any]]:
    """Return the versions in force, by profile."""
    return rows.many(tx.conn.execute(_NEWEST, {"after": after, "only": only, "limit": limit}))


def versions(tx: Tx, profile: str) -> Sequence[Mapping[str, Any]]:
    """Return every version of a profile, oldest first, those not yet in force too."""
    return rows.many(tx.conn.execute(_VERSIONS, {"id": profile}))
