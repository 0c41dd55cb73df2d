"""Notes: free text beside the history, each for whom its author chose (SCREENS S-56)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor, Role
from service.core.parties import numbers_of
from service.store import rows
from service.store.unit_of_work import Tx

Row = Mapping[str, Any]

_SHOWN = """(n.actor_id = :reader OR n.level = 'recorded' OR n.level = 'shared'
      AND (n.tier = cast(:tier AS int) OR n.party = ANY(:parties)))"""
_COLUMNS = """
SELECT n.id, n.seq, n.level, n.tier, n.party, n.text, n.at, n.actor_id,
       a.name AS actor_name, a.role AS actor_role
  FROM note n LEFT JOIN account a ON a.id = n.actor_id"""
_INSERT = text("""
INSERT INTO note (id, ticket_id, seq, actor_id, level, tier, party, text, at)
VALUES (:id, :ticket_id, :seq, :actor_id, :level, :tier, :party, :text, :at)""")
_OF = text(f"""{_COLUMNS}
 WHERE n.ticket_id = :ticket AND n.seq > :after AND {_SHOWN}
 ORDER BY n.seq LIMIT :limit""")
_COUNT = text(f"SELECT count(*) FROM note n WHERE n.ticket_id = :ticket AND {_SHOWN}")
_ONE = text(f"{_COLUMNS} WHERE n.ticket_id = :ticket AND n.id = :id AND {_SHOWN}")
_WIDEN = text("UPDATE note SET level = :level, tier = :tier, party = :party WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the account, its tier if it mediates, the parties it stands for."""

    reader: UUID
    tier: int | None
    parties: list[int]

    @classmethod
    def of(cls, actor: Actor, facts: Mapping[str, Any]) -> Self:
        """Return an actor as a reader of the notes of a ticket with these facts."""
        tier = actor.tier if actor.role is Role.MEDIATOR else None
        return cls(actor.id, tier, numbers_of(actor, facts))

    def params(self, ticket_id: UUID) -> dict[str, Any]:
        """Return the parameters of the statements above."""
        return {
            "ticket": ticket_id, "reader": self.reader, "tier": self.tier,
            "parties": self.parties,
        }  # fmt: skip


def insert(tx: Tx, row: Row) -> None:
    """Store a note."""
    tx.conn.execute(_INSERT, row)


def of(tx: Tx, ticket_id: UUID, reader: Reader, *, after: int, limit: int) -> Sequence[Row]:
    """Return notes of a ticket after a history position, oldest first."""
    params = {**reader.params(ticket_id), "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_OF, params))


def count(tx: Tx, ticket_id: UUID, reader: Reader) -> int:
    """Return how many notes the reader may see."""
    found: int = tx.conn.execute(_COUNT, reader.params(ticket_id)).scalar_one()
    return found


def one(tx: Tx, ticket_id: UUID, note_id: UUID, reader: Reader) -> Row | None:
    """Return one note that the reader may see."""
    params = {**reader.params(ticket_id), "id": note_id}
    return rows.one(tx.conn.execute(_ONE, params))


def widen(tx: Tx, row: Row) -> None:
    """Store a note's new level with whom it is for; the text never changes."""
    tx.conn.execute(_WIDEN, row)
