"""A ticket's history told up to one moment, by when things happened or became known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from service.core.workflow import Mark as Line
from service.sla.calendar import Calendars
from service.sla.clocks import Profiles, advance, due_rungs
from service.sla.history import SLA_LINES, Mark, Op, Terms
from service.sla.profile import Profile
from service.sla.timer import Clock

Basis = Literal["occurred", "received"]
Key = tuple[str, int]
_CARRIES_ON = frozenset({"rebase", "extend"})


@dataclass(slots=True)
class Story:
    """The clocks at one moment and, per epoch, which start it goes back to.

    `lineage` is (starts, later rebases and extensions) before and with the epoch; `births` the
    seq of the start.
    """

    profiles: Profiles
    calendars: Calendars
    clocks: tuple[Clock, ...] = ()
    terms: Terms | None = None
    state: str = ""
    lines: list[Mark] = field(default_factory=list)
    lineage: dict[Key, tuple[int, int]] = field(default_factory=dict)
    births: dict[Key, int] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        """The profile in force."""
        terms = self.agreed
        return self.profiles[terms.profile, terms.profile_version]

    @property
    def agreed(self) -> Terms:
        """The terms in force. Raises LookupError before the first line."""
        if self.terms is None:
            raise LookupError("a history begins with its terms")
        return self.terms

    def epochs(self, name: str) -> list[Clock]:
        """Return the epochs of a clock, the newest last."""
        return sorted((c for c in self.clocks if c.name == name), key=lambda c: c.epoch)

    def take(self, mark: Mark) -> None:
        """Take one line."""
        self.terms, self.state = mark.terms or self.terms, mark.to_state
        before = {(c.name, c.epoch) for c in self.clocks}
        done = advance(self.clocks, mark, self.agreed, self.profile, self.calendars)
        self.clocks = done.clocks
        for clock in sorted(self.clocks, key=lambda c: c.epoch):
            if (clock.name, clock.epoch) not in before:
                self._enter(clock, mark)
        if mark.event not in SLA_LINES:
            self.lines.append(mark)

    def sweep(self, until: datetime, seq: int) -> None:
        """Fire every rung due by `until`, as a sweep that is never late would."""
        if self.terms is None:
            return
        rings = [
            ring
            for clock in self.clocks
            for ring in due_rungs(clock, self.profile, until, self.agreed, self.calendars)
        ]
        for ring in sorted(rings, key=lambda r: (r.at, r.name, r.level)):
            op = Op("fired", ring.name, epoch=ring.epoch, level=ring.level)
            self.take(Mark(seq, Line.ESCALATED, ring.at, ring.at, self.state, (op,)))

    def _enter(self, clock: Clock, mark: Mark) -> None:
        key, previous = (clock.name, clock.epoch), (clock.name, clock.epoch - 1)
        starts, carried = self.lineage.get(previous, (0, 0))
        verbs = {op.verb for op in mark.ops if op.clock in (clock.name, "*")}
        if "start" in verbs:
            starts, carried = starts + 1, 0
            self.births[key] = mark.seq
        else:
            carried += bool(verbs & _CARRIES_ON)
            self.births[key] = self.births.get(previous, mark.seq)
        self.lineage[key] = (starts, carried)


def tell(
    marks: Iterable[Mark],
    *,
    basis: Basis,
    until: datetime,
    profiles: Profiles,
    calendars: Calendars,
) -> Story:
    """Return the story up to `until`: as things occurred, late reports included, or as received.

    By receipt nothing is ever late or taken back, so SLA lines are worked out anew.
    """
    story = Story(profiles, calendars)
    told = list(marks) if basis == "occurred" else _as_received(marks)
    for mark in told:
        if mark.at > until:
            continue
        if basis == "received":
            story.sweep(mark.at, mark.seq)
        story.take(mark)
    story.sweep(until, told[-1].seq if told else 0)
    return story


def _as_received(marks: Iterable[Mark]) -> Sequence[Mark]:
    return [replace(m, at=m.received_at) for m in marks if m.event not in SLA_LINES]
