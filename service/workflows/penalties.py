"""The penalty ladder, deductions and credit points as plain arithmetic (DOMAIN 3C.4, 3C.5).

Nothing here knows a ticket; the numbers come from a profile of the family `rectification`.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

NOTICE, CIRCULAR, DEDUCTION, BLACK_LIST, TENDER_BAR, MARKET_EXIT, TRANSFER = range(1, 8)
"""The steps: the notice itself, circular of criticism with credit, deposit deduction, no
awards and black list, tender bar, exit and market clearing, transfer to the authority."""

BY_BUREAU: Final = DEDUCTION
"""From this step on the bureau decides too (R-FIN-02; 3C.5)."""

LADDERS: Final[Mapping[str, tuple[int, ...]]] = {
    "vendor": (NOTICE, CIRCULAR, DEDUCTION, BLACK_LIST, TENDER_BAR, MARKET_EXIT, TRANSFER),
    "developer": (NOTICE, CIRCULAR, TRANSFER),
    "committee": (NOTICE, CIRCULAR, TRANSFER),
}
"""Steps by subject: only a vendor has a deposit, a place on the list and a market to leave."""

_POINTS: Final = {
    "cure_overdue": "credit_overdue",
    "cure_failed": "credit_failed",
    "penalised": "credit_penalised",
    "hazard_ignored": "credit_ignored",
    "false_evidence": "credit_false_evidence",
}
_DAY: Final = timedelta(days=1)


def next_step(taken: Collection[int], subject: str) -> int | None:
    """Return the rung after the highest one taken, None above the last.

    The notice is the first rung and stands as taken: nothing is penalised without one.
    """
    above = [step for step in LADDERS[subject] if step > max(taken, default=NOTICE)]
    return above[0] if above else None


def refusal(step: int, taken: Collection[int], subject: str, *, exempt: bool) -> str | None:
    """Return why a step may not be taken: `no_such_step`, `step_skipped`, or None.

    A step taken before may be taken again. `exempt` is a veto or a serious violation, the
    only ground for skipping (3C.5).
    """
    if step not in LADDERS[subject]:
        return "no_such_step"
    following = next_step(taken, subject)
    skips = following is not None and step > following
    return "step_skipped" if skips and not exempt else None


def factor(cycle: int, policy: Any) -> float:
    """Return by how much a deduction grows in the n-th cycle (3C.4): 1, 1.5, 2 and no more."""
    factors = (policy.cycle_factor_1, policy.cycle_factor_2, policy.cycle_factor_3)
    found: float = factors[min(max(cycle, 1), len(factors)) - 1]
    return found


def deduction(amount_fen: int, cycle: int, policy: Any) -> int:
    """Return the contract's amount times the cycle's factor, in whole fen, half a fen up."""
    exact = amount_fen * Decimal(str(factor(cycle, policy)))
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def points(what: str, policy: Any) -> int:
    """Return the credit points, negative, of what happened: the keys of `_POINTS`."""
    found: int = getattr(policy, _POINTS[what])
    return found


def days_late(late: timedelta) -> int:
    """Return begun days after the deadline; none when it was kept."""
    return max(0, -(-late // _DAY))


def late_points(days: int, policy: Any) -> int:
    """Return the points of a cure that came late: so much a day, down to a floor."""
    lost: int = max(days * policy.credit_late_day, policy.credit_late_most)
    return lost
