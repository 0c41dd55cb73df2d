"""Checks the lines of one history: legal, gap-free, chained, and the head that follows. Pure."""

import hashlib
from collections.abc import Iterator, Set
from datetime import datetime
from typing import Any, Final

from service.core.workflow import BIRTH, UNVERSIONED, Mark
from service.store.audit.finding import Finding, Record

Moves = Set[tuple[str, str, str]]
"""Legal (from, event, to) of one kind."""

_MARKS: Final = frozenset(mark.value for mark in Mark)


def check_lines(record: Record, moves: Moves) -> Iterator[Finding]:
    """Yield what is wrong with the lines, one against the one before."""
    if not record.lines:
        yield record.found("I6", "history", "no lines")
        return
    before: Any = None
    last_business: datetime | None = None
    for n, line in enumerate(record.lines, start=1):
        if line.seq != n:
            yield record.found("I6", "sequence", f"line {n} has seq {line.seq}", line.seq)
        yield from _continues(record, before, line)
        yield from _is_legal(record, line, moves)
        yield from _is_sealed(record, before, line)
        yield from _is_in_time(record, before, line, last_business)
        before = line
        if line.type not in UNVERSIONED:
            last_business = line.occurred_at


def check_head(record: Record, terminal: Set[str]) -> Iterator[Finding]:
    """Yield where the ticket's row is not what its lines lead to."""
    if not record.lines:
        return
    ticket, last = record.ticket, record.lines[-1]
    business = [line for line in record.lines if line.type not in UNVERSIONED]
    expected = {
        "seq": last.seq,
        "version": last.version,
        "state": last.to_state,
        "updated_at": last.received_at,
        "last_event_at": business[-1].occurred_at if business else None,
        "closed_at": _closed_at(record, terminal),
    }
    for name, value in expected.items():
        if getattr(ticket, name) != value:
            detail = f"ticket.{name} is {getattr(ticket, name)}, the history says {value}"
            yield record.found("I6", f"head_{name}", detail, last.seq)


def _continues(record: Record, before: Any, line: Any) -> Iterator[Finding]:
    came_from = BIRTH if before is None else before.to_state
    if line.from_state != came_from:
        detail = f"leaves {line.from_state!r}, the line before went to {came_from!r}"
        yield record.found("I5", "from_state", detail, line.seq)
    version = 1 if before is None else before.version + (line.type not in UNVERSIONED)
    if line.version != version:
        detail = f"{line.type} has version {line.version}, not {version}"
        yield record.found("I6", "version", detail, line.seq)


def _is_legal(record: Record, line: Any, moves: Moves) -> Iterator[Finding]:
    if line.kind != record.ticket.kind:
        yield record.found("I5", "kind", f"a line of {line.kind}", line.seq)
    if (line.from_state, line.type, line.to_state) not in moves:
        detail = f"{line.from_state!r} → {line.to_state!r} by {line.type} is no legal move"
        yield record.found("I5", "legal_move", detail, line.seq)
    if line.type in _MARKS and line.actor_role != "system":
        yield record.found("I5", "actor", f"{line.type} by {line.actor_role}", line.seq)


def _is_sealed(record: Record, before: Any, line: Any) -> Iterator[Finding]:
    """Compute the hash anew over the canonical JSON; what the line says of it is not believed."""
    previous = None if before is None else bytes(before.hash)
    stated = None if line.prev_hash is None else bytes(line.prev_hash)
    if stated != previous:
        yield record.found("I6", "chain", "prev_hash is not the hash before", line.seq)
    sealed = hashlib.sha256((previous or b"") + line.body.encode()).digest()
    if bytes(line.hash) != sealed:
        yield record.found("I6", "hash", "the hash does not fit the content", line.seq)


def _is_in_time(
    record: Record, before: Any, line: Any, last_business: datetime | None
) -> Iterator[Finding]:
    if line.occurred_at > line.received_at:
        yield record.found("I5", "time", "happened after it was known", line.seq)
    if before is not None and line.received_at < before.received_at:
        yield record.found("I5", "time", "known before the line before", line.seq)
    late = last_business is not None and line.occurred_at < last_business
    if late and line.type not in UNVERSIONED:
        yield record.found("I5", "time", "happened before the event before", line.seq)


def _closed_at(record: Record, terminal: Set[str]) -> datetime | None:
    """Return when the last run of terminal states began."""
    closed_at: datetime | None = None
    for line in record.lines:
        if line.to_state not in terminal:
            closed_at = None
        elif closed_at is None:
            closed_at = line.occurred_at
    return closed_at
