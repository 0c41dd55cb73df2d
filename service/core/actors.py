"""Who acts, in which role, on which part of the place tree (DOMAIN 1.2, 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """Role identifiers of the API; DOMAIN 3 gives the letter of each."""

    RESIDENT = "resident"  # R
    DISPATCHER = "dispatcher"  # D
    CREW = "crew"  # C
    VENDOR_MANAGER = "vendor_manager"  # V
    MEDIATOR = "mediator"  # T
    COMMITTEE = "committee"  # K
    COMMUNITY_OFFICER = "community_officer"
    STREET_OFFICER = "street_officer"  # S
    DISTRICT_OFFICER = "district_officer"  # X
    MANAGER = "manager"  # M
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"  # W; no key for it ever exists


SCOPES = (
    "tickets:read",
    "tickets:write",
    "events:write",
    "reports:read",
    "exports:read",
    "policies:manage",
    "webhooks:manage",
    "open311",
    "admin",
)

_WORK = frozenset({"tickets:read", "tickets:write", "events:write"})
_FIGURES = frozenset({"reports:read", "exports:read"})
SCOPES_OF: Mapping[Role, frozenset[str]] = {
    Role.RESIDENT: _WORK,
    Role.DISPATCHER: _WORK | {"reports:read"},
    Role.CREW: _WORK,
    Role.VENDOR_MANAGER: _WORK,
    Role.MEDIATOR: _WORK,
    Role.COMMITTEE: _WORK,
    Role.COMMUNITY_OFFICER: _WORK | {"reports:read"},
    Role.STREET_OFFICER: _WORK | _FIGURES,
    Role.DISTRICT_OFFICER: _WORK | _FIGURES,
    Role.MANAGER: _WORK | _FIGURES | {"policies:manage", "webhooks:manage"},
    Role.AUDITOR: _FIGURES | {"tickets:read"},
    Role.ADMIN: frozenset(SCOPES),
}
"""All that a role may use: the scopes of a key that names none (RULINGS 36)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller: one role on one node of the place tree and everything below it.

    `place_path` is the slash-joined path of that node; "" is the whole tree and is
    held by SYSTEM only. `link_ticket` and `link_events` bind the holder of a resident
    link to one ticket and a few events (RULINGS 16); `link_party` is the number of the
    party that the link was made for, `link_maker` the account that made it.
    """

    id: UUID
    role: Role
    name: str
    place_id: str
    place_path: str
    scopes: frozenset[str] = frozenset()
    crew_id: str | None = None
    vendor_id: str | None = None
    tier: int | None = None
    is_lead: bool = False  # crew lead, head of a mediation body (RULINGS 25)
    link_ticket: UUID | None = None
    link_events: frozenset[str] = frozenset()
    link_party: int | None = None
    link_maker: UUID | None = None

    @property
    def hands(self) -> frozenset[str]:
        """Ids of the accounts this may be: who made a link has seen its token, and could use it."""
        return frozenset(str(each) for each in (self.id, self.link_maker) if each is not None)

    def covers(self, path: str) -> bool:
        """Tell whether the node at `path` is the actor's own or lies below it."""
        return (
            self.place_path == ""
            or path == self.place_path
            or path.startswith(self.place_path + "/")
        )


SYSTEM = Actor(
    id=UUID("00000000-0000-7000-8000-000000000000"),
    role=Role.SYSTEM,
    name="Anju",
    place_id="",
    place_path="",
)
