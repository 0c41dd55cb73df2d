"""A05: what is said under seal or in a private note is in no answer, for anybody, at any door."""

from collections.abc import Iterator

import pytest

from service.api.all import ROUTES
from service.workflows import REGISTRY
from tests.attacks.client import Caller
from tests.attacks.conftest import Tally
from tests.attacks.world import REPAIRS, ROLES, World
from tests.support.roads import SEALED

PRIVATE, SHARED = "PRIVATNOTIZ", "TEILNOTIZ"
_SIDES = ("own", "above", "below")
_EVERYWHERE = (
    "/v1/tickets?limit=200", "/v1/changes?after=0&limit=200", "/v1/inbox?limit=200",
    "/v1/exports/audit", "/v1/reports/sla-breaches/rows?from=2026-11-01&to=2026-12-31",
    "/v1/parties?limit=200",
)  # fmt: skip


def doors(world: World, kind: str) -> Iterator[str]:
    """Yield every address that shows something of the tickets of a kind."""
    yield from _EVERYWHERE
    yield from (f"/v1/tickets?q={canary}" for canary in (SEALED, PRIVATE, SHARED))
    for route in ROUTES:
        if route.method != "GET" or route.kind != kind or route.path.endswith("/explain"):
            continue
        if "{id}" not in route.path:
            yield f"{route.path}?limit=200"
            continue
        for ident in world.of(kind).values():
            yield route.path.replace("{id}", ident)
    yield from (f"/v1/tickets/{ident}" for ident in world.of(kind).values())


def show(world: World, server: Caller, kind: str, canary: str, *, but: set[str]) -> set[str]:
    """Return who finds a canary at which door; those in `but` may."""
    names = [f"{role}@{side}" for role in ROLES for side in _SIDES]
    names += ["resident", "neighbour", "vendor_manager", "mediator", "mediator_t2", "committee"]
    return {
        f"{who}: {door}"
        for who in names
        if who not in but
        for door in doors(world, kind)
        if canary.encode() in server.send("GET", door, world.key(who)).body
    }


@pytest.mark.attack("A05")
def test_a_sealed_vote_is_shown_to_nobody(world: World, server: Caller, tally: Tally) -> None:
    """Not even to who cast it: what cannot be shown cannot be bought or forced."""
    found = show(world, server, "vendor_assessment", SEALED, but=set())

    assert world.value("SELECT count(*) FROM ticket_child WHERE row::text LIKE :what",
                       what=f"%{SEALED}%")  # fmt: skip
    assert not found
    tally(len(list(doors(world, "vendor_assessment"))) * len(ROLES) * len(_SIDES))


@pytest.mark.attack("A05")
@pytest.mark.parametrize(("kind", "state", "more"), [
    ("complaint", "in_handling", {}), ("listed_supervision", "in_rectification", {
        "ground": "shirking"})])  # fmt: skip
def test_a_transfer_to_discipline_inspection_is_shown_to_nobody(
    kind: str, state: str, more: dict[str, str], world: World, server: Caller, tally: Tally
) -> None:
    story = world.live.story.about(world.of(kind)[state])
    words = {"officials": f"{SEALED} 某科长", "finding": SEALED}
    story.fire("transfer_discipline", "street_officer", data={**words, **more})

    found = show(world, server, kind, SEALED, but=set())

    assert not found
    tally(len(ROLES) * len(_SIDES))


@pytest.fixture(scope="session")
def noted(world: World) -> World:
    """Give a case with a note of each level, by the mediator of its tier."""
    story = world.live.story
    story.about(world.of("dispute_case")["in_session"])
    story.note("mediator", f"{PRIVATE} 双方均有隐情", level="private")
    story.note("mediator", f"{SHARED} 申请人愿让步", level="shared", party=1)
    return world


@pytest.mark.attack("A05")
def test_a_private_note_is_shown_to_its_author_only(
    noted: World, server: Caller, tally: Tally
) -> None:
    found = show(noted, server, "dispute_case", PRIVATE, but={"mediator"})

    notes = f"/v1/dispute-cases/{noted.of('dispute_case')['in_session']}/notes"
    assert PRIVATE.encode() in server.send("GET", notes, noted.key("mediator")).body
    assert not found
    tally(len(ROLES) * len(_SIDES))


@pytest.mark.attack("A05")
def test_a_shared_note_stays_with_the_body_and_the_party_it_is_for(
    noted: World, server: Caller, tally: Tally
) -> None:
    """Shared with party 1, the household h-2-101: its residents read it, the firm does not."""
    body = {f"mediator@{side}" for side in _SIDES} | {"mediator"}
    party = {"resident", "resident@below"}

    found = show(noted, server, "dispute_case", SHARED, but=body | party)

    notes = f"/v1/dispute-cases/{noted.of('dispute_case')['in_session']}/notes"
    for who in ("mediator", "mediator@own", "resident"):
        assert SHARED.encode() in server.send("GET", notes, noted.key(who)).body, who
    assert not found
    tally(len(ROLES) * len(_SIDES))


@pytest.mark.attack("A05")
def test_nothing_that_leaves_the_house_or_is_kept_for_an_answer_holds_a_secret(
    noted: World,
) -> None:
    """Sealed words lie in one table and notes in another: not in history, letters or answers."""
    tables = [str(name) for (name,) in noted.live.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]  # fmt: skip

    def holds(table: str, canary: str) -> bool:
        query = f"SELECT count(*) FROM {table} t WHERE t::text LIKE :what"
        return bool(noted.value(query, what=f"%{canary}%"))

    holding = {
        (table, canary)
        for table in tables
        for canary in (SEALED, PRIVATE, SHARED)
        if holds(table, canary)
    }

    assert holding == {("ticket_child", SEALED), ("note", PRIVATE), ("note", SHARED)}


def test_every_sealed_member_is_attacked() -> None:
    """A kind that seals something new needs an attack of its own."""
    sealing = {
        (workflow.kind, step.event)
        for workflow in REGISTRY
        for step in workflow.steps
        if step.sealed
    }

    assert REPAIRS not in {kind for kind, _ in sealing}
    assert sealing == {
        ("vendor_assessment", "grade"),
        ("complaint", "transfer_discipline"),
        ("listed_supervision", "transfer_discipline"),
    }
