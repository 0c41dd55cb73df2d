"""The checker is honest: every planted bug is caught, and without one nothing is found."""

from collections.abc import Iterator

import pytest

from service.local.servers import Servers
from tests.faults import scenes
from tests.faults.planting import Plant, caught_by, kinds, markdown
from tests.faults.plants import EVERYTHING, PLANTS
from tests.faults.scenes import World
from tests.support.servers import copied_database

pytestmark = [pytest.mark.fault, pytest.mark.db]


@pytest.fixture
def world(
    servers: Servers, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with (
        copied_database(servers, "anju_plants") as database,
        scenes.world_in(database, tmp_path_factory.mktemp("plants")) as made,
    ):
        yield made


def test_nothing_is_found_where_nothing_is_planted(world: World):
    scenes.play(world, tuple(EVERYTHING.values()))

    assert scenes.judge(world) == []


@pytest.mark.parametrize("planted", PLANTS, ids=[planted.name for planted in PLANTS])
def test_a_planted_bug_is_caught(world: World, planted: Plant):
    found = kinds(caught_by(world, planted))

    assert planted.caught <= found


def test_every_scene_is_spoilt_by_some_plant():
    assert {scene for planted in PLANTS for scene in planted.scenes} == set(EVERYTHING.values())


def test_the_table_shows_what_was_demanded_and_what_got_away():
    late = ("I1", "rung_age")
    first = next(planted for planted in PLANTS if planted.caught == {late})
    second = next(planted for planted in PLANTS if late not in planted.caught)

    table = markdown([(first, {late, ("I12", "x"), ("I2", "y")}), (second, set())])

    assert table.splitlines()[2].endswith("| **I1 rung_age**, I2 y, I12 x |")
    assert table.splitlines()[3].endswith("| NOBODY |")
