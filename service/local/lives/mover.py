"""Moves the world's own tickets of every scripted kind now and then, and lets new ones begin.

Whoever acts does what `available-events` offers them at that moment, so that nothing here
knows a kind's rules. Nothing is remembered but since when this process looks: a ticket's
next move follows from its id and version.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text

from service.commands.fire_event import Fire, fire_in
from service.commands.open_ticket import open_in
from service.commands.ports import Ports
from service.commands.prospects import prospect
from service.core.actors import SYSTEM, Actor
from service.core.errors import OutcomeUnknown, ServiceError, StorageUnavailable
from service.local.behaviour import Act
from service.local.district import CITY
from service.local.fates import left_alone
from service.local.lines import NobodyFits
from service.local.lives.script import Move, Script
from service.local.lives.scripted import Atlas, cue, opening
from service.local.lives.stage import who
from service.store import rows, ticket
from service.store.scope import bounds
from service.store.unit_of_work import Tx

log = structlog.get_logger()

_EVERY: Final = timedelta(minutes=2)  # simulated time between two looks
_PATIENCE: Final = timedelta(hours=6)  # before a ticket that nobody could move is tried again
_APART: Final = timedelta(hours=5)  # between two births, on average
_MOST_OPEN: Final = 140

# Tickets of the world that are open and that nobody with a key, and no link's holder, touched;
# nor what they followed from.
_MINE = text("""
SELECT t.id, t.kind, t.state, t.version, t.last_event_at FROM ticket t
 WHERE t.kind = ANY(:kinds) AND t.place_key >= :low AND t.place_key < :high
   AND t.closed_at IS NULL AND t.opened_by = ANY(:cast)
   AND NOT EXISTS (SELECT FROM event e WHERE e.ticket_id = t.id AND NOT e.actor_id = ANY(:cast))
   AND NOT EXISTS (SELECT FROM ticket_cause c JOIN event e ON e.ticket_id = c.cause_id
                    WHERE c.effect_id = t.id AND NOT e.actor_id = ANY(:cast))
 ORDER BY t.last_event_at, t.id""")

Row = Mapping[str, Any]


@dataclass(slots=True)
class Mover:
    """`look` moves at most one ticket and lets at most one begin. `by` names the process."""

    ports: Ports
    atlas: Atlas
    stories: Mapping[str, Script]
    by: str
    done: Counter[str] = field(default_factory=Counter)
    _since: datetime | None = None
    _next_look: datetime | None = None
    _next_birth: datetime | None = None
    _not_before: dict[UUID, datetime] = field(default_factory=dict)

    def look(self, now: datetime) -> int:
        """Do what is due; return how many acts there were. The simulated time goes by `now`."""
        if self._next_look is not None and now < self._next_look:
            return 0
        self._next_look = now + _EVERY
        self._since = self._since or now
        with self.ports.uow() as tx:
            mine = self._mine(tx)
        row = next((r for r in mine if self._is_due(r, now)), None)
        moved = self._move(row, now) if row is not None else 0
        return moved + self._bear(now, len(mine))

    def _mine(self, tx: Tx) -> list[Row]:
        low, high = bounds(CITY.slug)
        cast = [*self.atlas.cast.by_id, SYSTEM.id]
        params = {"kinds": list(self.stories), "low": low, "high": high, "cast": cast}
        return [
            row for row in rows.many(tx.conn.execute(_MINE, params)) if not left_alone(row["id"])
        ]

    def _is_due(self, row: Row, now: datetime) -> bool:
        """Tell whether a ticket has rested long enough; at a start none has."""
        low, high = self.stories[row["kind"]].pace
        rested = Random(row["id"].int + row["version"])  # noqa: S311 — a demo, and repeatable
        since = max(row["last_event_at"], self._since or now)
        at = since + timedelta(hours=rested.uniform(low, high))
        return bool(max(at, self._not_before.get(row["id"], at)) <= now)

    def _move(self, row: Row, now: datetime) -> int:
        """Let somebody do something that may be done; a ticket that cannot move waits."""
        # Whatever comes of it: nobody asks again before this.
        self._not_before[row["id"]] = now + _PATIENCE
        for move in self._moves(row):
            if self._tried(row, move, now):
                self.done[move.event] += 1
                self.ports.ring("relay")
                return 1
        return 0

    def _moves(self, row: Row) -> Iterator[Move]:
        """Yield the moves from a state, the readier ones mostly first."""
        known = self.ports.registry[row["kind"]].rows
        rng = Random(row["id"].int ^ row["version"])  # noqa: S311
        fit = [m for m in self.stories[row["kind"]].moves if (m.event, row["state"]) in known]
        yield from sorted(fit, key=lambda move: -(rng.random() ** (1 / move.weight)))

    def _tried(self, row: Row, move: Move, now: datetime) -> bool:
        """Try one move; tell whether it was made."""
        try:
            with self.ports.uow() as tx:
                seen = ticket.read(tx, kind=None, ref=row["id"], actor=SYSTEM)
                if seen is None or seen["version"] != row["version"]:
                    return False
                actor = who(self.atlas.cast, seen, move.by)
                if actor is None or not self._may(tx, seen, actor, move.event):
                    return False
                self._fire(tx, seen, move, now)
        except (StorageUnavailable, OutcomeUnknown):
            raise
        except (ServiceError, NobodyFits) as refusal:
            log.info("mover_refused", event_type=move.event, error=str(refusal))
            return False
        return True

    def _fire(self, tx: Tx, row: Row, move: Move, now: datetime) -> None:
        """Fire a move, unless somebody moved the ticket meanwhile."""
        act = Act(move.event, move.by, now)
        said = cue(tx, self.atlas.cast, self.stories[row["kind"]], row, act, now)
        command = Fire(
            ticket=row["id"],
            event=said.event,
            actor=said.actor,
            data=said.data,
            id=said.id,
            expected_version=row["version"],
            by=self.by,
        )
        fire_in(tx, self.ports, command)

    def _may(self, tx: Tx, row: Row, actor: Actor, event: str) -> bool:
        """Tell whether an actor who sees the ticket is offered the event."""
        own = ticket.read(tx, kind=None, ref=row["id"], actor=actor)
        if own is None:
            return False
        offered = prospect(tx, self.ports, own, actor).events
        return any(one.event == event and one.enabled for one in offered)

    def _bear(self, now: datetime, mine: int) -> int:
        """Let somebody file something new when it is time."""
        rng = self.atlas.rng
        if self._next_birth is None:
            self._next_birth = now + _APART * rng.random()
        beginnings = [(s, life) for s in self.stories.values() for life in s.born]
        if now < self._next_birth or mine >= _MOST_OPEN or not beginnings:
            return 0
        self._next_birth = now + timedelta(seconds=rng.expovariate(1 / _APART.total_seconds()))
        story, life = rng.choice(beginnings)
        with self.ports.uow() as tx:
            workflow = self.ports.registry[story.kind]
            open_in(tx, self.ports, opening(tx, workflow, story, life, self.atlas, now))
        self.ports.ring("relay")
        self.done[f"{story.kind} born"] += 1
        return 1
