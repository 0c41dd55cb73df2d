"""Any event of any kind, by a person, a device or a link: lock, judge, apply, record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from service.commands import once
from service.commands.aside import Cause
from service.commands.draft import Draft
from service.commands.due import settle_due
from service.commands.ports import Key, Outcome, Ports
from service.commands.record import write
from service.commands.situation import terms_of
from service.commands.step import Entry, candidates, follow, load_data, take
from service.core.actors import SYSTEM, Actor
from service.core.decision import moves, permit
from service.core.errors import (
    FieldError,
    ForbiddenEvent,
    KeyReused,
    NotFound,
    OccurredInFuture,
    ValidationFailed,
    VersionMismatch,
)
from service.core.workflow import SIDE_DOORS
from service.store import clock, event, ticket
from service.store.unit_of_work import Tx, violates

SKEW = timedelta(minutes=2)  # API 1: `occurred_at` at most two minutes ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """One event as asked for.

    `ticket` is an id or a number; `kind` None means any. `fingerprint` is the digest of
    the parsed body, by which a repeated `id` is told from a reused one. `by` names the
    process in escalations it notices.
    """

    ticket: str | UUID
    event: str
    actor: Actor
    kind: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    id: UUID | None = None
    occurred_at: datetime | None = None
    comment: str | None = None
    expected_version: int | None = None
    fingerprint: bytes | None = None
    key: Key | None = None
    dry_run: bool = False
    by: str = "command"
    cause: Cause | None = None


def fire(ports: Ports, cmd: Fire) -> Outcome:
    """Take one event in one transaction, then ring the relay.

    Raises, in this order: NotFound, KeyInProgress, KeyReused, ValidationFailed (/type),
    ForbiddenEvent, VersionMismatch, IllegalTransition, ForbiddenEvent, OccurredInFuture,
    ValidationFailed, GuardRefused. Nothing is changed then.
    """
    try:
        with ports.uow() as tx:
            outcome = fire_in(tx, ports, cmd)
            if cmd.dry_run:
                tx.abandon()
    except IntegrityError as exc:
        if violates(exc, "event_id_key"):  # a twin on another ticket was a moment faster
            raise KeyReused from exc
        raise
    if outcome.how == "created":
        ports.ring("relay")
    return outcome


def fire_in(tx: Tx, ports: Ports, cmd: Fire) -> Outcome:
    """Take one event inside an open transaction."""
    kept = None if cmd.dry_run else _claim(tx, cmd)
    if kept is not None:
        return kept
    row = ticket.lock(tx, kind=cmd.kind, ref=cmd.ticket, actor=cmd.actor)
    if row is None:
        raise NotFound
    first = None if cmd.id is None else _repeated(tx, row, cmd)
    if first is not None:
        return first
    draft = draft_of(tx, ports, row)
    taken = _judge_and_take(tx, ports, draft, cmd)
    hashes = write(tx, [draft])
    how = "dry_run" if cmd.dry_run else "created"
    outcome = outcome_of(draft, hashes, cmd.event, how, ident=taken)
    if cmd.key is not None and not cmd.dry_run:
        once.keep(tx, cmd.actor, cmd.key, outcome, ticket_id=draft.id)
    return outcome


def draft_of(tx: Tx, ports: Ports, row: Mapping[str, Any]) -> Draft:
    """Return a draft of a locked ticket, with its clocks."""
    now = max(row["now"], row["updated_at"])
    clocks = clock.load(tx, [row["id"]])[row["id"]]
    return draft_from(tx, ports, row, clocks, now)


def draft_from(
    tx: Tx, ports: Ports, row: Mapping[str, Any], clocks: tuple[Any, ...], now: datetime
) -> Draft:
    """Return a draft of a locked ticket whose clocks are at hand."""
    profile = ports.policies.get(tx, row["profile"], row["profile_version"])
    return Draft(
        workflow=ports.registry[row["kind"]],
        row=dict(row),
        clocks=clocks,
        profile=profile,
        terms=terms_of(ports, row, profile),
        calendars=ports.calendars,
        now=now,
    )


def outcome_of(
    draft: Draft,
    hashes: Mapping[tuple[UUID, int], tuple[Any, Any]],
    event_type: str,
    how: str,
    *,
    ident: UUID | None = None,
) -> Outcome:
    """Return what the caller is told: the line it asked for, the ticket, the clocks.

    `ident` tells the caller's line from one of the same type that fell due before it.
    """
    mine = (x for x in draft.lines if ident is None or x["id"] == ident)
    line = next(x for x in mine if x["type"] == event_type)
    prev_hash, sealed = hashes.get((draft.id, line["seq"]), (None, None))
    return Outcome(
        how=how,
        ticket=draft.row,
        event={**line, "prev_hash": prev_hash, "hash": sealed},
        clocks=draft.clocks,
    )


def _judge_and_take(tx: Tx, ports: Ports, draft: Draft, cmd: Fire) -> UUID:
    """Take the event; return the id of its line."""
    view = draft.view()
    if cmd.event in SIDE_DOORS:
        raise ValidationFailed(
            [FieldError("/type", "unknown_event", allowed=moves(draft.workflow))]
        )
    permit(draft.workflow, cmd.event, cmd.actor, view)
    if cmd.actor.link_ticket is not None and cmd.event not in cmd.actor.link_events:
        raise ForbiddenEvent(cmd.event)
    if cmd.expected_version is not None and cmd.expected_version != draft.row["version"]:
        raise VersionMismatch(draft.row["version"])
    if cmd.occurred_at is None:
        _settle(tx, ports, draft, draft.now, cmd)  # it may be legal only after what fell due
    rows = candidates(draft, cmd.event, cmd.actor)
    at = effective_time(draft, cmd.occurred_at)
    data = load_data(rows, cmd.data)
    if cmd.occurred_at is not None:
        _settle(tx, ports, draft, at, cmd)
    entry = Entry(
        id=cmd.id or ports.ids.new(draft.now),
        actor=cmd.actor,
        event=cmd.event,
        at=at,
        raw_at=cmd.occurred_at if cmd.occurred_at not in (None, at) else None,
        comment=cmd.comment,
        fingerprint=cmd.fingerprint,
    )
    step = take(tx, ports, draft, entry, data)
    if cmd.cause is not None:
        draft.caused_by(cmd.cause, cmd.actor)
    if draft.withdrawn:
        draft.correct(SYSTEM)
    # What the service adds it does now, however late the report: a resident who is asked
    # today has not been silent since the work was done.
    follow(tx, ports, draft, step, draft.now)
    return entry.id


def _settle(tx: Tx, ports: Ports, draft: Draft, at: datetime, cmd: Fire) -> None:
    """Let what fell due before `at` happen first. Raises VersionMismatch if that moved it."""
    settle_due(tx, ports, draft, at, cmd.by)
    if cmd.expected_version is not None and cmd.expected_version != draft.row["version"]:
        raise VersionMismatch(draft.row["version"])


def effective_time(draft: Draft, occurred_at: datetime | None) -> datetime:
    """Return when the event counts as having happened.

    A claim up to two minutes ahead is a fast clock and counts as now. Raises
    OccurredInFuture, ValidationFailed (`before_creation`, `before_last_event`).
    """
    if occurred_at is None:
        return draft.now
    if occurred_at > draft.now + SKEW:
        raise OccurredInFuture(occurred_at, draft.now)
    if occurred_at < draft.row["opened_at"]:
        raise ValidationFailed([FieldError("/occurred_at", "before_creation")])
    if occurred_at < draft.row["last_event_at"]:
        raise ValidationFailed([FieldError("/occurred_at", "before_last_event")])
    claimed = occurred_at.replace(microsecond=occurred_at.microsecond // 1000 * 1000)
    last: datetime = draft.row["last_event_at"]
    return min(max(claimed, last), draft.now)


def _claim(tx: Tx, cmd: Fire) -> Outcome | None:
    """Take the Idempotency-Key; visibility is read first, so a replay leaks nothing."""
    if cmd.key is None:
        return None
    seen = ticket.matching(kind=cmd.kind, ref=cmd.ticket, actor=cmd.actor)
    return once.claim(tx, cmd.actor, cmd.key, seen)


def _repeated(tx: Tx, row: Mapping[str, Any], cmd: Fire) -> Outcome | None:
    """Return the first result of a known event id. Raises KeyReused when it meant another."""
    known = event.by_id(tx, cmd.id) if cmd.id else None
    if known is None:
        return None
    same = (
        known["ticket_id"] == row["id"]
        and known["actor_id"] == cmd.actor.id
        and known["type"] == cmd.event
        and (known["fingerprint"] is None or bytes(known["fingerprint"]) == cmd.fingerprint)
    )
    if not same:
        raise KeyReused
    clocks = clock.load(tx, [row["id"]])[row["id"]]
    return Outcome(how="duplicate", ticket=row, event=known, clocks=clocks)
