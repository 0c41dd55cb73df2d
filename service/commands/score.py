"""Changes a vendor's score for what a clock did: a row beside the line that says so."""

from dataclasses import dataclass
from uuid import UUID

from service.commands.ports import Ports
from service.store import score as scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Points for the vendor that held a ticket when its clock fell due (R-VEN-09).

    `seq` is the line that says so; the same line counts once. `undoes` gives back what
    an earlier line of that reason took.
    """

    ticket: UUID
    seq: int
    points: int
    reason: str
    undoes: str | None = None


def score(ports: Ports, cmd: Score) -> bool:
    """Note the points; False when there is nobody to note them for, or nothing to undo."""
    with ports.uow() as tx:
        if cmd.undoes is not None:
            return scores.give_back(tx, cmd.ticket, cmd.seq, undoes=cmd.undoes, reason=cmd.reason)
        return scores.take(tx, cmd.ticket, cmd.seq, points=cmd.points, reason=cmd.reason)
