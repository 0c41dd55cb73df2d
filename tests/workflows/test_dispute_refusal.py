"""A dispute case that is not taken, and the appeal against that."""

from datetime import timedelta

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.shapes import stamp
from tests.support.bench import DAY, OPENED, TICK
from tests.support.samples.dispute_case import BENCH, DATA, running

R, V, T, S = Role.RESIDENT, Role.VENDOR_MANAGER, Role.MEDIATOR, Role.STREET_OFFICER


def test_a_refusal_keeps_its_code_and_tells_the_legal_ways():
    played = BENCH.play("refuse", T, BENCH.ticket("screening"), DATA["refuse"])

    assert played.facts["refusal"]["code"] == "outside_territory"
    assert played.change.notices == (("dispute_case.legal_ways", {"ways": ["court", "authority"]}),)


@pytest.mark.parametrize("wrong", [{"code": "tier_skipped"}, {"ways": None}])
def test_skipping_is_no_reason_to_refuse_and_ways_are_always_told(wrong):
    data = {k: v for k, v in {**DATA["refuse"], **wrong}.items() if v is not None}

    with pytest.raises(ValidationError):
        BENCH.play("refuse", T, BENCH.ticket("screening"), data)


@pytest.mark.parametrize(
    ("late", "codes"), [(-TICK, set()), (timedelta(), set()), (TICK, {"appeal_closed"})]
)
def test_a_refusal_is_appealed_against_within_five_days(late, codes):
    refs = {"clocks": (running("appeal", OPENED + 5 * DAY),)}
    at = OPENED + 5 * DAY + late

    on = BENCH.ticket("refused")

    assert BENCH.refusals(
        "appeal_refusal", R, on, DATA["appeal_refusal"], refs=refs, at=at, now=at
    ) == codes  # fmt: skip


def test_a_refusal_is_appealed_against_once():
    refs = {"clocks": (running("appeal", OPENED + 5 * DAY, state="stopped"),)}

    assert BENCH.refusals(
        "appeal_refusal", R, BENCH.ticket("refused"), DATA["appeal_refusal"], refs=refs
    ) == {"appeal_closed"}


def test_the_other_side_does_not_appeal():
    on = BENCH.ticket("refused")

    assert BENCH.refusals("appeal_refusal", V, on, DATA["appeal_refusal"]) == {"not_applicant"}


@pytest.mark.parametrize(
    ("decision", "state"), [("overturned", "screening"), ("upheld", "refused")]
)
def test_the_street_decides_an_appeal(decision, state):
    on = BENCH.ticket("refused", facts={"appeal": {"at": stamp(OPENED)}})

    played = BENCH.play("decide_appeal", S, on, {"decision": decision, "reason": "已复核"})

    assert played.state == state
    assert played.facts["appeal"]["decision"] == decision


@pytest.mark.parametrize("appeal", [None, {"at": "x", "decision": "upheld"}])
def test_without_a_waiting_appeal_nothing_is_decided(appeal):
    on = BENCH.ticket("refused", facts={"appeal": appeal})

    assert BENCH.refusals("decide_appeal", S, on, DATA["decide_appeal"]) == {"no_appeal"}
