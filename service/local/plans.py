"""Which orders the past of the demo world holds: some left in every state, the rest by dice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from service.local.fates import Fate
from service.local.openings import Wish

ORDERS: Final = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """One order: when it is reported, and in which state it is left, if any."""

    at: datetime
    wish: Wish
    stop: str | None = None


@dataclass(frozen=True, slots=True)
class _Left:
    """So many orders left in a state, reported so many minutes ago.

    That is enough time to get there, and little enough to look fresh.
    """

    state: str
    number: int
    ago: tuple[int, int]
    fate: Fate = Fate.SMOOTH
    stays: bool = True
    urgency: str | None = None


_LEFT: Final[Sequence[_Left]] = (
    _Left("draft", 3, (20, 300)),
    _Left("submitted", 7, (1, 12)),
    _Left("submitted", 2, (40, 100), Fate.SLOW_DESK),
    _Left("accepted", 7, (10, 40)),
    _Left("assigned", 8, (15, 60)),
    _Left("en_route", 5, (18, 60)),
    _Left("en_route", 3, (40, 90), Fate.LATE),
    _Left("on_site", 7, (35, 100)),
    _Left("in_progress", 7, (70, 220)),
    _Left("in_progress", 3, (1520, 2400), Fate.SLOW_WORK),
    _Left("waiting_parts", 5, (200, 500), Fate.PARTS),
    _Left("awaiting_resident", 5, (120, 400), Fate.NO_ACCESS),
    _Left("awaiting_fund", 3, (700, 5000), Fate.FUND, urgency="normal"),
    _Left("postponed", 4, (400, 1500), Fate.POSTPONED),
    _Left("awaiting_confirmation", 9, (240, 800)),
    _Left("rework", 3, (1000, 2000), Fate.REFUSED, urgency="urgent"),
    _Left("referred", 2, (100, 4000), Fate.REFERRED),
    _Left("cancelled", 2, (100, 6000), Fate.CANCELLED),
    _Left("closed", 3, (12000, 16000), Fate.REOPENED, stays=False),
    _Left("closed", 2, (3000, 9000), Fate.POOL, stays=False, urgency="urgent"),
)


def plans(rng: Random, end: datetime, past: timedelta, homes: Sequence[str]) -> list[Plan]:
    """Return the plans of 200 orders. `homes` are places of which two are reported twice."""
    found = [_left(rng, end, row) for row in _LEFT for _ in range(row.number)]
    found += [plan for home in homes[:2] for plan in _twice(rng, end, home)]
    # One whose link a visitor gets: an emergency is never confirmed by silence.
    urgent = Wish(Fate.SMOOTH, alone=True, category="burst_pipe", urgency="emergency")
    found.append(Plan(end - timedelta(minutes=300), urgent, "awaiting_confirmation"))
    while len(found) < ORDERS:
        # Not the last hour: what is fresh was settled above.
        at = end - timedelta(hours=1) - (past - timedelta(hours=1)) * rng.random()
        found.append(Plan(at, Wish()))
    return found


def _left(rng: Random, end: datetime, row: _Left) -> Plan:
    wish = Wish(
        fate=row.fate,
        alone=rng.random() < 0.3,  # some wait for a visitor in every state
        hurried=True,
        draft=row.state == "draft",
        urgency=row.urgency,
    )
    at = end - timedelta(minutes=rng.uniform(*row.ago))
    return Plan(at, wish, row.state if row.stays else None)


def _twice(rng: Random, end: datetime, home: str) -> tuple[Plan, Plan]:
    """Return an order and its duplicate, reported by somebody else of the same home."""
    first = end - timedelta(minutes=rng.uniform(60, 90))
    told = Wish(Fate.SMOOTH, hurried=True, category="water_leak", place=home, urgency="urgent")
    again = Wish(Fate.MERGED, hurried=True, category="water_leak", place=home, urgency="urgent")
    return Plan(first, told, "assigned"), Plan(first + timedelta(minutes=20), again, "merged")
