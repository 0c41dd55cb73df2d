"""Escalation, hand-over, danger, listing, and the ends of a case without agreement."""

import json
from hashlib import sha256

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.shapes import stamp
from tests.support.bench import DAY, NOW, OPENED, TICK, actor
from tests.support.samples.dispute_case import (
    BENCH,
    DATA,
    FACTS,
    MEDIATOR,
    party,
    running,
    session,
)

R, V, T = Role.RESIDENT, Role.VENDOR_MANAGER, Role.MEDIATOR
S, X, W = Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.SYSTEM
TIER_2 = {"tier": 2, "tiers": [{"tier": 1}, {"tier": 2, "accepted_at": stamp(OPENED)}],
          "sessions": [session(), session(2, tier=2)]}  # fmt: skip


def up(by=T, data=None, refs=None, **facts):
    on = BENCH.ticket("adjourned", facts=facts)
    return BENCH.play("escalate", by, on, data or {}, refs=refs)


def refused_up(by=T, refs=None, at=NOW, **facts):
    on = BENCH.ticket("adjourned", facts=facts)
    return BENCH.refusals("escalate", by, on, {}, refs=refs, at=at, now=at)


# ── escalation ───────────────────────────────────────────────────────────────


def test_the_file_moves_one_tier_up_and_both_bodies_see_it():
    played = up(data=DATA["escalate"])

    assert played.facts["tier"] == 2
    assert played.change.stakes == ("tier:2",)
    assert played.facts["tiers"][-1] == {"tier": 2}


def test_the_time_is_charged_to_the_tier_that_held_the_case():
    paused = running("tier_limit", OPENED + 7 * DAY, paused_ms=120_000)

    left = up(refs={"clocks": (paused,)}).facts["tiers"][0]

    assert left["left_at"] == stamp(NOW)
    assert left["used_ms"] == 10 * 60_000 - 120_000
    assert left["sessions"] == 1


def test_the_hand_over_is_sealed_over_all_facts():
    sealed = up().facts["hand_overs"][-1]

    text = json.dumps(dict(FACTS), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert sealed["sha256"] == sha256(text.encode()).hexdigest()
    assert (sealed["from"], sealed["to"], sealed["by"]) == (1, 2, "mediator")
    assert sealed["brief"]["sessions"] == [{"n": 1, "outcome": "adjourned"}]
    assert sealed["brief"]["class"] == "general"


def test_a_second_hand_over_keeps_the_first():
    facts = {**TIER_2, "hand_overs": [{"from": 1, "to": 2}]}

    assert len(up(actor(T, tier=2), **facts).facts["hand_overs"]) == 2


def test_the_next_tier_takes_over_with_its_own_mediators():
    tiers = [{"tier": 1, "left_at": stamp(OPENED)}, {"tier": 1}]
    on = BENCH.ticket("escalated", facts={"tiers": tiers})
    data = {"mediators": [MEDIATOR], "file_no": "二调3"}

    facts = BENCH.play("receive_escalation", T, on, data).facts

    assert facts["tiers"][-1] == {
        "tier": 1, "received_at": stamp(NOW), "accepted_at": stamp(NOW),
    }  # fmt: skip
    assert facts["mediators"] == [{"account": MEDIATOR, "lead": True}]
    assert facts["file_no"] == "二调3"


def test_above_the_district_nothing_is_escalated_to():
    facts = {"tier": 3, "tiers": [{"tier": 3}], "sessions": [session(tier=3)]}

    assert refused_up(R, **facts) == {"no_next_tier"}


@pytest.mark.parametrize(
    ("late", "codes"), [(-TICK, {"no_session_yet"}), (0 * DAY, set()), (TICK, set())]
)
def test_without_a_session_a_tier_hands_over_when_its_limit_is_over(late, codes):
    due = OPENED + 7 * DAY
    refs = {"clocks": (running("tier_limit", due),)}

    assert refused_up(R, refs, at=due + late, sessions=[]) == codes


@pytest.mark.parametrize(
    "held", [[session(opened_at=None)], [session(tier=2)]], ids=["no-show", "other-tier"]
)
def test_only_a_session_of_this_tier_that_took_place_counts(held):
    assert refused_up(R, sessions=held) == {"no_session_yet"}


@pytest.mark.parametrize(
    ("late", "codes"), [(-TICK, {"escalation_not_due"}), (0 * DAY, set()), (TICK, set())]
)
def test_the_service_escalates_a_day_after_the_limit(late, codes):
    due = OPENED + 7 * DAY
    refs = {"clocks": (running("tier_limit", due),)}

    assert refused_up(W, refs, at=due + DAY + late) == codes


def test_a_paused_limit_never_escalates():
    refs = {"clocks": (running("tier_limit", None, state="paused"),)}

    assert refused_up(W, refs) == {"escalation_not_due"}


def test_a_danger_lets_the_service_escalate_at_once():
    assert not refused_up(W, risk=True)


def test_the_streets_file_is_whole_before_it_goes_to_the_district():
    lacking = [party(1, R, "applicant"), party(2, V, "respondent", identified=False)]
    body = actor(T, tier=2)

    assert refused_up(body, **TIER_2, parties=lacking) == {"case_file_incomplete"}
    assert not refused_up(body, **TIER_2)


def test_the_communitys_file_may_still_lack_something():
    lacking = [party(1, R, "applicant"), party(2, V, "respondent", identified=False)]

    assert not refused_up(parties=lacking)


# ── danger and listing ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "was", "becomes"),
    [
        ({}, "general", "general"),
        ({"households": 9}, "general", "general"),
        ({"households": 10}, "general", "complex"),
        ({"households": 49}, "general", "complex"),
        ({"households": 50}, "general", "major"),
        ({"injury": True}, "general", "major"),
        ({"media": True}, "complex", "major"),
        ({"households": 10}, "major", "major"),
    ],
)
def test_danger_raises_the_grade_and_size_the_class(data, was, becomes):
    on = BENCH.ticket("adjourned", facts={"class": was})

    played = BENCH.play("flag_escalation_risk", S, on, {"facts": "聚集", **data})

    assert (played.facts["class"], played.facts["grade"]) == (becomes, "medium")
    assert played.facts["risk"] is True


@pytest.mark.parametrize(("was", "becomes"), [("medium", "high"), ("high", "high")])
def test_the_grade_ends_at_high(was, becomes):
    on = BENCH.ticket("adjourned", facts={"grade": was})

    assert BENCH.play("flag_escalation_risk", T, on, {"facts": "x"}).facts["grade"] == becomes


def test_danger_before_acceptance_has_no_class_to_raise():
    on = BENCH.ticket("filed", facts={"class": None, "grade": None})

    assert BENCH.play("flag_escalation_risk", T, on, {"facts": "x"}).facts == {"risk": True}


def test_danger_is_told_to_the_street_and_if_need_be_to_the_police():
    played = BENCH.play(
        "flag_escalation_risk", T, BENCH.ticket("filed"), DATA["flag_escalation_risk"]
    )

    assert played.change.notices == (
        ("dispute_case.escalation_risk", {"roles": ["street_officer"], "police": True}),
    )


def test_listing_and_its_end_are_noted():
    listed = BENCH.play("list", X, BENCH.ticket("adjourned"), {"supervision": "LS-1"})
    taken_off = BENCH.play("delist", W, BENCH.ticket("adjourned", facts={"supervised": True}))

    assert listed.facts == {"supervised": True, "supervision": "LS-1"}
    assert taken_off.facts == {"supervised": False}


def test_a_case_is_listed_once_and_taken_off_once():
    on = BENCH.ticket("adjourned", facts={"supervised": True})

    assert BENCH.refusals("list", X, on) == {"already_supervised"}
    assert BENCH.refusals("delist", X, BENCH.ticket("adjourned")) == {"not_supervised"}


# ── ends without agreement ───────────────────────────────────────────────────


def test_a_refusal_while_screening_is_a_refusal_of_the_case():
    played = BENCH.play("party_refuses", V, BENCH.ticket("screening"), DATA["party_refuses"])

    assert played.state == "refused"
    assert played.facts["refusal"]["code"] == "party_refuses"
    assert played.facts["parties"][1]["consent"] == "refused"
    assert played.topics == ("dispute_case.legal_ways",)


def test_a_refusal_later_ends_mediation():
    played = BENCH.play("party_refuses", V, BENCH.ticket("accepted"), DATA["party_refuses"])

    assert played.facts["ending"] == {
        "code": "party_refuses", "at": stamp(NOW), "ways": ["court", "authority"], "stated": True,
        "party": 2,
    }  # fmt: skip


def test_arbitration_is_told_of_only_where_there_is_a_clause():
    on = BENCH.ticket("accepted", facts={"arbitration_clause": True})

    told = BENCH.play("party_refuses", V, on, DATA["party_refuses"]).change.notices

    assert told == (("dispute_case.legal_ways", {"ways": ["court", "arbitration", "authority"]}),)


@pytest.mark.parametrize("tier", [1, 2])
def test_while_a_tier_is_left_lack_of_agreement_is_no_end(tier):
    on = BENCH.ticket("adjourned", facts={"tier": tier})
    data = {**DATA["terminate"], "cause": "no_agreement"}

    assert BENCH.refusals("terminate", actor(T, tier=tier), on, data) == {"tiers_left"}
    assert not BENCH.refusals("terminate", actor(T, tier=tier), on, DATA["terminate"])


def test_the_last_tier_ends_without_agreement():
    on = BENCH.ticket("in_session", facts={"tier": 3})
    data = {**DATA["terminate"], "cause": "no_agreement", "minutes": "分歧较大"}

    played = BENCH.play("terminate", actor(T, tier=3), on, data)

    assert played.facts["ending"]["code"] == "no_agreement"
    assert played.facts["sessions"][-1]["outcome"] == "no_agreement"
    assert played.facts["sessions"][-1]["minutes"] == {"at": stamp(NOW)}
    assert played.topics == ("dispute_case.legal_ways",)


def test_an_end_between_sessions_leaves_the_sessions_alone():
    played = BENCH.play("terminate", T, BENCH.ticket("adjourned"), DATA["terminate"])

    assert "sessions" not in played.facts


def test_an_end_tells_the_ways():
    data = {name: value for name, value in DATA["terminate"].items() if name != "ways"}

    with pytest.raises(ValidationError):
        BENCH.play("terminate", T, BENCH.ticket("adjourned"), data)


def test_arbitration_needs_a_clause():
    on, agreed = BENCH.ticket("terminated"), {"arbitration_clause": True}
    data = {"way": "arbitration"}

    assert BENCH.refusals("refer_court", R, on, data) == {"arbitration_clause_missing"}
    assert not BENCH.refusals("refer_court", R, BENCH.ticket("terminated", facts=agreed), data)


@pytest.mark.parametrize(("way", "tagged"), [("court", True), ("authority", False)])
def test_what_goes_to_court_is_tagged_for_the_fast_track(way, tagged):
    facts = BENCH.play("refer_court", V, BENCH.ticket("terminated"), {"way": way}).facts

    assert facts["legal_way"] == {"way": way, "at": stamp(NOW), "fast_track": tagged}


@pytest.mark.parametrize(
    ("late", "codes"), [(-TICK, {"closing_not_due"}), (0 * DAY, set()), (TICK, set())]
)
def test_the_service_closes_a_failed_case_when_the_choice_is_over(late, codes):
    due = OPENED + 15 * DAY
    on = BENCH.ticket("terminated", facts={"ending": {"stated": True}})
    refs = {"clocks": (running("legal_choice", due),)}
    at = due + late

    assert BENCH.refusals("close_failed", W, on, refs=refs, at=at, now=at) == codes


# ── withdrawal ───────────────────────────────────────────────────────────────


def test_only_an_applicant_withdraws():
    assert BENCH.refusals("withdraw", V, BENCH.ticket("adjourned"), DATA["withdraw"]) == {
        "not_applicant"
    }


def test_the_other_side_of_a_collective_case_may_object():
    on = BENCH.ticket("adjourned", facts={"collective": True})

    facts = BENCH.play("object_withdrawal", V, on, DATA["object_withdrawal"]).facts

    assert facts == {"objected": True}
    assert BENCH.refusals(
        "withdraw", R, BENCH.ticket("adjourned", facts=facts), DATA["withdraw"]
    ) == {"other_side_objects"}


@pytest.mark.parametrize(
    ("by", "collective", "code"),
    [(V, False, "not_collective"), (R, True, "not_other_side")],
)
def test_nobody_else_objects(by, collective, code):
    on = BENCH.ticket("adjourned", facts={"collective": collective})

    assert BENCH.refusals("object_withdrawal", by, on, DATA["object_withdrawal"]) == {code}
