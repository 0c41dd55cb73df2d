"""What a rule may know about things other than the ticket: frozen rows, loaded by commands.

A workflow row names in `needs` which of these it wants in `Situation.refs`; `place`
and `category` are always there. A thing that does not exist is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

HOME_ZONE: Final = "Asia/Shanghai"
"""The time zone of what has no place: the front page, a district that names none."""


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """The ticket's place. Flags are those of its compound (DOMAIN 1.1, R-REP-13, R-REP-52)."""

    id: str
    level: str
    path: str
    name: str
    compound_id: str
    time_zone: str
    profiles: Mapping[str, str] = field(default_factory=dict)  # SLA profile chosen, by family
    no_manager: bool = False
    micro_circulation_open: bool = False
    committee: bool = True
    warranty_until: date | None = None


@dataclass(frozen=True, slots=True)
class CategoryRef:
    """One category of the catalogue. Trade, part and responsible are those of a repair."""

    code: str
    kind: str
    trade: str
    urgency: str
    part: str
    responsible: str
    clock: str | None  # "water_same_day", "power_same_night" or None
    utility: str | None
    certificate: str | None
    rule: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CrewRef:
    """A crew. `certificates` maps a trade to the last valid day; `shifts` are local HH:MM pairs."""

    id: str
    name: str
    vendor_id: str | None
    place_path: str
    skills: frozenset[str]
    certificates: Mapping[str, date]
    shifts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VendorRef:
    """A vendor, or an outside body (developer, title unit) whose events the desk records."""

    id: str
    name: str
    place_path: str
    service_lines: frozenset[str]
    pool_active: bool
    pool_trades: frozenset[str]
    pool_valid_until: date | None
    capacity: int
    listed: str  # "red", "black", "none"
    market_exit: bool
    body: str | None  # "developer", "title_unit", "authority" or None


@dataclass(frozen=True, slots=True)
class PoolCandidate:
    """A pool contractor with what the pick order needs (DOMAIN 3A.6)."""

    vendor: VendorRef
    orders_30d: int
    timeliness: float
    open_orders: int
    draw: float  # stored random number


@dataclass(frozen=True, slots=True)
class UtilityRef:
    """One entry of the utility directory (R-REP-11)."""

    id: str
    trade: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class TicketRef:
    """Another ticket named by the data, visible to the caller."""

    id: UUID
    number: str
    kind: str
    state: str
    is_open: bool
    compound_id: str
    place_id: str
    category: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """An attachment the data names. `complete` is false while bytes are missing."""

    id: UUID
    media_type: str
    complete: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account that the data names: a mediator, an inspector, an elector."""

    id: str
    role: str
    name: str
    place_id: str
    place_path: str
    vendor_id: str | None
    tier: int | None
    is_lead: bool
    active: bool


@dataclass(frozen=True, slots=True)
class DepositRef:
    """A vendor's quality deposit in one compound, whole fen (R-FIN-01), locked.

    `contract_until` is the last day of the contract it secures, None when none was told.
    """

    vendor: str
    compound: str
    required_fen: int
    balance_fen: int
    contract_until: date | None = None


@dataclass(frozen=True, slots=True)
class RelatedRef:
    """A ticket that caused this one or that this one caused, and how."""

    ticket: TicketRef
    relation: str
    facts: Mapping[str, Any]
