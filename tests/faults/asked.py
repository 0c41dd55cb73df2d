"""Every acknowledged command stands in the history once, and nothing else does (I3, I4)."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.api.tickets import birth
from service.store.audit.finding import Finding
from service.store.unit_of_work import Tx
from service.workflows import REGISTRY
from tests.faults.journal import READ, Call

AMEND = "amend"
OPENINGS = frozenset(birth(workflow) for workflow in REGISTRY)
"""The events that open tickets over the API; what opens one is not sent to `/events`."""

_EVENTS = text("""
SELECT e.id, e.ticket_id, e.seq, e.type, e.version, t.number,
       coalesce(e.data->>'note', e.data->>'link') AS made
  FROM event e LEFT JOIN ticket t ON t.id = e.ticket_id WHERE e.actor_role <> 'system'""")
_KEPT = text("SELECT key, ticket_id, body FROM idempotency WHERE body IS NOT NULL")


@dataclass(slots=True)
class Command:
    """One thing that a client wanted: its first call and every repetition."""

    calls: list[Call] = field(default_factory=list)

    @property
    def first(self) -> Call:
        """The call that stands for all."""
        return self.calls[0]

    @property
    def acknowledged(self) -> bool:
        """Tell whether a client was told that it happened."""
        return any(call.outcome == "ok" for call in self.calls)

    @property
    def possible(self) -> bool:
        """Tell whether it may have happened."""
        return any(call.outcome != "fail" for call in self.calls)


def check_commands(tx: Tx, calls: Iterable[Call], before: Set[UUID]) -> Iterator[Finding]:
    """Yield lost, doubled and unasked events. Those in `before` were there beforehand."""
    events = _Events([e for e in tx.conn.execute(_EVENTS) if e.id not in before])
    kept: dict[str, list[Any]] = defaultdict(list)
    for row in tx.conn.execute(_KEPT):
        kept[row.key].append(row)
    vague = []
    for command in commands(calls):
        mine = _identified(events, command, kept)
        claimed = [e for e in mine if events.claim(e)]
        yield from _judge(command, claimed)
        if not claimed and command.possible and not command.acknowledged:
            vague.append(command)
    for command in vague:
        events.claim_like(command)
    for event in events.unclaimed():
        detail = f"nobody asked for {event.type} {event.id}, or it happened twice"
        yield _about(event, "I4", "unasked", detail)


def opens(call: Call) -> bool:
    """Tell whether a call opens a ticket."""
    return call.asks in OPENINGS and not call.path.endswith("/events")


def commands(calls: Iterable[Call]) -> Sequence[Command]:
    """Return the commands of a journal: calls with one event id, or one key, are one."""
    found: dict[Hashable, Command] = {}
    for n, call in enumerate(calls):
        if call.asks != READ:
            found.setdefault(_identity(call, n), Command()).calls.append(call)
    return list(found.values())


def _identity(call: Call, n: int) -> Hashable:
    if call.event_id is not None:
        return "event", call.event_id
    if call.key is not None:
        return "key", call.actor, call.path, call.key
    if opens(call) and call.ticket is not None:
        return "ticket", call.ticket
    return n


class _Events:
    """The events of people, each to be claimed by one command."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows
        self._claimed: set[UUID] = set()
        self.by_id = {str(row.id): row for row in rows}
        self.births = {str(row.ticket_id): row for row in rows if row.seq == 1}
        self.made = {row.made: row for row in rows if row.made is not None}
        self.amended = {(str(row.ticket_id), row.version): row for row in rows if row.type == AMEND}

    def claim(self, event: Any) -> bool:
        """Take an event for a command; False when another has it."""
        if event.id in self._claimed:
            return False
        self._claimed.add(event.id)
        return True

    def claim_like(self, command: Command) -> None:
        """Let a command of unknown outcome and without identity take one event that fits."""
        asked = command.first
        for event in self._rows:
            fits = event.type == asked.asks and asked.ticket in (None, str(event.ticket_id))
            if fits and self.claim(event):
                return

    def unclaimed(self) -> Iterator[Any]:
        """Yield the events that no command asked for."""
        yield from (row for row in self._rows if row.id not in self._claimed)


def _identified(events: _Events, command: Command, kept: Mapping[str, Sequence[Any]]) -> list[Any]:
    """Return the events that bear the command's ids, or that its answers speak of."""
    asked = command.first
    found = [events.by_id.get(call.event_id or "") for call in command.calls]
    if opens(asked):
        minted = [call.event_id or call.ticket or "" for call in command.calls]
        found += [events.births.get(ticket) for ticket in minted]
    bodies = [call.body for call in command.calls if call.outcome == "ok"]
    bodies += [row.body for row in kept.get(asked.key or "", ())]
    for body in bodies:
        if isinstance(body, Mapping):
            found.append(_spoken_of(events, asked, body))
    return list({e.id: e for e in found if e is not None and e.type == asked.asks}.values())


def _spoken_of(events: _Events, asked: Call, body: Mapping[str, Any]) -> Any:
    """Return the event that an answer is about."""
    if "event" in body:
        return events.by_id.get(body["event"]["id"])
    if opens(asked):
        return events.births.get(body.get("id", ""))
    if asked.asks == AMEND:
        return events.amended.get((body.get("id", ""), body.get("version", 0)))
    return events.made.get(body.get("id", ""))


def _judge(command: Command, events: Sequence[Any]) -> Iterator[Finding]:
    asked = command.first
    named = f"{asked.asks} of {asked.client} ({asked.event_id or asked.key or asked.path})"
    # A patch that changes nothing is acknowledged and leaves no line.
    if command.acknowledged and not events and asked.asks != AMEND:
        yield _of(asked, "I3", "lost", f"{named} was acknowledged and is nowhere")
    if len(events) > 1:
        yield _about(events[1], "I4", "twice", f"{named} left {len(events)} events")
    if events and not command.possible:
        yield _about(events[0], "I4", "refused", f"{named} was refused and happened")


def _of(call: Call, invariant: str, check: str, detail: str) -> Finding:
    return Finding(call.ticket or "", "", None, invariant, check, detail)


def _about(event: Any, invariant: str, check: str, detail: str) -> Finding:
    return Finding(str(event.ticket_id), event.number or "", event.seq, invariant, check, detail)
