"""Hazards: every row of DOMAIN 4.1 and every refusal."""

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.workflow import BIRTH, Credit
from service.workflows.hazard import HAZARD
from tests.support.bench import SUBJECT, account_id, actor
from tests.support.samples.hazard import BENCH, DATA, FOUND

C, K, R, S, V = (
    Role.CREW, Role.COMMITTEE, Role.RESIDENT, Role.STREET_OFFICER, Role.VENDOR_MANAGER,
)  # fmt: skip
D, W = Role.DISPATCHER, Role.SYSTEM
STRANGER = actor(V, vendor_id="v9")


def refused(event, by, state, data=None, **facts):
    on = BENCH.ticket(state, facts=facts)
    return BENCH.refusals(event, by, on, DATA[event] if data is None else data)


# ── the loop ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", [R, D, C, V, K, S, W])
def test_anybody_reports(role):
    played = BENCH.play("report", role, BIRTH, FOUND)

    assert (played.state, played.clocks) == ("reported", ("start grade",))


def test_a_crew_keeps_sight_of_what_it_reported():
    assert BENCH.play("report", C, BIRTH, FOUND).change.stakes == (f"account:{account_id(C)}",)
    assert BENCH.play("report", D, BIRTH, FOUND).change.stakes == ()


def test_grading_names_the_firm_that_must_cure_and_starts_its_clock():
    played = BENCH.play("grade", K, "reported", DATA["grade"])

    assert played.state == "graded"
    assert played.change.assignee == SUBJECT
    assert played.clocks == ("stop grade", "start cure")
    assert played.facts["grade"] == "ordinary"


def test_a_major_hazard_is_made_safe_first():
    data = {**DATA["grade"], "grade": "major"}

    assert BENCH.play("grade", K, "reported", data).clocks == (
        "stop grade", "start cure", "start interim",
    )  # fmt: skip


def test_a_hazard_without_an_owner_is_nobodys_yet():
    data = {"grade": "immediate", "finding": "井盖缺失"}

    assert not BENCH.play("grade", S, "reported", data).change.assigns


def test_what_is_no_hazard_is_dismissed():
    played = BENCH.play("dismiss", D, "reported", DATA["dismiss"])

    assert (played.state, played.facts) == ("closed", {"result": "dismissed"})


@pytest.mark.parametrize(
    ("event", "by", "source", "target", "clocks"),
    [
        ("warn", C, "graded", "warned", ()),
        ("take_interim", V, "graded", "interim_measures", ("stop interim",)),
        ("take_interim", V, "warned", "interim_measures", ("stop interim",)),
        ("take_interim", V, "circulated", "interim_measures", ("stop interim",)),
        ("circulate", K, "warned", "circulated", ()),
        ("circulate", K, "interim_measures", "circulated", ()),
        ("start_cure", V, "circulated", "in_cure", ()),
        ("submit_evidence", V, "in_cure", "evidence",
         ("stop cure", "stop interim", "start reinspect")),
        ("submit_evidence", V, "overdue", "evidence",
         ("stop cure", "stop interim", "start reinspect")),
        ("reinspect", K, "evidence", "reinspecting", ()),
        ("pass", S, "reinspecting", "closed", ("stop reinspect",)),
        ("fail", S, "reinspecting", "in_cure", ("stop reinspect", "start cure")),
        ("hand_to_authority", S, "overdue", "handed_to_authority", ("end *",)),
    ],
)  # fmt: skip
def test_a_row(event, by, source, target, clocks):
    played = BENCH.play(event, by, source, DATA[event])

    assert (played.state, played.clocks) == (target, clocks)


def test_sign_and_interim_measures_are_kept():
    assert BENCH.play("warn", C, "graded", DATA["warn"]).facts["sign"]["text"] == "禁止堆放"
    assert BENCH.play("take_interim", V, "graded", DATA["take_interim"]).facts["interim"]


def test_rounds_are_numbered():
    first = {"rounds": [{"n": 1, "result": "not_cured", "finding": "x", "at": "t"}]}
    played = BENCH.play("pass", S, BENCH.ticket("reinspecting", facts=first), DATA["pass"])

    assert [entry["n"] for entry in played.facts["rounds"]] == [1, 2]
    assert played.facts["result"] == "cured"


@pytest.mark.parametrize(
    ("state", "points", "reason"),
    [("in_cure", -2, "hazard_overdue"), ("graded", -10, "hazard_ignored"),
     ("circulated", -10, "hazard_ignored")],
)  # fmt: skip
def test_an_overdue_cure_costs_points(state, points, reason):
    played = BENCH.play("expire", W, state)

    assert played.state == "overdue"
    assert played.change.credits == (Credit("v1", "company", points, reason),)


def test_nobodys_hazard_costs_nobody_points():
    assert BENCH.play("expire", W, BENCH.ticket("graded", assignee=None)).change.credits == ()


def test_targets_go_by_grade():
    assert HAZARD.variant({"facts": {}}) == "ordinary"
    assert HAZARD.variant({"facts": {"grade": "major"}}) == "major"


# ── refusals ─────────────────────────────────────────────────────────────────


def test_an_unknown_firm_is_refused():
    assert BENCH.refusals("grade", K, "reported", DATA["grade"], refs={"vendor": None}) == {
        "unknown_vendor"
    }


@pytest.mark.parametrize("grade", ["immediate", "major"])
def test_danger_needs_its_sign_before_paper(grade):
    assert refused("circulate", K, "graded", grade=grade, sign=None) == {"sign_missing"}
    assert refused("circulate", K, "graded", grade="ordinary", sign=None) == set()


def test_a_major_cure_does_not_begin_before_people_are_safe():
    assert refused("start_cure", K, "circulated", interim=None) == {"interim_missing"}
    assert refused("start_cure", K, "circulated", interim=None, grade="immediate") == set()


@pytest.mark.parametrize(
    ("event", "state"),
    [("warn", "graded"), ("take_interim", "graded"), ("start_cure", "circulated"),
     ("submit_evidence", "in_cure")],
)  # fmt: skip
def test_a_firm_acts_on_its_own_hazards_only(event, state):
    assert refused(event, STRANGER, state) == {"not_owner"}


@pytest.mark.parametrize("event", ["reinspect", "pass", "fail"])
def test_whoever_filed_the_evidence_never_reinspects(event):
    state = "evidence" if event == "reinspect" else "reinspecting"

    assert refused(event, K, state, evidence_by=[account_id(K)]) == {"evidence_filer"}
    assert refused(event, S, state, evidence_by=[account_id(K)]) == set()


def test_every_filer_is_remembered():
    before = {"evidence_by": [account_id(V)]}
    played = BENCH.play(
        "submit_evidence", D, BENCH.ticket("in_cure", facts=before), DATA["submit_evidence"]
    )

    assert played.facts["evidence_by"] == sorted([account_id(V), account_id(D)])


@pytest.mark.parametrize("event", ["warn", "take_interim", "submit_evidence"])
def test_photos_are_no_option(event):
    data = {name: value for name, value in DATA[event].items() if name != "photos"}

    with pytest.raises(ValidationError, match="photos"):
        BENCH.play(event, K if event != "warn" else C, "in_cure" if event == "submit_evidence"
                   else "graded", data)  # fmt: skip
