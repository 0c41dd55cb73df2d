"""Who is told when a rung fires (RULINGS 25): roles of the ladder become accounts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from service.commands.draft import Draft
from service.sla.clocks import Ring
from service.store.account import Contact, ancestors, reach
from service.store.unit_of_work import Tx

# A duty without a holder falls to the next in this order: a breach that nobody hears of
# is worse than one that a superior hears of. Fallback of K: R-GOV-23.
_NEXT = {
    "crew_lead": "shift_lead",
    "shift_lead": "manager",
    "dispatcher": "manager",
    "committee": "community_officer",
    "manager": "community_officer",
    "community_officer": "street_officer",
    "street_officer": "district_officer",
    "body_head": "mediator",
    "mediator": "street_officer",
}
_ACCOUNT_ROLE = {
    "shift_lead": "dispatcher",
    "vendor_head": "vendor_manager",
    "body_head": "mediator",
}


@dataclass(frozen=True, slots=True)
class Contacts:
    """Everybody the rungs of a batch may tell, found by what they are and hold."""

    at: Mapping[tuple[str, str], Sequence[Contact]]  # by role and place path
    leads: Mapping[str, Sequence[Contact]]  # by crew
    heads: Mapping[str, Sequence[Contact]]  # by vendor


def contacts_for(tx: Tx, drafts: Iterable[tuple[Draft, Sequence[Ring]]]) -> Contacts:
    """Return everybody the rungs may tell, with one statement."""
    roles: set[str] = set()
    paths: set[str] = set()
    crews: set[str] = set()
    vendors: set[str] = set()
    for draft, rings in drafts:
        paths.add(draft.row["place_path"])
        crews |= {draft.row["crew_id"]} - {None}
        vendors |= {draft.row["vendor_id"]} - {None}
        for role in {r for ring in rings for r in ring.roles}:
            roles |= {_ACCOUNT_ROLE.get(r, r) for r in _chain(role)}
    if not roles:
        return Contacts({}, {}, {})
    return _found(reach(tx, roles=roles, paths=paths, crews=crews, vendors=vendors))


def _found(contacts: Iterable[Contact]) -> Contacts:
    at: defaultdict[tuple[str, str], list[Contact]] = defaultdict(list)
    leads: defaultdict[str, list[Contact]] = defaultdict(list)
    heads: defaultdict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        at[contact.role, contact.place_path].append(contact)
        if contact.role == "crew" and contact.is_lead and contact.crew_id:
            leads[contact.crew_id].append(contact)
        if contact.role == "vendor_manager" and contact.vendor_id:
            heads[contact.vendor_id].append(contact)
    return Contacts(at, leads, heads)


def holders(tx: Tx, role: str, place_path: str) -> Sequence[Contact]:
    """Return who holds a duty over a place, else who holds the one it falls to."""
    chain = _chain(role)
    found = reach(tx, roles=chain, paths=[place_path])
    by_duty = ([c for c in found if c.role == duty] for duty in chain)
    return next((held for held in by_duty if held), ())


def told(draft: Draft, roles: Iterable[str], contacts: Contacts) -> list[dict[str, Any]]:
    """Return [{role, account}] for one rung; the reporter is reached through the link."""
    found: list[dict[str, Any]] = []
    for role in roles:
        if role == "reporter":
            found.append({"role": role, "account": None})
            continue
        found += _holders(draft, role, contacts)
    return found


@cache
def _chain(role: str) -> Sequence[str]:
    chain = [role]
    while chain[-1] in _NEXT:
        chain.append(_NEXT[chain[-1]])
    return tuple(chain)


def _holders(draft: Draft, role: str, contacts: Contacts) -> list[dict[str, Any]]:
    for duty in _chain(role):
        found = _on_duty(draft, duty, contacts)
        if found:
            stands_in = {} if duty == role else {"instead_of": role}
            return [{"role": duty, "account": str(c.id), **stands_in} for c in found]
    return [{"role": role, "account": None}]


def _on_duty(draft: Draft, duty: str, contacts: Contacts) -> Sequence[Contact]:
    if duty == "crew_lead":
        return contacts.leads.get(draft.row["crew_id"], ())
    if duty == "vendor_head":
        return contacts.heads.get(draft.row["vendor_id"], ())
    role = _ACCOUNT_ROLE.get(duty, duty)
    above = ancestors(draft.row["place_path"])
    found = [c for path in above for c in contacts.at.get((role, path), ())]
    if duty == "shift_lead":
        found = [c for c in found if c.on_duty]
    elif role == "mediator":
        found = _of_the_body(draft, duty, found)
    return sorted(found, key=lambda c: c.id)


def _of_the_body(draft: Draft, duty: str, mediators: Sequence[Contact]) -> list[Contact]:
    """Return the head of the tier that has the case, or whom of it the case names, else all."""
    facts = draft.row["facts"]
    body = [c for c in mediators if facts.get("tier") in (None, c.tier)]
    if duty == "body_head":
        return [c for c in body if c.is_lead]
    named = {one["account"] for one in facts.get("mediators") or ()}
    return [c for c in body if str(c.id) in named] or body
