"""Who lives and works in the house of the tests: name, role, place, and what else they hold.

A role's own name is its first holder in the first district. A committee, a mediation body and
a crew each have a head (`is_lead`) and somebody beside.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from service.core.actors import Role

Person = tuple[str, Role, str, Mapping[str, Any]]


def _first_of_each_role() -> Iterator[Person]:
    """Yield one holder of every role; each leads what can be led."""
    places = {
        Role.RESIDENT: "h-2-101", Role.MANAGER: "lotus", Role.COMMITTEE: "lotus",
        Role.COMMUNITY_OFFICER: "lotus-c", Role.STREET_OFFICER: "dongjie",
    }  # fmt: skip
    own: Mapping[Role, Mapping[str, Any]] = {
        Role.CREW: {"crew_id": "c7"}, Role.VENDOR_MANAGER: {"vendor_id": "v-lotus"},
        Role.MEDIATOR: {"tier": 1},
    }  # fmt: skip
    for role in Role:
        if role is not Role.SYSTEM:
            more = {"is_lead": True, **own.get(role, {})}
            yield role.value, role, places.get(role, "jinjiang"), more


def _manager_of(name: str, vendor: str) -> Person:
    return name, Role.VENDOR_MANAGER, "jinjiang", {"vendor_id": vendor, "is_lead": True}


def _mediator(name: str, tier: int, *, lead: bool = False) -> Person:
    return name, Role.MEDIATOR, "jinjiang", {"tier": tier, "is_lead": lead}


PEOPLE: Final[tuple[Person, ...]] = (
    *_first_of_each_role(),
    # Two to a household, and somebody of another compound.
    ("partner", Role.RESIDENT, "h-2-101", {}),
    ("neighbour", Role.RESIDENT, "h-2-102", {}),
    ("neighbour_partner", Role.RESIDENT, "h-2-102", {}),
    ("old_resident", Role.RESIDENT, "b9", {}),
    ("other_dispatcher", Role.DISPATCHER, "north", {"is_lead": True}),
    ("other_crew_member", Role.CREW, "jinjiang", {"crew_id": "c9", "is_lead": True}),
    # The head of each mediation body, and one mediator beside.
    _mediator("mediator_beside", 1),
    _mediator("mediator_t2", 2, lead=True),
    _mediator("mediator_t2_beside", 2),
    _mediator("mediator_t3", 3, lead=True),
    _mediator("mediator_t3_beside", 3),
    # The committee of a compound without a manager.
    ("old_committee", Role.COMMITTEE, "old", {"is_lead": True}),
    _manager_of("pool_manager", "v-pool1"),
    _manager_of("pool2_manager", "v-pool2"),
    _manager_of("property_manager", "v-property"),
    _manager_of("clean_manager", "v-clean"),
    _manager_of("green_manager", "v-green"),
    _manager_of("guard_manager", "v-guard"),
    _manager_of("parking_manager", "v-parking"),
    # Offices of the other district, from which nothing here is to be seen.
    ("other_committee", Role.COMMITTEE, "pine", {"is_lead": True}),
    ("other_mediator", Role.MEDIATOR, "north", {"tier": 1, "is_lead": True}),
    ("other_street_officer", Role.STREET_OFFICER, "n-street", {}),
    ("other_resident", Role.RESIDENT, "b5", {}),
)

BESIDE: Final[tuple[Person, ...]] = (
    # More members of the committee, and who inspects beside who decides.
    ("committee_second", Role.COMMITTEE, "lotus", {}),
    ("committee_third", Role.COMMITTEE, "lotus", {}),
    ("community_inspector", Role.COMMUNITY_OFFICER, "lotus-c", {}),
    ("street_inspector", Role.STREET_OFFICER, "dongjie", {}),
    ("district_inspector", Role.DISTRICT_OFFICER, "jinjiang", {}),
)
"""These share a duty with somebody above, and are told whatever that one is told: they are
there from the moment a story names them."""
