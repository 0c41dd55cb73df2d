"""A repair order of the past: opened as planned, then living by its state and its fate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.commands.open_ticket import Open
from service.local.behaviour import Act, next_act
from service.local.directing import Cue, Director
from service.local.openings import Reporters
from service.local.plans import Plan
from service.store.unit_of_work import Tx


@dataclass(frozen=True, slots=True)
class Improvised:
    """One order, up to the state its plan leaves it in."""

    plan: Plan
    reporters: Reporters
    director: Director

    @property
    def at(self) -> datetime:
        """When it is reported."""
        return self.plan.at

    def opening(self, _tx: Tx) -> Open:
        """Return the report. Raises NobodyFits."""
        return self.reporters.draw(self.plan.at, self.plan.wish)

    def next(self, row: Mapping[str, Any]) -> Act | None:
        """Return what happens next; None where it is left, and when it stays as it is."""
        return None if row["state"] == self.plan.stop else next_act(row)

    def cue(self, tx: Tx, row: Mapping[str, Any], act: Act, now: datetime) -> Cue:
        """Return who does what in an act. Raises NobodyFits."""
        return self.director.cue(tx, row, act, now)
