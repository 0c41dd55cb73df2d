"""Listed supervision: every row of DOMAIN 4.3 and every refusal."""

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.workflow import BIRTH
from tests.support.bench import (
    DAY,
    NOW,
    OPENED,
    PHOTO,
    SUBJECT,
    TICK,
    account,
    account_id,
    actor,
    after,
)
from tests.support.repair import clock
from tests.support.samples.listed_supervision import BENCH, CASE, DATA, LEADER, PROPOSAL

O, S, X = Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
T, V, W = Role.MEDIATOR, Role.VENDOR_MANAGER, Role.SYSTEM
PUBLIC = ("listed", "plan_submitted", "in_rectification", "verification_requested", "verifying")
FRIDAY = datetime(2026, 11, 27, 10, tzinfo=UTC)  # 18:00 in Shanghai; NOW is the Saturday before
DECEMBER_3 = datetime(2026, 12, 3, 16, tzinfo=UTC)  # the end of the 3rd in Shanghai


# ── proposal ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [X, S, T, W])
def test_a_proposal_waits_for_the_leading_group(role):
    played = BENCH.play("propose", role, BIRTH, PROPOSAL)

    assert played.state == "proposed"
    assert played.clocks == ("start decide",)
    assert played.change.assignee == SUBJECT
    assert played.facts["public"] is False
    own = (f"account:{account_id(T)}",)
    assert played.change.stakes == (own if role is T else ())


def test_a_compound_may_be_proposed_without_naming_a_company():
    facts = {"reason": "instruction", "basis": "区领导批示"}

    assert not BENCH.play("propose", X, BIRTH, facts).change.assigns


def test_an_unknown_company_is_refused():
    assert BENCH.refusals("propose", X, BIRTH, PROPOSAL, refs={"vendor": None}) == {
        "unknown_vendor"
    }


@pytest.mark.parametrize(
    ("reason", "missing"),
    [
        ("ranking", "figures"),
        ("mediation", "case"),
        ("instruction", "basis"),
        ("collective_petition", "basis"),
        ("major_opinion", "basis"),
    ],
)
def test_every_reason_says_what_it_rests_on(reason, missing):
    with pytest.raises(ValidationError) as refused:
        BENCH.play("propose", X, BIRTH, {"reason": reason})

    assert refused.value.messages == {missing: ["required"]}


def test_the_leading_group_lists_publicly_and_starts_the_reports():
    played = BENCH.play("list", X, "proposed", DATA["list"])

    assert played.state == "listed"
    assert played.clocks == (
        "stop decide", "start plan", "start monthly_report", "start weekly_report",
    )  # fmt: skip
    assert played.due["monthly_report"] == DECEMBER_3
    assert played.due["weekly_report"] == FRIDAY
    assert (played.facts["public"], played.facts["leader"]) == (True, LEADER)
    assert not played.topics


def test_the_dispute_case_behind_it_is_told():
    ticket = BENCH.ticket("proposed", facts={"case": CASE})

    played = BENCH.play("list", X, ticket, {})

    assert played.change.notices == (("listed_supervision.case_listed", {"case": CASE}),)
    assert "leader" not in played.facts


@pytest.mark.parametrize(
    "found",
    [None, account(S, 5, active=False), account(Role.MANAGER, 5)],
    ids=["unknown", "left", "no-official"],
)
@pytest.mark.parametrize(
    ("event", "role", "state"), [("list", X, "proposed"), ("submit_plan", S, "listed")]
)
def test_the_responsible_leader_is_an_official_at_work(event, role, state, found):
    known = {} if found is None else {LEADER: found}

    refused = BENCH.refusals(event, role, state, DATA[event], refs={"accounts": known})

    assert refused == {"leader_not_official"}


def test_the_leading_group_may_decline():
    played = BENCH.play("reject", X, "proposed", DATA["reject"])

    assert (played.state, played.clocks) == ("rejected", ("end *",))


# ── cure ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [S, O, V])
@pytest.mark.parametrize("state", ["listed", "plan_submitted"])
def test_a_plan_names_measures_leader_body_and_date(state, role):
    played = BENCH.play("submit_plan", role, state, DATA["submit_plan"])

    assert played.state == "plan_submitted"
    assert played.clocks == ("stop plan",)
    assert played.facts["leader"] == LEADER
    assert played.facts["responsible"] == "东街街道"
    assert played.facts["measures"][1] == {"n": 2, "what": "重划停车位"}
    assert [(p["n"], p["cycle"]) for p in played.facts["plans"]] == [(1, 1)]


def test_a_plan_without_leader_or_body_leaves_those_named_before():
    bare = {n: v for n, v in DATA["submit_plan"].items() if n not in ("leader", "responsible")}

    played = BENCH.play("submit_plan", V, "listed", bare)

    assert not {"leader", "responsible"} & played.facts.keys()


@pytest.mark.parametrize(
    ("span", "refused"), [(0 * TICK, {"finish_past"}), (TICK, set())], ids=["now", "ahead"]
)
def test_a_plan_ends_in_the_future(span, refused):
    data = {**DATA["submit_plan"], "finish_by": after(span)}

    assert BENCH.refusals("submit_plan", S, "listed", data) == refused


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("submit_plan", "listed"),
        ("start_rectification", "plan_submitted"),
        ("request_verification", "in_rectification"),
    ],
)
def test_another_company_has_no_part_in_it(event, state):
    stranger = actor(V, 1, vendor_id="v2")

    assert BENCH.refusals(event, stranger, state, DATA[event]) == {"not_assigned"}
    nobody = BENCH.ticket(state, assignee=None)
    assert BENCH.refusals(event, V, nobody, DATA[event]) == {"not_assigned"}


def test_the_cure_runs_until_the_date_of_the_plan():
    played = BENCH.play("start_rectification", V, "plan_submitted")

    assert played.state == "in_rectification"
    assert played.due == {"rectify": NOW + 30 * DAY}


@pytest.mark.parametrize(
    ("missing", "refused"),
    [("leader", {"leader_missing"}), ("responsible", {"responsible_missing"})],
)
def test_the_cure_starts_with_a_leader_and_a_responsible_body(missing, refused):
    ticket = BENCH.ticket("plan_submitted", facts={missing: None})

    assert BENCH.refusals("start_rectification", S, ticket) == refused


def test_whoever_declares_it_cured_is_kept():
    played = BENCH.play("request_verification", S, "in_rectification", DATA["request_verification"])

    assert played.state == "verification_requested"
    assert played.clocks == ("stop rectify", "start verify")
    assert played.facts == {"requested_by": [account_id(S)]}


# ── close-out ────────────────────────────────────────────────────────────────


def test_verification_starts():
    assert BENCH.play("verify_start", X, "verification_requested").state == "verifying"


def test_a_passed_verification_strikes_it_off_with_a_score():
    ticket = BENCH.ticket("verifying", facts={"case": CASE})

    played = BENCH.play("verify_pass", X, ticket, DATA["verify_pass"])

    assert (played.state, played.step.then) == ("closed_out", "start_lookback")
    assert played.clocks == ("stop verify", "end monthly_report", "end weekly_report")
    assert (played.facts["score"], played.facts["public"]) == (88, False)
    assert played.change.notices == (("listed_supervision.case_delisted", {"case": CASE}),)


def test_a_verification_without_a_score_is_none():
    with pytest.raises(ValidationError) as refused:
        BENCH.play("verify_pass", X, "verifying", {"finding": "已整改"})

    assert refused.value.messages == {"score": ["required"]}


def test_what_is_not_cured_stays_listed_and_needs_a_new_plan():
    played = BENCH.play("verify_fail", X, "verifying", DATA["verify_fail"])

    assert played.state == "listed"
    assert played.clocks == ("stop verify", "start plan")
    assert (played.facts["cycle"], played.facts["finish_by"]) == (2, None)
    assert played.facts["findings"] == ["停车位仍未划线"]
    assert "public" not in played.facts


def test_the_look_back_begins_with_the_close_out():
    played = BENCH.play("start_lookback", W, "closed_out")

    assert (played.state, played.clocks) == ("lookback", ("start lookback",))


def test_a_passed_look_back_archives():
    played = BENCH.play("lookback_ok", X, "lookback", DATA["lookback_ok"])

    assert (played.state, played.clocks) == ("archived", ("stop lookback",))
    assert played.facts == {"looked_back_at": after(0 * TICK)}


def test_a_relapse_is_listed_again():
    ticket = BENCH.ticket("lookback", facts={"case": CASE, "public": False})

    played = BENCH.play("lookback_fail", X, ticket, DATA["lookback_fail"])

    assert played.state == "listed"
    assert played.clocks == (
        "stop lookback", "start plan", "start monthly_report", "start weekly_report",
    )  # fmt: skip
    assert (played.facts["public"], played.facts["closed_out_at"]) == (True, None)
    assert played.topics == ("listed_supervision.case_listed",)


@pytest.mark.parametrize(
    ("passed", "refused"),
    [(30 * DAY - TICK, {"lookback_too_early"}), (30 * DAY, set())],
    ids=["before", "at"],
)
def test_a_look_back_is_no_second_look(passed, refused):
    ticket = BENCH.ticket("lookback", facts={"closed_out_at": after(-passed)})

    assert BENCH.refusals("lookback_ok", X, ticket, DATA["lookback_ok"]) == refused


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("verify_start", "verification_requested"),
        ("verify_pass", "verifying"),
        ("verify_fail", "verifying"),
        ("lookback_ok", "lookback"),
        ("lookback_fail", "lookback"),
    ],
)
@pytest.mark.parametrize("own", [{"requested_by": [account_id(X)]}, {"leader": account_id(X)}])
def test_nobody_verifies_the_own_cure(event, state, own):
    ticket = BENCH.ticket(state, facts=own)

    assert BENCH.refusals(event, X, ticket, DATA[event]) == {"own_request"}


# ── accountability ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("ground", ["shirking", "false_work", "grave_result"])
@pytest.mark.parametrize("state", [*PUBLIC, "lookback"])
def test_people_decide_who_is_held_to_account(state, ground):
    data = {**DATA["transfer_discipline"], "ground": ground}

    played = BENCH.play("transfer_discipline", S, state, data)

    assert played.state == state
    assert played.step.sealed == ("officials", "finding")
    assert not played.facts


@pytest.mark.parametrize("name", ["plan", "rectify", "verify", "monthly_report", "weekly_report"])
def test_who_is_late_is_late_only_when_a_limit_was_missed(name):
    data = {**DATA["transfer_discipline"], "ground": "overdue"}
    late = {"clocks": (clock(name, OPENED, breached_at=OPENED),)}
    other = {"clocks": (clock("decide", OPENED, breached_at=OPENED), clock(name, OPENED))}

    assert BENCH.refusals("transfer_discipline", X, "listed", data, refs=late) == set()
    assert BENCH.refusals("transfer_discipline", X, "listed", data, refs=other) == {
        "nothing_overdue"
    }


def test_evidence_is_required_for_a_verification():
    with pytest.raises(ValidationError):
        BENCH.play("request_verification", S, "in_rectification", {"summary": "已整改"})
    with pytest.raises(ValidationError):
        BENCH.play(
            "request_verification", S, "in_rectification", {"summary": "", "photos": [PHOTO]}
        )
