"""What may be promised to a complainant, by whom, and how late (R-CMP-04, R-CMP-05, R-CMP-09)."""

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from tests.support.bench import DAY, HOUR, NOW, OPENED, TICK, account_id, after
from tests.support.repair import clock
from tests.support.samples.complaint import BENCH, DATA, received

D, M, S = Role.DISPATCHER, Role.MANAGER, Role.STREET_OFFICER


@pytest.mark.parametrize(
    ("span", "refused"),
    [
        (0 * TICK, {"promise_past"}),
        (TICK, set()),
        (2 * DAY, set()),
        (2 * DAY + TICK, {"promise_reason_missing"}),
        (7 * DAY + TICK, {"promise_reason_missing", "promise_approval_missing"}),
    ],
    ids=["now", "a-tick-ahead", "two-days", "beyond-two-days", "beyond-a-week"],
)
def test_how_far_a_promise_may_lie(span, refused):
    data = {"promise_at": after(span)}

    assert BENCH.refusals("accept", D, received(), data) == refused


@pytest.mark.parametrize(
    ("span", "refused"),
    [(7 * DAY, set()), (7 * DAY + TICK, {"promise_approval_missing"})],
    ids=["a-week", "beyond"],
)
def test_with_a_reason_a_week_is_the_most(span, refused):
    data = {"promise_at": after(span), "reason": "需要采购设备"}

    assert BENCH.refusals("accept", D, received(), data) == refused


def approval(span):
    """Return the manager's approval of a promise."""
    return {"accept": {account_id(M): {"role": "manager", "for": {"promise_at": after(span)}}}}


@pytest.mark.parametrize(
    ("span", "refused"), [(8 * DAY, set()), (8 * DAY + TICK, {"approval_for_other_content"})]
)
def test_the_promise_is_no_later_than_the_manager_approved(span, refused):
    data = {"promise_at": after(span), "reason": "需要采购设备"}

    assert BENCH.refusals("accept", D, received(approvals=approval(8 * DAY)), data) == refused


def test_an_approval_names_the_promise():
    with pytest.raises(ValidationError):
        BENCH.play("approve", M, received(), {"event": "accept"})


def test_beyond_a_week_the_manager_approves_or_accepts():
    data = {"promise_at": after(8 * DAY), "reason": "需要采购设备"}
    approved = received(approvals=approval(8 * DAY))

    assert BENCH.refusals("accept", M, received(), data) == set()
    assert BENCH.refusals("accept", D, approved, data) == set()
    assert BENCH.play("accept", D, approved, data).facts["approvals"] == {}


def test_the_manager_approves_once():
    played = BENCH.play("approve", M, received(), DATA["approve"])
    again = received(approvals=approval(8 * DAY))

    assert (played.state, played.facts["approvals"]) == ("received", approval(8 * DAY))
    assert BENCH.refusals("approve", M, again, DATA["approve"]) == {"already_approved"}


@pytest.mark.parametrize(
    ("span", "refused"),
    [(9 * DAY, set()), (9 * DAY + TICK, {"promise_beyond_limit"})],
    ids=["at-the-limit", "beyond"],
)
def test_an_authority_promises_within_its_legal_limit(span, refused):
    data = {"promise_at": after(span), "reason": "须现场核查"}
    limit = {"clocks": (clock("authority_reply", NOW + 9 * DAY),)}

    assert (
        BENCH.refusals("accept", S, received(type="violation_report"), data, refs=limit) == refused
    )


@pytest.mark.parametrize("passed", [0 * TICK, TICK, 30 * DAY], ids=["at", "after", "long-after"])
@pytest.mark.parametrize(
    ("span", "refused"), [(7 * DAY, set()), (7 * DAY + TICK, {"promise_beyond_limit"})]
)
def test_an_authority_that_is_late_still_accepts_and_promises_within_a_week(passed, span, refused):
    data = {"promise_at": after(span), "reason": "须现场核查"}
    limit = {"clocks": (clock("authority_reply", NOW - passed),)}
    ticket = received(type="violation_report")

    assert BENCH.refusals("accept", S, ticket, data, refs=limit) == refused


def test_the_time_of_a_promise_counts_from_when_it_is_given():
    data = {"promise_at": after(2 * DAY - HOUR, OPENED)}

    played = BENCH.play("accept", D, received(), data, at=OPENED)

    assert played.facts["promises"][0]["at"] == after(0 * TICK, OPENED)
