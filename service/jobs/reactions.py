"""What follows in another ticket when something happened in one: a table, at least once.

The relay makes a delivery row of each letter named here, in its own transaction; here the
row is leased, the follow-up fired with an id derived from the cause, so that a second time
changes nothing, and the row acknowledged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog

from service.commands.fire_event import Fire, fire
from service.commands.ports import Ports
from service.core.actors import SYSTEM
from service.core.errors import (
    ForbiddenEvent,
    GuardRefused,
    IllegalTransition,
    NotFound,
    OutcomeUnknown,
    StorageUnavailable,
    ValidationFailed,
)
from service.core.ids import derived
from service.notify.deliver import pause_s
from service.notify.relay import REACTION
from service.store import delivery, ticket
from service.store.delivery import Leased

log = structlog.get_logger()

_NEVER = (ForbiddenEvent, GuardRefused, IllegalTransition, NotFound, ValidationFailed)
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened: `data` as the event's line keeps it, `payload` as its notice says."""

    topic: str
    kind: str
    ticket: str
    seq: int
    data: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reaction:
    """One row: when `topic` is relayed, `follow` says what to fire; None is nothing."""

    topic: str
    follow: Callable[[Cause], Fire | None]


def absorb(cause: Cause) -> Fire:
    """Let the master take its follower in (RULINGS 7)."""
    return Fire(
        kind=cause.kind,
        ticket=cause.data["into"],
        event="absorb",
        actor=SYSTEM,
        data={"from": cause.ticket},
        id=derived("reaction", cause.topic, cause.ticket, cause.seq),
    )


REACTIONS: tuple[Reaction, ...] = (Reaction("repair_order.merge", absorb),)
TOPICS = frozenset(reaction.topic for reaction in REACTIONS)


def react(ports: Ports) -> int:
    """Run what waits; return how many follow-ups were settled.

    One that the rules refuse is given up and logged: asking again would not change it.
    """
    settled = 0
    while True:
        with ports.uow() as tx:
            waiting = delivery.lease(tx, REACTION, batch=_BATCH)
        for leased in waiting:
            settled += _settle(ports, leased)
        if len(waiting) < _BATCH:
            return settled


def _settle(ports: Ports, leased: Leased) -> bool:
    try:
        _follow(ports, Cause(**leased.body))
    except _NEVER as exc:
        error = type(exc).__name__
        log.error("reaction_refused", ticket=leased.body["ticket"], error=error)  # noqa: TRY400
        with ports.uow() as tx:
            return delivery.bury(tx, leased, error=error)
    except (StorageUnavailable, OutcomeUnknown):
        raise
    except Exception as exc:
        log.exception("reaction_failed", ticket=leased.body["ticket"])
        return _later(ports, leased, type(exc).__name__)
    with ports.uow() as tx:
        return delivery.acknowledge(tx, leased)


def _follow(ports: Ports, cause: Cause) -> None:
    for reaction in REACTIONS:
        command = reaction.follow(cause) if reaction.topic == cause.topic else None
        if command is not None:
            fire(ports, replace(command, ticket=_standing(ports, command.ticket)))


def _standing(ports: Ports, ref: str | UUID) -> str | UUID:
    """Return the order that stands for `ref` now: a master may have been merged meanwhile."""
    with ports.uow() as tx:
        row = ticket.seen(tx, kind=None, ref=ref, actor=SYSTEM)
        while row is not None and "merged_into" in row["facts"]:
            ref = row["facts"]["merged_into"]["id"]
            row = ticket.seen(tx, kind=None, ref=ref, actor=SYSTEM)
    return ref


def _later(ports: Ports, leased: Leased, error: str) -> bool:
    pause = pause_s(leased.id, leased.attempt)
    with ports.uow() as tx:
        if pause is None:
            return delivery.bury(tx, leased, error=error)
        delivery.try_again(tx, leased, after_s=pause, error=error)
    return False
