"""What led to what: links between tickets, written with the effect, read from both sides."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from service.core.actors import Actor
from service.core.refs import RelatedRef, TicketRef
from service.store import rows
from service.store.scope import visible
from service.store.unit_of_work import Tx

_ADD = rows.recordset(
    "INSERT INTO ticket_cause ({names}) SELECT * FROM {rows} ON CONFLICT DO NOTHING",
    {
        "effect_id": "uuid", "effect_seq": "int", "cause_id": "uuid", "cause_seq": "int",
        "relation": "text", "at": "timestamptz",
    },
)  # fmt: skip
_TICKET = (
    "t.id, t.number, t.kind, t.state, t.closed_at IS NULL AS is_open, t.compound_id, t.place_id,"
    " t.category, t.opened_at"
)
_SIDES = {"caused": ("effect_id", "cause_id"), "causes": ("cause_id", "effect_id")}


def add(tx: Tx, causes: Iterable[Mapping[str, Any]]) -> None:
    """Note what led to events; a second time changes nothing."""
    rows.run(tx.conn, _ADD, causes)


def related(tx: Tx, ticket_id: UUID, side: str) -> tuple[RelatedRef, ...]:
    """Return the tickets this one `caused`, or its `causes`, as rules see them."""
    other, own = _SIDES[side]
    statement = rows.sql(
        f"SELECT {_TICKET}, c.relation, t.facts FROM ticket_cause c JOIN ticket t"
        f" ON t.id = c.{other} WHERE c.{own} = :id ORDER BY c.at, c.effect_seq, t.number"
    )
    found = tx.conn.execute(statement, {"id": ticket_id})
    return tuple(RelatedRef(TicketRef(*row[:9]), row[9], row[10]) for row in found)


def shown(tx: Tx, ticket_id: UUID, side: str, actor: Actor) -> Sequence[Mapping[str, Any]]:
    """Return the same as the actor may see it: tickets in sight, with the line that did it."""
    other, own = _SIDES[side]
    scope, params = visible(actor)
    statement = rows.sql(
        "SELECT t.id, t.number, t.kind, t.state, c.relation, c.cause_seq, c.effect_seq, c.at"
        f" FROM ticket_cause c JOIN ticket t ON t.id = c.{other}"
        f" WHERE c.{own} = :own_id AND {scope} ORDER BY c.at, c.effect_seq, t.number"
    )
    return rows.many(tx.conn.execute(statement, {"own_id": ticket_id, **params}))
