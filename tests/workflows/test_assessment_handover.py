"""Rows of DOMAIN 3C.1 after the vote: notice, successor, hand-over, market exit."""

from dataclasses import replace

import pytest
from marshmallow import ValidationError

from service.core.errors import GuardRefused
from service.core.shapes import stamp
from service.core.workflow import Credit
from service.workflows.table import K, S, X
from tests.support.bench import (
    DAY,
    NOW,
    PHOTO,
    TICK,
    VENDOR,
    account_id,
    after,
)
from tests.support.samples.vendor_assessment import (
    BENCH,
    DATA,
    HANDED_OVER,
    OTHER,
    order,
)

COMPANY = {"company": True}
SERIOUS = {"serious": True, "approvals": {"finish_handover": {account_id(X): str(X)}}}


# ── notice ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("span", "refused"),
    [(60 * DAY - TICK, {"notice_too_short"}), (60 * DAY, set()), (60 * DAY + TICK, set())],
)
def test_a_company_is_told_sixty_days_before(span, refused):
    voted = BENCH.ticket("exit_voted", facts=COMPANY)
    data = {"leaves_at": after(span), "document": PHOTO}

    assert BENCH.refusals("give_notice", K, voted, data) == refused


@pytest.mark.parametrize(
    ("span", "refused"), [(30 * DAY - TICK, {"notice_too_short"}), (30 * DAY, set())]
)
def test_a_service_vendor_is_told_as_its_contract_says(span, refused):
    data = DATA["give_notice"] | {"leaves_at": after(span)}

    assert BENCH.refusals("give_notice", K, "exit_voted", data) == refused


def test_the_contracts_term_must_be_known():
    data = {"leaves_at": after(90 * DAY), "document": PHOTO}

    assert BENCH.refusals("give_notice", K, "exit_voted", data) == {"contract_term_missing"}


def test_a_contract_gives_a_day_at_least():
    data = DATA["give_notice"] | {"leaves_at": after(DAY)}

    assert not BENCH.refusals("give_notice", K, "exit_voted", data | {"contract_days": 1})
    with pytest.raises(ValidationError, match="contract_days"):
        BENCH.play("give_notice", K, "exit_voted", data | {"contract_days": 0})


def test_a_notice_runs_until_the_vendor_leaves():
    played = BENCH.play("give_notice", K, "exit_voted", DATA["give_notice"])

    assert (played.state, played.clocks) == ("handover", ("start notice",))
    assert played.due["notice"] == NOW + 30 * DAY
    assert played.facts["notice"]["leaves_at"] == after(30 * DAY)
    assert played.topics == ("vendor_assessment.successor_wanted",)


# ── hand-over ────────────────────────────────────────────────────────────────


def test_a_successor_is_named():
    played = BENCH.play("name_successor", K, "handover", {"vendor": "v2"}, refs={"vendor": OTHER})

    assert played.facts == {"successor": {"id": "v2", "name": "清源保洁"}}


@pytest.mark.parametrize(
    ("code", "vendor"),
    [
        ("unknown_vendor", None),
        ("vendor_out_of_area", replace(OTHER, place_path="wuyi")),
        ("itself_successor", VENDOR),
        ("vendor_black_listed", replace(OTHER, listed="black")),
        ("market_exit", replace(OTHER, market_exit=True)),
    ],
)
def test_a_successor_is_refused(code, vendor):
    data, refs = {"vendor": "v2"}, {"vendor": vendor}

    assert BENCH.refusals("name_successor", S, "handover", data, refs=refs) == {code}


@pytest.mark.parametrize("role", [K, S])
def test_a_finished_hand_over_enters_the_credit_file(role):
    played = BENCH.play("finish_handover", role, "handover", HANDED_OVER)

    assert (played.state, played.clocks) == ("exited", ("stop notice",))
    assert played.facts["handover"] == HANDED_OVER | {"at": stamp(NOW)}
    assert played.change.credits == (Credit("v1", "company", 0, "vendor_exited"),)
    assert played.change.vendors == ()


@pytest.mark.parametrize(
    ("code", "data", "refs"),
    [
        *(("handover_incomplete", {part: False}, {}) for part in ("rooms", "files", "keys")),
        ("handover_incomplete", {"assets": False}, {}),
        ("deposit_unsettled", {"deposit_settled": False}, {}),
        ("handover_open_tickets", {}, {"open_tickets": (order("found").ticket,)}),
    ],
)
def test_a_hand_over_is_refused(code, data, refs):
    found = BENCH.refusals("finish_handover", S, "handover", HANDED_OVER | data, refs=refs)

    assert found == {code}


def test_leaving_without_a_hand_over_costs_points_once_and_is_serious():
    played = BENCH.play("leave_without_handover", K, "handover", DATA["leave_without_handover"])

    assert played.state == "handover"
    assert played.facts["serious"] is True
    assert played.change.credits == (Credit("v1", "company", -20, "malicious_withdrawal"),)
    assert played.topics == ("vendor_assessment.emergency_service",)
    left = BENCH.ticket("handover", facts=played.facts)
    data = DATA["leave_without_handover"]
    assert BENCH.refusals("leave_without_handover", K, left, data) == {"already_left"}


def test_after_a_serious_violation_the_market_must_be_spoken_of():
    serious = BENCH.ticket("handover", facts={"serious": True})

    found = BENCH.refusals("finish_handover", K, serious, HANDED_OVER)

    assert found == {"market_exit_undecided"}
    kept = BENCH.play("finish_handover", K, serious, HANDED_OVER | {"market_exit": False})
    assert kept.change.vendors == ()


def test_the_bureau_and_the_committee_clear_a_serious_violator_from_the_market():
    data = HANDED_OVER | {"market_exit": True}

    played = BENCH.play("finish_handover", K, BENCH.ticket("handover", facts=SERIOUS), data)

    assert played.change.vendors == (("v1", {"market_exit": True}),)
    assert played.facts["market_exit"] is True
    assert played.facts["approvals"] == {}


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("approval_missing", {"serious": True}),
        ("not_serious", {"approvals": SERIOUS["approvals"]}),
    ],
)
def test_nobody_is_cleared_from_the_market_without_cause_or_bureau(code, facts):
    data = HANDED_OVER | {"market_exit": True}

    found = BENCH.refusals("finish_handover", K, BENCH.ticket("handover", facts=facts), data)

    assert found == {code}


def test_the_bureau_decides_on_the_market_only():
    with pytest.raises(GuardRefused, match="not_applicable"):
        BENCH.play("finish_handover", X, "handover", HANDED_OVER)
