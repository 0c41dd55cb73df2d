"""The whole audit trail a caller may see, line by line, with what seals each line."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor
from service.store import rows
from service.store.scope import visible
from service.store.unit_of_work import Tx

# `sealed` is the text that was hashed after the hash before it (RULINGS 40), so that a
# checker needs nothing but SHA-256.
_COLUMNS = """
SELECT e.*, t.number, jsonb_build_array(
    e.ticket_id, e.seq, e.kind, e.id, e.type, e.from_state, e.to_state, e.version,
    e.actor_id, e.actor_role, e.device_id,
    (extract(epoch FROM e.occurred_at) * 1000)::bigint,
    (extract(epoch FROM e.received_at) * 1000)::bigint,
    (extract(epoch FROM e.raw_occurred_at) * 1000)::bigint,
    e.data, e.effects, e.comment)::text AS sealed
  FROM event e JOIN ticket t ON t.id = e.ticket_id"""


def lines(
    tx: Tx, actor: Actor, *, kinds: Sequence[str], after: tuple[UUID, int], limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return lines of visible tickets after a position, ticket by ticket."""
    scope, params = visible(actor)
    where = f"{scope} AND (e.ticket_id, e.seq) > (:after_ticket, :after_seq)"
    if kinds:
        where += " AND e.kind = ANY(:kinds)"
        params = {**params, "kinds": list(kinds)}
    statement = text(f"{_COLUMNS} WHERE {where} ORDER BY e.ticket_id, e.seq LIMIT :limit")
    position = {"after_ticket": after[0], "after_seq": after[1], "limit": limit}
    with tx.planned_by_values():
        return rows.many(tx.conn.execute(statement, {**params, **position}))
