"""One outbox row with its ticket and history line, as the relay reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from service.core.workflow import ADD_NOTE
from service.workflows import CONFIDENTIAL


@dataclass(frozen=True, slots=True)
class Letter:
    """What happened. The ticket's assignee is the present one; all else is of the event."""

    id: int
    topic: str
    ticket_id: UUID
    event_seq: int
    payload: Mapping[str, Any]
    at: datetime
    now: datetime
    place_key: str
    kind: str
    number: str
    place_id: str
    place_path: str
    opened_by: UUID
    reporter_id: UUID | None
    crew_id: str | None
    vendor_id: str | None
    event_id: UUID
    event_type: str
    actor_id: UUID
    actor_role: str
    from_state: str
    to_state: str
    version: int
    occurred_at: datetime
    received_at: datetime
    data: Mapping[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return the letter of a claimed row."""
        return cls(**{name: row[name] for name in cls.__slots__})

    @property
    def short(self) -> str:
        """The topic without its kind: `assign`, `opened`, `rework_notice`."""
        return self.topic.removeprefix(f"{self.kind}.")

    @property
    def is_mark(self) -> bool:
        """Tell whether a clock speaks."""
        return self.topic.startswith("sla.")

    @property
    def is_event(self) -> bool:
        """Tell whether this is the event's own letter, not a further notice beside it."""
        return self.short in ("opened", self.event_type)

    @property
    def is_private(self) -> bool:
        """Tell whether it is of a line that not everybody who sees the ticket may read."""
        if (self.kind, self.event_type) in CONFIDENTIAL:
            return True
        return self.event_type == ADD_NOTE and self.data.get("level") == "private"

    @property
    def types(self) -> tuple[str, ...]:
        """The webhook types it answers to, its own name first.

        None for a mere notice, nor for a private line: that there is one is not for everybody.
        """
        if self.is_mark:
            return (self.topic,)
        if not self.is_event or self.is_private:
            return ()
        return tuple(dict.fromkeys((self.topic, f"{self.kind}.{self.event_type}")))
