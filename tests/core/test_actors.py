import pytest

from service.core.actors import SYSTEM, Role
from tests.support.repair import actor


@pytest.mark.parametrize(
    ("own", "path", "covered"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", True),
        ("a/b", "a", False),
        ("a/b", "a/bc", False),
        ("a/b", "x/a/b", False),
    ],
)
def test_an_actor_covers_the_own_node_and_what_lies_below(own, path, covered):
    assert actor(Role.MANAGER, place_path=own).covers(path) is covered


def test_only_the_service_covers_everything():
    assert SYSTEM.covers("any/where")
