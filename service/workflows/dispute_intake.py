"""How a dispute case is filed: its parties, the body that received it, who sees it."""

from typing import Any

from service.core.actors import Actor, Role
from service.core.parties import stands_for
from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows.table import own_stake

OWN_INITIATIVE = frozenset({Role.MEDIATOR, Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.SYSTEM})
"""Who opens cases that nobody applied for: the applicants are asked for consent too."""
_KIND_OF = {
    Role.RESIDENT: "resident",
    Role.VENDOR_MANAGER: "vendor",
    Role.COMMITTEE: "committee",
}
_KNOWN_BY = {"resident": ("account", "place"), "vendor": ("vendor",), "committee": ("account",)}


def named_parties(s: Situation) -> tuple[dict[str, Any], ...]:
    """Return the parties of the create body, numbered; the filing party names itself."""
    given = s.data["facts"]["parties"]
    own = self_named(s)
    return tuple(
        {"n": n, **one, **(_by(s.actor) if n == own else {})} for n, one in enumerate(given, 1)
    )


def self_named(s: Situation) -> int | None:
    """Return the number of the applicant that the filing party is.

    It is the one it stands for already, else the first of its kind that nobody is named for.
    """
    applicants = [
        {"n": n, **one}
        for n, one in enumerate(s.data["facts"]["parties"], 1)
        if one["side"] == "applicant" and one["kind"] == _KIND_OF.get(s.actor.role)
    ]
    mine = [one for one in applicants if stands_for(s.actor, one)]
    free = [one for one in applicants if not any(map(one.get, _KNOWN_BY[one["kind"]]))]
    return next((int(one["n"]) for one in (*mine, *free)), None)


def _by(actor: Actor) -> dict[str, Any]:
    """Return what the actor is known by; every member of a committee acts for it."""
    if actor.role is Role.VENDOR_MANAGER:
        return {"vendor": actor.vendor_id}
    return {"account": str(actor.id)} if actor.role is Role.RESIDENT else {}


def file_case(s: Situation) -> Change:
    """Open the case in the tier asked for; who applied has agreed to mediation."""
    facts = s.data["facts"]
    entry = int(s.policy.entry_tier)
    received_by = (s.actor.tier if s.actor.role is Role.MEDIATOR else None) or entry
    tier = max(int(facts.get("requested_tier", received_by)), entry)
    agreed = None if s.actor.role in OWN_INITIATIVE else "given"
    parties = [
        {
            **party,
            "consent": agreed if party["side"] == "applicant" else None,
            "identified": False,
        }
        for party in named_parties(s)
    ]
    return Change(
        facts={
            **facts,
            "parties": parties,
            "tier": tier,
            "entry_tier": entry,
            "filed_at": stamp(s.at),
            "ordered": s.actor.role is Role.DISTRICT_OFFICER,
            "own_initiative": s.actor.role in OWN_INITIATIVE,
            "tiers": [{"tier": tier, "received_at": stamp(s.at)}],
            "sessions": [],
            "obligations": [],
            "supervised": False,
        },
        stakes=(f"tier:{tier}", *stakes_of(parties), *own_stake(s)),
    )


def stakes_of(parties: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return who sees the case because it is theirs."""
    named = (
        f"{name}:{party[name]}"
        for party in parties
        for name in ("place", "account", "vendor")
        if party.get(name)
    )
    return tuple(dict.fromkeys(named))
