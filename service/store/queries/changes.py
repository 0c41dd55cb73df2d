"""The change feed as one caller may see it (API 10).

Entries are numbered without gaps for everybody; each reader is shown only those of tickets
in scope, and the position moves past the rest. One page looks at a bounded stretch of the
feed, so that a narrow scope on a long feed stays quick.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from service.core.actors import Actor
from service.store.scope import bounds, visible, within
from service.store.unit_of_work import Tx
from service.store.untold import UNTOLD, untold_to

STRETCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Entries after a number. `kinds` and `places` empty mean all."""

    after: int
    limit: int
    kinds: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """At most `limit` entries, where to go on from, and whether there is more already."""

    entries: tuple[Mapping[str, Any], ...]
    next_after: int
    has_more: bool


_EVENT = (
    "e.id AS event_id, e.type, e.from_state, e.to_state, e.version AS event_version, e.actor_role,"
    " e.occurred_at, e.received_at"
)


def read(tx: Tx, actor: Actor, asked: Asked) -> Stretch:
    """Return the next entries the actor may see.

    A ticket that went out of the actor's scope shows once, as `gone`, at the entry of the
    move; its earlier entries are shown no longer. What not every reader
    of the ticket may know of is left out (`untold`).
    """
    scope, params = visible(actor)
    low, high = bounds(actor.place_path)
    inside, places = within("t.place_key", asked.places)
    kinds = "t.kind = ANY(:kinds)" if asked.kinds else "true"
    statement = text(
        "WITH stretch AS (SELECT * FROM feed WHERE seq > :after ORDER BY seq LIMIT :stretch)"
        f" SELECT s.seq, s.event_seq, s.topic, t.id IS NULL AS hidden, s.ticket_id, {_EVENT},"
        " t.kind, t.number, t.state, t.version, t.next_due_at,"
        " coalesce(s.gone_key >= :gone_low AND s.gone_key < :gone_high, false) AS left_scope,"
        f" (t.id IS NULL OR ({kinds} AND {inside} AND NOT coalesce({UNTOLD}, false))) AS wanted"
        f" FROM stretch s LEFT JOIN ticket t ON t.id = s.ticket_id AND {scope}"
        " LEFT JOIN event e ON e.ticket_id = t.id AND e.seq = s.event_seq ORDER BY s.seq"
    )
    params = {
        **params,
        **untold_to(actor),
        "after": asked.after,
        "stretch": STRETCH,
        "gone_low": low,
        "gone_high": high,
        **({"kinds": list(asked.kinds)} if asked.kinds else {}),
        **places,
    }
    with tx.planned_by_values():
        return _cut(tx.conn.execute(statement, params).mappings().all(), asked)


def _cut(rows: Any, asked: Asked) -> Stretch:
    """Keep the shown ones up to the limit; the position is the last row looked at."""
    entries: list[Mapping[str, Any]] = []
    last = asked.after
    for row in rows:
        gone = row["hidden"] and row["left_scope"]
        shown = gone or (not row["hidden"] and row["wanted"])
        if shown and len(entries) == asked.limit:
            return Stretch(tuple(entries), last, has_more=True)
        if shown:
            entries.append(row)
        last = row["seq"]
    return Stretch(tuple(entries), last, has_more=len(rows) == STRETCH)
