"""Draws the accounts of a district: who works the desk, the crews, the offices; who lives there."""

from collections.abc import Mapping
from typing import Any

from service.commands.accounts import CreateKey
from service.core.actors import Role
from service.local import names
from service.local.district import CITY, Draw, Row

# What `demo.json` speaks of; the drawing of a district makes them under these ids.
COMPOUND, BUILDING, HOUSEHOLD = "lotus", "lotus-1", "lotus-1-1-101"
CREW, VENDOR = "c-anxin", "v-anxin"

_OFFICES = (
    ("street", Role.STREET_OFFICER, "物业管理办公室"),
    ("community", Role.COMMUNITY_OFFICER, "物业管理服务站"),
)
_DISTRICT_WIDE = (
    (Role.DISTRICT_OFFICER, "区住建局值班"),
    (Role.MANAGER, "物业服务经理"),
    (Role.AUDITOR, "审计员"),
    (Role.ADMIN, "系统管理员"),
    (Role.COMMITTEE, "业委会联合会代表"),
    (Role.STREET_OFFICER, "街道物管办联络员"),
    (Role.COMMUNITY_OFFICER, "社区物管站联络员"),
    (Role.DISPATCHER, "派工台值班长"),
)
# `mediator` stands for tier 1 (RULINGS 17).
_TIERS = ((1, "mediator", "社区"), (2, "mediator_t2", "街道"), (3, "mediator_t3", "区"))
# Tier, level of its body's place, what the body is called, and how many serve there.
_BODIES = (
    (1, "community", "物业纠纷调解室", 2),
    (2, "street", "物业纠纷调解中心", 2),
    (3, "district", "物业纠纷人民调解委员会", 2),
)


def people(draw: Draw) -> None:
    """Add the accounts the simulator acts with: offices, crews, and one for every home."""
    _offices(draw)
    _mediators(draw)
    _crews(draw)
    _residents(draw)


def _account(draw: Draw, role: Role, name: str, place: Row, **more: Any) -> None:
    row = {
        "id": draw.uid(),
        "name": name,
        "role": str(role),
        "place_id": place["id"],
        "place_path": place["path"],
        "crew_id": None,
        "vendor_id": None,
        "party_id": None,
        "tier": None,
        "is_lead": False,
        "on_duty": True,
    }
    draw.rows.account.append({**row, **more})


def key_requests(slug: str) -> Mapping[str, CreateKey]:
    """Return who gets a key in `demo.json` for a district, by label.

    They are apart from the accounts the simulator acts with, so that everything a key's
    holder did can be told from what the world did by itself.
    """
    own = "" if slug == CITY.slug else f"{slug}-"
    vendor, crew = f"{own}{VENDOR}", f"{own}{CREW}"
    found = {
        role.value: CreateKey(role=role.value, place=slug, name=name)
        for role, name in _DISTRICT_WIDE
    }
    found["crew"] = CreateKey(role=Role.CREW, place=slug, name="陈师傅", crew=crew, lead=True)
    found["vendor_manager"] = CreateKey(
        role=Role.VENDOR_MANAGER, place=slug, name="安心维修项目经理", vendor=vendor
    )
    found["resident"] = CreateKey(
        role=Role.RESIDENT, place=f"{own}{HOUSEHOLD}", name=f"{own}{HOUSEHOLD} 住户"
    )
    for tier, label, where in _TIERS:
        name = f"{where}调解员"
        found[label] = CreateKey(role=Role.MEDIATOR, place=slug, name=name, tier=tier, lead=True)
    return found


def _offices(draw: Draw) -> None:
    """Add the desks and offices of streets and communities, and compound committees."""
    rng, rows = draw.rng, draw.rows
    _account(draw, Role.MANAGER, f"片区经理 {names.person(rng)}", rows.place[0])
    for level, role, office in _OFFICES:
        for place in rows.places(level):
            _account(draw, role, f"{place['name']}{office} {names.person(rng)}", place)
    for _ in range(2):
        _account(draw, Role.DISTRICT_OFFICER, f"区住建局物业科 {names.person(rng)}", rows.place[0])
    for street in rows.places("street"):
        name = f"{street['name']}应急维修站接线员 {names.person(rng)}"
        _account(draw, Role.DISPATCHER, name, street)
    for compound in rows.places("compound"):
        if compound["flags"]["committee"]:
            name = f"{compound['name']}业委会 {names.person(rng)}"
            _account(draw, Role.COMMITTEE, name, compound)


def _mediators(draw: Draw) -> None:
    """Add a head and another mediator to the mediation body of every place that has one."""
    for tier, level, body, number in _BODIES:
        for place in draw.rows.places(level):
            for n in range(number):
                name = f"{place['name']}{body} {names.person(draw.rng)}"
                _account(draw, Role.MEDIATOR, name, place, tier=tier, is_lead=n == 0)


def _crews(draw: Draw) -> None:
    """Add two members to each crew (the first leads) and a head to each vendor."""
    rng, rows = draw.rng, draw.rows
    places = {place["id"]: place for place in rows.place}
    for crew in rows.crew:
        for n in (0, 1):
            _account(
                draw,
                Role.CREW,
                names.master(rng),
                places[crew["place_id"]],
                crew_id=crew["id"],
                vendor_id=crew["vendor_id"],
                is_lead=n == 0 and crew is not rows.crew[0],
            )
    for vendor in rows.vendor:
        if vendor["body"] is None:
            name = f"{vendor['name']}经理 {names.person(rng)}"
            place = places[vendor["place_id"]]
            _account(draw, Role.VENDOR_MANAGER, name, place, vendor_id=vendor["id"])


def _residents(draw: Draw) -> None:
    """Give every home an account, the first one apart: its resident holds a key."""
    places: Mapping[str, Row] = {place["id"]: place for place in draw.rows.place}
    for party in draw.rows.party[1:]:
        home = places[party["place_id"]]
        _account(draw, Role.RESIDENT, party["name"], home, party_id=party["id"])
