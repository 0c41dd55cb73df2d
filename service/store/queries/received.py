"""Clocks as they stood by what was known when: every line counts from its receipt.

Only tickets of which something became known late differ, and only those are told again,
from their whole history, as `explain?basis=received` does. All others keep their stored
clocks, which are the same on both bases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.sla.calendar import Calendars
from service.sla.history import SLA_LINES, Mark, read_mark
from service.sla.story import tell
from service.store import rows
from service.store.clock import as_row
from service.store.policy import Versions, pinned
from service.store.queries.breaches import Asked, told_late
from service.store.unit_of_work import Tx

_MARGIN = timedelta(days=31)  # a late report moves a due time by at most the longest pause, twice
_BATCH = 500

_LINES = text("""
SELECT ticket_id, seq, type, occurred_at, received_at, to_state, effects FROM event
 WHERE ticket_id = ANY(:ids) ORDER BY ticket_id, seq""")


def retell(tx: Tx, asked: Asked, *, policies: Versions, calendars: Calendars) -> Asked:
    """Return the question with the clocks of late-told tickets worked out by receipt."""
    tickets = told_late(tx, asked, margin=_MARGIN, sla_lines=sorted(SLA_LINES))
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(tickets), _BATCH):
        for ticket, marks in _histories(tx, tickets[start : start + _BATCH]).items():
            profiles = pinned(tx, policies, marks)
            story = tell(
                marks, basis="received", until=asked.as_of, profiles=profiles, calendars=calendars
            )
            found += [as_row(ticket, clock) for clock in story.clocks]
    return replace(asked, retold=tickets, recounted=found)


def _histories(tx: Tx, tickets: Sequence[UUID]) -> Mapping[UUID, list[Mark]]:
    found: dict[UUID, list[Mark]] = {ticket: [] for ticket in tickets}
    for row in rows.many(tx.conn.execute(_LINES, {"ids": list(tickets)})):
        found[row["ticket_id"]].append(read_mark(row))
    return found
