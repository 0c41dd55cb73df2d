"""Rows of DOMAIN 3C.1 from the plan to the tally: who votes, who inspects, what is counted."""

from dataclasses import replace

import pytest
from marshmallow import ValidationError

from service.core.errors import ForbiddenEvent
from service.core.shapes import stamp
from service.core.workflow import BIRTH
from service.workflows.table import D, K, M, O, R, S, V, W
from tests.support.bench import (
    DAY,
    NOW,
    SUBJECT,
    TICK,
    VENDOR,
    account,
    account_id,
    actor,
    after,
)
from tests.support.samples.vendor_assessment import (
    ACCOUNTS,
    ALL_VOTED,
    BENCH,
    DATA,
    DELEGATES,
    PLAN,
    SOURCE,
    sealed,
)

HOUSEHOLDS = {
    "electorate_kind": "household",
    "electors": [{"n": 1, "voter": "h-2-101", "kind": "household"}],
}
COMPOUND = "jinjiang/dongjie/lotus-c/lotus"
DESK = account(D, place_path=COMPOUND)


# ── plan ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [K, O, W])
def test_planning_holds_the_vendor_to_its_service_line(role):
    played = BENCH.play("plan", role, BIRTH, PLAN)

    assert played.state == "planned"
    assert played.change.assignee == SUBJECT
    assert played.facts == {
        "service_line": "cleaning", "company": False, "electorate_kind": "delegate", "reopened": 0,
    }  # fmt: skip


@pytest.mark.parametrize("stated", [{}, {"company": False}])
@pytest.mark.parametrize(
    ("category", "lines"),
    [("line_property_service", {"cleaning"}), ("line_cleaning", {"cleaning", "property_service"})],
    ids=["assessed as one", "assessed under another line"],
)
def test_a_property_service_is_a_property_company_whatever_is_stated(category, lines, stated):
    bench = replace(BENCH, category=category)
    refs = {"vendor": replace(VENDOR, service_lines=frozenset(lines))}

    planned = bench.play("plan", K, BIRTH, PLAN | stated, refs=refs)
    exiting = {"vendor": "v1", "source": SOURCE} | stated
    opened = bench.play("open_exit", W, BIRTH, exiting, refs=refs)

    assert planned.facts["company"] is True
    assert opened.facts["company"] is True


def test_another_vendor_is_a_property_company_when_stated():
    assert BENCH.play("plan", K, BIRTH, PLAN | {"company": True}).facts["company"] is True


@pytest.mark.parametrize(
    ("code", "data", "refs"),
    [
        ("unknown_vendor", PLAN, {"vendor": None}),
        ("vendor_out_of_area", PLAN, {"vendor": replace(VENDOR, place_path="wuyi")}),
        ("vendor_out_of_area", PLAN, {"vendor": replace(VENDOR, place_path="jinj")}),
        ("period_missing", {"vendor": "v1", "source": SOURCE}, {}),
    ],
)
def test_a_plan_is_refused(code, data, refs):
    assert BENCH.refusals("plan", K, BIRTH, data, refs=refs) == {code}


@pytest.mark.parametrize(
    "changes",
    [
        {"source": SOURCE},
        {"period": {"from": "2026-09-30", "to": "2026-09-29", "cycle": "monthly"}},
        {"period": {"from": "2026-09-01", "to": "2026-09-30", "cycle": "weekly"}},
    ],
)
def test_a_plan_has_one_sensible_period(changes):
    with pytest.raises(ValidationError):
        BENCH.play("plan", K, BIRTH, PLAN | changes)


def test_nobody_else_plans():
    with pytest.raises(ForbiddenEvent):
        BENCH.play("plan", D, BIRTH, PLAN)


# ── open ─────────────────────────────────────────────────────────────────────


def test_opening_fixes_electorate_and_close_and_lets_delegates_see_it():
    played = BENCH.play("open", O, "planned", DATA["open"])

    assert played.state == "collecting"
    assert played.clocks == ("start collect",)
    assert played.due["collect"] == NOW + 14 * DAY
    assert played.facts["closes_at"] == after(14 * DAY)
    assert played.facts["turnout"] == {"electors": 3, "cast": 0}
    assert played.facts["electors"][1] == {"n": 2, "voter": DELEGATES[1], "kind": "delegate"}
    assert played.change.stakes == tuple(f"account:{who}" for who in DELEGATES)
    assert played.topics == ("vendor_assessment.vote_opened",)


def test_without_a_date_the_profile_says_when_the_vote_closes():
    played = BENCH.play("open", K, "planned", {"electors": [DELEGATES[0]]})

    assert played.due["collect"] is None
    assert played.facts["closes_at"] == after(14 * DAY)


def test_households_see_what_they_vote_on():
    planned = BENCH.ticket("planned", facts={"electorate_kind": "household"})

    here = {"households": frozenset({"h-2-101", "h-2-102"})}
    data = {"electors": ["h-2-101", "h-2-102"]}
    played = BENCH.play("open", K, planned, data, refs=here)

    assert played.change.stakes == ("place:h-2-101", "place:h-2-102")


@pytest.mark.parametrize(
    ("open_for", "refused"),
    [(7 * DAY - TICK, {"too_short_open"}), (7 * DAY, set()), (7 * DAY + TICK, set())],
)
def test_a_vote_is_open_for_seven_days_at_least(open_for, refused):
    data = DATA["open"] | {"closes_at": after(open_for)}

    assert BENCH.refusals("open", K, "planned", data) == refused


@pytest.mark.parametrize(
    ("changes", "accounts", "code"),
    [
        ({"electors": ["nobody"]}, {}, "unknown_elector"),
        ({"electors": [account_id(D)]}, {account_id(D): DESK}, "unknown_elector"),
        ({}, {DELEGATES[0]: account(R, 0, active=False)}, "unknown_elector"),
        ({"inspector": account_id(M)}, {account_id(M): account(M)}, "unknown_inspector"),
        ({"inspector": account_id(O)}, {account_id(O): None}, "unknown_inspector"),
    ],
)
def test_electors_and_inspector_must_be_known(changes, accounts, code):
    data, refs = DATA["open"] | changes, {"accounts": {**ACCOUNTS, **accounts}}

    assert BENCH.refusals("open", K, "planned", data, refs=refs) == {code}


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        (COMPOUND, set()),
        (f"{COMPOUND}/b9/h-9", set()),
        ("jinjiang/dongjie/lotus-c", {"elector_elsewhere"}),
        ("jinjiang/dongjie/lotus-c/lotus2/h-1", {"elector_elsewhere"}),
    ],
    ids=["the compound", "below it", "above it", "another compound"],
)
def test_a_delegate_lives_in_the_compound(path, refused):
    refs = {"accounts": {**ACCOUNTS, DELEGATES[0]: account(R, 0, place_path=path)}}

    assert BENCH.refusals("open", K, "planned", DATA["open"], refs=refs) == refused


def test_a_household_that_votes_lies_in_the_compound():
    planned = BENCH.ticket("planned", facts={"electorate_kind": "household"})
    data, refs = {"electors": ["h-2-101", "h-9"]}, {"households": frozenset({"h-2-101"})}

    assert BENCH.refusals("open", K, planned, data, refs=refs) == {"elector_elsewhere"}


def test_an_elector_is_named_once():
    with pytest.raises(ValidationError) as refused:
        BENCH.play("open", K, "planned", {"electors": [*DELEGATES, DELEGATES[0]]})

    assert refused.value.messages == {"electors": {3: ["not_allowed"]}}


# ── grade ────────────────────────────────────────────────────────────────────


def test_a_vote_is_counted_and_its_content_kept_apart():
    played = BENCH.play("grade", actor(R, 1), "collecting", DATA["grade"])

    assert played.state == "collecting"
    assert played.step.sealed == ("grade", "words")
    assert played.facts == {
        "ballots": {DELEGATES[1]: DELEGATES[1]},
        "turnout": {"electors": 3, "cast": 1},
    }


def test_a_second_vote_of_the_same_delegate_does_not_raise_the_turnout():
    voted = BENCH.ticket("collecting", facts={"ballots": {DELEGATES[0]: DELEGATES[0]}})

    played = BENCH.play("grade", actor(R, 0), voted, {"grade": "dissatisfied"})

    assert played.facts["turnout"]["cast"] == 1


def test_a_household_has_one_vote_however_many_live_there():
    first = BENCH.play("grade", actor(R, 0), BENCH.ticket("collecting", facts=HOUSEHOLDS),
                       DATA["grade"])  # fmt: skip
    again = BENCH.ticket("collecting", facts={**HOUSEHOLDS, "ballots": first.facts["ballots"]})

    second = BENCH.play("grade", actor(R, 1), again, DATA["grade"])

    assert second.facts["ballots"] == dict.fromkeys(DELEGATES[:2], "h-2-101")
    assert second.facts["turnout"] == {"electors": 1, "cast": 1}


def test_a_links_holder_votes_as_the_elector_it_was_made_for():
    holder = actor(R, 9, link_ticket=BENCH.ticket("collecting").id, link_party=3)

    played = BENCH.play("grade", holder, "collecting", DATA["grade"])

    assert played.facts["ballots"] == {account_id(R, 9): DELEGATES[2]}


@pytest.mark.parametrize(
    "who",
    [
        actor(R, 7),
        actor(R, 0, link_ticket=BENCH.ticket("collecting").id),
        actor(R, 0, link_ticket=BENCH.ticket("collecting").id, link_party=4),
    ],
    ids=["a stranger", "a link for nobody", "a link for an unknown number"],
)
def test_only_electors_vote(who):
    assert BENCH.refusals("grade", who, "collecting", DATA["grade"]) == {"not_elector"}


@pytest.mark.parametrize(
    ("at", "refused"),
    [(NOW - TICK, set()), (NOW, set()), (NOW + TICK, {"collection_closed"})],
)
def test_the_instant_of_the_close_still_counts(at, refused):
    found = BENCH.refusals("grade", actor(R), "collecting", DATA["grade"], at=at, now=at)

    assert found == refused


# ── tally ────────────────────────────────────────────────────────────────────


def test_the_result_is_computed_from_the_last_vote_of_each():
    voted = BENCH.ticket(
        "collecting",
        facts={
            "ballots": ALL_VOTED,
            "inspections": [
                {"n": 1, "checklist": [{"passed": True}, {"passed": False}],
                 "figures": [{"reached": True}]},
                {"n": 2, "seed": "drawn, never scored"},
            ],
        },
    )  # fmt: skip
    cast = sealed("dissatisfied", "satisfied", "basically_satisfied", "satisfied")

    played = BENCH.play("tally", W, voted, refs={"sealed": cast})

    assert played.state == "tallied"
    assert played.clocks == ("stop collect",)
    assert played.facts["tallied_at"] == stamp(NOW)
    assert played.facts["tally"] == {
        "n": 3, "satisfied": 2, "basically_satisfied": 1, "dissatisfied": 0,
        "s": 0.6666, "b": 1.0, "threshold": 0.75, "turnout": {"electors": 3, "cast": 3},
        "kpi_score": {"met": 2, "of": 3}, "vetoes": [], "grade": "basically_satisfied",
    }  # fmt: skip
    assert [row["votes"] for row in played.facts["votes"]] == [2, 1, 0]


@pytest.mark.parametrize("profile", ["ASSESS-85", "ASSESS-90", "ASSESS-98"])
def test_a_profile_brings_its_own_threshold(profile):
    strict = replace(BENCH, profile=profile)
    voted = strict.ticket("collecting", facts={"ballots": ALL_VOTED})

    played = strict.play("tally", W, voted, refs={"sealed": sealed(*["satisfied"] * 3)})

    assert played.facts["tally"]["threshold"] == int(profile[-2:]) / 100
    assert played.facts["tally"]["grade"] == "satisfied"


def test_a_ground_for_veto_found_by_an_inspection_fails_the_vendor():
    data = DATA["score_inspection"] | {"veto": "重大安全责任事故"}
    inspected = BENCH.play("score_inspection", K, "collecting", data)
    voted = BENCH.ticket("collecting", facts={**inspected.facts, "ballots": ALL_VOTED})

    played = BENCH.play("tally", W, voted, refs={"sealed": sealed(*["satisfied"] * 3)})

    assert played.facts["tally"]["vetoes"] == ["重大安全责任事故"]
    assert played.facts["tally"]["grade"] == "dissatisfied"


def test_two_of_three_delegates_are_enough():
    ballots = {who: who for who in DELEGATES[:2]}
    voted = BENCH.ticket("collecting", facts={"ballots": ballots})

    played = BENCH.play("tally", W, voted, refs={"sealed": sealed("satisfied", "satisfied")})

    assert played.state == "tallied"


def test_a_missed_turnout_opens_the_vote_once_more_for_seven_days():
    voted = BENCH.ticket("collecting", facts={"ballots": {DELEGATES[0]: DELEGATES[0]}})

    played = BENCH.play("tally", W, voted, refs={"sealed": sealed("satisfied")})

    assert played.state == "collecting"
    assert played.clocks == ("start collect",)
    assert played.due["collect"] == NOW + 7 * DAY
    assert played.facts == {"reopened": 1, "closes_at": after(7 * DAY)}


def test_a_turnout_missed_twice_makes_the_assessment_void():
    played = BENCH.play("tally", W, BENCH.ticket("collecting", facts={"reopened": 1}))

    assert played.state == "void"
    assert played.clocks == ("stop collect",)


@pytest.mark.parametrize(
    ("at", "refused"),
    [(NOW - TICK, {"collection_running"}), (NOW, set()), (NOW + TICK, set())],
)
def test_nothing_is_counted_before_the_close(at, refused):
    voted = BENCH.ticket("collecting", facts={"ballots": ALL_VOTED})
    refs = {"sealed": sealed(*["satisfied"] * 3)}

    assert BENCH.refusals("tally", W, voted, refs=refs, at=at, now=at) == refused


@pytest.mark.parametrize("role", [K, O, S, V])
def test_nobody_but_the_service_counts(role):
    with pytest.raises(ForbiddenEvent):
        BENCH.play("tally", role, "collecting")
