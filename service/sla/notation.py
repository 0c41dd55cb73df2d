"""How times and durations are written: RFC 3339 with milliseconds and Z, ISO 8601 durations."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

MS: Final = timedelta(milliseconds=1)
"""One tick: times are kept to the millisecond (RULINGS 8)."""

_DURATION = re.compile(
    r"^P(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,3})?)S)?)?$"
)


def ms(span: timedelta) -> int:
    """Return whole milliseconds, rounded down."""
    return span // MS


def iso(moment: datetime | None) -> str | None:
    """Return `2026-11-21T00:00:00.000Z`; None stays None."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def moment(written: str | None) -> datetime | None:
    """Return the UTC instant that `iso` wrote; None stays None."""
    return None if written is None else read_moment(written)


def read_moment(written: str) -> datetime:
    """Return the UTC instant of an RFC 3339 time."""
    return datetime.fromisoformat(written).astimezone(UTC)


def read_duration(written: str) -> timedelta:
    """Return the span of `P1DT2H30M`. Raises ValueError for anything else."""
    match = _DURATION.match(written)
    if match is None or not any(match.groupdict().values()):
        raise ValueError(f"not a duration: {written!r}")
    return timedelta(**{unit: float(n) for unit, n in match.groupdict().items() if n})


def duration(span: timedelta) -> str:
    """Return the ISO 8601 duration, in hours at most: `PT36H`, `-PT5M`, `PT0S`."""
    return duration_of_ms(ms(span))


def duration_of_ms(amount: int) -> str:
    """Return the ISO 8601 duration of milliseconds, negative ones with a leading minus."""
    sign, rest = ("-", -amount) if amount < 0 else ("", amount)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else ""]
    if rest or not (hours or minutes):
        parts.append(f"{seconds(rest)}S")
    return f"{sign}PT{''.join(parts)}"


def seconds(amount: int) -> int | float:
    """Return milliseconds as seconds: an integer when whole, else three decimals."""
    whole, rest = divmod(amount, 1000)
    return whole if rest == 0 else round(amount / 1000, 3)
