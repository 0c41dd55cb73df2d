"""What each reaction does: commands made from a cause, never carried out here."""

from collections.abc import Iterator
from uuid import UUID

from service.commands.score import Score
from service.jobs.cause import Act, Cause
from service.notify.letter import Letter
from service.store.unit_of_work import Tx

VENDOR_SCORE = "vendor_score"  # the ladder's action that says that a breach costs points
BREACHED, WITHDRAWN = "handling_breached", "breach_withdrawn"
BREACH_POINTS = -1  # [A] R-VEN-09


def absorb(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Let the master take its follower in (RULINGS 7)."""
    yield cause.fire(cause.data["into"], "absorb", **{"from": cause.ticket})


def costs_points(letter: Letter) -> bool:
    """Tell whether a breach costs the vendor points: an excused one does not (RULINGS 11)."""
    return letter.payload.get("action") == VENDOR_SCORE


def breach_costs_points(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Take points from the vendor that held the order when it fell due."""
    yield Score(ticket=UUID(cause.ticket), seq=cause.seq, points=BREACH_POINTS, reason=BREACHED)


def points_come_back(_tx: Tx, cause: Cause) -> Iterator[Act]:
    """Give the points back when a late report showed that it was not late."""
    if 0 in cause.payload.get("levels", ()):
        yield Score(
            ticket=UUID(cause.ticket), seq=cause.seq, points=0, reason=WITHDRAWN, undoes=BREACHED
        )
