"""Who stands for which party of a ticket (RULINGS 53).

Parties are objects in `facts.parties`: a number `n` and whatever a party is known by:
`account`, `place`, `vendor`, or the `kind` "committee".
"""

from collections.abc import Mapping
from typing import Any

from service.core.actors import Actor, Role


def stands_for(actor: Actor, party: Mapping[str, Any]) -> bool:
    """Tell whether the actor acts for a party.

    A resident by account, household or link; a vendor's manager for the vendor; the
    committee of the place, which alone sees the case, for itself.
    """
    if actor.link_ticket is not None:
        return bool(party["n"] == actor.link_party)
    if actor.role is Role.COMMITTEE:
        return party.get("kind") == "committee" and party.get("account") in (None, str(actor.id))
    if actor.role is Role.VENDOR_MANAGER:
        return party.get("vendor") is not None and party["vendor"] == actor.vendor_id
    if actor.role is not Role.RESIDENT:
        return False
    return str(actor.id) == party.get("account") or actor.place_id == party.get("place")


def numbers_of(actor: Actor, facts: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the parties that the actor stands for."""
    return [party["n"] for party in facts.get("parties") or () if stands_for(actor, party)]
