"""A ticket without a database: history lines in, clocks and fired rungs out."""

import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.sla.calendar import Calendar, parse_calendars
from service.sla.clocks import Clock, Mark, Op, Ring, Terms, advance, due_rungs
from service.sla.policy import ClockRule, Profile, Rung, Warn, parse_profiles

CONFIG = Path(__file__).parents[2] / "config"
T0 = datetime(2026, 11, 21, tzinfo=UTC)  # 08:00 in Shanghai
MS = timedelta(milliseconds=1)


def profiles(family: str = "repair") -> dict[str, Profile]:
    with (CONFIG / "sla" / f"{family}.toml").open("rb") as file:
        return parse_profiles(family, tomllib.load(file))


def calendars() -> dict[str, Calendar]:
    files = sorted((CONFIG / "calendars").glob("*.toml"))
    return parse_calendars(tomllib.loads(file.read_text("utf-8")) for file in files)


PROFILES = profiles()
CALENDARS = calendars()


def cure() -> ClockRule:
    """A clock with two reminders, a cap of its own and a rung that is an event."""
    return ClockRule(
        name="cure",
        target={name: timedelta(hours=30) for name in ("emergency", "urgent", "normal")},
        warn=(Warn(ratio=0.8, roles=("manager",)), Warn(after=timedelta(hours=3), roles=("crew",))),
        pauses=frozenset({"awaiting_resident"}),
        max_pause=timedelta(days=2),
        ladder=(
            Rung(0, timedelta(), ("manager",)),
            Rung(1, timedelta(days=1), ("manager",), action="expire"),
        ),
        rule="R-VEN-07",
    )


RICH = replace(
    PROFILES["REP-DEFAULT"],
    id="RICH",
    clocks={**PROFILES["REP-DEFAULT"].clocks, "cure": cure()},
)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def start(clock: str, since: datetime | None = None, due: datetime | None = None) -> Op:
    return Op("start", clock, since=since, due=due)


def stop(clock: str) -> Op:
    return Op("stop", clock)


def _mark(level: int) -> str:
    return "escalated" if level > 0 else "clock_warned" if level else "clock_breached"


@dataclass
class Ticket:
    """Takes events as a command does: what fell due before is fired first."""

    profile: Profile = field(default_factory=lambda: PROFILES["REP-DEFAULT"])
    variant: str = "urgent"
    opened_at: datetime = T0
    time_zone: str = "Asia/Shanghai"
    absolute: frozenset[str] = frozenset()
    calendars: dict[str, Calendar] = field(default_factory=lambda: CALENDARS)
    marks: list[Mark] = field(default_factory=list)
    clocks: tuple[Clock, ...] = ()
    rings: list[Ring] = field(default_factory=list)
    withdrawn: list[tuple[str, int, int]] = field(default_factory=list)
    state: str = ""

    @property
    def terms(self) -> Terms:
        return Terms(
            profile=self.profile.id,
            profile_version=self.profile.version,
            variant=self.variant,
            opened_at=self.opened_at,
            time_zone=self.time_zone,
            absolute=self.absolute,
        )

    def event(
        self,
        name: str,
        at: datetime,
        *ops: Op,
        to: str | None = None,
        received: datetime | None = None,
    ) -> "Ticket":
        self.sweep(at)
        self._take(name, at, ops, to or self.state or "submitted", received or at)
        return self

    def sweep(self, now: datetime) -> "Ticket":
        due = [
            ring
            for clock in self.clocks
            for ring in due_rungs(clock, self.profile, now, self.terms, self.calendars)
        ]
        for ring in sorted(due, key=lambda r: (r.at, r.name, r.level)):
            self.rings.append(ring)
            op = Op("fired", ring.name, epoch=ring.epoch, level=ring.level)
            self._take(_mark(ring.level), ring.at, (op,), self.state, now)
        return self

    def _take(
        self, name: str, at: datetime, ops: tuple[Op, ...], to: str, received: datetime
    ) -> None:
        first = not self.marks
        seq = len(self.marks) + 1
        mark = Mark(seq, name, at, received, to, ops, self.terms if first else None)
        done = advance(self.clocks, mark, self.terms, self.profile, self.calendars)
        self.marks.append(mark)
        self.clocks, self.state = done.clocks, to
        self.withdrawn += done.withdrawn

    def clock(self, name: str, epoch: int | None = None) -> Clock:
        found = [c for c in self.clocks if c.name == name and epoch in (None, c.epoch)]
        return max(found, key=lambda c: c.epoch)

    def levels(self, name: str, epoch: int | None = None) -> list[int]:
        return [r.level for r in self.rings if r.name == name and epoch in (None, r.epoch)]

    @property
    def versions(self) -> dict[tuple[str, int], Profile]:
        return {(self.profile.id, self.profile.version): self.profile}
