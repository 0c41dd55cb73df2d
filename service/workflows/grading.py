"""How votes become a grade, a turnout, a resolution (DOMAIN 3C.1; R-GOV-02, 03, 07, 14).

Pure, and exact: shares are compared as fractions of whole numbers, so that a share that
reaches a threshold to the last vote is never lost to rounding.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

GRADES: Final = ("satisfied", "basically_satisfied", "dissatisfied")
TWO_THIRDS: Final = Fraction(2, 3)  # R-GOV-02, R-GOV-14
HALF: Final = Fraction(1, 2)  # R-GOV-03, R-GOV-14; always exceeded, never only reached


@dataclass(frozen=True, slots=True)
class Votes:
    """Valid votes by grade."""

    satisfied: int = 0
    basically_satisfied: int = 0
    dissatisfied: int = 0

    @property
    def n(self) -> int:
        """All of them."""
        return self.satisfied + self.basically_satisfied + self.dissatisfied

    @property
    def s(self) -> Fraction:
        """Share of the satisfied; 0 of no votes."""
        return Fraction(self.satisfied, self.n or 1)

    @property
    def b(self) -> Fraction:
        """Share of the at least basically satisfied; 0 of no votes."""
        return Fraction(self.satisfied + self.basically_satisfied, self.n or 1)


@dataclass(frozen=True, slots=True)
class OwnersVote:
    """An owners' vote: heads, and areas in dm² (two decimals of a square metre)."""

    heads_total: int
    heads_voting: int
    heads_for: int
    area_total_dm2: int
    area_voting_dm2: int
    area_for_dm2: int


def count(ballots: Iterable[tuple[str, str]]) -> Votes:
    """Return the votes of (voter, grade) in order: one a voter, the last one counts."""
    last = dict(ballots)
    given = list(last.values())
    return Votes(**{grade: given.count(grade) for grade in GRADES})


def grade(votes: Votes, *, threshold: float, veto: bool = False) -> str:
    """Return the grade of DOMAIN 3C.1: reaching the threshold is enough, a veto overrides."""
    p = Fraction(str(threshold))
    if veto or votes.b < p:
        return "dissatisfied"
    return "satisfied" if votes.s >= p else "basically_satisfied"


def enough(part: int, whole: int, least: Fraction) -> bool:
    """Tell whether `part` of `whole` reaches the least share; nothing is enough of nothing."""
    return whole > 0 and Fraction(part, whole) >= least


def shown(share: Fraction) -> float:
    """Return a share for people: four decimals, cut, so that none looks reached that was not."""
    return math.floor(share * 10_000) / 10_000


def committee_quorate(seats: int, present: int) -> bool:
    """Tell whether a committee may resolve: two thirds of the seats present (R-GOV-02)."""
    return enough(present, seats, TWO_THIRDS)


def committee_passes(present: int, in_favour: int) -> bool:
    """Tell whether more than half of those present are in favour (R-GOV-03, DOMAIN 8 #10)."""
    return _more_than_half(in_favour, present)


def owners_quorate(vote: OwnersVote) -> bool:
    """Tell whether two thirds of heads and of area take part (R-GOV-14)."""
    heads = enough(vote.heads_voting, vote.heads_total, TWO_THIRDS)
    return heads and enough(vote.area_voting_dm2, vote.area_total_dm2, TWO_THIRDS)


def owners_pass(vote: OwnersVote) -> bool:
    """Tell whether more than half of voting heads and voting area are in favour (R-GOV-14)."""
    heads = _more_than_half(vote.heads_for, vote.heads_voting)
    return heads and _more_than_half(vote.area_for_dm2, vote.area_voting_dm2)


def drawn(names: Sequence[str], *, seed: str) -> str:
    """Return one of the names by a draw anybody can repeat from the seed (R-VEN-16).

    Order and repetition of the names change nothing. Raises ValueError for no names.
    """
    return min(set(names), key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())


def _more_than_half(part: int, whole: int) -> bool:
    return whole > 0 and Fraction(part, whole) > HALF
