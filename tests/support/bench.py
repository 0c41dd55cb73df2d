"""Plays single events of any workflow without a database: the pure side of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from service.bootstrap import load_catalogue, load_profiles
from service.core.actors import SYSTEM, Actor, Role
from service.core.decision import decide, permit, route
from service.core.errors import GuardRefused
from service.core.refs import AccountRef, PlaceRef, VendorRef
from service.core.shapes import Person, stamp
from service.core.workflow import (
    BIRTH,
    Assignee,
    Change,
    Situation,
    Step,
    TicketView,
    Workflow,
)

OPENED = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
NOW = OPENED + timedelta(minutes=10)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(milliseconds=1)
PATH = "jinjiang/dongjie/lotus-c/lotus/b2/u1/h-2-101"
TICKET = UUID(int=7)
PHOTO = str(UUID(int=0xF0))
PLACE = PlaceRef("h-2-101", "household", PATH, "荷花苑2幢101", "lotus", "Asia/Shanghai")
VENDOR = VendorRef(
    id="v1", name="荷花物业", place_path="jinjiang", service_lines=frozenset({"repair"}),
    pool_active=False, pool_trades=frozenset(), pool_valid_until=None, capacity=5,
    listed="none", market_exit=False, body=None,
)  # fmt: skip
SUBJECT = Assignee("vendor", "v1", "荷花物业", None, "v1")
PLACES = {
    Role.RESIDENT: PATH, Role.COMMITTEE: "jinjiang/dongjie/lotus-c/lotus",
    Role.MANAGER: "jinjiang/dongjie/lotus-c/lotus",
    Role.COMMUNITY_OFFICER: "jinjiang/dongjie/lotus-c", Role.STREET_OFFICER: "jinjiang/dongjie",
}  # fmt: skip


def actor(role: Role, n: int = 0, **changes: Any) -> Actor:
    """Return the n-th account of a role: `account_id(role, n)` is its id."""
    if role is Role.SYSTEM:
        return SYSTEM
    path = PLACES.get(role, "jinjiang")
    own: Mapping[Role, Mapping[str, Any]] = {
        Role.VENDOR_MANAGER: {"vendor_id": "v1"}, Role.MEDIATOR: {"tier": 1},
        Role.CREW: {"crew_id": "c7", "vendor_id": "v1"},
    }  # fmt: skip
    known = Actor(
        UUID(account_id(role, n)), role, str(role), path.rpartition("/")[2], path,
        **own.get(role, {}),
    )  # fmt: skip
    return replace(known, **changes)


def account_id(role: Role, n: int = 0) -> str:
    """Return the id text of the n-th account of a role."""
    return str(UUID(int=1000 + 100 * list(Role).index(role) + n))


def account(role: Role, n: int = 0, **changes: Any) -> AccountRef:
    """Return the same account as a reference that data names."""
    who = actor(role, n)
    known = AccountRef(
        str(who.id), str(role), str(role), who.place_id, who.place_path, who.vendor_id, who.tier,
        is_lead=False, active=True,
    )  # fmt: skip
    return replace(known, **changes)


def after(delta: timedelta, since: datetime = NOW) -> str:
    """Return a time as a caller writes it."""
    return stamp(since + delta)


@dataclass(frozen=True)
class Played:
    """What the event does: the row, the state after it, the change, the clock actions."""

    step: Step
    state: str
    change: Change
    clocks: tuple[str, ...]
    due: Mapping[str, datetime | None]

    @property
    def facts(self) -> Mapping[str, Any]:
        """Facts that change."""
        return self.change.facts

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics of the extra notices."""
        return tuple(topic for topic, _ in self.change.notices)


@dataclass(frozen=True)
class Bench:
    """One workflow with an ordinary ticket of it; every test changes what it needs."""

    workflow: Workflow
    facts: Mapping[str, Any]
    category: str
    urgency: str = "normal"
    assignee: Assignee | None = None
    refs: Mapping[str, Any] = field(default_factory=dict)
    profile: str = ""

    @property
    def policy(self) -> Any:
        """The workflow's default profile, or the one named."""
        wanted = self.profile or self.workflow.default_profile
        return next(p for p in load_profiles() if p.id == wanted)

    def ticket(self, state: str, **changes: Any) -> TicketView:
        """Return a ticket in a state; `facts` are merged into the ordinary ones."""
        facts = {**self.facts, **changes.pop("facts", {})}
        known = TicketView(
            id=TICKET, number=f"{self.workflow.prefix}-20261121-0007", kind=self.workflow.kind,
            state=state, version=3, place_id="h-2-101", place_path=PATH, compound_id="lotus",
            time_zone="Asia/Shanghai", category=self.category, urgency=self.urgency,
            opened_at=OPENED, closed_at=None, last_event_at=OPENED, facts=facts,
            assignee=self.assignee, reporter_id=UUID(int=1),
            profile=self.workflow.default_profile, profile_version=1,
        )  # fmt: skip
        return replace(known, **changes)

    def play(
        self, event: str, by: Role | Actor, on: str | TicketView, data: Any = None, **around: Any
    ) -> Played:
        """Judge one event and return what it does. Raises as `decide` does.

        `around`: refs, at, now, policy. At birth `data` is the create body's `facts`.
        """
        situation = self.situation(event, by, on, data, **around)
        state = situation.ticket.state if situation.ticket else BIRTH
        step = decide(self.workflow, state, situation)
        situation = replace(situation, data=kept_apart(situation.data))
        taken = [a for a in step.clocks if a.when is None or a.when(situation)]
        words, due = [], {}
        for action in taken:
            dates = action.each(situation) if action.each else {None: None}
            for n, date in dates.items():
                name = action.clock if n is None else f"{action.clock}-{n}"
                words.append(f"{action.verb} {name}")
                due[name] = date or (action.due(situation) if action.due else None)
        change = step.effect(situation) if step.effect else Change()
        return Played(step, step.goes_to(state), change, tuple(words), due)

    def situation(
        self, event: str, by: Role | Actor, on: str | TicketView, data: Any = None, *,
        refs: Mapping[str, Any] | None = None, at: datetime = NOW, now: datetime = NOW,
        policy: Any = None,
    ) -> Situation:  # fmt: skip
        """Return what the rules look at, the data loaded by the row's schema."""
        who = actor(by) if isinstance(by, Role) else by
        view = self.ticket(on) if isinstance(on, str) and on != BIRTH else on
        ticket = None if view == BIRTH else view
        known = {
            "place": PLACE, "category": load_catalogue().get(self.category), "clocks": (),
            "kinds": frozenset({self.workflow.kind}), "vendor": VENDOR, "subject": VENDOR,
            "accounts": {}, "attachments": {}, "sealed": (), "open_tickets": (), "caused": (),
            "causes": (), "cycles": (), "named": None, "deposit": None,
        } | dict(self.refs) | dict(refs or {})  # fmt: skip
        state = BIRTH if ticket is None else ticket.state
        permit(self.workflow, event, who, ticket)
        rows = route(self.workflow, state, event, who, ticket)
        if ticket is None:
            facts = self.workflow.create().load(dict(data or {}))
            loaded: Mapping[str, Any] = {
                "place": PLACE.id, "category": self.category, "urgency": self.urgency,
                "channel": "desk", "facts": facts, "attachments": [],
            }  # fmt: skip
        else:
            schema = next((row.data for row in rows if row.data is not None), None)
            loaded = schema().load(dict(data or {})) if schema else {}
        return Situation(ticket, who, event, loaded, now, at, known, policy or self.policy)

    def refusals(
        self, event: str, by: Role | Actor, on: str | TicketView, data: Any = None, **around: Any
    ) -> set[str]:
        """Return the codes an event is refused with; empty when it is allowed."""
        try:
            self.play(event, by, on, data, **around)
        except GuardRefused as refused:
            return {reason.code for reason in refused.reasons}
        return set()


def kept_apart(value: Any) -> Any:
    """Return data as effects see it: people are ids."""
    if isinstance(value, Person):
        return {"party": str(UUID(int=0xA0 + len(value.name)))}
    if isinstance(value, Mapping):
        return {name: kept_apart(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [kept_apart(inner) for inner in value]
    return value
