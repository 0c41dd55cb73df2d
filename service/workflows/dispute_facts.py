"""What only a dispute case has: `ticket.facts`, typed, and who stands for which party.

Lists hold objects with a number `n` from 1; times are ISO text, accounts and files ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.actors import Role
from service.core.parties import stands_for
from service.core.workflow import Situation

Entry = Mapping[str, Any]
Entries = tuple[Entry, ...]
PARTY_ROLES = frozenset({Role.RESIDENT, Role.VENDOR_MANAGER, Role.COMMITTEE})


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The facts that rules look at.

    `tiers` has one entry per stay with a body, the last being where the case is now.
    `agreement` is the newest draft or what became of it, empty before the first.
    """

    tier: int = 1
    parties: Entries = ()
    sessions: Entries = ()
    obligations: Entries = ()
    tiers: Entries = ()
    evidence: Entries = ()
    mediators: Entries = ()
    conflicted: tuple[str, ...] = ()
    agreement: Entry | None = None
    class_: str | None = None
    grade: str | None = None
    ordered: bool = False
    collective: bool = False
    objected: bool = False
    arbitration_clause: bool = False
    supervised: bool = False
    risk: bool = False
    waiting: str | None = None
    consent_asked_at: datetime | None = None
    rights_notice_at: datetime | None = None
    appeal: Entry | None = None
    ending: Entry | None = None
    follow_up: Entry | None = None
    joint: tuple[int, ...] = ()

    @property
    def stay(self) -> Entry:
        """Where the case is now, since when, whether extended there."""
        return self.tiers[-1] if self.tiers else {"tier": self.tier}

    def party(self, n: int | None) -> Entry | None:
        """Return the party with this number."""
        return next((p for p in self.parties if p["n"] == n), None)

    def obligation(self, n: int | None) -> Entry | None:
        """Return the obligation with this number."""
        return next((o for o in self.obligations if o["n"] == n), None)

    @property
    def consents_pending(self) -> bool:
        """Tell whether somebody has not yet said yes or no to mediation."""
        return any(party["consent"] is None for party in self.parties)

    def covers_both_sides(self, numbers: tuple[int, ...]) -> bool:
        """Tell whether these parties stand on both sides."""
        sides = {p["side"] for p in self.parties if p["n"] in numbers}
        return len(sides) == 2

    @property
    def sessions_here(self) -> Entries:
        """The sessions of this tier that took place."""
        return tuple(
            x for x in self.sessions if x["tier"] == self.tier and x.get("opened_at") is not None
        )


_PLAIN = (
    "tier", "ordered", "collective", "objected", "arbitration_clause", "supervised", "risk",
    "waiting", "grade", "agreement", "appeal", "ending", "follow_up",
)  # fmt: skip
_LISTS = (
    "parties", "sessions", "obligations", "tiers", "evidence", "mediators", "conflicted", "joint",
)  # fmt: skip


def read(facts: Mapping[str, Any]) -> CaseFacts:
    """Return typed facts; unknown members are left to others."""
    members: dict[str, Any] = {
        **{name: facts[name] for name in _PLAIN if facts.get(name) is not None},
        **{name: tuple(facts.get(name) or ()) for name in _LISTS},
    }
    return CaseFacts(
        **members,
        class_=facts.get("class"),
        consent_asked_at=_time(facts.get("consent_asked_at")),
        rights_notice_at=_time(facts.get("rights_notice_at")),
    )


def of(s: Situation) -> CaseFacts:
    """Return the facts of the situation's ticket."""
    return read(s.facts)


def own_party(s: Situation) -> Entry | None:
    """Return the party that the actor acts for, None for everybody else."""
    return next((p for p in of(s).parties if stands_for(s.actor, p)), None)


def concerned(s: Situation) -> Entry | None:
    """Return the party an event is about: the actor's own, or the one a mediator names."""
    if s.actor.role in PARTY_ROLES:
        return own_party(s)
    return of(s).party(s.data.get("party"))


def _time(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
