"""What maps of other kinds than repairs make of rows in their source's format; rows invented."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service import bootstrap
from service.local.replay import posts, source_map
from service.local.replay.plan import Move, make_plan
from service.local.replay.reader import Reading, read
from service.local.replay.report import NOT_STATED, Report
from service.local.replay.source_map import load_map
from service.local.replay.templates import Sheet, fill
from service.local.replay.verdicts import verdict_of
from tests.support.replaying import CFPB, CN, FOOD, RECEIPT, VOTES, written

CATALOGUE = bootstrap.load_catalogue()
TOLD = [name for name in source_map.names() if load_map(name).telling is not None]


def reading(folder: Path, name: str, *rows: dict[str, str]) -> Reading:
    return read(written(folder, *rows), load_map(name))


def first(folder: Path, name: str, row: dict[str, str], **changes: str) -> Report:
    found = reading(folder, name, {**row, **changes})
    assert not found.refused
    return found.reports[0]


def why(folder: Path, name: str, row: dict[str, str], **changes: str) -> str:
    found = reading(folder, name, {**row, **changes})
    assert not found.reports
    return found.refused[0].reason


def moves(name: str, *reports: Report) -> tuple[Move, ...]:
    return make_plan(reports, load_map(name), CATALOGUE).moves


def said(name: str, *reports: Report) -> list[str]:
    return [move.event for move in moves(name, *reports)]


# ── complaints about companies ───────────────────────────────────────────────


def test_a_complaint_is_passed_on_answered_and_agreed_to(tmp_path):
    report = first(tmp_path, "cfpb_disputes", CFPB)

    found = [(m.event, m.at.date().isoformat()) for m in moves("cfpb_disputes", report)]

    assert found == [
        ("receive", "2015-03-02"),
        ("accept", "2015-03-04"),
        ("start_handling", "2015-03-04"),
        ("resolve", "2015-03-11"),
        ("reply", "2015-03-11"),
        ("confirm", "2015-03-13"),
    ]
    assert report.firm is not None
    assert report.firm.name == "Elsewhere Savings & Loan"


def test_what_was_made_up_says_so_and_the_birth_does_not(tmp_path):
    birth, *others = moves("cfpb_disputes", first(tmp_path, "cfpb_disputes", CFPB))

    assert birth.comment == "recorded in row 2"
    assert all(move.data["synthetic"] for move in others)
    assert {move.comment for move in others} == {"made up by map cfpb_disputes, row 2"}


def test_an_untimely_answer_comes_after_the_bureaus_limit(tmp_path):
    report = first(tmp_path, "cfpb_disputes", CFPB, timely="No")

    assert report.closed_at == datetime(2015, 3, 20, 5, 0, tzinfo=UTC)
    assert report.recorded == "No"


@pytest.mark.parametrize(
    ("response", "last"),
    [
        ("Closed with monetary relief", "close"),
        ("Closed with non-monetary relief", "close"),
        ("Closed with explanation", "terminate"),
        ("Closed", "terminate"),
    ],
)
def test_a_disputed_answer_is_mediated(tmp_path, response, last):
    report = first(tmp_path, "cfpb_disputes", CFPB, disputed="Yes", company_response=response)

    found = moves("cfpb_disputes", report)

    before = [move.event for move in found if move.on is None]
    after = [move.event for move in found if move.on == "dispute_case"]
    assert before[-1] == "escalate_to_mediation"
    assert (after[0], after[-1]) == ("screen", last)


@pytest.mark.parametrize("response", ["In progress", "Untimely response"])
def test_where_the_company_gave_no_answer_none_is_made_up(tmp_path, response):
    report = first(tmp_path, "cfpb_disputes", CFPB, company_response=response, disputed="")

    assert said("cfpb_disputes", report) == ["receive", "accept", "start_handling"]


def test_a_complaint_sent_on_before_it_was_received_is_refused(tmp_path):
    reason = why(tmp_path, "cfpb_disputes", CFPB, sent_to_company_on="2015-03-01")

    assert reason == "time_before_opening"


# ── food inspections ─────────────────────────────────────────────────────────

AGAIN = {
    **FOOD,
    "inspection_id": "2",
    "inspected_on": "2020-02-14",
    "inspection_type": "Canvass Re-Inspection",
    "result": "Pass",
    "violations": "",
}


def test_each_violation_is_an_item_of_the_order(tmp_path):
    report = first(tmp_path, "chicago_food_inspections", FOOD)

    assert report.items == (
        "3. NO SOAP - Comments: NONE.",
        "47. WORN DOOR - Comments: REPLACE.",
    )
    assert (report.category, report.place[-1]) == ("rect_safety", "1 W ELSEWHERE AVE")
    assert said("chicago_food_inspections", report) == [
        "record", "issue_notice", "acknowledge", "start",
    ]  # fmt: skip


PASSING = ["submit_evidence", "reinspect", "check_items", "approve", "pass"]


@pytest.mark.parametrize(
    ("result", "events"),
    [
        ("Pass", PASSING),
        ("Pass w/ Conditions", PASSING),
        ("Fail", ["submit_evidence", "reinspect", "fail"]),
    ],
)
def test_a_reinspection_goes_on_with_the_sites_open_order(tmp_path, result, events):
    found = reading(tmp_path, "chicago_food_inspections", FOOD, {**AGAIN, "result": result})
    planned = moves("chicago_food_inspections", *found.reports)

    assert (len(found.reports), found.rows, found.refused) == (1, 2, ())
    assert [move.event for move in planned[4:]] == events
    assert planned[-1].at == datetime(2020, 2, 14, 6, 0, tzinfo=UTC)
    assert planned[-1].comment == "recorded in row 3"


def test_the_rows_of_a_site_are_told_in_order_of_time(tmp_path):
    found = reading(tmp_path, "chicago_food_inspections", AGAIN, FOOD)

    assert [(r.row, r.later_row, r.cells["again"]) for r in found.reports] == [(3, 2, "pass")]


def test_evidence_is_the_note_of_the_firm_and_each_item_has_the_one_result(tmp_path):
    found = reading(tmp_path, "chicago_food_inspections", FOOD, AGAIN)
    by_event = {m.event: m for m in moves("chicago_food_inspections", *found.reports)}

    firm = posts.person("firm", by_event["start"].scene)
    note = [str(posts.note_of(firm))]
    assert by_event["submit_evidence"].data["items"] == [
        {"n": 1, "files": note},
        {"n": 2, "files": note},
    ]
    checks = by_event["check_items"].data["items"]
    assert [item["result"] for item in checks] == ["passed", "passed"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"result": "Pass"}, "not_a_finding"),
        ({"result": "Out of Business"}, "not_a_finding"),
        ({"inspection_type": "Canvass Re-Inspection", "result": "Pass"}, "not_a_finding"),
        ({"violations": " | "}, "no_items_listed"),
        ({"inspected_on": ""}, "no_opening_date"),
        ({"inspection_id": ""}, "no_case_id"),
    ],
)
def test_an_inspection_without_a_finding_is_refused(tmp_path, changes, reason):
    assert why(tmp_path, "chicago_food_inspections", FOOD, **changes) == reason


def test_an_inspection_counts_once(tmp_path):
    found = reading(tmp_path, "chicago_food_inspections", FOOD, FOOD)

    assert [(r.row, r.reason) for r in found.refused] == [(3, "duplicate_case_id")]


# ── Chinese messages ─────────────────────────────────────────────────────────


def test_a_message_with_likes_is_a_joint_complaint(tmp_path):
    report = first(tmp_path, "cn_messages_votes", VOTES)
    birth = moves("cn_messages_votes", report)[0]
    telling = load_map("cn_messages_votes").telling

    assert telling is not None
    assert fill(telling.facts, Sheet(birth.scene, birth.at)) == {
        "type": "complaint",
        "origin": "customer",
        "votes": 3,
    }
    assert (report.category, report.channel) == ("cmp_noise", "12345")
    assert report.place == ("A市", "A9区", NOT_STATED, "青山花园")


def test_who_speaks_of_the_property_service_complains_about_its_firm(tmp_path):
    report = first(tmp_path, "cn_messages_votes", VOTES, detail="物业不管")

    assert report.firm is not None
    assert report.firm.name == "青山花园"


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("咨询A9区青山花园停车费标准", "enquiry"),
        ("建议A9区青山花园规范停车", "suggestion"),
        ("A9区青山花园车位被占", "complaint"),
        ("A9区青山花园楼顶违建", "violation_report"),
    ],
)
def test_subject_and_category_say_what_kind_of_complaint_it_is(tmp_path, subject, kind):
    report = first(tmp_path, "cn_messages_votes", VOTES, subject=subject)
    birth = moves("cn_messages_votes", report)[0]
    telling = load_map("cn_messages_votes").telling

    assert telling is not None
    assert fill(telling.facts, Sheet(birth.scene, birth.at))["type"] == kind


def test_a_compound_lies_where_most_messages_about_it_say(tmp_path):
    found = reading(
        tmp_path,
        "cn_messages_votes",
        {**VOTES, "subject": "青山花园太吵"},
        {**VOTES, "case_id": "2", "subject": "A8县青山花园太吵"},
        {**VOTES, "case_id": "3"},
        {**VOTES, "case_id": "4"},
    )

    assert {report.place for report in found.reports} == {("A市", "A9区", NOT_STATED, "青山花园")}


def test_messages_that_name_no_compound_share_none(tmp_path):
    nowhere = {**VOTES, "subject": "小区半夜施工扰民"}
    found = reading(tmp_path, "cn_messages_votes", nowhere, {**nowhere, "case_id": "2"})

    assert len({report.place for report in found.reports}) == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subject": "何时修地铁"}, "not_a_complaint"),
        ({"subject": "A9区小学扰民"}, "not_a_complaint"),
        ({"subject": "路边太吵", "detail": "大路"}, "not_a_complaint"),
        ({"likes": "many"}, "unreadable_number"),
    ],
)
def test_what_is_no_matter_of_a_compound_is_refused(tmp_path, changes, reason):
    assert why(tmp_path, "cn_messages_votes", VOTES, **changes) == reason


def test_a_reply_is_recorded_and_what_leads_to_it_is_not(tmp_path):
    row = {**CN, "subject": "反映A3区某某小区噪音扰民", "detail": "小区太吵"}
    report = first(tmp_path, "cn_mailbox_complaints", row)

    found = [
        (m.event, m.by, m.data.get("synthetic")) for m in moves("cn_mailbox_complaints", report)
    ]

    assert found == [
        ("receive", "reporter", None),
        ("accept", "handler", True),
        ("start_handling", "handler", True),
        ("resolve", "handler", True),
        ("reply", "handler", None),
    ]


# ── an event log with a deadline ─────────────────────────────────────────────


def test_a_case_begins_and_ends_when_its_columns_say(tmp_path):
    found = reading(tmp_path, "receipt_nl", RECEIPT)
    report = found.reports[0]

    assert found.rows == 1
    assert report.opened_at == datetime(2011, 3, 1, tzinfo=UTC)
    assert [(fact.said, fact.ends) for fact in report.facts] == [
        ("Confirmation of receipt", False),
        ("case_end_utc", True),
    ]


def test_a_row_before_the_beginning_opens_the_case(tmp_path):
    report = first(tmp_path, "receipt_nl", RECEIPT, at_utc="2011-02-28T00:00:00+00:00")

    assert report.opened_at == datetime(2011, 2, 28, tzinfo=UTC)


# ── verdicts ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "row", "changes", "told"),
    [
        ("cfpb_disputes", CFPB, {}, ("reply", "Yes")),
        ("receipt_nl", RECEIPT, {}, ("hotline", "in time")),
        ("receipt_nl", RECEIPT, {"case_end_utc": "2011-04-26T00:00:00Z"}, ("hotline", "in time")),
        ("receipt_nl", RECEIPT, {"case_end_utc": "2011-04-26T00:00:01Z"}, ("hotline", "late")),
        ("receipt_nl", RECEIPT, {"case_end_utc": ""}, ("hotline", "not ended")),
    ],
)
def test_the_sources_verdict_is_a_flag_or_follows_from_times(tmp_path, name, row, changes, told):
    recorded = load_map(name).recorded
    assert recorded is not None

    verdict = verdict_of(first(tmp_path, name, row, **changes), recorded, "company")

    assert (verdict.clock, verdict.said) == told


@pytest.mark.parametrize(
    ("responsible", "after", "told"),
    [
        ("company", timedelta(days=2), "reply: in time"),
        ("company", timedelta(days=2, milliseconds=1), "reply: late"),
        ("authority", timedelta(days=15), "authority_reply: in time"),
        ("authority", timedelta(days=15, milliseconds=1), "authority_reply: late"),
    ],
)
def test_who_must_answer_decides_the_limit(tmp_path, responsible, after, told):
    row = {**CN, "subject": "反映A3区某某小区噪音扰民"}
    report = first(tmp_path, "cn_mailbox_complaints", row)
    recorded = load_map("cn_mailbox_complaints").recorded
    assert recorded is not None

    late = replace(report, closed_at=report.opened_at + after)

    assert verdict_of(late, recorded, responsible).said == told
