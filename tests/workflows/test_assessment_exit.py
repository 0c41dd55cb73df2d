"""Rows of DOMAIN 3C.1 from a bad grade to the vote: cure, exit review, appeal."""

import pytest
from marshmallow import ValidationError

from service.core.errors import IllegalTransition
from service.core.shapes import stamp
from service.core.workflow import BIRTH
from service.workflows.table import K, S, V, W, X
from tests.support.bench import (
    DAY,
    NOW,
    OPENED,
    PHOTO,
    SUBJECT,
    actor,
    after,
)
from tests.support.samples.vendor_assessment import (
    BENCH,
    COMMITTEE,
    DATA,
    OWNERS,
    SOURCE,
    order,
)

COMPANY = {"company": True}
APPEALED = {"exit": {"appeal": {"at": stamp(OPENED), "reason": "评审依据不足"}}}
DECIDED = {"exit": {"appeal": {"reason": "评审依据不足", "decision": "dismissed"}}}


def vote(**changes):
    """Return the data of a committee's resolution with other numbers."""
    return {"committee": COMMITTEE | changes, "document": PHOTO}


def ballot(**changes):
    """Return the data of an owners' ballot with other numbers."""
    return {"owners": OWNERS | changes, "document": PHOTO}


# ── cure ─────────────────────────────────────────────────────────────────────


def test_a_basically_satisfied_grade_leads_to_a_list_of_findings():
    graded = BENCH.ticket("graded", facts={"grade": "basically_satisfied"})

    played = BENCH.play("order_rectification", K, graded, DATA["order_rectification"])

    assert played.state == "rectifying"
    assert played.facts == {
        "findings": [{"n": 1, "what": "地下车库积尘", "where": "B1"}],
        "cure": {"grade": "ordinary", "legal_basis": "物业服务合同第八条"},
    }


@pytest.mark.parametrize("grade", ["satisfied", "dissatisfied"])
def test_no_other_grade_is_rectified(grade):
    graded, data = BENCH.ticket("graded", facts={"grade": grade}), DATA["order_rectification"]

    assert BENCH.refusals("order_rectification", K, graded, data) == {"grade_not_basic"}


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        (["closed_passed"], set()),
        (["closed_passed", "closed_withdrawn"], set()),
        (["closed_passed", "in_rectification"], {"cure_pending"}),
        (["closed_exit"], {"cure_pending"}),
        ([], {"cure_pending"}),
    ],
)
def test_the_vendor_is_kept_once_every_order_is_cured(states, refused):
    refs = {"caused": tuple(order(state, n) for n, state in enumerate(states))}

    assert BENCH.refusals("cure_passed", W, "rectifying", refs=refs) == refused


def test_a_cure_is_published():
    played = BENCH.play("cure_passed", W, "rectifying", refs={"caused": (order("closed_passed"),)})

    assert played.state == "retained"
    assert played.facts == {"published_at": stamp(NOW), "published_until": after(15 * DAY)}


@pytest.mark.parametrize(
    ("states", "cycles", "refused"),
    [
        (["closed_exit"], 0, set()),
        (["in_rectification"], 3, set()),
        (["in_rectification"], 2, {"cure_not_failed"}),
        (["closed_passed"], 0, {"cure_not_failed"}),
    ],
)
def test_a_cure_fails_when_an_order_is_given_up_or_after_three_cycles(states, cycles, refused):
    refs = {"caused": tuple(order(state) for state in states), "cycles": (OPENED,) * cycles}

    assert BENCH.refusals("cure_failed", W, "rectifying", refs=refs) == refused


def test_a_failed_cure_opens_the_exit_review():
    played = BENCH.play("cure_failed", W, "rectifying", refs={"caused": (order("closed_exit"),)})

    assert (played.state, played.clocks) == ("exit_review", ("start exit",))
    assert played.topics == ("vendor_assessment.hearing",)


# ── review ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"grade": "dissatisfied"}, set()),
        ({"grade": "dissatisfied", "veto": "重大安全责任事故"}, set()),
        ({"grade": "basically_satisfied"}, {"exit_not_justified"}),
    ],
)
def test_a_bad_grade_or_a_veto_justifies_the_review(facts, refused):
    assert BENCH.refusals("start_exit", K, BENCH.ticket("graded", facts=facts)) == refused


def test_the_review_starts_its_clock_and_invites_the_vendor():
    played = BENCH.play("start_exit", K, BENCH.ticket("graded", facts={"grade": "dissatisfied"}))

    assert (played.state, played.clocks) == ("exit_review", ("start exit",))
    assert played.facts == {"exit": {"started_at": stamp(NOW)}}
    assert played.topics == ("vendor_assessment.hearing",)


def test_an_exit_without_an_assessment_opens_in_review():
    source = SOURCE | {"serious": True}

    played = BENCH.play("open_exit", W, BIRTH, {"vendor": "v1", "source": source})

    assert (played.state, played.clocks) == ("exit_review", ("start exit",))
    assert played.change.assignee == SUBJECT
    assert played.facts["serious"] is True
    assert played.facts["exit"] == {"started_at": stamp(NOW)}


def test_it_needs_the_order_it_comes_from():
    data = {"vendor": "v1", "period": {"from": "2026-01-01", "to": "2026-12-31", "cycle": "annual"}}

    assert BENCH.refusals("open_exit", W, BIRTH, data) == {"source_missing"}


def test_the_vendor_is_heard_as_often_as_it_speaks():
    first = BENCH.play("hear", V, "exit_review", DATA["hear"])
    second = BENCH.play("hear", V, BENCH.ticket("exit_review", facts=first.facts),
                        {"statement": "另有补充", "evidence": [PHOTO]})  # fmt: skip

    assert [row["statement"] for row in second.facts["exit"]["hearing"]] == [
        "人员已补足", "另有补充",
    ]  # fmt: skip
    assert second.facts["exit"]["started_at"] == stamp(OPENED)


@pytest.mark.parametrize("event", ["hear", "appeal_exit"])
def test_only_the_vendor_under_review_speaks(event):
    other = actor(V, vendor_id="v2")

    assert BENCH.refusals(event, other, "exit_review", DATA[event]) == {"other_vendor"}


def test_an_appeal_pauses_the_review_and_a_dismissal_resumes_it():
    appealed = BENCH.play("appeal_exit", V, "exit_review", DATA["appeal_exit"])
    waiting = BENCH.ticket("exit_review", facts=appealed.facts)
    decided = BENCH.play("appeal_decided", X, waiting, DATA["appeal_decided"])

    assert appealed.clocks == ("pause exit",)
    assert (decided.state, decided.clocks) == ("exit_review", ("resume exit",))
    assert decided.facts["exit"]["appeal"]["decision"] == "dismissed"
    assert decided.facts["exit"]["appeal"]["reason"] == "评审依据不足"


def test_an_upheld_appeal_ends_the_review_on_probation():
    data = DATA["appeal_decided"] | {"decision": "upheld"}

    played = BENCH.play("appeal_decided", S, BENCH.ticket("exit_review", facts=APPEALED), data)

    assert (played.state, played.clocks) == ("kept_on_probation", ("end exit",))
    assert played.facts["next_cycle_by"] == after(90 * DAY)
    assert played.facts["published_until"] == after(15 * DAY)


@pytest.mark.parametrize("facts", [APPEALED, DECIDED])
def test_there_is_one_appeal(facts):
    waiting = BENCH.ticket("exit_review", facts=facts)

    found = BENCH.refusals("appeal_exit", V, waiting, DATA["appeal_exit"])

    assert found == {"exit_already_appealed"}


@pytest.mark.parametrize("facts", [{}, DECIDED])
@pytest.mark.parametrize("decision", ["dismissed", "upheld"])
def test_only_an_open_appeal_is_decided(facts, decision):
    data = DATA["appeal_decided"] | {"decision": decision}

    found = BENCH.refusals("appeal_decided", X, BENCH.ticket("exit_review", facts=facts), data)

    assert found == {"no_exit_appeal"}


# ── vote ─────────────────────────────────────────────────────────────────────


def test_a_committee_votes_a_vendor_of_its_own_out():
    played = BENCH.play("vote_exit", K, "exit_review", vote())

    assert (played.state, played.clocks) == ("exit_voted", ("stop exit",))
    assert played.facts["exit"]["vote"] == {
        "kind": "committee", **COMMITTEE, "document": PHOTO, "at": stamp(NOW), "passed": True,
    }  # fmt: skip
    assert played.facts["published_until"] == after(15 * DAY)
    assert played.topics == ("vendor_assessment.exit_reviewed",)


def test_the_owners_vote_a_property_company_out():
    played = BENCH.play("vote_exit", K, BENCH.ticket("exit_review", facts=COMPANY), ballot())

    assert played.state == "exit_voted"
    assert played.facts["exit"]["vote"]["heads_for"] == 101


@pytest.mark.parametrize(
    ("facts", "data"),
    [
        ({}, vote(in_favour=3)),
        (COMPANY, ballot(heads_for=100)),
        (COMPANY, ballot(area_for_dm2=10_000_00)),
    ],
)
def test_exactly_half_keeps_the_vendor_on_probation(facts, data):
    played = BENCH.play("vote_exit", K, BENCH.ticket("exit_review", facts=facts), data)

    assert (played.state, played.clocks) == ("kept_on_probation", ("stop exit",))
    assert played.facts["next_cycle_by"] == after(90 * DAY)


@pytest.mark.parametrize(
    ("code", "facts", "data"),
    [
        ("owners_ballot_required", COMPANY, vote()),
        ("committee_resolution_required", {}, ballot()),
        ("seats_wrong", {}, vote(seats=8)),
        ("quorum_missed", {}, vote(present=5, in_favour=5)),
        ("quorum_missed", COMPANY, ballot(heads_voting=199)),
        ("quorum_missed", COMPANY, ballot(area_voting_dm2=20_000_00 - 1)),
        ("exit_appealed", APPEALED, vote()),
    ],
)
def test_a_vote_is_refused(code, facts, data):
    assert BENCH.refusals("vote_exit", K, BENCH.ticket("exit_review", facts=facts), data) == {code}


@pytest.mark.parametrize(
    "data",
    [vote(in_favour=7), vote(present=10), ballot(heads_for=201), ballot(area_voting_dm2=10**9)],
)
def test_no_more_vote_than_there_are(data):
    with pytest.raises(ValidationError, match="out_of_range"):
        BENCH.play("vote_exit", K, "exit_review", data)


def test_a_vote_is_the_owners_or_the_committees():
    with pytest.raises(ValidationError):
        BENCH.play("vote_exit", K, "exit_review", vote() | ballot())


def test_what_was_voted_out_is_not_voted_on_again():
    with pytest.raises(IllegalTransition):
        BENCH.play("vote_exit", K, "exit_voted", vote())
