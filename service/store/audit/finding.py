"""What a check found, and the stored rows of one ticket that it looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.sla.clocks import Clock


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise. `invariant` is its number in PROOF 2, `check` what was looked at.

    `ticket` is the id; `seq` the history line, None when it concerns the whole ticket.
    """

    ticket: str
    number: str
    seq: int | None
    invariant: str
    check: str
    detail: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything stored about one ticket: its row, lines by seq, and what hangs on it."""

    ticket: Any
    lines: Sequence[Any]
    clocks: Mapping[tuple[str, int], Clock]
    escalations: Sequence[Any]
    assignments: Sequence[Any]
    sealed: Sequence[Any] = ()

    def found(self, invariant: str, check: str, detail: str, seq: int | None = None) -> Finding:
        """Return a finding about this ticket."""
        return Finding(str(self.ticket.id), self.ticket.number, seq, invariant, check, detail)
