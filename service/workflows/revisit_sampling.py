"""Which closed orders are called back (DOMAIN 3A.5): at least the ratio, some always.

Pure: the same orders, ratio and seed give the same draw, so a stored seed proves it.
"""

import hashlib
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class ClosedOrder:
    """One order closed in the month under one contract."""

    id: str
    emergency: bool = False
    unconfirmed: bool = False
    rework: bool = False
    unsatisfied: bool = False

    @property
    def always(self) -> bool:
        """Tell whether the order belongs to every sample."""
        return self.emergency or self.unconfirmed or self.rework or self.unsatisfied

    @property
    def weight(self) -> int:
        """Return how heavily the order counts: unconfirmed ones are called sooner."""
        return 2 if self.unconfirmed else 1


def sample_size(closed: int, ratio: float) -> int:
    """Return how many of `closed` orders must be called back: rounded up."""
    # A float such as 0.3 is a little off; 10 orders at 30 % must be 3, not 4.
    return math.ceil(closed * Fraction(str(ratio)))


def sample(
    orders: Iterable[ClosedOrder], *, ratio: float, seed: int, without: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the ids to call back: the always-included, then random ones up to the size.

    Both groups come in random order, heavier ones sooner. `without` names orders that were
    drawn and could not be reached: they keep counting as closed, and others are drawn in
    their place.
    """
    known = sorted(orders, key=lambda order: (_rank(order, seed), order.id), reverse=True)
    reachable = [order for order in known if order.id not in without]
    always = [order.id for order in reachable if order.always]
    rest = [order.id for order in reachable if not order.always]
    missing = max(0, sample_size(len(known), ratio) - len(always))
    return (*always, *rest[:missing])


def _rank(order: ClosedOrder, seed: int) -> float:
    """Return a random number in (0, 1) raised by weight (Efraimidis and Spirakis, 2006)."""
    digest = hashlib.sha256(f"{seed}:{order.id}".encode()).digest()
    uniform = (int.from_bytes(digest[:8], "big") + 1) / (2**64 + 2)
    return float(uniform ** (1 / order.weight))
