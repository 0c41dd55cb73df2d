"""Scores, their levels, and how low a deposit may sink (DOMAIN 3C.4). Pure.

The numbers are the ones DOMAIN proposes `[A]`; a local credit regulation replaces them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

START: Final = 100  # R-VEN-09 [A]; the score with which every year begins
RED_FROM: Final = 90  # R-VEN-09 [A]; from here on a candidate of the red list
BLACK_BELOW: Final = 60  # R-VEN-09 [A]; below it a candidate of the black list
FLOOR_PERCENT: Final = 50  # R-FIN-01 [A]; a deposit below this share blocks new contracts
TOP_UP: Final = timedelta(days=30)  # R-FIN-01 [A]; to make a deposit whole again

Subject = Literal["company", "manager"]
Level = Literal["red_candidate", "normal", "black_candidate"]


@dataclass(frozen=True, slots=True)
class Points:
    """What a year brought a company (`manager` None) or one of its project managers."""

    subject: Subject
    manager: str | None
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """Where a company or a project manager stands in a year."""

    subject: Subject
    manager: str | None
    score: int
    level: Level


def scores(year: Iterable[Points]) -> tuple[Score, ...]:
    """Return the company's score, then its managers' by name.

    A company of which nothing is known stands where the year began; a manager of whom
    nothing is known is not listed.
    """
    sums: dict[tuple[Subject, str | None], int] = {("company", None): 0}
    for each in year:
        key = (each.subject, each.manager)
        sums[key] = sums.get(key, 0) + each.points
    order = sorted(sums, key=lambda key: (key[0] != "company", key[1] or ""))
    return tuple(_score(*key, START + sums[key]) for key in order)


def _score(subject: Subject, manager: str | None, score: int) -> Score:
    return Score(subject, manager, score, level(score))


def level(score: int) -> Level:
    """Return what a score makes one a candidate of."""
    if score >= RED_FROM:
        return "red_candidate"
    return "black_candidate" if score < BLACK_BELOW else "normal"


def year_of(at: datetime, zone: str) -> int:
    """Return the local year of an instant."""
    return at.astimezone(ZoneInfo(zone)).year


def span(year: int, zone: str) -> tuple[datetime, datetime]:
    """Return the half-open UTC span of a local year. Years 2 to 9998."""
    return _midnight(year, zone), _midnight(year + 1, zone)


def _midnight(year: int, zone: str) -> datetime:
    return datetime(year, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def is_blocked(*, required_fen: int, balance_fen: int) -> bool:
    """Tell whether a deposit is so low that no new contract may be made."""
    return balance_fen * 100 < required_fen * FLOOR_PERCENT


def top_up_due(short_since: datetime | None) -> datetime | None:
    """Return until when a deposit that was drawn on must be whole again."""
    return None if short_since is None else short_since + TOP_UP
