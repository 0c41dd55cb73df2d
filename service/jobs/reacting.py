"""Runs the follow-ups that wait, at least once each.

The relay makes a delivery row of each letter that a reaction wants, in its own transaction;
here the row is leased, the follow-ups done with ids derived from the cause, so that a second
time changes nothing, and the row acknowledged.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from service.commands import aside
from service.commands.fire_event import Fire, fire
from service.commands.open_ticket import Open, open_ticket
from service.commands.ports import Ports
from service.commands.score import score
from service.core.actors import SYSTEM
from service.core.errors import (
    AlreadyExists,
    ForbiddenEvent,
    GuardRefused,
    IllegalTransition,
    KeyReused,
    NotFound,
    OutcomeUnknown,
    StorageUnavailable,
    ValidationFailed,
)
from service.jobs.cause import Act, Cause, Reaction
from service.jobs.reactions import REACTIONS
from service.notify.deliver import pause_s
from service.notify.relay import REACTION
from service.store import delivery, ticket
from service.store.delivery import Leased
from service.store.unit_of_work import is_lock_timeout

log = structlog.get_logger()

_NEVER = (
    AlreadyExists, ForbiddenEvent, GuardRefused, IllegalTransition, KeyReused, NotFound,
    ValidationFailed,
)  # fmt: skip
_RULES = (ForbiddenEvent, GuardRefused, IllegalTransition)
_BATCH = 50


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
    except (StorageUnavailable, OutcomeUnknown) as exc:
        if not _busy(exc):
            raise
        return _later(ports, leased, "busy")  # one busy ticket holds back its own follow-up only
    except Exception as exc:
        log.exception("reaction_failed", ticket=leased.body["ticket"])
        return _later(ports, leased, type(exc).__name__)
    with ports.uow() as tx:
        return delivery.acknowledge(tx, leased)


def _busy(exc: Exception) -> bool:
    """Tell whether the database gave up waiting for a lock, rather than being away."""
    cause = exc.__cause__
    return isinstance(cause, DBAPIError) and is_lock_timeout(cause)


def _follow(ports: Ports, cause: Cause) -> None:
    for reaction in REACTIONS:
        if reaction.topic == cause.topic:
            _do_all(ports, reaction, cause, _acts(ports, reaction, cause))


def _acts(ports: Ports, reaction: Reaction, cause: Cause) -> Iterable[Act]:
    with ports.uow() as tx:
        row = ticket.read(tx, kind=None, ref=cause.ticket, actor=SYSTEM)
        if row is None:
            raise NotFound
        return list(reaction.follow(tx, replace(cause, row=row)))


def _do_all(ports: Ports, reaction: Reaction, cause: Cause, acts: Iterable[Act]) -> None:
    """Do every act; one that the rules refuse does not keep the others back."""
    because = aside.Cause(UUID(cause.ticket), cause.seq, reaction.relation)
    refused: Exception | None = None
    for act in acts:
        try:
            _do(ports, act, because)
        except _RULES as exc:
            refused = refused or exc
    if refused is not None and not reaction.quiet:
        raise refused


def _do(ports: Ports, act: Act, because: aside.Cause) -> None:
    if isinstance(act, Fire):
        fire(ports, replace(act, ticket=_standing(ports, act.ticket), cause=because))
    elif isinstance(act, Open) and act.kind not in ports.registry:
        log.warning("kind_not_run", kind=act.kind)
    elif isinstance(act, Open):
        open_ticket(ports, replace(act, causes=(because,)))
    else:
        score(ports, act)


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
