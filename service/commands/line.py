"""One history line before it is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.core.actors import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """One history line before it is sealed. `at` is the effective time."""

    id: UUID
    type: str
    actor: Actor
    at: datetime
    data: Mapping[str, Any]
    raw_at: datetime | None = None
    comment: str | None = None
    fingerprint: bytes | None = None
