"""Clocks as they stood by what was known when: every line counts from its receipt.

Only tickets of which something became known late differ, and only those are told again,
from their whole history, as `explain?basis=received` does. All others keep their stored
clocks, which are the same on both bases.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text

from service.sla.calendar import Calendars
from service.sla.history import SLA_LINES, Mark, read_effects
from service.sla.profile import Profile
from service.sla.story import tell
from service.store.clock import as_row
from service.store.queries.breaches import Asked, told_late
from service.store.unit_of_work import Tx

_MARGIN = timedelta(days=31)  # a late report moves a due time by at most the longest pause, twice
_BATCH = 500

_LINES = text("""
SELECT ticket_id, seq, type, occurred_at, received_at, to_state, effects FROM event
 WHERE ticket_id = ANY(:ids) ORDER BY ticket_id, seq""")


class Versions(Protocol):
    """Where SLA profiles come from."""

    def get(self, tx: Tx, profile: str, version: int) -> Profile:
        """Return one version."""


def retell(tx: Tx, asked: Asked, *, policies: Versions, calendars: Calendars) -> Asked:
    """Return the question with the clocks of late-told tickets worked out by receipt."""
    tickets = told_late(tx, asked, margin=_MARGIN, sla_lines=sorted(SLA_LINES))
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(tickets), _BATCH):
        for ticket, marks in _histories(tx, tickets[start : start + _BATCH]).items():
            pins = {(m.terms.profile, m.terms.profile_version) for m in marks if m.terms}
            profiles = {pin: policies.get(tx, *pin) for pin in pins}
            story = tell(
                marks, basis="received", until=asked.as_of, profiles=profiles, calendars=calendars
            )
            found += [as_row(ticket, clock) for clock in story.clocks]
    return replace(asked, retold=tickets, recounted=found)


def _histories(tx: Tx, tickets: Sequence[UUID]) -> Mapping[UUID, list[Mark]]:
    found: dict[UUID, list[Mark]] = {ticket: [] for ticket in tickets}
    for row in _rows(tx, tickets):
        ops, terms = read_effects(row.effects)
        mark = Mark(
            seq=row.seq,
            event=row.type,
            at=row.occurred_at,
            received_at=row.received_at,
            to_state=row.to_state,
            ops=ops,
            terms=terms,
        )
        found[row.ticket_id].append(mark)
    return found


def _rows(tx: Tx, tickets: Sequence[UUID]) -> Iterable[Any]:
    return tx.conn.execute(_LINES, {"ids": list(tickets)})
