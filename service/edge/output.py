"""Writes answers: one JSON dialect for the whole API (API 1)."""

from datetime import date, datetime, timedelta
from typing import Any

import orjson

from service.sla.notation import duration, iso

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "keys"):  # a database row
        return dict(value)
    raise TypeError(type(value).__name__)


def as_json(body: Any) -> bytes:
    """Return JSON: times in UTC with Z and three decimals, bytes as hex."""
    return orjson.dumps(body, default=_plain, option=_OPTIONS)
