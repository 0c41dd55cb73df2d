"""The grade rule, turnout, quorum and majority: exact to the last vote, on both sides."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.workflows import grading
from service.workflows.grading import OwnersVote, Votes

VOTERS = st.sampled_from([f"voter-{n}" for n in range(6)])
CAST = st.lists(st.tuples(VOTERS, st.sampled_from(grading.GRADES)), max_size=40)
THRESHOLDS = st.sampled_from([0.75, 0.85, 0.9, 0.98])
NUMBERS = st.integers(min_value=0, max_value=500)


@given(CAST)
def test_a_voter_counts_once_and_with_the_last_vote(cast):
    votes = grading.count(cast)

    last = dict(cast)
    assert votes.n == len(last)
    for grade in grading.GRADES:
        assert getattr(votes, grade) == sum(given == grade for given in last.values())


@given(CAST, VOTERS, st.sampled_from(grading.GRADES))
def test_a_later_vote_replaces_the_earlier_one(cast, voter, grade):
    before = grading.count([*cast, (voter, "satisfied")])
    after = grading.count([*cast, (voter, "satisfied"), (voter, grade)])

    assert after.n == before.n
    assert getattr(after, grade) == getattr(before, grade) + (grade != "satisfied")


@given(NUMBERS, NUMBERS, NUMBERS, THRESHOLDS)
def test_the_grade_is_the_rule_in_whole_numbers(satisfied, basically, dissatisfied, threshold):
    votes = Votes(satisfied, basically, dissatisfied)
    p = Fraction(round(threshold * 100), 100)

    found = grading.grade(votes, threshold=threshold)

    enough = satisfied >= p * votes.n and votes.n > 0
    at_least = satisfied + basically >= p * votes.n and votes.n > 0
    expected = "satisfied" if enough else "basically_satisfied" if at_least else "dissatisfied"
    assert found == expected


@given(NUMBERS, NUMBERS, NUMBERS, THRESHOLDS)
def test_a_veto_fails_whatever_the_votes(satisfied, basically, dissatisfied, threshold):
    votes = Votes(satisfied, basically, dissatisfied)

    assert grading.grade(votes, threshold=threshold, veto=True) == "dissatisfied"


@pytest.mark.parametrize(
    ("votes", "threshold", "grade"),
    [
        (Votes(75, 0, 25), 0.75, "satisfied"),
        (Votes(74, 0, 26), 0.75, "dissatisfied"),
        (Votes(74, 1, 25), 0.75, "basically_satisfied"),
        (Votes(0, 75, 25), 0.75, "basically_satisfied"),
        (Votes(0, 74, 26), 0.75, "dissatisfied"),
        (Votes(98, 2, 0), 0.98, "satisfied"),
        (Votes(97, 3, 0), 0.98, "basically_satisfied"),
        (Votes(9, 0, 1), 0.9, "satisfied"),
        (Votes(17, 0, 3), 0.85, "satisfied"),
        (Votes(), 0.75, "dissatisfied"),
    ],
)
def test_reaching_the_threshold_is_enough_and_one_vote_less_is_not(votes, threshold, grade):
    assert grading.grade(votes, threshold=threshold) == grade


@pytest.mark.parametrize(
    ("cast", "electors", "reached"),
    [(2, 3, True), (1, 3, False), (66, 100, False), (67, 100, True), (0, 0, False), (4, 6, True)],
)
def test_two_thirds_of_the_electors_are_exact(cast, electors, reached):
    assert grading.enough(cast, electors, grading.TWO_THIRDS) is reached


@given(NUMBERS, NUMBERS)
def test_a_shown_share_never_looks_higher_than_it_is(part, rest):
    share = Fraction(part, part + rest or 1)

    shown = Fraction(str(grading.shown(share)))

    assert shown <= share < shown + Fraction(1, 10_000)


@pytest.mark.parametrize(("present", "quorate"), [(5, False), (6, True), (9, True)])
def test_six_of_nine_seats_are_a_committees_quorum(present, quorate):
    assert grading.committee_quorate(9, present) is quorate


@pytest.mark.parametrize(
    ("present", "in_favour", "passes"),
    [(6, 3, False), (6, 4, True), (7, 3, False), (7, 4, True), (0, 0, False)],
)
def test_a_committee_needs_strictly_more_than_half_of_those_present(present, in_favour, passes):
    assert grading.committee_passes(present, in_favour) is passes


def owners(**changes: int) -> OwnersVote:
    """Return a vote that just reaches the quorum and just passes."""
    just = {
        "heads_total": 300, "heads_voting": 200, "heads_for": 101,
        "area_total_dm2": 3000, "area_voting_dm2": 2000, "area_for_dm2": 1001,
    }  # fmt: skip
    return OwnersVote(**{**just, **changes})


@pytest.mark.parametrize(
    ("changes", "quorate"),
    [({}, True), ({"heads_voting": 199}, False), ({"area_voting_dm2": 1999}, False)],
)
def test_two_thirds_of_heads_and_of_area_must_take_part(changes, quorate):
    assert grading.owners_quorate(owners(**changes)) is quorate


@pytest.mark.parametrize(
    ("changes", "passes"),
    [({}, True), ({"heads_for": 100}, False), ({"area_for_dm2": 1000}, False)],
)
def test_more_than_half_of_voting_heads_and_area_must_be_in_favour(changes, passes):
    assert grading.owners_pass(owners(**changes)) is passes


@given(st.lists(st.text(min_size=1), min_size=1, max_size=20), st.text(), st.randoms())
def test_a_draw_depends_on_names_and_seed_alone(names, seed, shuffler):
    first = grading.drawn(names, seed=seed)
    shuffler.shuffle(names)

    assert first in names
    assert grading.drawn([*names, *names], seed=seed) == first


def test_a_draw_reaches_everybody():
    names = [f"inspector-{n}" for n in range(5)]

    assert {grading.drawn(names, seed=str(n)) for n in range(200)} == set(names)
