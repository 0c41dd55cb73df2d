"""What is special about a simulated order is written in its id."""

from datetime import UTC, datetime
from random import Random

import pytest

from service.local.fates import Fate, fate_of, left_alone, mint

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("alone", [False, True])
def test_a_minted_id_tells_its_fate_and_whether_it_is_left_alone(fate: Fate, alone: bool):
    ident = mint(Random(1), NOW, fate, alone=alone)  # noqa: S311

    assert fate_of(ident) is fate
    assert left_alone(ident) is alone


def test_a_minted_id_is_a_uuid_of_version_7_for_its_moment():
    ident = mint(Random(2), NOW)  # noqa: S311

    assert (ident.version, ident.variant) == (7, "specified in RFC 4122")
    assert ident.int >> 80 == int(NOW.timestamp() * 1000)


def test_the_same_dice_mint_the_same_ids():
    first, second = Random(5), Random(5)  # noqa: S311

    assert [mint(first, NOW) for _ in range(9)] == [mint(second, NOW) for _ in range(9)]
