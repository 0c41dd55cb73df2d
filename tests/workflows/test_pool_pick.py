from datetime import timedelta

import pytest

from service.workflows.pool_pick import eligible, ranked
from tests.support.repair import DAY, candidate

GOOD = candidate("p1")


def order(*pool, **around):
    return [c.vendor.id for c in ranked(pool, trade="water", day=DAY, **around)]


@pytest.mark.parametrize(
    "changes",
    [
        {"pool_active": False},
        {"pool_trades": frozenset({"lift"})},
        {"pool_valid_until": DAY - timedelta(days=1)},
        {"pool_valid_until": None},
        {"listed": "black"},
        {"market_exit": True},
        {"open_orders": 5},
    ],
)
def test_who_may_not_be_asked(changes):
    assert eligible(GOOD, trade="water", day=DAY)
    assert not eligible(candidate(**changes), trade="water", day=DAY)


def test_one_free_place_is_enough():
    assert eligible(candidate(open_orders=4), trade="water", day=DAY)


def test_a_trade_without_particular_skill_is_open_to_all():
    assert eligible(GOOD, trade="general", day=DAY)


def test_the_red_list_comes_first_then_fewest_orders_then_timeliness_then_the_draw():
    pool = (
        candidate("late", timeliness=0.5, draw=0.1),
        candidate("lucky", draw=0.2),
        candidate("unlucky", draw=0.8),
        candidate("busy", orders_30d=3),
        candidate("red", listed="red", orders_30d=9, timeliness=0.1),
    )

    assert order(*pool) == ["red", "lucky", "unlucky", "late", "busy"]
    assert order(*reversed(pool)) == order(*pool)


def test_who_was_passed_over_is_not_asked_again():
    assert order(GOOD, candidate("p2"), without={"p1"}) == ["p2"]
