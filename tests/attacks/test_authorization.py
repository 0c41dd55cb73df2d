"""A01–A03, A06, A07: every role at every door, from every side, in every state."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest

from service.api.all import ROUTES
from service.core.actors import Role
from service.core.decision import moves
from service.core.workflow import Mark
from service.workflows import REGISTRY, by_kind
from tests.attacks.client import Caller, Got
from tests.attacks.conftest import Tally
from tests.attacks.plan import OF_TICKETS, PLAN, REST, Try
from tests.attacks.rules import Cell, expected, fires, sees
from tests.attacks.things import Things
from tests.attacks.world import (
    CANARY,
    CREW,
    OUTLOOK,
    REPAIRS,
    ROLES,
    SIDES,
    STATES,
    VENDOR,
    World,
    uuid_of,
)
from tests.support.story import iso

BY_NAME = {f"{route.method} {route.path}": route for route in ROUTES}
ABSENT = uuid_of(1)
FOREIGN = "AUSLAENDISCH"
WHOLE = os.environ.get("ANJU_ATTACKS") == "whole"
"""Nightly: every side in every state, where the suite asks what could make a difference."""

_READ_STATES = STATES if WHOLE else ("submitted", "assigned", "closed", "cancelled")
_FAR_STATES = STATES if WHOLE else ("assigned",)
_FIRED_STATES = STATES if WHOLE else (
    "submitted", "assigned", "in_progress", "awaiting_confirmation", "closed"
)  # fmt: skip
_FIRED_SIDES = ("own", "above") if WHOLE else ("own",)
HELD = frozenset({f"crew:{CREW}", f"vendor:{VENDOR}"})
"""Who holds the order to which the file is attached."""

_TELLING_SIDES = ("own", "below", "district")
"""Between which a kind may differ: who serves the place, who lives below it, who is elsewhere."""

_NOT_FOUND_ALIKE = "an id that is absent and one that is out of sight answer alike"


def ask(server: Caller, world: World, things: Things, cell: Cell) -> Got:
    """Send the planned call of a cell."""
    attempt = PLAN[cell.route]
    method, _, path = cell.route.partition(" ")
    ident = things.at(attempt, cell.kind, cell.state) if cell.there else ABSENT
    path = re.sub(r"\{(\w+)\}", lambda m: ident if m[1] == "id" else REST[m[1]], path)
    more = {} if attempt.json is None else {
        "json": attempt.json, "headers": {"Content-Type": attempt.media}
    }  # fmt: skip
    if attempt.granted == 415:
        more["headers"] = {"Content-Type": "application/x-unknown"}
    query = f"?{attempt.query}" if attempt.query else ""
    return server.send(method, path + query, world.key(f"{cell.role}@{cell.side}"), **more)


def cells(world: World, name: str, attempt: Try) -> Iterator[Cell]:
    """Yield the cells of a route: kinds x roles x sides x states that could make a difference."""
    if attempt.at not in OF_TICKETS:
        yield from _cells_of_things(name, attempt)
        return
    declared = BY_NAME[name].kind
    for kind in [workflow.kind for workflow in REGISTRY] if declared is None else [declared]:
        for cell in _cells_of_tickets(name, attempt, kind):
            yield _with_facts(world, cell)


def _with_facts(world: World, cell: Cell) -> Cell:
    if not cell.there:
        return cell
    ident = world.of(cell.kind)[cell.state]
    return replace(cell, holders=world.holders(ident), parties=world.has_parties(ident))


def _cells_of_things(name: str, attempt: Try) -> Iterator[Cell]:
    sides = SIDES if attempt.at is not None or WHOLE else ("own", "district")
    kind = BY_NAME[name].kind or REPAIRS
    for role, side in product(ROLES, sides):
        yield Cell(name, role, side, kind=kind, holders=HELD)
    for role in ROLES if attempt.at is not None else ():
        yield Cell(name, role, "own", there=False, kind=kind)


def _cells_of_tickets(name: str, attempt: Try, kind: str) -> Iterator[Cell]:
    sides = SIDES if kind == REPAIRS or WHOLE else _TELLING_SIDES
    for role, side in product(ROLES, sides):
        for state in _states(attempt, kind, side):
            yield Cell(name, role, side, state, kind=kind)
    first = next(iter(_states(attempt, kind, "district")))
    for role in ROLES:
        yield Cell(name, role, "own", first, there=False, kind=kind)
    for role in (Role.CREW, Role.VENDOR_MANAGER):
        yield Cell(name, role, "unassigned", first, kind=kind)


def _states(attempt: Try, kind: str, side: str) -> tuple[str, ...]:
    if kind != REPAIRS:
        states = OUTLOOK[kind]
        every = WHOLE or (side == "own" and attempt.event is not None)
        return states if every else (states[len(states) // 2],)
    if side != "own":
        return _FAR_STATES
    return STATES if attempt.event else _READ_STATES


@pytest.mark.attack("A01")
def test_every_route_stands_in_the_plan() -> None:
    assert set(PLAN) == set(BY_NAME), "a route without a planned attack"


@pytest.mark.attack("A01", "A03")
@pytest.mark.parametrize("name", PLAN)
def test_a_door_opens_to_whom_it_says(
    name: str, world: World, server: Caller, things: Things, tally: Tally
) -> None:
    """A01: each cell answers what policy and rulings say; all its 404s are the same bytes."""
    wrong, asked, unseen = [], 0, {}
    for cell in cells(world, name, PLAN[name]):
        got = ask(server, world, things, cell)
        asked += 1
        want = _expected(cell)
        if (got.status, got.code if got.body else want[1]) != want:
            wrong.append((cell, want, got.status, got.body[:200]))
        if got.status == 404:
            unseen[got.alike()] = cell
        elif name.startswith("GET") and not _may_read(world, cell):
            assert CANARY.encode() not in got.body, f"{cell} shows what is out of sight"
    tally(asked)
    assert not wrong, f"{len(wrong)} of {asked}: {wrong[:3]}"
    assert len(unseen) <= 1, (_NOT_FOUND_ALIKE, list(unseen.values()))


def _expected(cell: Cell) -> tuple[int, str | None]:
    attempt = PLAN[cell.route]
    if cell.side == "unassigned":
        return 404, "not-found"
    return expected(cell, BY_NAME[cell.route], attempt)


def _may_read(world: World, cell: Cell) -> bool:
    """Tell whether the caller may see some ticket, on which the canary sits."""
    declared = BY_NAME[cell.route].kind
    kinds = [declared] if declared else [workflow.kind for workflow in REGISTRY]
    tickets = [ident for kind in kinds for ident in world.of(kind).values()]
    holders = frozenset().union(*(world.holders(ident) for ident in tickets))
    return sees(replace(cell, there=True, holders=holders), "ticket")


FIRED = [
    *((REPAIRS, state) for state in _FIRED_STATES),
    *((kind, state) for kind, states in OUTLOOK.items() for state in states),
]


@pytest.mark.attack("A06", "A07")
@pytest.mark.parametrize(("kind", "state"), FIRED)
def test_nobody_moves_a_ticket_beyond_role_and_state(
    kind: str, state: str, world: World, server: Caller, tally: Tally
) -> None:
    """A06, A07: 403 without the role, 409 from the wrong state, also for SYSTEM's events."""
    workflow, ident = by_kind(REGISTRY)[kind], world.of(kind)[state]
    path = f"/v1/{workflow.collection}/{ident}/events?dry_run=true"
    events = [*moves(workflow), *map(str, Mark)]
    before, holders = _shape(world, ident), world.holders(ident)
    wrong, asked = [], 0
    for role, side, event in product(ROLES, _FIRED_SIDES, events):
        cell = Cell("", role, side, state, kind=kind, holders=holders)
        if not sees(cell, "ticket"):
            continue
        got = server.send("POST", path, world.key(f"{role}@{side}"), json={"type": event})
        asked += 1
        want = (403, "forbidden-event") if event in set(Mark) and role is not Role.AUDITOR else (
            fires(cell, event)
        )  # fmt: skip
        free = got.status == 200 or got.code in ("validation-failed", "guard-refused")
        if (got.status, got.code) != want if want else not free:
            wrong.append((role, event, want, got.status, got.body[:200]))
    tally(asked)
    assert not wrong, f"{len(wrong)} of {asked}: {wrong[:3]}"
    assert _shape(world, ident) == before


def _shape(world: World, ident: str) -> object:
    return world.live.rows("SELECT state, version, seq FROM ticket WHERE id = :id", id=ident)


@pytest.mark.attack("A02")
def test_an_id_in_a_body_opens_no_second_door(world: World, server: Caller, tally: Tally) -> None:
    """A02: ids of another district in query and data are as unknown as absent ones."""
    key = world.key("dispatcher@own")
    soon = [iso(world.live.story.now + timedelta(minutes=n)) for n in (5, 30)]
    foreign = world.open(place="pine", title=FOREIGN, by="other_dispatcher")
    here = f"/v1/repair-orders/{world.tickets['accepted']}"
    pairs = [
        (f"{here}/events?dry_run=true", {"type": "merge", "data": {"into": foreign}}, ABSENT),
        (f"{here}/events?dry_run=true", {"type": "assign", "data": {
            "crew": "c-north", "price_shown_fen": 1, "visit_from": soon[0], "visit_to": soon[1]}},
         "c-nobody"),
    ]  # fmt: skip
    _north_crew(world)
    for path, body, absent in pairs:
        name, named = next((n, v) for n, v in body["data"].items() if n in ("into", "crew"))
        other = {**body, "data": {**body["data"], name: absent}}
        seen, unseen = (server.send("POST", path, key, json=sent) for sent in (body, other))
        assert (seen.status, seen.code) == (409, "guard-refused"), seen.body
        assert seen.json()["reasons"] == unseen.json()["reasons"], named
    for query in ("place=pine", "place=compound:pine", "crew=c-north", f"q={FOREIGN}&place=pine"):
        got = server.send("GET", f"/v1/repair-orders?{query}&count=exact", key)
        assert (got.json()["data"], got.json()["total"]) == ([], 0)
    nowhere = server.send("GET", f"/v1/repair-orders/{foreign}/events", key)
    assert nowhere.alike() == server.send("GET", f"/v1/repair-orders/{ABSENT}/events", key).alike()
    tally(2 * len(pairs) + 6)


def _north_crew(world: World) -> None:
    world.live.do(
        "INSERT INTO crew (id, name, place_id, place_key, skills, certificates, shifts) SELECT"
        " 'c-north', 'c-north', 'pine', key, '{}', '[]', '[]' FROM place WHERE id = 'pine'"
        " ON CONFLICT DO NOTHING"
    )


@pytest.mark.attack("A02")
@pytest.mark.parametrize("path", ["/v1/webhook-endpoints", "/v1/api-keys", "/v1/crews",
                                  "/v1/vendors", "/v1/utilities", "/v1/repair-orders"])  # fmt: skip
def test_a_foreign_place_in_a_body_is_as_unknown_as_none(
    path: str, world: World, server: Caller
) -> None:
    """A02: nothing is made, subscribed to or given out in a district that is not the caller's."""
    body = dict(PLAN[f"POST {path}"].json)
    if "url" in body:
        body["url"] = "https://93.184.216.34/"
    foreign, absent = (
        server.send("POST", path, world.key("admin@above" if path != "/v1/repair-orders" else
                    "dispatcher@above"), json={**body, "place": place})
        for place in ("pine", "nowhere-at-all")
    )  # fmt: skip
    assert foreign.faults == absent.faults == [("/place", "unknown_place")]


@pytest.mark.attack("A02")
def test_related_ids_of_files_are_bound_to_their_owner(world: World, server: Caller) -> None:
    """A02: an attachment of somebody else is as missing as one that never was."""
    mine = str(world.live.story.photo("other_dispatcher"))
    assert UUID(mine)
    path, key = "/v1/repair-orders?dry_run=true", world.key("dispatcher@own")
    body = PLAN["POST /v1/repair-orders"].json
    foreign, absent = (
        server.send("POST", path, key, json={**body, "attachments": [ident]})
        for ident in (mine, ABSENT)
    )
    assert foreign.faults == absent.faults == [("/attachments/0", "attachment_missing")]
