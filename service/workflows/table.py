"""What the tables of all workflows share: role letters, rules by name, rows every kind has."""

from datetime import datetime

from service.core.actors import Role
from service.core.workflow import (
    ADD_NOTE,
    AMEND,
    MAKE_LINK,
    REVOKE_LINK,
    SAME,
    Guard,
    Rule,
    Situation,
    State,
    Step,
    TicketView,
    number_of,
)
from service.sla.clocks import Clock
from service.workflows.event_data import AddNote

R, D, C, V = Role.RESIDENT, Role.DISPATCHER, Role.CREW, Role.VENDOR_MANAGER
T, K, M, W = Role.MEDIATOR, Role.COMMITTEE, Role.MANAGER, Role.SYSTEM
O, S, X = Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
OFFICERS = frozenset({O, S, X})
DESK = frozenset({D, M})
DISCIPLINE = frozenset({S, X, Role.AUDITOR})
"""Who may know what goes to discipline inspection (R-CMP-25, R-INS-30)."""
ABOVE = {K: S, O: S, S: X}
"""Whose superior is who (RULINGS 53)."""


def roles(*named: Role) -> frozenset[Role]:
    """Return a set of roles."""
    return frozenset(named)


def rule(check: Guard, source: str, *, needs_data: bool = False) -> Rule:
    """Return the rule whose code is the guard's own name."""
    return Rule(check, check.__name__, source, needs_data)


def ticket_of(s: Situation) -> TicketView:
    """Return the ticket; guards of later events always have one."""
    if s.ticket is None:
        raise ValueError("no ticket yet")
    return s.ticket


def newest_clock(s: Situation, name: str) -> Clock | None:
    """Return the newest epoch of a clock, None when it never ran."""
    found = [clock for clock in s.refs["clocks"] if clock.name == name]
    return max(found, key=lambda clock: clock.epoch, default=None)


def numbered(s: Situation, family: str) -> tuple[Clock, ...]:
    """Return the newest epoch of each clock of a numbered family, by number."""
    found = {c.name: c for c in sorted(s.refs["clocks"], key=lambda c: c.epoch)}
    mine = (c for c in found.values() if c.name.startswith(f"{family}-"))
    return tuple(sorted(mine, key=lambda c: number_of(c.name) or 0))


def due_of(s: Situation, name: str) -> datetime | None:
    """Return when the newest epoch of an undecided clock falls or fell due."""
    clock = newest_clock(s, name)
    return clock.due_at if clock is not None and clock.state == "running" else None


def own_stake(s: Situation) -> tuple[str, ...]:
    """Return the stake of whoever opens a ticket that its role alone would not show."""
    narrow = s.actor.role in (C, V, T)
    return (f"account:{s.actor.id}",) if narrow else ()


def names(states: tuple[State, ...], *, terminal: bool | None = None) -> tuple[str, ...]:
    """Return the names of states: all, or the terminal or the open ones."""
    return tuple(s.name for s in states if terminal is None or s.terminal is terminal)


def plain_lines(
    states: tuple[State, ...],
    *,
    amend: frozenset[Role],
    note: frozenset[Role] = frozenset(),
    link: frozenset[Role] = DESK,
    link_guards: tuple[Rule, ...] = (),
) -> tuple[Step, ...]:
    """Return the rows every kind has by people: a patch while open, notes and links always.

    `note` are those who may add a note beside those who may patch. `link` are those who hand
    out links: nobody who could be on the other side.
    """
    always = names(states)
    return (
        Step(AMEND, names(states, terminal=False), SAME, amend, rule="RULINGS 2"),
        Step(ADD_NOTE, always, SAME, amend | note, data=AddNote, rule="RULINGS 2"),
        Step(MAKE_LINK, always, SAME, link, guards=link_guards, rule="RULINGS 16"),
        Step(REVOKE_LINK, always, SAME, link, guards=link_guards, rule="RULINGS 16"),
    )
