"""What an event changes beside the ticket itself: sight, causes, money, scores, listings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from service.core.workflow import Change


@dataclass(frozen=True, slots=True)
class Cause:
    """Which line of which ticket led to an act, and as what."""

    ticket: UUID
    seq: int
    relation: str


@dataclass(frozen=True, slots=True)
class Here:
    """The line that changes something: its ticket, number, actor and time."""

    ticket: UUID
    seq: int
    actor: UUID
    at: datetime


Rows = list[dict[str, Any]]


@dataclass(slots=True)
class Aside:
    """Rows of other tables, gathered until they are written with the lines."""

    stakes: Rows = field(default_factory=list)
    unstakes: Rows = field(default_factory=list)
    causes: Rows = field(default_factory=list)
    postings: Rows = field(default_factory=list)
    credits: Rows = field(default_factory=list)
    vendors: list[Mapping[str, Any]] = field(default_factory=list)

    def take(self, change: Change, here: Here) -> None:
        """Gather what a change says."""
        self.stakes += [{"ticket_id": here.ticket, "holder": holder} for holder in change.stakes]
        self.unstakes += [{"ticket_id": here.ticket, "holder": one} for one in change.unstakes]
        self.postings += [
            {
                "ticket_id": here.ticket, "event_seq": here.seq, "actor_id": here.actor,
                "at": here.at, "document": None, "vendor_id": p.vendor,
                "compound_id": p.compound, "debit": p.debit, "credit": p.credit, "fen": p.fen,
                "reason": p.reason,
            }
            for p in change.postings
        ]  # fmt: skip
        self.credits += [
            {
                "ticket_id": here.ticket, "seq": here.seq, "n": n, "at": here.at,
                "vendor_id": c.vendor, "subject": c.subject, "manager": c.manager,
                "points": c.points, "reason": c.reason,
            }
            for n, c in enumerate(change.credits)
        ]  # fmt: skip
        self.vendors += [{"id": vendor, **columns} for vendor, columns in change.vendors]

    def caused(self, cause: Cause, here: Here) -> None:
        """Say what led to a line."""
        self.causes.append(
            {
                "effect_id": here.ticket, "effect_seq": here.seq, "cause_id": cause.ticket,
                "cause_seq": cause.seq, "relation": cause.relation, "at": here.at,
            }
        )  # fmt: skip
