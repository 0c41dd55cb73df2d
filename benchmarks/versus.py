"""One checkout beside another: `python -m benchmarks.versus ../before [--rounds 100]`.

Both run at once, each with servers of its own, and take turns at short blocks of the same
calls, so that a busy moment of the machine meets both; what is compared is each block with
its neighbour. On a machine whose speed wanders by a third, a hundred rounds tell 3 % apart.
The other checkout is run by this one's interpreter, so the two must need the same libraries.
"""

import argparse
import json
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

CONCURRENCIES: Final = (1, 8)
REQUESTS: Final = 40  # a block: long enough to count, short enough to have a neighbour
_WARM_ROUNDS = 2
_DRAWS = 2000
_STAND = Path(__file__).with_name("stand.py")

Pair = tuple[float, float]
"""What one block took there and here, milliseconds a request."""


class Checkout:
    """A checkout that answers for blocks of calls; it ends with its standard input."""

    def __init__(self, place: Path) -> None:
        self._process = subprocess.Popen(
            (sys.executable, str(_STAND)),
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Return the next line it says. Raises SystemExit when it has ended."""
        said = self._process.stdout.readline() if self._process.stdout else ""
        if not said:
            raise SystemExit("a checkout ended before it answered")
        return said.strip()

    def block(self, at_once: int) -> Mapping[str, float]:
        """Return what a block of calls took, by call."""
        if self._process.stdin is not None:
            self._process.stdin.write(f"{at_once} {REQUESTS}\n")
            self._process.stdin.flush()
        found: Mapping[str, float] = json.loads(self.line())
        return found

    def end(self) -> None:
        """Let it stop its servers and wait until it has."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def main() -> int:
    """Measure and print one line a call and concurrency."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versus", description=__doc__)
    parser.add_argument("other", type=Path, help="the checkout before the change")
    parser.add_argument("--rounds", type=int, default=100)
    asked = parser.parse_args()
    sides = (Checkout(asked.other), Checkout(Path.cwd()))
    try:
        for side in sides:
            side.line()
        found = measure(sides, asked.rounds)
    finally:
        for side in sides:
            side.end()
    print("| call | at once | there, ms | here, ms | here ÷ there | 95 % |")
    print("|---|---:|---:|---:|---:|---|")
    for (call, at_once), pairs in found.items():
        print(row(call, at_once, pairs))
    return 0


def measure(
    sides: tuple[Checkout, Checkout], rounds: int
) -> Mapping[tuple[str, int], Sequence[Pair]]:
    """Let the two take turns, each round the other first."""
    found: dict[tuple[str, int], list[Pair]] = defaultdict(list)
    for turn in range(rounds + _WARM_ROUNDS):
        for at_once in CONCURRENCIES:
            order = (0, 1) if turn % 2 else (1, 0)
            took = {n: sides[n].block(at_once) for n in order}
            if turn >= _WARM_ROUNDS:
                for call, there in took[0].items():
                    found[call, at_once].append((there, took[1][call]))
    return found


def row(call: str, at_once: int, pairs: Sequence[Pair]) -> str:
    """Return a table row: medians, and the median of the neighbours' ratios."""
    ratios = [here / there for there, here in pairs]
    low, high = interval(ratios)
    there, here = (median(pair[n] for pair in pairs) for n in (0, 1))
    return (
        f"| {call} | {at_once} | {there:.2f} | {here:.2f} | {median(ratios):.3f} "
        f"| {low:.3f} … {high:.3f} |"
    )


def interval(values: Sequence[float]) -> Pair:
    """Return between what the median lies in 95 of 100 resamplings of the values."""
    dice = random.Random(1)  # noqa: S311 — repeatable
    medians = sorted(median(dice.choices(values, k=len(values))) for _ in range(_DRAWS))
    cut = _DRAWS // 40
    return medians[cut], medians[-cut - 1]


if __name__ == "__main__":
    sys.exit(main())
