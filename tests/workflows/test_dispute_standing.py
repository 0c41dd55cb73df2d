"""Nobody acts for both sides, agrees for others, or mediates where they must not."""

import pytest

from service.core.actors import Role
from service.core.parties import stands_for
from service.core.workflow import ADD_NOTE, AMEND
from tests.support.bench import PHOTO, account_id, actor
from tests.support.samples.dispute_case import (
    BENCH,
    DATA,
    FILING,
    MEDIATOR,
    cell,
    draft,
    parties,
    party,
)

R, V, K, T, D = (
    Role.RESIDENT, Role.VENDOR_MANAGER, Role.COMMITTEE, Role.MEDIATOR, Role.DISPATCHER,
)  # fmt: skip
S, W = Role.STREET_OFFICER, Role.SYSTEM
NEIGHBOUR = {"kind": "resident", "place": "h-9-901"}
FIRM = {"kind": "vendor", "vendor": "v1"}
COMMITTEE = {"kind": "committee"}
BESIDE = actor(T, 2)


def filing(applicants, respondents):
    sides = [("applicant", applicants), ("respondent", respondents)]
    return {**FILING, "parties": [{"side": s, **one} for s, ones in sides for one in ones]}


def consents(by, *applicants):
    played = BENCH.play("file", by, "", filing(applicants, [FIRM if by is not V else NEIGHBOUR]))
    return [one["consent"] for one in played.facts["parties"]]


# ── filing ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("by", "own", "other"),
    [
        (R, {"kind": "resident"}, {"kind": "resident", "account": account_id(R)}),
        (R, {"kind": "resident"}, {"kind": "resident", "place": "h-2-101"}),
        (R, {"kind": "resident"}, {**NEIGHBOUR, "account": account_id(R)}),
        (V, {"kind": "vendor"}, FIRM),
        (K, COMMITTEE, COMMITTEE),
    ],
    ids=["own-account", "own-home", "own-account-elsewhere", "own-firm", "own-committee"],
)
def test_who_files_does_not_stand_on_the_other_side_too(by, own, other):
    assert BENCH.refusals("file", by, "", filing([own], [other])) == {"both_sides_yours"}


def test_who_files_is_one_applicant_not_two():
    twice = [{"kind": "resident"}, {"kind": "resident", "place": "h-2-101"}]

    assert BENCH.refusals("file", R, "", filing([*twice[1:], *twice[1:]], [FIRM])) == {
        "both_sides_yours"
    }


@pytest.mark.parametrize("by", [D, T, S, W])
@pytest.mark.parametrize(
    "same",
    [NEIGHBOUR, FIRM, COMMITTEE, {"kind": "resident", "account": account_id(R, 5)}],
    ids=["place", "vendor", "committee", "account"],
)
def test_nobody_writes_down_one_and_the_same_for_both_sides(by, same):
    assert BENCH.refusals("file", by, "", filing([same], [same])) == {"both_sides_yours"}


def test_neighbours_file_against_one_firm():
    assert not BENCH.refusals("file", R, "", filing([{"kind": "resident"}, NEIGHBOUR], [FIRM]))


@pytest.mark.parametrize(
    ("by", "applicants", "expected"),
    [
        (R, [NEIGHBOUR, {"kind": "resident", "place": "h-2-101"}], [None, "given", None]),
        (V, [FIRM, COMMITTEE], ["given", None, None]),
        (K, [NEIGHBOUR, COMMITTEE], [None, "given", None]),
        (D, [NEIGHBOUR, COMMITTEE], ["given", None, None]),
        (T, [NEIGHBOUR, COMMITTEE], [None, None, None]),
    ],
    ids=["resident", "firm", "committee", "desk", "own-initiative"],
)
def test_nobody_agrees_to_mediation_for_another_applicant(by, applicants, expected):
    assert consents(by, *applicants) == expected


def test_an_applicant_who_was_not_asked_yet_agrees_later():
    two = [party(1, R, "applicant", consent=None), party(2, V, "respondent")]
    on = BENCH.ticket("screening", facts={"parties": two})

    played = BENCH.play("record_consent", R, on, {"document": [PHOTO]})

    assert [one["consent"] for one in played.facts["parties"]] == ["given", "given"]
    assert played.clocks == ("resume screen",)


# ── identification ───────────────────────────────────────────────────────────


def identified(**known):
    wrong = party(2, R, "respondent", account=account_id(R, 5), place="h-9-901", identified=False)
    on = BENCH.ticket("screening", facts={"parties": [party(1, R, "applicant"), wrong]})
    data = {"party": 2, "proof": "id_card", **known}
    return BENCH.play("identify_party", T, on, data)


def test_what_is_found_out_about_a_party_replaces_what_was_said():
    first, found = identified(place="h-3-301").facts["parties"]

    assert (found["place"], "account" in found) == ("h-3-301", False)
    assert not stands_for(actor(R, 5, place_id="h-9-901"), found)
    assert first == party(1, R, "applicant")


def test_proof_alone_leaves_what_a_party_is_known_by():
    played = identified()
    found = played.facts["parties"][1]

    assert (found["account"], found["place"]) == (account_id(R, 5), "h-9-901")
    assert (played.change.unstakes, found.get("links_since")) == ((), None)


def test_who_was_named_by_mistake_loses_sight_and_the_link():
    played = identified(place="h-3-301")

    assert played.change.stakes == ("place:h-3-301",)
    assert played.change.unstakes == (f"account:{account_id(R, 5)}", "place:h-9-901")
    assert played.facts["parties"][1]["links_since"]


def test_what_another_party_is_known_by_stays_in_sight():
    mine = party(1, R, "applicant", place="h-2-101")
    twin = party(3, R, "applicant", account=account_id(R, 7), place="h-2-101")
    on = BENCH.ticket("screening", facts={"parties": [mine, party(2, V, "respondent"), twin]})
    data = {"party": 3, "proof": "id_card", "account": account_id(R, 8)}

    played = BENCH.play("identify_party", T, on, data)

    assert played.change.unstakes == (f"account:{account_id(R, 7)}",)


@pytest.mark.parametrize(
    ("n", "known"),
    [(2, {"place": "h-2-101"}), (2, {"account": account_id(R)}), (1, {"vendor": "v1"})],
    ids=["place", "account", "vendor"],
)
def test_a_party_is_not_identified_as_the_other_side(n, known):
    sides = [party(1, R, "applicant", account=account_id(R)), party(2, V, "respondent")]
    on = BENCH.ticket("screening", facts={"parties": sides})
    data = {"party": n, "proof": "id_card", **known}

    assert BENCH.refusals("identify_party", T, on, data) == {"on_other_side"}


def test_what_a_co_applicant_is_known_by_is_not_the_other_side():
    sides = [party(1, R, "applicant"), party(2, V, "respondent"), party(3, R, "applicant")]
    on = BENCH.ticket("screening", facts={"parties": sides})
    data = {"party": 3, "proof": "id_card", "place": "h-2-101"}

    assert not BENCH.refusals("identify_party", T, on, data)


def test_an_unknown_party_is_on_no_side():
    data = {"party": 9, "proof": "id_card", "place": "h-2-101"}

    assert BENCH.refusals("identify_party", T, "screening", data) == {"unknown_party"}


# ── mediators ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "who"),
    [
        ({"conflicted": [MEDIATOR]}, {}),
        ({"parties": [party(1, R, "applicant", account=MEDIATOR), parties()[1]]}, {}),
        ({}, {"place_id": "h-2-101"}),
        ({}, {"vendor_id": "v1"}),
    ],
    ids=["replaced", "is-a-party", "same-home", "same-company"],
)
def test_a_mediator_near_to_a_party_does_not_act(facts, who):
    near, on = actor(T, is_lead=True, **who), BENCH.ticket("accepted", facts=facts)

    assert BENCH.refusals("schedule", near, on, DATA["schedule"]) == {"mediator_conflicted"}


def test_a_conflict_keeps_a_mediator_out_of_everything():
    events = {
        (event, source)
        for (event, source), rows in BENCH.workflow.rows.items()
        if source and any(T in row.roles for row in rows) and event not in (AMEND, ADD_NOTE)
    }

    kept_out = set()
    for event, source in events:
        on, data, refs, who = cell(source, event, T)
        on.facts["conflicted"] = [str(who.id)]
        if "mediator_conflicted" in BENCH.refusals(event, who, on, data, refs=refs):
            kept_out.add((event, source))

    assert kept_out == events


@pytest.mark.parametrize(
    ("event", "state"),
    [("reach_terms", "in_session"), ("sign", "agreement_drafted"), ("close", "performing"),
     ("terminate", "adjourned")],
)  # fmt: skip
def test_what_binds_is_done_by_the_cases_mediators_or_the_lead(event, state):
    on, data, refs, lead = cell(state, event, T)
    named, other_lead = actor(T), actor(T, 2, is_lead=True)

    assert BENCH.refusals(event, BESIDE, on, data, refs=refs) == {"not_a_mediator_of_case"}
    for who in (lead, named, other_lead):
        assert not BENCH.refusals(event, who, on, data, refs=refs)


@pytest.mark.parametrize(
    ("data", "agreement"),
    [
        ({"signature": PHOTO}, draft(mediator_signed=None)),
        ({"record": "双方同意"}, draft(form="oral", signatures=[], mediator_signed=None)),
    ],
    ids=["mediator's-signature", "oral-record"],
)
def test_the_body_signs_and_records_by_its_own_mediators(data, agreement):
    on = BENCH.ticket("agreement_drafted", facts={"agreement": agreement})

    assert BENCH.refusals("sign", BESIDE, on, data) == {"not_a_mediator_of_case"}


def test_a_colleague_enters_the_paper_a_party_signed():
    on = BENCH.ticket("agreement_drafted", facts={"agreement": draft(signatures=[])})

    assert not BENCH.refusals("sign", BESIDE, on, {"party": 1, "page": PHOTO})
