"""The table of contents of the file, and the closing it guards."""

import pytest
from marshmallow import ValidationError

from service.core.actors import Role
from service.core.shapes import stamp
from service.workflows.case_file import contents, lacking
from tests.support.bench import NOW, PHOTO, account_id, actor
from tests.support.samples.dispute_case import (
    BENCH,
    DATA,
    FACTS,
    draft,
    obligation,
    party,
    session,
)

R, V, T, W = Role.RESIDENT, Role.VENDOR_MANAGER, Role.MEDIATOR, Role.SYSTEM
CODES = (
    "application", "rights_notice", "identity", "power_of_attorney", "inquiry", "evidence",
    "minutes", "agreement", "performance", "follow_up", "court", "statement", "cover",
)  # fmt: skip
PERFORMED = {
    "agreement": draft(effective_at=stamp(NOW)),
    "obligations": [obligation(1, state="done", done_at=stamp(NOW))],
    "follow_up": {"outcome": "reached", "at": stamp(NOW)},
}
FAILED = {"ending": {"code": "parties_stop", "at": stamp(NOW), "stated": True}}
LEAD = actor(T, is_lead=True)


def items(state="performing", **facts):
    return {item.code: item for item in contents({**FACTS, **facts}, state)}


def refused(event, by=T, data=None, state="performing", **facts):
    on = BENCH.ticket(state, facts=facts)
    return BENCH.refusals(event, by, on, DATA.get(event, {}) if data is None else data)


# ── the table of contents ────────────────────────────────────────────────────


def test_the_contents_are_the_thirteen_items_of_the_paper_file():
    listed = contents(FACTS, "performing")

    assert tuple(item.code for item in listed) == CODES
    assert [item.n for item in listed] == list(range(1, 14))


@pytest.mark.parametrize(
    ("state", "swapped"), [("performing", "agreement"), ("terminated", "statement")]
)
def test_without_agreement_the_statement_takes_its_place(state, swapped):
    must = {code for code, item in items(state).items() if item.required}

    assert must == {"application", "rights_notice", "identity", "minutes", "cover", swapped}


@pytest.mark.parametrize(
    ("code", "facts", "sources"),
    [
        ("application", {}, ("application",)),
        ("application", {"parties": []}, ()),
        ("rights_notice", {}, ("rights_notice",)),
        ("rights_notice", {"rights_notice_at": None}, ()),
        ("rights_notice", {"parties": [party(1, R, "applicant", consent=None)]}, ()),
        ("rights_notice", {"parties": [party(1, R, "applicant", consent="refused")]},
         ("rights_notice",)),
        ("identity", {}, ("party-1", "party-2")),
        ("identity", {"parties": [party(1, R, "applicant", identified=False)]}, ()),
        ("power_of_attorney", {}, ()),
        ("power_of_attorney",
         {"parties": [party(1, R, "applicant", representative={"party": "x"})]}, ("party-1",)),
        ("inquiry", {"evidence": [{"n": 1, "item": "inquiry"}]}, ("evidence-1",)),
        ("evidence", {"evidence": [{"n": 1, "item": "inquiry"}, {"n": 2, "item": "evidence"}]},
         ("evidence-2",)),
        ("minutes", {}, ("session-1",)),
        ("minutes", {"sessions": [session(minutes=None)]}, ()),
        ("minutes", {"sessions": [session(minutes=None)], "ending": FAILED["ending"]}, ()),
        ("minutes", {"sessions": [], "ending": FAILED["ending"]}, ("ending",)),
        ("minutes", {"sessions": [], "evidence": [{"n": 4, "item": "minutes"}]}, ("evidence-4",)),
        ("agreement", {}, ()),
        ("agreement", {"agreement": draft()}, ()),
        ("agreement", {"agreement": draft(effective_at=stamp(NOW))}, ("agreement",)),
        ("performance", {}, ()),
        ("performance", PERFORMED, ("obligation-1",)),
        ("follow_up", PERFORMED, ("follow_up",)),
        ("court", {"agreement": draft(confirmation={"court": "x"})}, ("confirmation",)),
        ("court", {"evidence": [{"n": 1, "item": "court"}]}, ("evidence-1",)),
        ("statement", FAILED, ("ending",)),
        ("statement", {"ending": {"stated": False}}, ()),
        ("statement", {"evidence": [{"n": 3, "item": "statement"}]}, ("evidence-3",)),
    ],
)  # fmt: skip
def test_an_item_is_made_of_what_the_case_holds(code, facts, sources):
    item = items(**facts)[code]

    assert (item.sources, item.present) == (sources, bool(sources))


@pytest.mark.parametrize(
    ("state", "there"),
    [("performing", False), ("closed_performed", True), ("closed_failed", True)],
)
def test_the_cover_comes_with_the_closing(state, there):
    assert items(state)["cover"].present is there
    assert "cover" not in lacking(FACTS, state)


# ── closing a performed case ─────────────────────────────────────────────────


def test_closing_keeps_the_applicants_opinion():
    on = BENCH.ticket("performing", facts=PERFORMED)

    assert BENCH.play("close", T, on, DATA["close"]).facts == {
        "closing": {"at": stamp(NOW), "opinion": "satisfied"}
    }


def test_closing_needs_the_opinion():
    with pytest.raises(ValidationError):
        BENCH.play("close", T, BENCH.ticket("performing", facts=PERFORMED), {})


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"obligations": [obligation(1)]}, "obligations_open"),
        ({"obligations": [obligation(1, state="overdue")]}, "obligations_open"),
        ({"follow_up": None}, "follow_up_missing"),
        ({"follow_up": {"outcome": "no_answer"}}, "follow_up_missing"),
        ({"supervised": True}, "supervised_not_closed_out"),
    ],
)
def test_what_keeps_a_performed_case_open(facts, code):
    assert refused("close", **{**PERFORMED, **facts}) == {code}


@pytest.mark.parametrize(
    ("facts", "item"),
    [
        ({"rights_notice_at": None}, "rights_notice"),
        ({"parties": [party(1, R, "applicant", identified=False)]}, "identity"),
        ({"sessions": [session(minutes=None)]}, "minutes"),
        ({"agreement": draft()}, "agreement"),
    ],
)
def test_a_missing_item_is_named(facts, item):
    codes = refused("close", **{**PERFORMED, **facts})

    assert codes == {"case_file_incomplete", f"file_lacks_{item}"}


def test_the_lead_may_close_an_incomplete_file_with_a_reason():
    lacks = {**PERFORMED, "rights_notice_at": None}
    data = {"opinion": "satisfied", "override_reason": "原件遗失"}

    facts = BENCH.play("close", LEAD, BENCH.ticket("performing", facts=lacks), data).facts

    assert facts["close_override"] == {
        "by": account_id(T), "at": stamp(NOW), "reason": "原件遗失",
    }  # fmt: skip


def test_nobody_else_may():
    lacks = {**PERFORMED, "rights_notice_at": None}
    data = {"opinion": "satisfied", "override_reason": "原件遗失"}

    assert refused("close", T, data, **lacks) == {"override_not_lead"}


def test_the_lead_overrides_the_file_and_nothing_else():
    data = {"opinion": "satisfied", "override_reason": "原件遗失"}

    assert refused("close", LEAD, data, **{**PERFORMED, "follow_up": None}) == {"follow_up_missing"}


# ── closing a failed case ────────────────────────────────────────────────────


def test_a_failed_case_closes_with_its_statement():
    assert not refused("close_failed", state="terminated", **FAILED)


@pytest.mark.parametrize("by", [T, W])
def test_a_failed_case_without_its_statement_stays_open(by):
    facts = {"ending": {"code": "party_refuses", "stated": False}}
    on = BENCH.ticket("terminated", facts=facts)
    late = {"clocks": ()} if by is T else {}

    codes = BENCH.refusals("close_failed", by, on, {}, refs=late)

    assert codes >= {"case_file_incomplete", "file_lacks_statement"}


def test_a_supervised_case_that_failed_stays_open_too():
    assert refused("close_failed", state="terminated", **FAILED, supervised=True) == {
        "supervised_not_closed_out"
    }


def test_a_statement_may_be_added_after_the_end():
    on = BENCH.ticket("terminated", facts={"ending": {"stated": False}})
    added = BENCH.play("add_evidence", T, on, {"item": "statement", "files": [PHOTO]}).facts

    assert not refused("close_failed", state="terminated", ending={"stated": False}, **added)


def test_a_party_does_not_close():
    assert V not in BENCH.workflow.roles_of["close"]
    assert R not in BENCH.workflow.roles_of["close_failed"]
