"""Who is told when a rung fires (RULINGS 25): roles of the ladder become accounts."""

from collections.abc import Iterable, Sequence
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
}
_ACCOUNT_ROLE = {"shift_lead": "dispatcher", "vendor_head": "vendor_manager"}


def contacts_for(tx: Tx, drafts: Iterable[tuple[Draft, Sequence[Ring]]]) -> Sequence[Contact]:
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
        return ()
    return reach(tx, roles=roles, paths=paths, crews=crews, vendors=vendors)


def holders(tx: Tx, role: str, place_path: str) -> Sequence[Contact]:
    """Return who holds a duty over a place, else who holds the one it falls to."""
    chain = _chain(role)
    found = reach(tx, roles=chain, paths=[place_path])
    by_duty = ([c for c in found if c.role == duty] for duty in chain)
    return next((held for held in by_duty if held), ())


def told(draft: Draft, roles: Iterable[str], contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    """Return [{role, account}] for one rung; the reporter is reached through the link."""
    found: list[dict[str, Any]] = []
    above = set(ancestors(draft.row["place_path"]))
    for role in roles:
        if role == "reporter":
            found.append({"role": role, "account": None})
            continue
        found += _holders(draft, role, above, contacts)
    return found


def _chain(role: str) -> list[str]:
    chain = [role]
    while chain[-1] in _NEXT:
        chain.append(_NEXT[chain[-1]])
    return chain


def _holders(
    draft: Draft, role: str, above: set[str], contacts: Sequence[Contact]
) -> list[dict[str, Any]]:
    for duty in _chain(role):
        found = [c for c in contacts if _holds(draft, duty, above, c)]
        if found:
            stands_in = {} if duty == role else {"instead_of": role}
            return [{"role": duty, "account": str(c.id), **stands_in} for c in found]
    return [{"role": role, "account": None}]


def _holds(draft: Draft, duty: str, above: set[str], contact: Contact) -> bool:
    if duty == "crew_lead":
        mine = draft.row["crew_id"] is not None and contact.crew_id == draft.row["crew_id"]
        return contact.role == "crew" and contact.is_lead and mine
    if duty == "vendor_head":
        mine = draft.row["vendor_id"] is not None and contact.vendor_id == draft.row["vendor_id"]
        return contact.role == "vendor_manager" and mine
    if contact.role != _ACCOUNT_ROLE.get(duty, duty) or contact.place_path not in above:
        return False
    return contact.on_duty if duty == "shift_lead" else True
