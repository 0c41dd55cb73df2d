"""A02, A03: a ticket of another district is as absent as one that never was, whatever its kind."""

import json
from typing import Any

import pytest

from service.core.workflow import Workflow
from service.workflows import REGISTRY
from tests.attacks.client import Caller
from tests.attacks.conftest import Tally
from tests.attacks.world import ROLES, World, uuid_of
from tests.support.roads import Road, road_of

SENTINEL = "WACHTPOSTEN"
ABSENT = uuid_of(2)


def _there(road: Road) -> dict[str, Any]:
    """Return the road's facts as they are told in the other district, by its own firm."""
    facts: dict[str, Any] = json.loads(json.dumps(road.facts).replace("v-lotus", "v-north"))
    return facts


def post(world: World, kind: str) -> str:
    """Post a sentinel: a ticket of the kind in the other district."""
    road, story = road_of(kind), world.live.story
    world.live.do(
        "INSERT INTO vendor (id, name, place_id, place_key, service_lines, pool_trades) SELECT"
        " 'v-north', :name, id, key, '{repair}', '{}' FROM place WHERE id = 'north'"
        " ON CONFLICT DO NOTHING", name=f"{SENTINEL} 物业",
    )  # fmt: skip
    by = f"{story.actor(road.by).role}@district"
    story.open(kind, by, place="pine", category=road.category, facts=_there(road),
               title=SENTINEL, description=SENTINEL)  # fmt: skip
    return str(story.order)


@pytest.mark.attack("A02", "A03")
@pytest.mark.parametrize("workflow", REGISTRY, ids=lambda workflow: workflow.kind)
def test_a_sentinel_of_another_district_is_seen_by_nobody_here(
    workflow: Workflow, world: World, server: Caller, tally: Tally
) -> None:
    ident, path = post(world, workflow.kind), f"/v1/{workflow.collection}"
    number = world.value("SELECT number FROM ticket WHERE id = :id", id=ident)
    doors = ["", "/events", "/notes", "/related", "/clocks", "/available-events"]
    doors += [f"/{segment}" for segment in workflow.lists]
    asked = 0
    for who in (f"{role}@{side}" for role in ROLES for side in ("own", "above")):
        key = world.key(who)
        unseen = {server.send("GET", f"{path}/{ABSENT}", key).alike()}
        unseen |= {server.send("GET", f"{path}/{named}{door}", key).alike()
                   for named in (ident, number) for door in doors}  # fmt: skip
        assert len(unseen) == 1, who
        assert next(iter(unseen))[0] == 404, who
        for listed in (f"{path}?q={SENTINEL}&count=exact", "/v1/tickets?place=pine&count=exact"):
            found = server.send("GET", listed, key)
            assert (found.json()["data"], found.json()["total"]) == ([], 0), (who, listed)
        asked += 3 + 2 * len(doors)
    tally(asked)
