"""How a simulated order will go: written in its id, so that nothing has to be remembered.

Whoever reads the id, after whatever restart, knows the same fate.
"""

from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Final
from uuid import UUID


class Fate(StrEnum):
    """What is special about an order; most have nothing."""

    SMOOTH = "smooth"
    LATE = "late"  # the crew arrives after its clock
    SLOW_DESK = "slow_desk"  # nobody triages in time
    SLOW_WORK = "slow_work"  # the handling clock breaches
    PARTS = "parts"
    POSTPONED = "postponed"
    NO_ACCESS = "no_access"
    REFUSED = "refused"
    SILENT = "silent"  # nobody confirms
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    REFERRED = "referred"
    POOL = "pool"
    FUND = "fund"
    REJECTED = "rejected"
    MERGED = "merged"


_SHARES: Final = {
    Fate.SMOOTH: 62,
    Fate.LATE: 9,
    Fate.SLOW_DESK: 4,
    Fate.SLOW_WORK: 4,
    Fate.PARTS: 8,
    Fate.POSTPONED: 5,
    Fate.NO_ACCESS: 7,
    Fate.REFUSED: 4,
    Fate.SILENT: 5,
    Fate.REOPENED: 3,
    Fate.CANCELLED: 4,
    Fate.REFERRED: 4,
    Fate.POOL: 3,
    Fate.FUND: 1,
    Fate.REJECTED: 3,
    Fate.MERGED: 2,
}
_SLOTS: Final = tuple(fate for fate, share in _SHARES.items() for _ in range(share))
_ALONE_BITS, _SLOT_BITS = 3, 7
_ALONE_MASK, _SLOT_MASK = (1 << _ALONE_BITS) - 1, (1 << _SLOT_BITS) - 1


def fate_of(ticket: UUID) -> Fate:
    """Return an order's fate."""
    return _SLOTS[(ticket.int >> _ALONE_BITS) & _SLOT_MASK]


def left_alone(ticket: UUID) -> bool:
    """Tell whether the simulator leaves an order to visitors: one in eight."""
    return ticket.int & _ALONE_MASK == 0


def mint(rng: Random, now: datetime, fate: Fate | None = None, *, alone: bool = False) -> UUID:
    """Return a UUIDv7 with a fate, a drawn one when None."""
    wanted = fate or rng.choice(_SLOTS)
    slot = rng.choice([n for n, other in enumerate(_SLOTS) if other is wanted])
    last = 0 if alone else rng.randrange(1, _ALONE_MASK + 1)
    tail = rng.getrandbits(80) & ~((_SLOT_MASK << _ALONE_BITS) | _ALONE_MASK)
    tail |= slot << _ALONE_BITS | last
    value = (int(now.timestamp() * 1000) & ((1 << 48) - 1)) << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


class SeededIds:
    """Mints UUIDv7 from a Random, so that a world can be made twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def new(self, now: datetime) -> UUID:
        """Return the next id."""
        return mint(self._rng, now)
