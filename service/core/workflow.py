"""What a workflow is: rows of permitted events, and the one door that judges them.

A workflow module declares states and `Step` rows; everything else (the engine, the
buttons, the clocks, the diagrams, the database's list of legal moves, the tests'
matrix) is read off those rows. Nothing here has side effects.

# size: one vocabulary, read as a whole
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Literal
from uuid import UUID

from marshmallow import Schema
from transitions import Machine

from service.core.actors import Actor, Role
from service.core.refs import PlaceRef

SAME: Final = "="
"""Target of a row that leaves the state as it is."""

BIRTH: Final = ""
"""Source of the row that opens a ticket."""


class Mark(StrEnum):
    """Lines every kind has, in any state, by SYSTEM (RULINGS 2)."""

    CLOCK_WARNED = "clock_warned"
    CLOCK_BREACHED = "clock_breached"
    ESCALATED = "escalated"
    CLOCK_CORRECTED = "clock_corrected"
    PARK_EVIDENCE = "park_evidence"


AMEND: Final = "amend"
ADD_NOTE: Final = "add_note"
MAKE_LINK: Final = "make_link"
REVOKE_LINK: Final = "revoke_link"

SIDE_DOORS: Final = frozenset({AMEND, ADD_NOTE, MAKE_LINK, REVOKE_LINK})
"""Lines that calls of their own write: nobody names these events."""

UNVERSIONED: Final = frozenset({*Mark, ADD_NOTE, MAKE_LINK, REVOKE_LINK})
"""Lines beside the ticket: they leave its version, and the time of its last event."""


@dataclass(frozen=True, slots=True)
class State:
    """One state. A terminal state may be left only by rows marked `reopens`."""

    name: str
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class Assignee:
    """Who holds the ticket: a crew, or a vendor acting for itself."""

    type: Literal["crew", "vendor"]
    id: str
    name: str
    crew_id: str | None
    vendor_id: str | None
    outside_body: bool = False


@dataclass(frozen=True, slots=True)
class TicketView:
    """The locked ticket as rules see it. `facts` holds what only its kind has."""

    id: UUID
    number: str
    kind: str
    state: str
    version: int
    place_id: str
    place_path: str
    compound_id: str
    time_zone: str
    category: str
    urgency: str
    opened_at: datetime
    closed_at: datetime | None
    last_event_at: datetime
    facts: Mapping[str, Any]
    assignee: Assignee | None
    reporter_id: UUID | None = None
    profile: str = ""
    profile_version: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a guard, an effect or a clock condition may look at.

    `now` is the service's time under the lock; `at` the effective time of the event
    (`occurred_at`, never after `now` when it is judged). `data` is schema-valid. `refs` holds
    what the row's `needs` name, loaded by the command (absent rows are None).
    `policy` gives the numbers of the pinned SLA profile. `ticket` is None at birth.
    """

    ticket: TicketView | None
    actor: Actor
    event: str
    data: Mapping[str, Any]
    now: datetime
    at: datetime
    refs: Mapping[str, Any] = field(default_factory=dict)
    policy: Any = None

    @property
    def facts(self) -> Mapping[str, Any]:
        """The ticket's facts, or those of the create body at birth."""
        if self.ticket is not None:
            return self.ticket.facts
        facts: Mapping[str, Any] = self.data.get("facts", {})
        return facts


Guard = Callable[[Situation], str | None]
"""Returns None, or the refusal code: problem reason, translation key and test name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A guard with the rule it enforces.

    `needs_data` guards cannot be judged before the caller sends data; available-events
    lists them under `checks`.
    """

    check: Guard
    code: str
    rule: str
    needs_data: bool = False


@dataclass(frozen=True, slots=True)
class ClockAction:
    """What a row does to a clock.

    `start` opens an epoch (a running one ends `not_applicable`), `stop` decides it,
    `end` ends it `not_applicable` (clock "*" = every one), `excuse` marks it as
    postponed, `rebase` counts every running clock from a new opening time.
    `since` = "opened" counts from the report (DOMAIN 8 #21), else from the event.
    `due` may fix the due time; `when` may leave the action out.
    `extend` gives the running epoch its own target once more, as a new epoch.
    A clock pauses by itself in the states its profile lists; `pause` and `resume` are for
    causes that no state shows, and `because` names the cause.
    `each` makes the action one for every number it returns, with that number's due time
    (None: the profile's): clock `obligation` becomes `obligation-1`, `obligation-2` …,
    which share the rule and the words of `obligation`.
    """

    verb: Literal["start", "stop", "end", "excuse", "rebase", "extend", "pause", "resume"]
    clock: str
    since: Literal["opened", "event"] = "event"
    due: Callable[[Situation], datetime | None] | None = None
    when: Callable[[Situation], bool] | None = None
    each: Callable[[Situation], Mapping[int, datetime | None]] | None = None
    because: str | None = None


def family_of(clock: str) -> str:
    """Return whose rule and words a clock has: `obligation` of `obligation-2`."""
    return clock.partition("-")[0]


def number_of(clock: str) -> int | None:
    """Return the number of a numbered clock: 2 of `obligation-2`."""
    number = clock.partition("-")[2]
    return int(number) if number else None


@dataclass(frozen=True, slots=True)
class Change:
    """What an event changes on the ticket, as values; `commands/record.py` writes it.

    `columns` may hold category, urgency, priority, title, description, place_id,
    opened_at. `facts` is merged into the ticket's facts. `assignee` is replaced when
    `assigns` is true. `children` are (table, row) pairs for registered child tables.
    `repin` asks the command to copy the place's SLA profile again (RULINGS 23).
    `notices` are extra outbox topics with ids-only payloads.
    `stakes` name who sees the ticket from now on beside those whose role does: `tier:2`,
    `place:<id>` and `account:<id>` (residents), `vendor:<id>`. `unstakes` name who no longer
    does, having been named by mistake.
    `postings` move deposit money, `credits` change a score (DOMAIN 3C.4); `vendors` are
    (vendor, columns) of the directory that a decision changes: listed, market_exit.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    assigns: bool = False
    assignee: Assignee | None = None
    children: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    repin: bool = False
    notices: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    stakes: tuple[str, ...] = ()
    unstakes: tuple[str, ...] = ()
    postings: tuple["Posting", ...] = ()
    credits: tuple["Credit", ...] = ()
    vendors: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Posting:
    """One double entry, whole fen, always positive (R-FIN-01, R-FIN-03).

    The deposit of a vendor in a compound is account `deposit:<vendor>:<compound>`, the
    compound's public money `public:<compound>`, what comes from outside `vendor:<vendor>`.
    """

    vendor: str
    compound: str
    debit: str
    credit: str
    fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class Credit:
    """Points won or lost (negative) by a company, or by its project manager (R-VEN-09)."""

    vendor: str
    subject: Literal["company", "manager"]
    points: int
    reason: str
    manager: str | None = None


Effect = Callable[[Situation], Change]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a workflow: everything true of one permitted event."""

    event: str
    source: tuple[str, ...]
    target: str  # a state, or SAME
    roles: frozenset[Role]
    data: type[Schema] | None = None
    guards: tuple[Rule, ...] = ()
    clocks: tuple[ClockAction, ...] = ()
    effect: Effect | None = None
    needs: tuple[str, ...] = ()
    chooses: Callable[[Situation], bool] | None = None  # tells rows of one event and source apart
    reopens: bool = False
    then: str | None = None  # automatic event of the same transaction (RULINGS 18)
    rule: str = ""
    sealed: tuple[str, ...] = ()  # members of the data that the history keeps only a digest of
    confidential: frozenset[Role] = frozenset()  # who may read its line; empty: who sees the ticket

    def goes_to(self, state: str) -> str:
        """Return the state after this row when it is taken from `state`."""
        return state if self.target == SAME else self.target


def _urgency(row: Mapping[str, Any]) -> str:
    found: str = row["urgency"]
    return found


def _everybody(_: Mapping[str, Any]) -> bool:
    return True


def _actor_role_only(actor: Actor, _ticket: TicketView | None) -> frozenset[Role]:
    return frozenset({actor.role})


@dataclass(frozen=True)
class Workflow:
    """A compiled table.

    `standing` says in which roles an actor acts on a ticket (a vendor's manager acts
    as crew, RULINGS 4). `on_due` names the SYSTEM event that the service tries when a
    clock's rung fires whose `action` is that event; every profile must have that rung.
    `family` is the file of SLA profiles, `default_profile` the one of places that choose
    none, `variant` which column of its targets a ticket row stands under. `links` are the
    events that a resident's link carries. `lists` are facts shown as resources of their
    own, path by fact; `linked` is the one whose numbers links are made for, `linkable`
    tells for which of its entries. An entry's `links_since` ends the links made before.
    `note_levels` are what a note may be, narrowest first: among several, one must be chosen.
    `example` is a create body that works, `event_example` an event on the ticket so opened.
    `about_assignee` says that the assignee is whom the ticket judges, not who works on it.
    """

    kind: str
    collection: str
    prefix: str
    version: int
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    clock_names: tuple[str, ...]
    create: type[Schema]  # schema of `facts` at creation
    editable_facts: frozenset[str] = frozenset()
    standing: Callable[[Actor, TicketView | None], frozenset[Role]] = _actor_role_only
    on_due: Mapping[str, str] = field(default_factory=dict)
    family: str = "repair"
    default_profile: str = "REP-DEFAULT"
    variant: Callable[[Mapping[str, Any]], str] = _urgency
    links: frozenset[str] = frozenset()
    lists: Mapping[str, str] = field(default_factory=dict)
    linked: str = "parties"
    linkable: Callable[[Mapping[str, Any]], bool] = _everybody
    note_levels: tuple[str, ...] = ("recorded",)
    example: Mapping[str, Any] | None = None
    event_example: Mapping[str, Any] | None = None
    about_assignee: bool = False
    reads: Callable[[Mapping[str, Any]], Any] = dict  # facts -> typed facts

    @cached_property
    def terminal(self) -> frozenset[str]:
        """Names of the terminal states."""
        return frozenset(s.name for s in self.states if s.terminal)

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Event names in table order, marks not among them."""
        return tuple(dict.fromkeys(step.event for step in self.steps))

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], tuple[Step, ...]]:
        """Rows by (event, source)."""
        found: dict[tuple[str, str], tuple[Step, ...]] = {}
        for step in self.steps:
            for source in step.source:
                key = (step.event, source)
                found[key] = (*found.get(key, ()), step)
        return found

    @cached_property
    def roles_of(self) -> Mapping[str, frozenset[Role]]:
        """All roles that have the event in any row."""
        found: dict[str, frozenset[Role]] = {}
        for step in self.steps:
            found[step.event] = found.get(step.event, frozenset()) | step.roles
        return found

    @property
    def link_makers(self) -> frozenset[Role]:
        """The roles that hand links out."""
        return self.roles_of[MAKE_LINK]

    @cached_property
    def confidential(self) -> Mapping[str, frozenset[Role]]:
        """The events whose lines not everybody may read, with the roles that may.

        Who acted reads the own line, SYSTEM reads all. Where rows of one event differ, only
        the roles of every row may.
        """
        found: dict[str, frozenset[Role]] = {}
        for step in self.steps:
            if step.confidential:
                readers = found.get(step.event, step.confidential)
                found[step.event] = readers & step.confidential
        return found

    @cached_property
    def machine(self) -> Machine:
        """The one shared machine; it moves throw-away cursors and has no effects."""
        machine = Machine(
            model=None,
            states=[BIRTH, *(s.name for s in self.states)],
            initial=BIRTH,
            auto_transitions=False,
            send_event=False,
        )
        for step in self.steps:
            machine.add_transition(
                step.event,
                list(step.source),
                step.target,
                conditions=[_Choice(step)],
            )
        return machine

    def legal_moves(self) -> Iterable[tuple[str, str, str]]:
        """Yield (from, event, to) for the database's list of legal transitions."""
        for step in self.steps:
            for source in step.source:
                yield source, step.event, step.goes_to(source)
        for state in self.states:
            for mark in Mark:
                yield state.name, mark.value, state.name

    def profile_at(self, place: PlaceRef) -> str:
        """Return the SLA profile of new tickets at a place."""
        return place.profiles.get(self.family, self.default_profile)

    def is_open(self, state: str) -> bool:
        """Tell whether the state is not terminal."""
        return state not in self.terminal


@dataclass(slots=True)
class Cursor:
    """Throw-away model that the machine moves: nothing else ever is."""

    state: str
    situation: Situation | None
    step: Step | None = None


class _Choice:
    """Condition of one row: is it the row meant? Notes itself on the cursor."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def __call__(self, cursor: Cursor) -> bool:
        chooses = self._step.chooses
        if chooses is not None and (cursor.situation is None or not chooses(cursor.situation)):
            return False
        cursor.step = self._step
        return True
