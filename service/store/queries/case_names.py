"""Names of whoever a dispute case mentions by id: companies, places, accounts."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from service.store.unit_of_work import Tx

_NAMES = text("""
SELECT 'vendor', id, name, NULL FROM vendor WHERE id = ANY(cast(:vendors AS text[]))
UNION ALL
SELECT 'place', id, name, NULL FROM place WHERE id = ANY(cast(:places AS text[]))
UNION ALL
SELECT 'account', cast(id AS text), name, role FROM account
 WHERE id = ANY(cast(:accounts AS uuid[]))""")


class Named(NamedTuple):
    """A name, and of an account the role."""

    name: str
    role: str | None


def names(
    tx: Tx, *, vendors: Iterable[str], places: Iterable[str], accounts: Iterable[UUID]
) -> Mapping[tuple[str, str], Named]:
    """Return names by noun ("vendor", "place", "account") and id; unknown ones are left out."""
    params = {
        "vendors": sorted(set(vendors)),
        "places": sorted(set(places)),
        "accounts": sorted(set(accounts)),
    }
    return {(row[0], row[1]): Named(row[2], row[3]) for row in tx.conn.execute(_NAMES, params)}
