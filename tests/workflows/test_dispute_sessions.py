"""Sessions, mediators, limits and waiting of a dispute case."""

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.shapes import stamp
from tests.support.bench import DAY, NOW, OPENED, PHOTO, TICK, account_id, actor, after
from tests.support.samples.dispute_case import (
    BENCH,
    DATA,
    MEDIATOR,
    parties,
    party,
    running,
    session,
)

R, V, T = Role.RESIDENT, Role.VENDOR_MANAGER, Role.MEDIATOR
SET = {"sessions": [session(outcome=None, opened_at=None, minutes=None)]}
LEAD = actor(T, is_lead=True)


# ── mediators ────────────────────────────────────────────────────────────────


def change(by, **facts):
    return BENCH.play("change_mediator", by, BENCH.ticket("accepted", facts=facts),
                      {**DATA["change_mediator"], "cause": "conflict"})  # fmt: skip


@pytest.mark.parametrize("by", [LEAD, actor(R), actor(V)], ids=["lead", "applicant", "respondent"])
def test_the_new_mediator_leads_where_the_old_one_led(by):
    facts = change(by).facts

    assert facts["mediators"] == [{"account": account_id(T, 1), "lead": True}]
    assert facts["conflicted"] == [MEDIATOR]


def test_a_mediator_does_not_change_mediators_without_leading_the_body():
    on = BENCH.ticket("accepted")

    assert BENCH.refusals("change_mediator", T, on, DATA["change_mediator"]) == {"not_lead"}


def test_who_does_not_mediate_is_not_replaced():
    data = {**DATA["change_mediator"], "replaces": account_id(T, 2)}

    assert BENCH.refusals("change_mediator", LEAD, BENCH.ticket("accepted"), data) == {
        "not_mediating"
    }


def test_who_declared_a_conflict_does_not_come_back():
    on = BENCH.ticket("accepted", facts={"conflicted": [account_id(T, 1)]})

    assert BENCH.refusals("change_mediator", LEAD, on, DATA["change_mediator"]) == {
        "mediator_conflict"
    }


# ── sessions ─────────────────────────────────────────────────────────────────


def test_a_session_is_numbered_and_everybody_is_invited():
    played = BENCH.play("schedule", T, BENCH.ticket("adjourned"), DATA["schedule"])

    assert played.facts["sessions"][1] == {
        "n": 2, "tier": 1, "type": "mediation", "at": after(DAY), "place": "调解室",
        "invited": [1, 2], "outcome": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("at", "codes"), [(-TICK, {"session_past"}), (0 * DAY, {"session_past"}), (TICK, set())]
)
def test_a_session_lies_ahead(at, codes):
    data = {**DATA["schedule"], "at": after(at)}

    assert BENCH.refusals("schedule", T, BENCH.ticket("accepted"), data) == codes


def test_only_parties_are_invited():
    data = {**DATA["schedule"], "invited": [1, 9]}

    assert BENCH.refusals("schedule", T, BENCH.ticket("accepted"), data) == {"unknown_party"}


def test_a_session_opens_with_those_who_came():
    helper = {"person": {"name": "王老师"}, "agreed": True}
    data = {"attendance": [1, 2], "helpers": [helper]}

    opened = BENCH.play("open_session", T, BENCH.ticket("scheduled", facts=SET), data)

    last = opened.facts["sessions"][-1]
    assert (last["opened_at"], last["attendance"]) == (stamp(NOW), [1, 2])
    assert set(last["helpers"][0]["person"]) == {"party"}


@pytest.mark.parametrize("came", [[1], [2]])
def test_a_session_needs_both_sides(came):
    on = BENCH.ticket("scheduled", facts=SET)

    assert BENCH.refusals("open_session", T, on, {"attendance": came}) == {"party_absent"}


def test_a_session_needs_every_consent_however_lately_it_was_asked_for():
    undecided = [party(1, R, "applicant"), party(2, V, "respondent", consent=None)]
    on = BENCH.ticket("scheduled", facts={**SET, "parties": undecided})

    assert BENCH.refusals("open_session", T, on, DATA["open_session"]) == {"consent_missing"}


def test_a_helper_takes_part_only_when_the_parties_agree():
    helper = {"person": {"name": "王老师"}, "agreed": False}
    data = {"attendance": [1, 2], "helpers": [helper]}

    assert BENCH.refusals("open_session", T, BENCH.ticket("scheduled", facts=SET), data) == {
        "helper_not_agreed"
    }


def test_the_first_absence_adjourns_and_is_counted():
    played = BENCH.play("no_show", T, BENCH.ticket("scheduled", facts=SET), {"party": 2})

    assert played.state == "adjourned"
    assert played.facts["parties"][1]["no_shows"] == [1]
    assert played.facts["sessions"][-1]["outcome"] == "no_show"
    assert played.facts["sessions"][-1]["no_show_by"] == 2


def test_the_second_absence_of_the_same_party_is_a_refusal():
    absent = [party(1, R, "applicant"), party(2, V, "respondent", no_shows=[1])]
    on = BENCH.ticket("scheduled", facts={**SET, "parties": absent})

    played = BENCH.play("no_show", T, on, {"party": 2})

    assert played.state == "terminated"
    assert played.facts["ending"]["code"] == "party_refuses"
    assert played.topics == ("dispute_case.legal_ways",)
    assert "start legal_choice" in played.clocks


def test_one_absence_of_each_party_is_no_refusal():
    absent = [party(1, R, "applicant", no_shows=[1]), party(2, V, "respondent")]
    on = BENCH.ticket("scheduled", facts={**SET, "parties": absent})

    assert BENCH.play("no_show", T, on, {"party": 2}).state == "adjourned"


def test_who_stays_away_is_a_party():
    on = BENCH.ticket("scheduled", facts=SET)

    assert BENCH.refusals("no_show", T, on, {"party": 9}) == {"unknown_party"}


def test_an_adjourned_session_keeps_its_record_and_the_next_date():
    data = {**DATA["adjourn"], "files": [PHOTO]}

    played = BENCH.play("adjourn", T, BENCH.ticket("in_session", facts=SET), data)

    last = played.facts["sessions"][-1]
    assert (last["outcome"], last["next_at"]) == ("adjourned", after(DAY))
    assert last["minutes"] == {"at": stamp(NOW), "files": [PHOTO]}


def test_the_next_date_lies_ahead():
    data = {**DATA["adjourn"], "next_at": after(0 * DAY)}

    assert BENCH.refusals("adjourn", T, BENCH.ticket("in_session"), data) == {"session_past"}


@pytest.mark.parametrize("missing", ["reason", "next_step", "next_at"])
def test_an_adjournment_says_why_what_and_when(missing):
    data = {name: value for name, value in DATA["adjourn"].items() if name != missing}

    with pytest.raises(ValidationError):
        BENCH.play("adjourn", T, BENCH.ticket("in_session"), data)


# ── limits ───────────────────────────────────────────────────────────────────


def test_an_extension_is_noted_on_the_tier():
    played = BENCH.play("extend_limit", T, BENCH.ticket("adjourned"), DATA["extend_limit"])

    assert played.facts["tiers"][-1]["extended"] is True


def test_a_tier_is_extended_once():
    on = BENCH.ticket("adjourned", facts={"tiers": [{"tier": 1, "extended": True}]})

    assert BENCH.refusals("extend_limit", T, on, DATA["extend_limit"]) == {"extended_already"}


def test_the_next_tier_may_be_extended_again():
    stays = [{"tier": 1, "extended": True}, {"tier": 2}]
    on = BENCH.ticket("adjourned", facts={"tier": 2, "tiers": stays})

    assert not BENCH.refusals("extend_limit", actor(T, tier=2), on, DATA["extend_limit"])


def test_an_extension_needs_the_consent_of_every_party():
    data = {**DATA["extend_limit"], "consents": [1]}

    assert BENCH.refusals("extend_limit", T, BENCH.ticket("adjourned"), data) == {
        "consents_missing"
    }


@pytest.mark.parametrize("event", ["extend_limit", "wait_for"])
def test_a_limit_that_ended_neither_waits_nor_grows(event):
    refs = {"clocks": (running("tier_limit", OPENED + 7 * DAY, state="stopped"),)}

    assert BENCH.refusals(event, T, BENCH.ticket("adjourned"), DATA[event], refs=refs) == {
        "limit_not_running"
    }


@pytest.mark.parametrize("what", ["expert_evaluation", "survey"])
def test_the_limit_waits_for_an_expert_or_a_survey(what):
    on, data = BENCH.ticket("adjourned"), {"what": what, "reason": "漏水原因"}

    played = BENCH.play("wait_for", T, on, data)

    pausing = [a for a in played.step.clocks if a.when(BENCH.situation("wait_for", T, on, data))]
    assert [(a.verb, a.clock, a.because) for a in pausing] == [("pause", "tier_limit", what)]
    assert played.facts == {"waiting": what}


def test_a_case_waits_for_one_thing_at_a_time():
    on = BENCH.ticket("adjourned", facts={"waiting": "survey"})

    assert BENCH.refusals("wait_for", T, on, DATA["wait_for"]) == {"already_waiting"}


def test_only_what_waits_goes_on():
    assert BENCH.refusals("go_on", T, BENCH.ticket("adjourned"), DATA["go_on"]) == {"not_waiting"}


# ── parties and their papers ─────────────────────────────────────────────────


def test_an_identified_party_sees_the_case_by_what_it_is_known_by():
    stranger = [party(1, R, "applicant"), party(2, R, "respondent", place=None, identified=False)]
    on = BENCH.ticket("screening", facts={"parties": stranger})
    data = {"party": 2, "proof": "id_card", "place": "h-3-301", "files": [PHOTO],
            "representative": {"name": "赵律师"}}  # fmt: skip

    played = BENCH.play("identify_party", T, on, data)

    found = played.facts["parties"][1]
    assert (found["identified"], found["place"]) == (True, "h-3-301")
    assert set(found["representative"]) == {"party"}
    assert played.change.stakes == ("place:h-3-301",)


def test_evidence_is_numbered_under_its_item():
    one = {"n": 1, "item": "evidence"}
    on = BENCH.ticket("accepted", facts={"evidence": [one]})

    added = BENCH.play("add_evidence", V, on, DATA["add_evidence"]).facts["evidence"]

    assert added == [
        one,
        {"n": 2, "item": "evidence", "at": stamp(NOW), "by": "vendor_manager", "party": 2,
         "files": [PHOTO]},
    ]  # fmt: skip


@pytest.mark.parametrize("item", ["inquiry", "minutes", "court", "statement"])
def test_parties_do_not_write_the_mediators_papers(item):
    data = {"item": item, "note": "x"}

    assert BENCH.refusals("add_evidence", R, BENCH.ticket("accepted"), data) == {"mediator_item"}
    assert not BENCH.refusals("add_evidence", T, BENCH.ticket("accepted"), data)


# ── who stands for whom ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("who", "known"),
    [
        (actor(R, 1, place_id="x"), {"place": None, "account": account_id(R, 1)}),
        (actor(R, 2), {}),
        (actor(R, 3, link_ticket=BENCH.ticket("accepted").id, link_party=1), {"place": None}),
    ],
    ids=["account", "household", "link"],
)
def test_a_resident_acts_by_account_household_or_link(who, known):
    mine = [party(1, R, "applicant", **known), parties()[1]]
    on = BENCH.ticket("accepted", facts={"parties": mine})

    assert not BENCH.refusals("withdraw", who, on, DATA["withdraw"])


def test_a_link_made_for_nobody_acts_for_nobody():
    link = actor(R, 3, link_ticket=BENCH.ticket("accepted").id)

    assert BENCH.refusals("exit_to_legal", link, BENCH.ticket("accepted")) == {"not_a_party"}
