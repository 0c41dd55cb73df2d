"""Rows of DOMAIN 3C.2 on penalties, the deposit, the next cycle and exit."""

from dataclasses import replace

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.errors import ForbiddenEvent
from service.core.refs import DepositRef
from service.core.shapes import stamp
from service.core.workflow import Posting
from tests.support.bench import DAY, NOW, PHOTO, PLACE, TICK, account_id
from tests.support.samples.rectification_order import (
    BENCH,
    CIRCULAR,
    DATA,
    DEDUCTION,
    DEPOSIT,
    given,
    item,
    notice,
    penalty,
    short_of,
)

V, K, S = Role.VENDOR_MANAGER, Role.COMMITTEE, Role.STREET_OFFICER
O, X = Role.COMMUNITY_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
NO_COMMITTEE = replace(PLACE, committee=False)
DEDUCT = {"step": 3, "violation": "垃圾清运不及时", "amount_fen": 20_000, "clause": "附件三"}
CIRCULATED = [penalty(2, deduction_fen=0)]
NOTIFIED = (
    "issued", "acknowledged", "in_rectification", "evidence_submitted", "reinspecting", "overdue",
    "failed", "penalized", "closed_passed", "closed_withdrawn", "closed_exit",
)  # fmt: skip


def proposed(row, *approved, **facts):
    return {"proposal": row, "cycle_no": 2, **given("penalize", *approved), **facts}


# ── proposal ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "cycle_no", "cycle", "fen"),
    [("overdue", 1, 1, 20_000), ("failed", 2, 1, 20_000), ("failed", 3, 2, 30_000),
     ("overdue", 3, 3, 40_000)],
)  # fmt: skip
def test_propose_penalty_shows_the_sum_and_takes_earlier_approvals_away(
    state, cycle_no, cycle, fen
):
    """S-62: amount × cycle factor; a failed cycle has already been counted."""
    facts = {"cycle_no": cycle_no, "penalties": CIRCULATED, **given("penalize", (S, 0))}
    played = BENCH.play("propose_penalty", K, BENCH.ticket(state, facts=facts), DEDUCT)
    proposal = played.facts["proposal"]

    assert (played.state, played.clocks) == (state, ())
    assert (proposal["cycle"], proposal["deduction_fen"]) == (cycle, fen)
    assert proposal["clause"] == "附件三"
    assert played.facts["approvals"] == {}


@pytest.mark.parametrize(
    ("step", "facts", "extra", "codes"),
    [
        (2, {}, {}, set()),
        (4, {}, {}, {"step_skipped"}),
        (4, {}, {"ground": "veto"}, set()),
        (4, {}, {"ground": "serious_violation"}, set()),
        (4, {"serious": True}, {}, set()),
        (4, {"penalties": [penalty(2), penalty(3)]}, {}, set()),
        (5, {"penalties": [penalty(2), penalty(3)]}, {}, {"step_skipped"}),
        (4, {"subject": "developer"}, {"ground": "veto"}, {"no_such_step"}),
        (7, {"subject": "developer", "penalties": [penalty(2)]}, {}, set()),
    ],
)
def test_no_step_of_the_ladder_is_skipped(step, facts, extra, codes):
    data = {"step": step, "violation": "x", **extra}
    order = BENCH.ticket("overdue", facts=facts)

    assert BENCH.refusals("propose_penalty", S, order, data) == codes


@pytest.mark.parametrize(
    ("deposit", "codes"),
    [
        (DepositRef("v1", "lotus", 1_000_000, 20_000), set()),
        (DepositRef("v1", "lotus", 1_000_000, 19_999), {"deduction_exceeds_deposit"}),
        (None, {"deduction_exceeds_deposit"}),
    ],
)
def test_deduction_exceeds_deposit_is_refused(deposit, codes):
    refs = {"deposit": deposit}
    order = BENCH.ticket("overdue", facts={"penalties": CIRCULATED})
    approved = proposed(DEDUCTION, (K, 0), (S, 0), penalties=CIRCULATED)

    assert BENCH.refusals("propose_penalty", S, order, DEDUCT, refs=refs) == codes
    assert BENCH.refusals("penalize", X, BENCH.ticket("failed", facts=approved), refs=refs) == codes


# ── approvals and penalty ────────────────────────────────────────────────────


@pytest.mark.parametrize(("event", "state"), [("penalize", "overdue"), ("pass", "reinspecting")])
def test_an_approval_is_kept_by_account_and_given_once(event, state):
    played = BENCH.play("approve", S, state, {"event": event})
    again = BENCH.ticket(state, facts=played.facts)

    assert played.facts == given(event, (S, 0))
    assert BENCH.refusals("approve", S, again, {"event": event}) == {"already_approved"}


@pytest.mark.parametrize("state", ["failed", "overdue"])
def test_penalize_with_committee_and_street_counts_an_overdue_cycle_too(state):
    order = BENCH.ticket(
        state, facts={**proposed(CIRCULAR, (K, 0)), "cycle_no": 2 if state == "failed" else 1}
    )
    played = BENCH.play("penalize", S, order)
    taken = played.facts["penalties"][-1]

    assert (played.state, played.clocks) == ("penalized", ("stop cure",))
    assert (taken["step"], taken["approved_by"]) == (2, [account_id(K), account_id(S)])
    assert played.facts["cycle_no"] == 2
    assert played.facts["proposal"] is None
    assert {(c.subject, c.points) for c in played.change.credits} == {
        ("company", -5),
        ("manager", -5),
    }
    assert played.topics == ("rectification_order.circular",)
    assert not played.change.postings


@pytest.mark.parametrize(
    ("row", "place", "subject", "groups"),
    [
        (CIRCULAR, PLACE, "vendor", (K, S)),
        (DEDUCTION, PLACE, "vendor", (K, S, X)),
        (CIRCULAR, NO_COMMITTEE, "vendor", (S, X)),
        (DEDUCTION, NO_COMMITTEE, "vendor", (S, X)),
        (CIRCULAR, PLACE, "committee", (S, X)),
    ],
)
def test_approval_missing_is_refused_until_each_body_has_spoken(row, place, subject, groups):
    """R-FIN-02: the bureau from a deduction on; street and bureau where no committee decides."""
    *others, last = groups
    for n in range(len(others) + 1):
        given_by = [(role, 0) for role in others[:n]]
        order = BENCH.ticket("failed", facts=proposed(row, *given_by, subject=subject))
        refused = BENCH.refusals("penalize", last, order, refs={"place": place})
        assert refused == (set() if n == len(others) else {"approval_missing"})


def test_no_proposal_is_refused():
    order = BENCH.ticket("failed", facts=given("penalize", (K, 0)))

    assert BENCH.refusals("penalize", S, order) == {"no_proposal"}


def test_a_deduction_goes_to_the_compounds_public_account():
    order = BENCH.ticket("failed", facts=proposed(DEDUCTION, (K, 0), (S, 0)))
    played = BENCH.play("penalize", X, order)

    assert played.change.postings == (
        Posting("v1", "lotus", "deposit:v1:lotus", "public:lotus", 20_000, "deduction"),
    )
    assert played.clocks == ("stop cure", "start top_up")
    assert played.topics == ("rectification_order.deduction",)


@pytest.mark.parametrize(
    ("deposit", "clocks", "low"),
    [
        (replace(DEPOSIT, balance_fen=1_020_000), ("stop cure",), False),
        (replace(DEPOSIT, balance_fen=1_019_999), ("stop cure", "start top_up"), False),
        (replace(DEPOSIT, balance_fen=520_000), ("stop cure", "start top_up"), False),
        (replace(DEPOSIT, balance_fen=519_999), ("stop cure", "start top_up"), True),
    ],
)
def test_what_is_left_decides_on_top_up_and_on_new_contracts(deposit, clocks, low):
    order = BENCH.ticket("failed", facts=proposed(DEDUCTION, (K, 0), (S, 0)))
    played = BENCH.play("penalize", X, order, refs={"deposit": deposit})

    assert played.clocks == clocks
    assert ("rectification_order.deposit_low" in played.topics) is low


@pytest.mark.parametrize(
    ("step", "topic", "vendors"),
    [
        (4, "black_list_due", ()),
        (5, "black_list_due", ()),
        (6, "market_exit", (("v1", {"market_exit": True}),)),
        (7, "transferred", ()),
    ],
)
def test_the_higher_steps_tell_who_decides_next(step, topic, vendors):
    row = CIRCULAR | {"step": step, "ground": "veto"}
    order = BENCH.ticket("failed", facts=proposed(row, (K, 0), (S, 0)))
    played = BENCH.play("penalize", X, order)

    assert played.topics == (f"rectification_order.{topic}",)
    assert played.change.notices[0][1] == {"step": step, "vendor": "v1"}
    assert played.change.vendors == vendors
    assert played.facts["serious"] is True


# ── the company's objection, top-up ──────────────────────────────────────────


@pytest.mark.parametrize("state", NOTIFIED)
def test_object_deduction_stands_beside_it_and_changes_nothing_else(state):
    order = BENCH.ticket(state, facts={"penalties": [penalty(), penalty(2, deduction_fen=0)]})
    played = BENCH.play("object_deduction", V, order, DATA["object_deduction"])
    deduction, circular = played.facts["penalties"]

    assert (played.state, played.clocks, played.change.postings) == (state, (), ())
    assert deduction["objection"]["proof"] == [PHOTO]
    assert "objection" not in circular


@pytest.mark.parametrize(
    ("penalties", "late", "codes"),
    [
        ([], 0 * DAY, {"no_deduction"}),
        ([penalty(2, deduction_fen=0)], 0 * DAY, {"no_deduction"}),
        ([penalty()], 5 * DAY, set()),
        ([penalty()], 5 * DAY + TICK, {"objection_too_late"}),
        ([penalty(objection={"reason": "x"})], DAY, {"already_objected"}),
    ],
)
def test_the_company_objects_once_within_five_days(penalties, late, codes):
    order = BENCH.ticket("penalized", facts={"penalties": penalties})
    refused = BENCH.refusals(
        "object_deduction", V, order, DATA["object_deduction"], at=NOW + late, now=NOW + late
    )

    assert refused == codes


@pytest.mark.parametrize("state", NOTIFIED)
@pytest.mark.parametrize(
    ("short", "clocks"), [(20_000, ("stop top_up",)), (20_001, ())]
)  # fmt: skip
def test_record_top_up_stops_its_clock_when_the_deposit_is_whole(state, short, clocks):
    refs = {"deposit": short_of(short)}
    played = BENCH.play("record_top_up", S, state, DATA["record_top_up"], refs=refs)

    assert (played.state, played.clocks) == (state, clocks)
    assert played.change.postings == (
        Posting("v1", "lotus", "vendor:v1", "deposit:v1:lotus", 20_000, "top_up"),
    )


@pytest.mark.parametrize("deposit", [None, DEPOSIT])
def test_nothing_to_top_up_is_refused(deposit):
    refs = {"deposit": deposit}

    assert BENCH.refusals("record_top_up", S, "penalized", DATA["record_top_up"], refs=refs) == {
        "nothing_to_top_up"
    }


# ── next cycle, exit ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["penalized", "failed"])
def test_reissue_opens_a_cycle_of_what_has_not_passed(state):
    facts = {
        "items": [item(1, "failed"), item(2, "passed")], "cycle_no": 2,
        "dispute_of_notice": {"reason": "x"}, "proposal": CIRCULAR,
    }  # fmt: skip
    played = BENCH.play("reissue", K, BENCH.ticket(state, facts=facts))

    assert (played.state, played.clocks) == ("issued", ("start ack_notice", "start cure"))
    assert played.due["cure"] == NOW + 3.5 * DAY
    assert [i["state"] for i in played.facts["items"]] == ["open", "passed"]
    assert played.facts["notice"] == notice(
        no="RC-20261121-0007-2", at=stamp(NOW), deadline=stamp(NOW + 3.5 * DAY),
        span_ms=302_400_000,
    )  # fmt: skip
    forgotten = ("ack", "dispute_of_notice", "extension_request", "proposal")
    assert [played.facts[name] for name in forgotten] == [None] * 4


@pytest.mark.parametrize(
    ("time", "codes"),
    [
        (0 * DAY, {"deadline_past"}),
        (3.5 * DAY, set()),
        (3.5 * DAY + TICK, {"deadline_too_far"}),
    ],
)
def test_the_next_deadline_is_at_most_half_of_the_first(time, codes):
    data = {"deadline": stamp(NOW + time)}

    assert BENCH.refusals("reissue", K, "failed", data) == codes


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"cycle_no": 2}, {"too_few_cycles"}),
        ({"cycle_no": 3}, set()),
        ({"cycle_no": 2, "serious": True}, set()),
    ],
)
def test_exit_follows_the_third_cycle_or_a_serious_violation(facts, codes):
    order = BENCH.ticket("penalized", facts=facts)

    assert BENCH.refusals("to_exit", K, order, DATA["to_exit"]) == codes


@pytest.mark.parametrize(
    ("subject", "by", "outcome", "topics"),
    [
        ("vendor", K, "exit_review", ()),
        ("developer", K, "reported_to_authority", ()),
        ("committee", S, "decision_revoked", ("rectification_order.decision_revoked",)),
    ],
)
def test_to_exit_hands_over_and_revokes_a_committees_decision(subject, by, outcome, topics):
    order = BENCH.ticket("penalized", facts={"subject": subject, "cycle_no": 3})
    played = BENCH.play("to_exit", by, order, DATA["to_exit"])

    assert (played.state, played.clocks) == ("closed_exit", ("end dispute_answer",))
    assert (played.facts, played.topics) == ({"outcome": outcome}, topics)


def test_the_community_has_no_say_in_penalties():
    with pytest.raises(ForbiddenEvent):
        BENCH.play("approve", O, "failed", {"event": "penalize"})


@pytest.mark.parametrize(("state", "other"), [("failed", "pass"), ("reinspecting", "penalize")])
def test_nobody_approves_what_cannot_come_next(state, other):
    with pytest.raises(ValidationError, match="not_allowed"):
        BENCH.play("approve", S, state, {"event": other})
