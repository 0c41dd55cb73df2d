"""Identifiers: UUIDv7 for rows, UUIDv5 for what SYSTEM derives, numbers for people."""

import os
import uuid
from datetime import datetime
from typing import Protocol

_DERIVED = uuid.UUID("6f1c2a52-6c1b-5c0e-9d7e-a27710000001")


class Ids(Protocol):
    """Mints identifiers; tests hand in a counted one."""

    def new(self, now: datetime) -> uuid.UUID:
        """Return a fresh UUID."""


class TimeOrderedIds:
    """UUIDv7 (RFC 9562): 48 bits of milliseconds of `now`, then random bits."""

    def new(self, now: datetime) -> uuid.UUID:
        """Return a UUIDv7 for `now` (aware)."""
        milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
        tail = int.from_bytes(os.urandom(10), "big")
        value = (milliseconds << 80) | tail
        value = (value & ~(0xF << 76)) | (0x7 << 76)
        value = (value & ~(0x3 << 62)) | (0x2 << 62)
        return uuid.UUID(int=value)


def derived(*parts: object) -> uuid.UUID:
    """Return the id of an act that SYSTEM must never do twice.

    The same parts give the same id, so that a second try meets the unique index.
    """
    return uuid.uuid5(_DERIVED, "\x1f".join(str(part) for part in parts))


def ticket_number(prefix: str, day: datetime, serial: int) -> str:
    """Return `RO-20261121-0007`; `day` is local to the place (RULINGS 28)."""
    return f"{prefix}-{day:%Y%m%d}-{serial:04d}"
