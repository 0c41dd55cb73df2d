"""Plays single events of the repair order without a database: the pure side of the engine."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from service.bootstrap import load_catalogue
from service.core.actors import SYSTEM, Actor, Role
from service.core.decision import decide, permit, route
from service.core.errors import GuardRefused
from service.core.refs import (
    CrewRef,
    PlaceRef,
    PoolCandidate,
    TicketRef,
    UtilityRef,
    VendorRef,
)
from service.core.shapes import stamp
from service.core.workflow import BIRTH, Assignee, Change, Situation, Step, TicketView
from service.sla.policy import Profile, parse_profiles
from service.sla.timer import Clock
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.sources import ROOT

OPENED = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
NOW = OPENED + timedelta(minutes=10)
DAY = date(2026, 11, 21)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TICK = timedelta(milliseconds=1)
PATH = "jinjiang/dongjie/lotus-c/lotus/b2/u1/h-2-101"
TICKET, OTHER = UUID(int=7), UUID(int=8)
PHOTO = str(UUID(int=0xF0))
CATALOGUE = load_catalogue().of("repair_order")
PROFILES = tomllib.loads((ROOT / "config/sla/repair.toml").read_text("utf-8"))
DEFAULT = parse_profiles("repair", PROFILES)["REP-DEFAULT"]

CREW = CrewRef(
    id="c7",
    name="王师傅",
    vendor_id="v1",
    place_path="jinjiang/dongjie",
    skills=frozenset({"water", "power", "drain", "roofing"}),
    certificates={"electrician": DAY, "height": DAY, "confined_space": DAY},
    shifts=(("08:00", "20:00"),),
)
VENDOR = VendorRef(
    id="v1",
    name="荷花物业",
    place_path="jinjiang",
    service_lines=frozenset({"repair"}),
    pool_active=False,
    pool_trades=frozenset(),
    pool_valid_until=None,
    capacity=5,
    listed="none",
    market_exit=False,
    body=None,
)
POOL = replace(
    VENDOR,
    id="p1",
    pool_active=True,
    pool_trades=frozenset({"water", "power"}),
    pool_valid_until=DAY,
)
PLACE = PlaceRef(
    id="h-2-101",
    level="household",
    path=PATH,
    name="荷花苑2幢101",
    compound_id="lotus",
    time_zone="Asia/Shanghai",
)
MASTER = TicketRef(
    id=OTHER,
    number="RO-20261121-0008",
    kind="repair_order",
    state="assigned",
    is_open=True,
    compound_id="lotus",
    place_id="h-2-101",
    category="water_leak",
    opened_at=OPENED,
)
UTILITY = UtilityRef(id="u-water", trade="water", name="自来水公司", phone="962965")
BY_CREW = Assignee("crew", "c7", "王师傅", "c7", "v1")
BY_VENDOR = Assignee("vendor", "v1", "荷花物业", None, "v1")


def candidate(ident: str = "p1", **changes: Any) -> PoolCandidate:
    """Return a pool contractor; `changes` may name fields of the vendor or of its record."""
    record = {"orders_30d": 0, "timeliness": 1.0, "open_orders": 0, "draw": 0.5}
    vendor = {name: value for name, value in changes.items() if name not in record}
    known = {name: value for name, value in changes.items() if name in record}
    return PoolCandidate(vendor=replace(POOL, id=ident, **vendor), **(record | known))


def policy(**changes: Any) -> Profile:
    """Return the default profile, with changes."""
    return replace(DEFAULT, numbers={**DEFAULT.numbers, **changes})


def clock(name: str, due_at: datetime | None, **changes: Any) -> Clock:
    """Return a running clock."""
    numbers = {
        "name": name, "epoch": 1, "state": "running", "result": None, "profile": "REP-DEFAULT",
        "profile_version": 1, "calendar": "all-hours", "calendar_version": 1, "rule": "",
        "anchor": "event", "target_ms": 0, "started_at": OPENED, "since": OPENED,
        "due_at": due_at,
    }  # fmt: skip
    return Clock(**(numbers | changes))


def ticket(state: str, **changes: Any) -> TicketView:
    """Return an order; `facts` are merged into those of a triaged private leak."""
    facts = {
        "origin": "customer", "part": "private", "responsible": "company", "class": "urgent",
        "rework_count": 0, "postpone_count": 0, "safe": False,
    } | changes.pop("facts", {})  # fmt: skip
    known = TicketView(
        id=TICKET,
        number="RO-20261121-0007",
        kind="repair_order",
        state=state,
        version=3,
        place_id="h-2-101",
        place_path=PATH,
        compound_id="lotus",
        time_zone="Asia/Shanghai",
        category="water_leak",
        urgency="urgent",
        opened_at=OPENED,
        closed_at=None,
        last_event_at=OPENED,
        facts=facts,
        assignee=BY_CREW,
        reporter_id=UUID(int=1),
        profile="REP-DEFAULT",
        profile_version=1,
    )
    return replace(known, **changes)


def actor(role: Role, **changes: Any) -> Actor:
    """Return somebody in a role; the crew and the vendor's manager are the assigned ones."""
    if role is Role.SYSTEM:
        return SYSTEM
    own: Mapping[Role, Mapping[str, str]] = {
        Role.CREW: {"crew_id": "c7", "vendor_id": "v1"},
        Role.VENDOR_MANAGER: {"vendor_id": "v1"},
    }
    known = Actor(UUID(int=100), role, str(role), "jinjiang", "jinjiang", **own.get(role, {}))
    return replace(known, **changes)


def after(delta: timedelta, since: datetime = NOW) -> str:
    """Return a time as a caller writes it."""
    return stamp(since + delta)


@dataclass(frozen=True)
class Play:
    """One event on one order, with what surrounds it."""

    event: str
    by: Role
    order: TicketView
    data: Mapping[str, Any] = field(default_factory=dict)
    refs: Mapping[str, Any] = field(default_factory=dict)
    at: datetime = NOW
    now: datetime = NOW
    policy: Any = field(default_factory=policy)
    who: Mapping[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return actor(self.by, **self.who)

    def situation(self) -> Situation:
        """Return what the rules look at, the data loaded by the row's schema."""
        state = self.order.state
        permit(REPAIR_ORDER, self.event, self.actor, self.order)
        rows = route(REPAIR_ORDER, state, self.event, self.actor, self.order)
        schema = next((row.data for row in rows if row.data is not None), None)
        data = schema().load(dict(self.data)) if schema else {}
        code = data.get("category") or self.order.category
        refs = {
            "place": PLACE, "category": CATALOGUE.get(code), "kinds": frozenset({"repair_order"}),
            "clocks": (), "crew": CREW, "vendor": VENDOR, "pool": (), "utility": UTILITY,
            "master": MASTER, "followers": (), "no_access_times": (), "attachments": {},
        } | dict(self.refs)  # fmt: skip
        return Situation(
            self.order, self.actor, self.event, data, self.now, self.at, refs, self.policy
        )


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

    def children(self, noun: str) -> list[Mapping[str, Any]]:
        """Return the child rows of one noun."""
        return [row for name, row in self.change.children if name == noun]


def play(event: str, by: Role, order: TicketView, /, data: Any = None, **around: Any) -> Played:
    """Judge one event and return what it does. Raises as `decide` does."""
    situation = Play(event, by, order, data or {}, **around).situation()
    step = decide(REPAIR_ORDER, order.state, situation)
    taken = [action for action in step.clocks if action.when is None or action.when(situation)]
    since = {"opened": " since report", "event": ""}
    return Played(
        step=step,
        state=step.goes_to(order.state),
        change=step.effect(situation) if step.effect else Change(),
        clocks=tuple(f"{a.verb} {a.clock}{since[a.since]}" for a in taken),
        due={a.clock: a.due(situation) for a in taken if a.due is not None},
    )


def born(event: str, by: Role, data: Mapping[str, Any]) -> Played:
    """Open an order."""
    return play(event, by, ticket(BIRTH, facts={}, assignee=None), data)


def refusals(
    event: str, by: Role, order: TicketView, /, data: Any = None, **around: Any
) -> set[str]:
    """Return the codes an event is refused with; empty when it is allowed."""
    try:
        play(event, by, order, data, **around)
    except GuardRefused as refused:
        return {reason.code for reason in refused.reasons}
    return set()
