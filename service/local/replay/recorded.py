"""Where a map finds the source's own verdict on a case. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.sla.notation import read_duration


@dataclass(frozen=True, slots=True)
class Recorded:
    """The source's own verdict, to be held against that of `clock`.

    It stands in a `column`; or it follows from the times: the case's `end`, its closing
    unless a column is named, and `due`, or so long `within` the opening. `clock` and
    `within` may be by who must answer, "*" being anybody.
    """

    clock: str | Mapping[str, str]
    column: str | None = None
    end: str | None = None
    due: str | None = None
    within: Mapping[str, timedelta] | None = None

    @property
    def clocks(self) -> tuple[str, ...]:
        """The clocks that it is about."""
        return (self.clock,) if isinstance(self.clock, str) else tuple(self.clock.values())


def read_recorded(raw: Mapping[str, Any] | None) -> Recorded | None:
    """Return it parsed; None where the map names none. Raises TypeError, ValueError."""
    if raw is None:
        return None
    within = raw.get("within")
    spans = within and {who: read_duration(span) for who, span in within.items()}
    return Recorded(**{**raw, "within": spans})
