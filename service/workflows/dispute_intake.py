"""How a dispute case is filed: its parties and what they are known by, who sees it."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.core.actors import Actor, Role
from service.core.parties import stands_for
from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import dispute_facts
from service.workflows.dispute_effects import files, given, with_entry
from service.workflows.table import own_stake

OWN_INITIATIVE = frozenset({Role.MEDIATOR, Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.SYSTEM})
"""Who opens cases that nobody applied for: the applicants are asked for consent too."""
_KIND_OF = {
    Role.RESIDENT: "resident",
    Role.VENDOR_MANAGER: "vendor",
    Role.COMMITTEE: "committee",
}
_KNOWN_BY = {"resident": ("account", "place"), "vendor": ("vendor",), "committee": ("account",)}
IDENTIFIERS = ("account", "place", "vendor")
"""By each of these somebody acts for a party."""


def named_parties(s: Situation) -> tuple[dict[str, Any], ...]:
    """Return the parties of the create body, numbered; the filing party names itself."""
    sent = s.data["facts"]["parties"]
    own = self_named(s)
    return tuple(
        {"n": n, **one, **(_by(s.actor) if n == own else {})} for n, one in enumerate(sent, 1)
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
    """Open the case in the tier asked for; who applies has agreed to mediation, nobody else."""
    facts = s.data["facts"]
    entry = int(s.policy.entry_tier)
    received_by = (s.actor.tier if s.actor.role is Role.MEDIATOR else None) or entry
    tier = max(int(facts.get("requested_tier", received_by)), entry)
    agreed = _applying(s)
    parties = [
        {**party, "consent": "given" if party["n"] == agreed else None, "identified": False}
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


def _applying(s: Situation) -> int | None:
    """Return the number of the party whose application this is, None where nobody applied.

    A desk writes down the application of the first applicant: the entry is its record.
    """
    if s.actor.role in OWN_INITIATIVE:
        return None
    if s.actor.role in _KIND_OF:
        return self_named(s)
    return next(int(one["n"]) for one in named_parties(s) if one["side"] == "applicant")


def stakes_of(parties: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return who sees the case because it is theirs."""
    named = (
        f"{name}:{party[name]}"
        for party in parties
        for name in ("place", "account", "vendor")
        if party.get(name)
    )
    return tuple(dict.fromkeys(named))


def identify(s: Situation) -> Change:
    """Keep how a party was identified; by what it is known it sees the case from now on.

    What is found out about it replaces what was said of it: a wrong account, household or
    vendor must not go on acting for it, see the case, or use the link it was sent.
    """
    found = given(s, *IDENTIFIERS)
    proof = {"proof": s.data["proof"], "at": stamp(s.at), **files(s)}
    changes = {"identified": True, "identity": proof, **given(s, "representative"), **found}
    n = s.data["party"]
    named = dispute_facts.of(s).parties
    parties = with_entry(named, n, **changes)
    if found:
        parties = [_known_only_by(found, one) if one["n"] == n else one for one in parties]
    mistaken = sorted({*stakes_of(named)} - {*stakes_of(parties)})
    if mistaken:
        parties = with_entry(tuple(parties), n, links_since=stamp(s.now))
    return Change(facts={"parties": parties}, stakes=stakes_of([found]), unstakes=tuple(mistaken))


def _known_only_by(found: Mapping[str, Any], party: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in party.items() if name not in IDENTIFIERS or name in found
    }


def on_both_sides(parties: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether an account, a place, a vendor or the committee stands on both sides."""
    sides: dict[str, set[tuple[str, str]]] = {"applicant": set(), "respondent": set()}
    for party in parties:
        sides[party["side"]] |= known_by(party)
    return not sides["applicant"].isdisjoint(sides["respondent"])


def known_by(party: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return everything by which somebody may act for a party."""
    named = {(name, str(party[name])) for name in IDENTIFIERS if party.get(name)}
    whole = party.get("kind") == "committee" and not party.get("account")
    return named | ({("kind", "committee")} if whole else set())
