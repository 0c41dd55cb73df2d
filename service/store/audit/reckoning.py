"""Clocks reckoned a second time from a history, in another way than the commands do.

The commands carry each clock from line to line (`service.sla.clocks`, `timer`, `verbs`,
`late`, `ladder`, `calendar`); nothing of that is used here. From the lines, the terms they
state, and the data of profiles and calendars, this module gathers when a clock began, waited
and ended and which rungs fired, and works out every figure from that: counted time, waits up
to their cap, due time, verdict, next rung. An error in the arithmetic must be made twice, in
two ways, to go unseen. Shared with the commands are data only: the operations that a line
stores in `effects` (which clock it starts or stops is the workflow's decision), the numbers of
the profile, the opening hours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from service.core.workflow import SIDE_DOORS, Mark
from service.sla.profile import ClockRule, Profile
from service.store.audit.hours import ALL_HOURS, Almanac, Hours, next_shown
from service.store.audit.life import BREACH, MS, NOTHING, Life, rungs

Profiles = Mapping[tuple[str, int], Profile]
Doubt = tuple[str, str, int, str]
"""(invariant, check, seq of the line, what is wrong)."""

_MARKS: Final = frozenset(mark.value for mark in Mark)
_SETTLES_NOTHING: Final = _MARKS | SIDE_DOORS


@dataclass(slots=True)
class Reckoning:
    """The lives of a ticket's clocks. `pinned` gives the calendar version of an epoch."""

    profiles: Profiles
    almanac: Almanac
    pinned: Mapping[tuple[str, int], int] = field(default_factory=dict)
    lives: dict[tuple[str, int], Life] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    withdrawn: set[tuple[str, int, int]] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)
    terms: Mapping[str, Any] = field(default_factory=dict)
    line: Any = None

    @property
    def at(self) -> datetime:
        """When the line took effect."""
        found: datetime = self.line.occurred_at
        return found

    def read(self, lines: Sequence[Any]) -> None:
        """Take a whole history. Raises LookupError, ValueError for one that makes no sense."""
        for line in lines:
            self.line = line
            self.terms = line.effects.get("terms") or self.terms
            if line.type not in _SETTLES_NOTHING and line.actor_role != "system":
                self._all_fired_before()
            for op in line.effects.get("ops", ()):
                _VERBS[op["verb"]](self, op)
            if line.type not in _MARKS:
                for life in self._movable("*"):
                    self._wait_or_go_on(life)

    # ── what a line does ────────────────────────────────────────────────────

    def start(self, op: Mapping[str, Any]) -> None:
        """Begin a new epoch, unless this ticket has no such clock."""
        rule = self._rule(op["clock"])
        begins = _moment(op.get("since")) or self.at
        due = _moment(op.get("due"))
        if due is None and rule.absolute is not None:
            if op["clock"] not in self.terms["absolute"]:
                return
            due = self._end_of_limit(rule, begins)
        target = None if rule.absolute else rule.target.get(self.terms["variant"])
        if due is None and target is None:
            return
        for life in self._movable(op["clock"]):
            self._decide(life, "not_applicable")
        epoch = self.newest.get(op["clock"], 0) + 1
        hours = ALL_HOURS if due else self._hours(rule.calendar, (op["clock"], epoch))
        span = (max(due - begins, NOTHING) if due else target or NOTHING) // MS * MS
        self._put(
            Life(
                name=op["clock"], epoch=epoch, hours=hours, begins=begins, target=span,
                from_opening="since" in op and "due" not in op, cap=NOTHING, rungs=(),
                seen_at=self.at, agreed=span if "due" in op else None,
            )
        )  # fmt: skip

    def stop(self, op: Mapping[str, Any]) -> None:
        """Decide a clock."""
        for life in self._movable(op["clock"]):
            self._decide(life, "met")

    def end(self, op: Mapping[str, Any]) -> None:
        """End a clock that no longer applies."""
        for life in self._movable(op["clock"]):
            self._decide(life, "not_applicable")

    def excuse(self, op: Mapping[str, Any]) -> None:
        """Postpone a clock, unless it was past due."""
        for life in self._movable(op["clock"]):
            if life.stopped_by_excuse:
                continue
            if BREACH not in life.fired:
                self._see(life)
                life.excused = life.excused or not life.is_late(self.at)
            elif self.at <= life.due:
                self._take_back(life, {level for level in life.fired if level > BREACH})
                life.excused = True

    def rebase(self, op: Mapping[str, Any]) -> None:
        """Count from an earlier opening: each such clock goes on as its next epoch."""
        opened_at = _moment(op.get("since")) or self.at
        for life in self._movable("*"):
            if not life.from_opening or opened_at >= life.begins:
                continue
            rule, target = self._rule(life.name), life.target
            if rule.absolute is not None:
                target = self._end_of_limit(rule, opened_at) - opened_at
            self._see(life)
            # A wait of no length at the old beginning was none; it has not become one.
            waits = [wait for wait in life.waits if wait != (life.begins, life.begins)]
            again = self._next_epoch(life, set(), begins=opened_at, target=target, waits=waits)
            self._supersede(life)
            self._put(again)

    def extend(self, op: Mapping[str, Any]) -> None:
        """Decide a clock; what it counted goes on as its next epoch, with more time."""
        for life in self._movable(op["clock"]):
            given = self._rule(life.name).target.get(self.terms["variant"], life.target)
            target = life.target + (given if life.agreed is None else life.agreed)
            self._see(life)
            again = self._next_epoch(life, set(), target=target)
            self._decide(life, "not_applicable")
            self._put(again)
            over = {level for level, amount in again.rungs if again.instant(amount) <= self.at}
            again.fired |= {level for level in over if level < BREACH}

    def pause(self, op: Mapping[str, Any]) -> None:
        """Let a clock wait for a cause that no state shows."""
        for life in self._movable(op["clock"]):
            self._turn(life, f"@{op.get('cause')}")

    def resume(self, op: Mapping[str, Any]) -> None:
        """Let a clock go on that waits for such a cause: any, or the one that is named."""
        for life in self._movable(op["clock"]):
            if life.held and ("cause" not in op or life.cause == f"@{op['cause']}"):
                self._turn(life, None)

    def fire(self, op: Mapping[str, Any]) -> None:
        """Note a rung, and doubt one that was not the next or not at its time."""
        life, level = self.lives.get((op["clock"], op["epoch"])), op["level"]
        if life is None or life.verdict is not None or life.stopped_by_excuse:
            return
        self._doubt_rung(life, level)
        life.fired.add(level)
        self._see(life)

    # ── doubts ──────────────────────────────────────────────────────────────

    def _doubt_rung(self, life: Life, level: int) -> None:
        named = f"{life.name} (epoch {life.epoch}) level {level}"
        rung = life.next_rung()
        if rung is None or rung[0] != level:
            following = "nothing" if rung is None else f"level {rung[0]}"
            self._doubt("I1", "rung_order", f"{named} fired, {following} was next")
            return
        at = rung[1] - MS if level == BREACH else rung[1]
        if self.at < at and life.is_known(life.amount_of(level)):
            self._doubt("I13", "rung_early", f"{named} counts from {self.at}, due {at}")
        elif self.at > at:
            self._doubt("I1", "rung_late", f"{named} counts from {self.at}, due {at}")

    def _all_fired_before(self) -> None:
        for name, epoch in self.newest.items():
            life = self.lives[name, epoch]
            rung = life.next_rung()
            if rung is not None and rung[1] <= self.at:
                detail = f"{name} (epoch {epoch}) level {rung[0]}, due {rung[1]}, had not fired"
                self._doubt("I1", "rung_missed", detail)

    def _doubt(self, invariant: str, check: str, detail: str) -> None:
        self.doubts.append((invariant, check, self.line.seq, detail))

    # ── lives ───────────────────────────────────────────────────────────────

    def _movable(self, name: str) -> list[Life]:
        """Return the newest epochs that a line at this time may still move."""
        names = list(self.newest) if name == "*" else [name] if name in self.newest else []
        found = (self.lives[each, self.newest[each]] for each in names)
        return [
            life for life in found
            if life.verdict is None and not (life.stopped_by_excuse and life.due < self.at)
        ]  # fmt: skip

    def _put(self, life: Life) -> None:
        self._see(life)
        self.lives[life.name, life.epoch] = life
        self.newest[life.name] = life.epoch

    def _see(self, life: Life) -> None:
        """Note that the line moves the clock: from now on by the numbers now in force."""
        rule = self._rule(life.name)
        own, usual = rule.max_pause, self._profile.max_pause
        life.seen_at, life.cap = self.at, usual if own is None else own
        life.rungs = rungs(rule, life.target, self.terms["variant"])

    def _decide(self, life: Life, in_time: str) -> None:
        self._take_back(life, life.disproved(self.at))
        self._see(life)
        late = BREACH in life.fired or life.is_late(self.at)
        missed = "breached_excused" if life.excused else "breached"
        self._end(life, missed if late else in_time)

    def _supersede(self, life: Life) -> None:
        life.fired.discard(BREACH)
        self._end(life, "not_applicable")

    def _end(self, life: Life, verdict: str) -> None:
        self._go_on(life)
        life.ended_at, life.verdict = self.at, verdict

    def _take_back(self, life: Life, levels: set[int]) -> None:
        life.fired -= levels
        self.withdrawn |= {(life.name, life.epoch, level) for level in levels}

    def _wait_or_go_on(self, life: Life) -> None:
        if life.held:
            return  # until its `resume`, whatever the state
        pauses = self._rule(life.name).pauses
        self._turn(life, self.line.to_state if self.line.to_state in pauses else None)

    def _turn(self, life: Life, cause: str | None) -> None:
        if cause == life.cause:
            return
        if life.cause is not None:
            self._go_on(life)
            self._see(life)
        if cause is not None and life.left_to_wait > NOTHING:
            self._wait(life, cause)

    def _wait(self, life: Life, cause: str) -> None:
        wrong = life.disproved(self.at)
        if wrong:
            self.withdrawn |= {(life.name, life.epoch, level) for level in wrong}
            again = self._next_epoch(life, life.fired - wrong)
            self._supersede(life)
            self._put(again)
            life = again
        life.waits.append((self.at, None))
        life.cause = cause
        self._see(life)

    def _go_on(self, life: Life) -> None:
        if life.waits and life.waits[-1][1] is None:
            life.waits[-1] = (life.waits[-1][0], self.at)
        life.cause = None

    def _next_epoch(self, life: Life, fired: set[int], **changes: Any) -> Life:
        carried = {"waits": list(life.waits), "fired": fired, **changes}
        return replace(life, epoch=life.epoch + 1, **carried)

    # ── policy ──────────────────────────────────────────────────────────────

    @property
    def _profile(self) -> Profile:
        return self.profiles[self.terms["profile"], self.terms["profile_version"]]

    def _rule(self, name: str) -> ClockRule:
        # `cure-2` stands under the numbers of `cure`.
        known = self._profile.clocks
        return known.get(name) or known.get(name.split("-")[0]) or ClockRule(name)

    def _hours(self, calendar: str, key: tuple[str, int]) -> Hours:
        return self.almanac.hours(calendar, self.pinned.get(key))

    def _end_of_limit(self, rule: ClockRule, begins: datetime) -> datetime:
        found = next_shown(rule.absolute or "24:00", begins, self.terms["time_zone"])
        return found if rule.floor is None else max(found, begins + rule.floor)


_VERBS: Final[Mapping[str, Callable[[Reckoning, Mapping[str, Any]], None]]] = {
    "start": Reckoning.start,
    "stop": Reckoning.stop,
    "end": Reckoning.end,
    "excuse": Reckoning.excuse,
    "rebase": Reckoning.rebase,
    "extend": Reckoning.extend,
    "pause": Reckoning.pause,
    "resume": Reckoning.resume,
    "fired": Reckoning.fire,
}


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written).astimezone(UTC)
