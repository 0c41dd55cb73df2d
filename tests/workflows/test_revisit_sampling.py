import pytest

from service.workflows.revisit_sampling import ClosedOrder, sample, sample_size

PLAIN = [ClosedOrder(f"o{n:03}") for n in range(100)]


@pytest.mark.parametrize(
    ("closed", "ratio", "size"),
    [(0, 0.3, 0), (1, 0.3, 1), (3, 0.3, 1), (4, 0.3, 2), (10, 0.3, 3), (11, 0.3, 4),
     (100, 0.3, 30), (10, 0.0, 0), (7, 1.0, 7)],
)  # fmt: skip
def test_the_size_is_rounded_up_and_never_by_a_floating_error(closed, ratio, size):
    assert sample_size(closed, ratio) == size


def test_the_same_seed_gives_the_same_sample_whatever_the_order():
    drawn = sample(PLAIN, ratio=0.3, seed=7)

    assert len(drawn) == len(set(drawn)) == 30
    assert sample(reversed(PLAIN), ratio=0.3, seed=7) == drawn
    assert sample(PLAIN, ratio=0.3, seed=8) != drawn


@pytest.mark.parametrize("why", ["emergency", "unconfirmed", "rework", "unsatisfied"])
def test_some_orders_are_always_included_even_beyond_the_size(why):
    special = [ClosedOrder(f"s{n}", **{why: True}) for n in range(3)]

    drawn = sample([*PLAIN[:4], *special], ratio=0.3, seed=1)

    assert sorted(drawn) == ["s0", "s1", "s2"]


def test_the_always_included_count_towards_the_size():
    drawn = sample([*PLAIN[:9], ClosedOrder("s", emergency=True)], ratio=0.3, seed=1)

    assert len(drawn) == 3
    assert drawn[0] == "s"


def test_an_unreachable_order_is_replaced_by_another():
    first = sample(PLAIN, ratio=0.3, seed=7)

    again = sample(PLAIN, ratio=0.3, seed=7, without={first[0]})

    assert len(again) == 30
    assert set(first) - set(again) == {first[0]}
    assert len(set(again) - set(first)) == 1


def test_nobody_is_left_to_call():
    assert sample(PLAIN[:1], ratio=1, seed=7, without={"o000"}) == ()


def test_an_unconfirmed_order_is_called_first_about_twice_as_often():
    pair = [ClosedOrder("a", rework=True), ClosedOrder("b", unconfirmed=True)]

    heavy = sum(sample(pair, ratio=1, seed=seed)[0] == "b" for seed in range(3000))

    assert 1900 < heavy < 2100
