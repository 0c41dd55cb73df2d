"""Terms, signatures, the court, performance: a dispute case from agreement to its end."""

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.shapes import stamp
from tests.support.bench import DAY, NOW, OPENED, PHOTO, TICK, after
from tests.support.samples.dispute_case import (
    BENCH,
    DATA,
    MEDIATOR,
    TERMS,
    draft,
    obligation,
    parties,
    party,
    running,
)

R, V, K, T, W = (
    Role.RESIDENT, Role.VENDOR_MANAGER, Role.COMMITTEE, Role.MEDIATOR, Role.SYSTEM,
)  # fmt: skip
EFFECTIVE = {"agreement": draft(effective_at=stamp(OPENED))}
ORAL = draft(form="oral", signatures=[], mediator_signed=None)


def sign(by, data, agreement):
    on = BENCH.ticket("agreement_drafted", facts={"agreement": agreement})
    return BENCH.play("sign", by, on, data)


def refused(by, data, agreement):
    on = BENCH.ticket("agreement_drafted", facts={"agreement": agreement})
    return BENCH.refusals("sign", by, on, data)


# ── terms ────────────────────────────────────────────────────────────────────


def test_terms_are_numbered_obligations_and_a_new_version():
    on = BENCH.ticket("in_session", facts={"agreement": draft(version=2, void="rejected")})

    facts = BENCH.play("reach_terms", T, on, DATA["reach_terms"]).facts

    assert facts["agreement"] == {
        "version": 3, "form": "written", "signatures": [], "drafted_at": stamp(NOW),
    }  # fmt: skip
    assert facts["obligations"][1] == {
        "n": 2, "who": 2, "what": "赔偿", "where": None, "due_at": after(20 * DAY),
        "amount_fen": 120_000, "kind": "other", "state": "open",
    }  # fmt: skip
    assert facts["sessions"][-1]["outcome"] == "terms"


@pytest.mark.parametrize("missing", ["who", "what", "due_at"])
def test_an_obligation_has_a_person_and_a_date(missing):
    term = {name: value for name, value in TERMS[0].items() if name != missing}

    with pytest.raises(ValidationError):
        BENCH.play("reach_terms", T, "in_session", {"form": "written", "obligations": [term]})


def test_terms_without_an_obligation_are_none():
    with pytest.raises(ValidationError):
        BENCH.play("reach_terms", T, "in_session", {"form": "written", "obligations": []})


@pytest.mark.parametrize(
    ("ahead", "codes"),
    [(-TICK, {"obligation_due_past"}), (0 * DAY, {"obligation_due_past"}), (TICK, set())],
)
def test_an_obligation_lies_ahead(ahead, codes):
    data = {"form": "oral", "obligations": [{**TERMS[0], "due_at": after(ahead)}]}

    assert BENCH.refusals("reach_terms", T, "in_session", data) == codes


def test_who_owes_is_a_party():
    data = {"form": "oral", "obligations": [{**TERMS[0], "who": 9}]}

    assert BENCH.refusals("reach_terms", T, "in_session", data) == {"unknown_party"}


# ── signatures ───────────────────────────────────────────────────────────────


def test_a_party_signs_for_itself():
    signed = sign(V, DATA["sign"], draft(signatures=[])).facts["agreement"]["signatures"]

    assert signed == [{"party": 2, "at": stamp(NOW), "paper": False, "signature": PHOTO}]


def test_the_mediator_enters_a_signed_page():
    played = sign(T, {"party": 1, "page": PHOTO}, draft(signatures=[], mediator_signed=None))

    assert played.state == "agreement_drafted"
    assert played.facts["agreement"]["signatures"] == [
        {"party": 1, "at": stamp(NOW), "paper": True, "page": PHOTO}
    ]


def test_the_mediators_own_signature_is_kept_apart():
    played = sign(T, DATA["sign"], draft(mediator_signed=None))

    assert played.facts["agreement"]["mediator_signed"] == {
        "account": MEDIATOR, "at": stamp(NOW), "signature": PHOTO,
    }  # fmt: skip


def test_the_seal_makes_the_agreement_effective_and_locks_it():
    played = sign(T, {"seal": True}, draft())

    agreed = played.facts["agreement"]
    assert played.state == "agreement_effective"
    assert (agreed["effective_at"], agreed["sealed_at"]) == (stamp(NOW), stamp(NOW))
    assert len(agreed["digest"]) == 64
    assert agreed["digest"] != sign(T, {"seal": True}, draft(version=2)).facts["agreement"][
        "digest"
    ]  # fmt: skip


def test_the_mediator_may_sign_and_seal_at_once():
    played = sign(T, {"seal": True, "page": PHOTO}, draft(mediator_signed=None))

    assert played.state == "agreement_effective"
    assert played.facts["agreement"]["mediator_signed"]["page"] == PHOTO


def test_an_oral_agreement_takes_effect_with_its_record():
    played = sign(T, {"record": "双方口头同意"}, ORAL)

    assert played.state == "agreement_effective"
    assert played.facts["agreement"]["recorded_at"] == stamp(NOW)


@pytest.mark.parametrize(
    "agreement",
    [draft(signatures=[{"party": 1}]), draft(mediator_signed=None)],
    ids=["a-party", "the-mediator"],
)
def test_the_seal_comes_last(agreement):
    assert refused(T, {"seal": True}, agreement) == {"signatures_missing"}


@pytest.mark.parametrize(
    ("by", "data", "agreement", "code"),
    [
        (R, {"signature": PHOTO}, draft(), "already_signed"),
        (T, {"party": 2, "page": PHOTO}, draft(), "already_signed"),
        (T, {"page": PHOTO}, draft(), "already_signed"),
        (T, {"party": 9, "page": PHOTO}, draft(), "unknown_party"),
        (R, {"party": 2, "page": PHOTO}, draft(signatures=[]), "unknown_party"),
        (R, {"seal": True}, draft(signatures=[]), "nothing_signed"),
        (T, {"party": 1, "seal": True}, draft(signatures=[]), "nothing_signed"),
        (T, {"seal": False}, draft(mediator_signed=None), "nothing_signed"),
    ],
)
def test_what_is_no_signature(by, data, agreement, code):
    assert refused(by, data, agreement) == {code}


def test_an_agreement_is_sealed_or_recorded_by_its_form():
    assert "wrong_form" in refused(T, {"record": "x"}, draft())
    assert "wrong_form" in refused(T, {"seal": True}, ORAL)


def test_rejected_terms_bind_nobody():
    on = BENCH.ticket("agreement_drafted", facts={"agreement": draft()})

    facts = BENCH.play("reject_terms", R, on, {"reason": "金额过低"}).facts

    assert facts["agreement"]["void"] == "rejected"
    assert facts["obligations"] == []


@pytest.mark.parametrize(
    ("late", "codes"), [(-TICK, {"rejection_not_due"}), (0 * DAY, set()), (TICK, set())]
)
def test_silence_counts_as_rejection_after_seven_days(late, codes):
    refs = {"clocks": (running("sign", OPENED + 3 * DAY),)}
    at = OPENED + 7 * DAY + late

    assert BENCH.refusals("reject_terms", W, "agreement_drafted", refs=refs, at=at, now=at) == codes


# ── the court ────────────────────────────────────────────────────────────────


def apply_by(by, at=NOW, **facts):
    on = BENCH.ticket("performing", facts={**EFFECTIVE, **facts})
    return BENCH.refusals("apply_confirmation", by, on, DATA["apply_confirmation"], at=at, now=at)


def test_the_parties_apply_together():
    on = BENCH.ticket("performing", facts=EFFECTIVE)
    approved = BENCH.play("approve", R, on, DATA["approve"]).facts

    assert approved["joint"] == [1]
    assert apply_by(V, **approved) == set()
    assert apply_by(R, **approved) == {"not_joint"}
    assert apply_by(V) == {"not_joint"}


def test_two_of_one_side_are_not_both():
    three = [*parties(), party(3, K, "respondent")]

    assert apply_by(K, parties=three, joint=[2]) == {"not_joint"}


def test_nobody_approves_twice_or_what_does_not_wait():
    given = BENCH.play("approve", R, "performing", DATA["approve"]).facts
    on = BENCH.ticket("performing", facts=given)

    assert BENCH.refusals("approve", R, on, DATA["approve"]) == {"already_approved"}
    with pytest.raises(ValidationError):
        BENCH.play("approve", R, "performing", {"event": "close"})


def test_an_application_keeps_the_court_and_forgets_the_approvals():
    on = BENCH.ticket("performing", facts={**EFFECTIVE, "joint": [1], "approvals": {"x": {}}})

    facts = BENCH.play("apply_confirmation", V, on, DATA["apply_confirmation"]).facts

    assert facts["agreement"]["confirmation"] == {
        "court": "锦江区人民法院", "at": stamp(NOW), "documents": [PHOTO],
    }  # fmt: skip
    assert (facts["joint"], facts["approvals"]) == ([], {})


@pytest.mark.parametrize(
    ("late", "codes"), [(-TICK, set()), (0 * DAY, set()), (TICK, {"past_30_days"})]
)
def test_the_right_to_confirmation_ends_after_thirty_days(late, codes):
    assert apply_by(V, at=OPENED + 30 * DAY + late, joint=[1]) == codes


def test_the_court_may_take_ten_days_more():
    refs = {"clocks": (running("court_decide", OPENED + 15 * DAY),)}

    played = BENCH.play(
        "court_answer", T, "judicial_confirmation_pending", {"answer": "extended"}, refs=refs
    )

    assert played.clocks == ("start court_decide",)
    assert played.due["court_decide"] == OPENED + 25 * DAY


def test_a_confirmed_agreement_is_enforceable():
    on = BENCH.ticket("judicial_confirmation_pending", facts=EFFECTIVE)

    played = BENCH.play("confirmation_result", T, on, DATA["confirmation_result"])

    assert played.facts["agreement"]["enforceable"] is True
    assert played.facts["agreement"]["confirmation"]["result"] == "confirmed"


def test_an_unconfirmed_agreement_is_void_and_mediation_goes_on():
    on = BENCH.ticket("judicial_confirmation_pending", facts=EFFECTIVE)

    played = BENCH.play("confirmation_result", T, on, {"result": "not_confirmed"})

    assert played.state == "adjourned"
    assert played.facts["agreement"]["effective_at"] is None
    assert played.facts["obligations"] == []
    assert played.clocks == (
        "stop court_accept", "stop court_decide", "end obligation-1", "end obligation-2",
        "start tier_limit",
    )  # fmt: skip


# ── performance ──────────────────────────────────────────────────────────────


def test_performance_starts_one_clock_an_obligation():
    on = BENCH.ticket("agreement_effective", facts=EFFECTIVE)

    played = BENCH.play("start_performance", W, on, refs={"clocks": ()})

    assert played.due == {
        "obligation-1": OPENED + 10 * DAY,
        "obligation-2": OPENED + 20 * DAY,
    }


def test_a_repair_or_rectification_asks_for_its_ticket():
    promised = [obligation(1, kind="repair"), obligation(2, kind="rectification"), obligation(3)]
    on = BENCH.ticket("agreement_effective", facts={"obligations": promised})

    notices = BENCH.play("start_performance", W, on).change.notices

    assert notices == (
        ("dispute_case.repair_request",
         {"number": 1, "vendor": "v1", "due_at": promised[0]["due_at"]}),
        ("dispute_case.rectification_request",
         {"number": 2, "vendor": "v1", "due_at": promised[1]["due_at"]}),
    )  # fmt: skip


def test_proof_settles_an_obligation():
    facts = BENCH.play("obligation_done", V, "performing", DATA["obligation_done"]).facts

    done = facts["obligations"][0]
    assert (done["state"], done["done_at"], done["proof"]) == ("done", stamp(NOW), [PHOTO])


@pytest.mark.parametrize(
    ("event", "data", "facts", "code"),
    [
        ("obligation_done", {"number": 9, "statement": "x"}, {}, "unknown_obligation"),
        ("obligation_done", {"number": 1, "statement": "x"},
         {"obligations": [obligation(1, state="done")]}, "obligation_settled"),
        ("suspend_obligation", {**DATA["suspend_obligation"], "agreed_by": [1]}, {},
         "consents_missing"),
        ("suspend_obligation", {**DATA["suspend_obligation"], "agreed_by": [1, 9]}, {},
         "unknown_party"),
        ("suspend_obligation", DATA["suspend_obligation"],
         {"obligations": [obligation(1), obligation(2, suspended=True)]}, "obligation_suspended"),
        ("resume_obligation", {"number": 2}, {}, "obligation_not_suspended"),
    ],
)  # fmt: skip
def test_what_may_not_happen_to_an_obligation(event, data, facts, code):
    assert code in BENCH.refusals(event, T, BENCH.ticket("performing", facts=facts), data)


def test_proof_is_mandatory():
    with pytest.raises(ValidationError):
        BENCH.play("obligation_done", V, "performing", {"number": 1})


def test_a_case_stays_in_default_while_another_obligation_is_overdue():
    owed = [obligation(1, state="overdue"), obligation(2, state="overdue")]

    played = BENCH.play("obligation_done", V, BENCH.ticket("default", facts={"obligations": owed}),
                        DATA["obligation_done"])  # fmt: skip

    assert played.state == "default"
    assert played.clocks == ("stop obligation-1",)


@pytest.mark.parametrize(
    ("late", "codes"), [(-TICK, {"obligation_not_due"}), (0 * DAY, set()), (TICK, set())]
)
@pytest.mark.parametrize("data", [{"number": 1}, {}])
def test_an_obligation_is_overdue_on_its_day(data, late, codes):
    refs = {"clocks": (running("obligation-1", OPENED + 10 * DAY),)}
    at = OPENED + 10 * DAY + late

    assert (
        BENCH.refusals("obligation_overdue", W, "performing", data, refs=refs, at=at, now=at)
        == codes
    )


def test_only_the_overdue_obligation_is_marked():
    refs = {"clocks": (running("obligation-1", NOW),)}

    facts = BENCH.play("obligation_overdue", W, "performing", {}, refs=refs).facts

    assert [one["state"] for one in facts["obligations"]] == ["overdue", "open"]


def test_an_obligation_that_waits_is_not_overdue():
    refs = {"clocks": (running("obligation-1", None, state="paused"),)}

    assert BENCH.refusals("obligation_overdue", W, "performing", {}, refs=refs) == {
        "obligation_not_due"
    }


def test_only_a_confirmed_agreement_is_enforced():
    confirmed = {"agreement": draft(enforceable=True)}
    data = {"way": "enforcement"}

    assert BENCH.refusals("enforce", R, "default", data) == {"not_enforceable"}
    assert not BENCH.refusals("enforce", R, BENCH.ticket("default", facts=confirmed), data)
    assert not BENCH.refusals("enforce", R, "default", {"way": "suit"})


def test_a_follow_up_call_that_reached_somebody_stays():
    on = BENCH.ticket("performing", facts={"follow_up": {"outcome": "reached", "calls": 1}})

    facts = BENCH.play("record_follow_up", T, on, {"outcome": "no_answer"}).facts

    assert (facts["follow_up"]["outcome"], facts["follow_up"]["calls"]) == ("reached", 2)
