"""Checks clocks, escalations and assignments of one ticket against its history. Pure.

Clocks are held against two reckonings. `reckoning` works them out in a way of its own and
answers for what is promised: counted time, due time, verdict, next rung, and that each rung
fired in its turn and at its time. `derive` is what the commands use; it answers for the whole
row, columns that only serve it included, which must not have been changed behind its back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from service.core.workflow import Mark
from service.sla.calendar import CalendarGap, Calendars
from service.sla.clocks import Clock, Profiles, Terms, derive, read_effects
from service.sla.clocks import Mark as HistoryMark
from service.store.audit.finding import Finding, Record
from service.store.audit.hours import Almanac
from service.store.audit.life import Life
from service.store.audit.reckoning import Reckoning

FIELDS: Final = tuple(field.name for field in fields(Clock))
_LEVEL_OF: Final = {Mark.CLOCK_WARNED: range(-100, 0), Mark.CLOCK_BREACHED: range(1)}
_LADDER: Final = range(1, 100)
Rung = tuple[str, int, int]


def check_clocks(record: Record, profiles: Profiles, calendars: Calendars) -> Iterator[Finding]:
    """Yield where stored clocks differ from those that follow from the history (I1)."""
    try:
        marks = [_mark(line) for line in record.lines]
        clocks = derive(marks, profiles, calendars)
    except (LookupError, ValueError, TypeError, CalendarGap) as exc:
        yield record.found("I1", "derive", f"the clocks do not follow from the history: {exc!r}")
        return
    derived = {(clock.name, clock.epoch): clock for clock in clocks}
    for key in sorted(derived.keys() | record.clocks.keys()):
        yield from _compare(record, key, derived.get(key), record.clocks.get(key))
    yield from _head_follows(record, derived, _terms(marks))


def check_variant(record: Record, variant: str | None) -> Iterator[Finding]:
    """Yield when the row stands under another variant than the newest terms say (I1)."""
    named = (line.effects["terms"] for line in reversed(record.lines) if "terms" in line.effects)
    newest: Mapping[str, Any] = next(named, {})
    stated = newest.get("variant")
    if stated != variant:
        detail = f"the row stands under {variant}, the history says {stated}"
        yield record.found("I1", "head_variant", detail)


def check_reckoning(record: Record, profiles: Profiles, almanac: Almanac) -> Iterator[Finding]:
    """Yield where clocks and rungs are not what a second, independent reckoning says."""
    pinned = {key: clock.calendar_version for key, clock in record.clocks.items()}
    reckoning = Reckoning(profiles, almanac, pinned)
    try:
        reckoning.read(record.lines)
        found = [*_doubts(record, reckoning)]
    except (LookupError, ValueError, TypeError) as exc:
        yield record.found("I1", "reckoning", f"the history cannot be reckoned: {exc!r}")
        return
    yield from found


def _doubts(record: Record, reckoning: Reckoning) -> Iterator[Finding]:
    for invariant, check, seq, detail in reckoning.doubts:
        yield record.found(invariant, check, detail, seq)
    for key in sorted(reckoning.lives.keys() | record.clocks.keys()):
        life, stored = reckoning.lives.get(key), record.clocks.get(key)
        if life is None or stored is None:
            where = "reckoned" if life is None else "stored"
            yield record.found("I1", "reckoned", f"{key[0]} (epoch {key[1]}) is not {where}")
        else:
            yield from _differ(record, life, stored)
    if reckoning.withdrawn != set(_withdrawn(record)):
        rungs = ", ".join(map(_named, sorted(reckoning.withdrawn ^ set(_withdrawn(record)))))
        yield record.found("I2", "withdrawn", f"wrongly withdrawn, or not withdrawn: {rungs}")


def _differ(record: Record, life: Life, stored: Clock) -> Iterator[Finding]:
    for name, ours in life.figures().items():
        theirs = getattr(stored, name)
        vague = not life.exact(name) and None not in (ours, theirs)
        if ours != theirs and not vague:
            detail = f"{life.name} (epoch {life.epoch}).{name} is {theirs}, reckoned {ours}"
            yield record.found("I1", "reckoned", detail)


def check_escalations(record: Record) -> Iterator[Finding]:
    """Yield where escalations and the lines of fired rungs do not match one to one (I2, I13)."""
    fired = {_rung(line.data): line for line in record.lines if line.type in _FIRING}
    rows = {(e.clock, e.epoch, e.level): e for e in record.escalations}
    withdrawn = set(_withdrawn(record))
    for rung in sorted(fired.keys() | rows.keys()):
        line, row = fired.get(rung), rows.get(rung)
        if line is None:
            yield record.found("I2", "escalation", f"{_named(rung)} has no line")
            continue
        if row is None:
            yield record.found("I2", "escalation", f"{_named(rung)} has no row", line.seq)
            continue
        yield from _agree(record, rung, line, row)
        if (row.withdrawn_at is not None) != (rung in withdrawn):
            detail = f"{_named(rung)}: withdrawal and correction line disagree"
            yield record.found("I2", "withdrawn", detail, line.seq)
    if len(fired) != sum(line.type in _FIRING for line in record.lines):
        yield record.found("I2", "escalation", "a rung fired twice")


def check_assignments(record: Record) -> Iterator[Finding]:
    """Yield when a ticket is held by two, or by another than its row says (I9)."""
    held = [a for a in record.assignments if a.ended_at is None]
    if len(held) > 1:
        yield record.found("I9", "assignee", f"{len(held)} open assignments")
    stated = record.ticket.assignee_id
    if {a.assignee_id for a in held} != ({stated} - {None}):
        names = ", ".join(a.assignee_id for a in held) or "nobody"
        yield record.found("I9", "assignee", f"held by {names}, the row says {stated}")


_FIRING = frozenset({Mark.CLOCK_WARNED, Mark.CLOCK_BREACHED, Mark.ESCALATED})


def _mark(line: Any) -> HistoryMark:
    ops, terms = read_effects(line.effects)
    return HistoryMark(
        seq=line.seq,
        event=line.type,
        at=line.occurred_at,
        received_at=line.received_at,
        to_state=line.to_state,
        ops=ops,
        terms=terms,
    )


def _terms(marks: list[HistoryMark]) -> Terms | None:
    return next((mark.terms for mark in reversed(marks) if mark.terms is not None), None)


def _compare(
    record: Record, key: tuple[str, int], derived: Clock | None, stored: Clock | None
) -> Iterator[Finding]:
    named = f"{key[0]} (epoch {key[1]})"
    if derived is None or stored is None:
        where = "in the history" if derived is None else "stored"
        yield record.found("I1", "clock", f"{named} is not {where}")
        return
    if derived == stored:
        return
    for name in FIELDS:
        ours, theirs = getattr(derived, name), getattr(stored, name)
        if ours != theirs:
            detail = f"{named}.{name} is {theirs}, the history says {ours}"
            yield record.found("I1", "clock", detail)


def _head_follows(
    record: Record, derived: Mapping[tuple[str, int], Clock], terms: Terms | None
) -> Iterator[Finding]:
    running = [c.due_at for c in derived.values() if c.state == "running" and c.due_at]
    expected: dict[str, Any] = {"next_due_at": min(running, default=None)}
    if terms is not None:
        expected |= {
            "profile": terms.profile,
            "profile_version": terms.profile_version,
            "opened_at": terms.opened_at,
            "time_zone": terms.time_zone,
        }
    for name, value in expected.items():
        stated = getattr(record.ticket, name)
        if stated != value:
            detail = f"ticket.{name} is {stated}, the history says {value}"
            yield record.found("I1", f"head_{name}", detail)


def _agree(record: Record, rung: Rung, line: Any, row: Any) -> Iterator[Finding]:
    named = _named(rung)
    if row.event_seq != line.seq or row.due_at != line.occurred_at:
        detail = f"{named}: escalation and line {line.seq} disagree"
        yield record.found("I2", "escalation", detail, line.seq)
    if row.noticed_at < row.due_at or row.noticed_at != line.received_at:
        detail = f"{named}: due {row.due_at}, noticed {row.noticed_at}"
        yield record.found("I13", "noticed_at", detail, line.seq)
    if rung[2] not in _LEVEL_OF.get(Mark(line.type), _LADDER):
        yield record.found("I2", "level", f"{named} by {line.type}", line.seq)
    ops, _ = read_effects(line.effects)
    if [(op.verb, op.clock, op.epoch, op.level) for op in ops] != [("fired", *rung)]:
        yield record.found("I2", "effects", f"{named}: the line moves something else", line.seq)


def _withdrawn(record: Record) -> Iterator[Rung]:
    for line in record.lines:
        if line.type == Mark.CLOCK_CORRECTED:
            for level in line.data["levels"]:
                yield line.data["clock"], line.data["epoch"], level


def _rung(data: Mapping[str, Any]) -> Rung:
    return data["clock"], data["epoch"], data["level"]


def _named(rung: Rung) -> str:
    return f"{rung[0]} (epoch {rung[1]}) level {rung[2]}"
