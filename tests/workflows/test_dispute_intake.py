"""A dispute case from its filing to its mediators."""

from typing import Any

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.shapes import stamp
from tests.support.bench import (
    DAY,
    NOW,
    OPENED,
    PHOTO,
    TICK,
    account,
    account_id,
    actor,
)
from tests.support.samples.dispute_case import (
    BENCH,
    DATA,
    FILING,
    MEDIATOR,
    parties,
    party,
)

R, V, K, T, D = (
    Role.RESIDENT, Role.VENDOR_MANAGER, Role.COMMITTEE, Role.MEDIATOR, Role.DISPATCHER,
)  # fmt: skip
S, X, W = Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.SYSTEM
PENDING = {"parties": [party(1, R, "applicant"), party(2, V, "respondent", consent=None)]}
IN_TIER_2 = {"tier": 2, "tiers": [{"tier": 2, "received_at": stamp(OPENED)}]}
OTHER = {"side": "respondent", "kind": "vendor", "vendor": "v1"}


def filed(by=R, **facts: Any):
    return BENCH.play("file", by, "", {**FILING, **facts})


def screened(data=None, **facts: Any):
    return BENCH.play("accept", T, BENCH.ticket("screening", facts=facts), data or DATA["accept"])


# ── filing ───────────────────────────────────────────────────────────────────


def test_a_case_begins_in_the_community_with_numbered_parties():
    facts = filed().facts

    assert (facts["tier"], facts["entry_tier"], facts["filed_at"]) == (1, 1, stamp(NOW))
    assert [(p["n"], p["side"], p["identified"]) for p in facts["parties"]] == [
        (1, "applicant", False), (2, "respondent", False),
    ]  # fmt: skip
    assert facts["tiers"] == [{"tier": 1, "received_at": stamp(NOW)}]


def test_the_case_begins_with_the_body_that_received_it():
    played = filed(requested_tier=2)

    assert played.facts["tier"] == 2
    assert played.change.stakes == (
        "tier:2", "place:h-2-101", f"account:{account_id(R)}", "vendor:v1",
    )  # fmt: skip


def test_a_mediator_opens_cases_in_its_own_tier():
    assert filed(actor(T, tier=2)).facts["tier"] == 2


def test_only_a_district_officer_orders_a_case():
    assert filed(X).facts["ordered"] is True
    assert filed(S).facts["ordered"] is False


@pytest.mark.parametrize(
    ("role", "consents"),
    [(R, ["given", None]), (D, ["given", None]), (T, [None, None]), (S, [None, None]),
     (W, [None, None])],
)  # fmt: skip
def test_who_applies_agrees_but_nobody_agrees_to_a_case_opened_for_them(role, consents):
    assert [p["consent"] for p in filed(role).facts["parties"]] == consents


@pytest.mark.parametrize(
    ("role", "kind", "known_by"),
    [(R, "resident", {"account": account_id(R)}), (V, "vendor", {"vendor": "v1"}),
     (K, "committee", {})],
)  # fmt: skip
def test_the_filing_party_is_the_applicant_nobody_is_named_for(role, kind, known_by):
    respondent = {"side": "respondent", "kind": "resident", "place": "h-9-901"}

    mine = filed(role, parties=[{"side": "applicant", "kind": kind}, respondent]).facts["parties"]

    assert mine[0].items() >= known_by.items()


def test_a_party_files_for_itself_only():
    named = {"side": "applicant", "kind": "resident", "account": account_id(R, 5)}

    assert BENCH.refusals("file", R, "", {**FILING, "parties": [named, OTHER]}) == {
        "applies_for_others"
    }
    assert not BENCH.refusals("file", D, "", {**FILING, "parties": [named, OTHER]})


@pytest.mark.parametrize("kind", ["resident", "vendor"])
def test_a_party_known_by_nothing_is_refused(kind):
    unknown = [FILING["parties"][0], {"side": "respondent", "kind": kind}]

    assert BENCH.refusals("file", R, "", {**FILING, "parties": unknown}) == {"party_not_identified"}


def test_a_committee_is_known_by_its_compound():
    against = [FILING["parties"][0], {"side": "respondent", "kind": "committee"}]

    assert not BENCH.refusals("file", R, "", {**FILING, "parties": against})


def test_only_the_service_says_which_ticket_became_the_case():
    source = {"ticket": "0190", "number": "CP-20261121-0001"}

    assert BENCH.refusals("file", D, "", {**FILING, "source": source}) == {"source_reserved"}
    assert filed(W, source=source).facts["source"] == source


@pytest.mark.parametrize(
    "wrong",
    [
        {"request": None},
        {"parties": [FILING["parties"][0]]},
        {"parties": [FILING["parties"][0], FILING["parties"][0]]},
        {"requested_tier": 4},
        {"tier": 3},
    ],
    ids=["no-request", "one-party", "one-side", "no-such-tier", "unknown-member"],
)
def test_a_filing_without_its_parts_is_not_a_filing(wrong):
    body = {name: value for name, value in {**FILING, **wrong}.items() if value is not None}

    with pytest.raises(ValidationError):
        BENCH.play("file", R, "", body)


def test_names_never_enter_the_facts():
    parties_ = filed().facts["parties"]

    assert set(parties_[0]["person"]) == {"party"}


@pytest.mark.parametrize(("petition", "days"), [(False, None), (True, 15)])
def test_a_petition_is_screened_within_fifteen_days(petition, days):
    due = filed(petition=petition).due["screen"]

    assert due == (None if days is None else NOW + days * DAY)


# ── screening and consent ────────────────────────────────────────────────────


def test_screening_asks_for_consent_and_waits_for_it():
    played = BENCH.play("screen", T, BENCH.ticket("filed", facts=PENDING), {"file_no": "17"})

    assert played.clocks == ("pause screen",)
    assert played.facts == {"file_no": "17", "consent_asked_at": stamp(NOW)}


@pytest.mark.parametrize(
    ("others", "clocks"), [("given", ("resume screen",)), (None, ())], ids=["last", "not-last"]
)
def test_the_last_consent_lets_screening_go_on(others, clocks):
    three = [*PENDING["parties"], party(3, K, "respondent", consent=others)]
    on = BENCH.ticket("screening", facts={"parties": three})

    played = BENCH.play("record_consent", V, on, {"document": [PHOTO]})

    assert played.clocks == clocks
    assert played.facts["parties"][1]["consent"] == "given"
    assert played.facts["parties"][1]["consent_files"] == [PHOTO]


def test_a_consent_is_given_once():
    assert BENCH.refusals("record_consent", R, BENCH.ticket("screening")) == {"already_consented"}


@pytest.mark.parametrize(("by", "data"), [(T, {"party": 9}), (T, {}), (V, {"party": 1})])
def test_a_consent_is_that_of_a_party_of_the_case(by, data):
    on = BENCH.ticket("screening", facts=PENDING)

    assert BENCH.refusals("record_consent", by, on, data) == {"unknown_party"}


@pytest.mark.parametrize(
    ("waited", "codes"),
    [
        (3 * DAY - TICK, set()),
        (3 * DAY, set()),
        (3 * DAY + TICK, {"consent_missing"}),
    ],
)
def test_a_case_is_accepted_while_consent_was_asked_for_lately(waited, codes):
    on = BENCH.ticket("screening", facts={**PENDING, "consent_asked_at": stamp(NOW - waited)})

    assert BENCH.refusals("accept", T, on, DATA["accept"]) == codes


# ── the right tier ───────────────────────────────────────────────────────────


def test_a_skipped_tier_is_redirected_not_accepted():
    on = BENCH.ticket("screening", facts=IN_TIER_2)
    known = {MEDIATOR: account(T, tier=2)}

    refused = BENCH.refusals(
        "accept", actor(T, tier=2), on, DATA["accept"], refs={"accounts": known}
    )

    assert refused == {"tier_skipped"}


@pytest.mark.parametrize(
    ("facts", "category"),
    [({"ordered": True}, "owner_company"), ({}, "fee_arrears")],
    ids=["ordered-by-the-district", "R-DIS-17-court-channel"],
)
def test_two_kinds_of_cases_may_begin_higher_up(facts, category):
    on = BENCH.ticket("screening", facts=IN_TIER_2 | facts, category=category)
    refs = {"accounts": {MEDIATOR: account(T, tier=2)}}
    body = actor(T, tier=2)

    assert not BENCH.refusals("accept", body, on, DATA["accept"], refs=refs)
    assert BENCH.refusals("redirect", body, on, {"reason": "越级"}) == {"tier_not_skipped"}


def test_a_redirected_case_keeps_its_filing_date():
    on = BENCH.ticket("screening", facts={**IN_TIER_2, "file_no": "二调17"})

    played = BENCH.play("redirect", actor(T, tier=2), on, {"reason": "应先由社区调解"})

    assert played.facts["tier"] == 1
    assert played.facts["redirected"] == {"from": 2, "to": 1, "at": stamp(NOW)}
    assert "filed_at" not in played.facts
    assert played.facts["file_no"] is None
    assert played.facts["tiers"][0]["file_no"] == "二调17"
    assert played.change.stakes == ("tier:1",)
    assert played.due["take_over"] == NOW + DAY


def test_the_lower_tier_takes_the_case_in_under_its_own_number():
    tiers = [{"tier": 2, "left_at": stamp(OPENED)}, {"tier": 1}]
    on = BENCH.ticket("redirected", facts={"tiers": tiers, **PENDING})

    played = BENCH.play("receive_redirect", T, on, {"file_no": "一调18"})

    assert played.facts["tiers"][-1] == {"tier": 1, "received_at": stamp(NOW)}
    assert played.facts["file_no"] == "一调18"
    assert played.clocks == ("stop take_over", "start screen", "pause screen")


# ── acceptance ───────────────────────────────────────────────────────────────


def test_acceptance_names_mediators_class_and_grade():
    two = {**DATA["accept"], "mediators": [MEDIATOR, account_id(T, 1)], "households": 3}

    facts = screened({**two, "lead": account_id(T, 1)}).facts

    assert facts["mediators"] == [
        {"account": MEDIATOR, "lead": False},
        {"account": account_id(T, 1), "lead": True},
    ]
    assert (facts["class"], facts["grade"], facts["households"]) == ("general", "low", 3)
    assert facts["rights_notice_at"] == stamp(NOW)
    assert facts["tiers"][-1]["accepted_at"] == stamp(NOW)


def test_the_first_mediator_leads_unless_named():
    assert screened().facts["mediators"] == [{"account": MEDIATOR, "lead": True}]


def test_acceptance_may_correct_the_type():
    assert screened({**DATA["accept"], "category": "owner_owner"}).change.columns == {
        "category": "owner_owner"
    }


def test_the_type_is_one_of_the_catalogue():
    on = BENCH.ticket("screening")

    assert BENCH.refusals("accept", T, on, DATA["accept"], refs={"category": None}) == {
        "unknown_category"
    }


@pytest.mark.parametrize("missing", ["class", "grade", "mediators"])
def test_class_grade_and_mediators_are_mandatory(missing):
    data = {name: value for name, value in DATA["accept"].items() if name != missing}

    with pytest.raises(ValidationError):
        screened(data)


def test_the_lead_is_one_of_the_mediators():
    with pytest.raises(ValidationError):
        screened({**DATA["accept"], "lead": account_id(T, 2)})


@pytest.mark.parametrize(
    "known",
    [
        {},
        {MEDIATOR: account(D)},
        {MEDIATOR: account(T, active=False)},
        {MEDIATOR: account(T, tier=2)},
        {MEDIATOR: account(T, place_path="jinjiang/xijie")},
    ],
    ids=["unknown", "no-mediator", "inactive", "other-tier", "elsewhere"],
)
def test_a_mediator_is_an_active_one_of_tier_and_area(known):
    on = BENCH.ticket("screening")

    assert BENCH.refusals("accept", T, on, DATA["accept"], refs={"accounts": known}) == {
        "unknown_mediator"
    }


@pytest.mark.parametrize(
    ("facts", "known"),
    [
        ({"parties": [party(1, R, "applicant", account=MEDIATOR), parties()[1]]}, {}),
        ({}, {"place_id": "h-2-101"}),
        ({}, {"vendor_id": "v1"}),
        ({"conflicted": [MEDIATOR]}, {}),
    ],
    ids=["is-a-party", "same-home", "same-company", "declared"],
)
def test_nobody_mediates_their_own_quarrel(facts, known):
    on = BENCH.ticket("screening", facts=facts)
    refs = {"accounts": {MEDIATOR: account(T, **known)}}

    assert BENCH.refusals("accept", actor(T, 2), on, DATA["accept"], refs=refs) == {
        "mediator_conflict"
    }
