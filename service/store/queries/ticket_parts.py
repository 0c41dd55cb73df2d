"""What hangs on a ticket, as the API shows it: clocks, history, files, work log, links."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.core.actors import Actor
from service.sla.clocks import Clock
from service.store import rows
from service.store.clock import NAMES
from service.store.unit_of_work import Tx
from service.store.untold import UNTOLD, untold_to

Row = Mapping[str, Any]

_CLOCKS = text(f"""
SELECT ticket_id, {", ".join(NAMES)},
       (SELECT coalesce(jsonb_agg(jsonb_build_object('level', e.level, 'at', e.due_at,
                 'noticed_at', e.noticed_at, 'told', e.told, 'withdrawn_at', e.withdrawn_at)
               ORDER BY e.level), '[]')
          FROM escalation e
         WHERE (e.ticket_id, e.clock, e.epoch) = (k.ticket_id, k.name, k.epoch)) AS rungs
  FROM clock k WHERE ticket_id = ANY(:ids) ORDER BY ticket_id, started_at, name, epoch""")


def clocks(tx: Tx, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[Clock, list[Any]]]]:
    """Return every clock of each ticket with the rungs that fired, in one statement."""
    found: dict[UUID, list[tuple[Clock, list[Any]]]] = {ident: [] for ident in ids}
    for row in tx.conn.execute(_CLOCKS, {"ids": list(ids)}):
        clock = Clock(**dict(zip(NAMES, row[1:-1], strict=True)))
        found[row[0]].append((clock, row[-1]))
    return found


_HISTORY = text(f"""
SELECT e.*, a.name AS actor_name, l.id AS link_id
  FROM event e LEFT JOIN account a ON a.id = e.actor_id LEFT JOIN link l ON l.id = e.actor_id
 WHERE e.ticket_id = :id AND e.seq > :after AND NOT {UNTOLD} ORDER BY e.seq LIMIT :limit""")


def history(tx: Tx, ticket_id: UUID, reader: Actor, *, after: int, limit: int) -> Sequence[Row]:
    """Return lines of the history after a position, oldest first, as somebody may see it."""
    params = {"id": ticket_id, **untold_to(reader), "after": after, "limit": limit}
    return rows.many(tx.conn.execute(_HISTORY, params))


_COUNT = text(f"SELECT count(*) FROM event e WHERE e.ticket_id = :id AND NOT {UNTOLD}")


def lines(tx: Tx, ticket_id: UUID, reader: Actor) -> int:
    """Return how many lines of the history somebody may see."""
    params = {"id": ticket_id, **untold_to(reader)}
    found: int = tx.conn.execute(_COUNT, params).scalar_one()
    return found


_FILES = text("""
SELECT f.id, f.media_type, f.size, f.complete_at IS NOT NULL AS complete, f.created_at,
       l.event_seq, l.pointer
  FROM ticket_attachment l JOIN attachment f ON f.id = l.attachment_id
 WHERE l.ticket_id = :id AND (l.event_seq, l.attachment_id) > (:seq, cast(:file AS uuid))
 ORDER BY l.event_seq, l.attachment_id LIMIT :limit""")
_FIRST = (0, "00000000-0000-0000-0000-000000000000")


def files(tx: Tx, ticket_id: UUID, *, after: Sequence[Any] | None, limit: int) -> Sequence[Row]:
    """Return the attachments of a ticket, by the event that names them."""
    seq, file = after or _FIRST
    params = {"id": ticket_id, "seq": seq, "file": file, "limit": limit}
    return rows.many(tx.conn.execute(_FILES, params))


_CHILDREN = text("""
SELECT seq, n, at, row FROM ticket_child
 WHERE ticket_id = :id AND noun = :noun AND (seq, n) > (:seq, :n) ORDER BY seq, n LIMIT :limit""")


def children(
    tx: Tx, ticket_id: UUID, noun: str, *, after: Sequence[int] | None, limit: int
) -> Sequence[Row]:
    """Return child rows of one noun, in the order in which events wrote them."""
    seq, n = after or (0, -1)
    params = {"id": ticket_id, "noun": noun, "seq": seq, "n": n, "limit": limit}
    return rows.many(tx.conn.execute(_CHILDREN, params))
