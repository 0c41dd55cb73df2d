"""The quarterly top ten by petition and 12345 complaints, ties explained (R-INS-24). Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.sla.calendar import local_instant


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of one zone: `start` included, `end` not. `name` is such as "2026Q4"."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Grievance:
    """One complaint as the ranking reads it.

    One that came through both the petition office and 12345 is one grievance: it counts as
    a petition, the weightier of the two.
    """

    compound: str
    received_at: datetime
    petition: bool
    hotline: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """A compound with its place; `tie` says how it stands to others with the same sum.

    `more_petitions` (it was put before one with the same sum), `fewer_petitions` (after
    one), `equal` (the same place, since nothing tells them apart); None without a tie.
    """

    compound: str
    rank: int
    petitions: int
    hotline: int
    tie: str | None = None

    @property
    def total(self) -> int:
        """Return the sum that is ranked by."""
        return self.petitions + self.hotline

    def figures(self, quarter: str) -> dict[str, Any]:
        """Return the figures of the proposal (`facts.figures`)."""
        known: dict[str, Any] = {
            "quarter": quarter, "petitions": self.petitions, "hotline": self.hotline,
            "rank": self.rank,
        }  # fmt: skip
        return known if self.tie is None else {**known, "tie": self.tie}


def quarter_before(at: datetime, zone: str) -> Quarter:
    """Return the last whole quarter, by the zone's calendar, that was over at `at`."""
    today = at.astimezone(ZoneInfo(zone)).date()
    end = _quarter_start(today)
    start = _quarter_start(end - timedelta(days=1))
    name = f"{start.year}Q{(start.month + 2) // 3}"
    return Quarter(name, local_instant(start, "00:00", zone), local_instant(end, "00:00", zone))


def _quarter_start(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def ranked(
    grievances: Iterable[Grievance], quarter: Quarter, *, places: int = 10
) -> tuple[Ranked, ...]:
    """Return the compounds on the first `places` places, most grievances first.

    With the same sum more petitions come first; with the same of both, compounds share a
    place, and all who share the last one are proposed: the leading group decides, not the
    order of names. A compound without grievances has no place.
    """
    petitions: Counter[str] = Counter()
    hotline: Counter[str] = Counter()
    for one in grievances:
        if not quarter.start <= one.received_at < quarter.end:
            continue
        if one.petition:
            petitions[one.compound] += 1
        elif one.hotline:
            hotline[one.compound] += 1
    counted = [(petitions[c], hotline[c], c) for c in {*petitions, *hotline}]
    counted.sort(key=lambda row: (-(row[0] + row[1]), -row[0], row[2]))
    placed = (_ranked(counted, n) for n in range(len(counted)))
    return tuple(one for one in placed if one.rank <= places)


def _ranked(counted: Sequence[tuple[int, int, str]], n: int) -> Ranked:
    own, calls, compound = counted[n]
    better = [row for row in counted if _weight(row) > _weight(counted[n])]
    return Ranked(compound, len(better) + 1, own, calls, _tie(counted, counted[n]))


def _weight(row: tuple[int, int, str]) -> tuple[int, int]:
    return row[0] + row[1], row[0]


def _tie(counted: Sequence[tuple[int, int, str]], own: tuple[int, int, str]) -> str | None:
    """Explain how a compound stands to the others with its sum."""
    rivals = [row for row in counted if row is not own and _weight(row)[0] == _weight(own)[0]]
    if not rivals:
        return None
    if any(row[0] == own[0] for row in rivals):
        return "equal"
    return "more_petitions" if own[0] > max(row[0] for row in rivals) else "fewer_petitions"
