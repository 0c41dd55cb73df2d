"""What each map makes of rows in its source's format; the rows are invented."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service import bootstrap
from service.local.replay import source_map
from service.local.replay.cells import Refused, Times
from service.local.replay.plan import make_plan
from service.local.replay.reader import Reading, read
from service.local.replay.report import NOT_STATED, Report
from service.local.replay.source_map import BadMap, load_map, parse_map
from tests.support.replaying import BOSTON, BPI, CN, NYC, REGISTERED, SF, written


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


def events(report: Report, name: str) -> list[str]:
    plan = make_plan([report], load_map(name), bootstrap.load_catalogue())
    return [move.event for move in plan.moves]


# ── New York, January 2020 ───────────────────────────────────────────────────


def test_a_type_alone_gives_the_category_and_every_row_is_closed(tmp_path):
    report = first(tmp_path, "nyc311_2020", NYC)

    assert (report.category, report.reach) == ("water_leak", "complete_work")
    assert report.opened_at == datetime(2020, 1, 2, 14, 0, tzinfo=UTC)
    assert report.place == ("New York City", "QUEENS", "QUEENS", "QUEENS")


def test_a_borough_that_the_source_lost_is_not_guessed(tmp_path):
    assert first(tmp_path, "nyc311_2020", NYC, borough="").place[1] == NOT_STATED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"complaint_type": "Noise - Residential"}, "not_a_repair"),
        ({"complaint_type": ' Queens and Brooklyn"'}, "not_a_repair"),
        ({"closed_at": "2020-01-02 08:59:59"}, "closed_before_created"),
    ],
)
def test_what_is_no_repair_or_contradicts_itself_is_refused(tmp_path, changes, reason):
    assert why(tmp_path, "nyc311_2020", NYC, **changes) == reason


# ── San Francisco ────────────────────────────────────────────────────────────


def test_trade_and_urgency_stand_in_the_descriptor(tmp_path):
    report = first(tmp_path, "sf311", SF)

    assert (report.category, report.urgency, report.priority) == ("window", "urgent", None)
    assert report.team == "Housing Authority SR Queue"
    assert report.opened_at == datetime(2012, 7, 1, 15, 0, tzinfo=UTC), "Pacific, not UTC"


def test_preventive_work_comes_after_routine_work(tmp_path):
    report = first(tmp_path, "sf311", SF, descriptor="Glazier - Preventive")

    assert (report.urgency, report.priority) == (None, 4)


@pytest.mark.parametrize(
    ("note", "path"),
    [
        ("test only", ["submit", "accept", "assign", "cancel"]),
        (
            "This property is no longer managed by the SF Housing Authority.",
            ["submit", "accept", "refer_out"],
        ),
    ],
)
def test_a_note_may_say_that_nothing_was_repaired(tmp_path, note, path):
    report = first(tmp_path, "sf311", SF, status_notes=note)

    assert events(report, "sf311") == path


def test_an_open_case_lies_with_its_queue(tmp_path):
    report = first(tmp_path, "sf311", SF, status="Open", closed_at="")

    assert events(report, "sf311") == ["submit", "accept", "assign"]


# ── Boston ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stored", "utc"),
    [
        ("2016-07-04 05:00:00", datetime(2016, 7, 4, 13, 0, tzinfo=UTC)),  # 9 o'clock, summer
        ("2016-01-04 05:00:00", datetime(2016, 1, 4, 15, 0, tzinfo=UTC)),  # 10 o'clock, winter
    ],
)
def test_the_publishers_shift_of_the_clock_is_undone(tmp_path, stored, utc):
    report = first(tmp_path, "boston311_sla", BOSTON, opened_at=stored)

    assert report.opened_at == utc


def test_the_verdict_of_the_city_and_the_queue_are_kept(tmp_path):
    report = first(tmp_path, "boston311_sla", BOSTON)

    assert (report.category, report.recorded) == ("pest", "ONTIME")
    assert (report.team, report.channel) == ("ISD_Housing (INTERNAL)", "web")


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("Resolved", "complete_work"),
        ("", "complete_work"),
        ("Invalid", "cancel"),
        ("Duplicate", "cancel"),
        ("Referred", "refer_out"),
    ],
)
def test_the_closure_code_says_what_the_closing_was(tmp_path, code, last):
    report = first(tmp_path, "boston311_sla", BOSTON, closure_code=code)

    assert events(report, "boston311_sla")[-1] == last


def test_animals_are_no_repairs(tmp_path):
    assert why(tmp_path, "boston311_sla", BOSTON, type="Animal Found") == "not_a_repair"


# ── Chinese mailboxes ────────────────────────────────────────────────────────


def test_a_message_keeps_its_lines_and_its_reply_is_the_result(tmp_path):
    report = first(tmp_path, "cn_mailbox_replies", CN)

    assert (report.category, report.channel) == ("lift", "12345")
    assert report.reporter == "U00000001"
    assert report.place == ("西地省", "A3区", NOT_STATED, NOT_STATED)
    assert report.description == "尊敬的领导：\n我们小区的电梯停了。"
    assert report.outcome == "网友：您好！\n电梯已修复。"
    assert report.opened_at == datetime(2018, 3, 1, 0, 0, tzinfo=UTC)


def test_a_very_long_message_is_kept_whole(tmp_path):
    long = "小区漏水，" * 1_800

    report = first(tmp_path, "cn_mailbox_replies", CN, detail=long, reply=long)

    assert (len(report.description), len(report.outcome)) == (9_000, 9_000)


@pytest.mark.parametrize(
    ("subject", "detail", "category"),
    [
        ("请求解决某小区的问题", "一到下雨天屋里就漏水", "water_leak"),
        ("某小区化粪池外溢", "请尽快处理", "septic"),
        ("反映某小区房屋质量问题", "墙体开裂", "quality_defect"),
    ],
)
def test_a_word_decides_the_subjects_first(tmp_path, subject, detail, category):
    report = first(tmp_path, "cn_mailbox_replies", CN, subject=subject, detail=detail)

    assert report.category == category


@pytest.mark.parametrize(
    "subject", ["咨询电梯收费标准", "盼望早日安装电梯", "投诉驾校退费难", "建议路灯晚点关"]
)
def test_questions_and_proposals_are_no_repairs(tmp_path, subject):
    assert why(tmp_path, "cn_mailbox_replies", CN, subject=subject) == "not_a_repair"


def test_the_same_text_sent_again_is_a_duplicate(tmp_path):
    again = {**CN, "case_id": "2", "created_at": "2018-03-01 08:02:00"}

    found = reading(tmp_path, "cn_mailbox_replies", CN, again)
    plan = make_plan(found.reports, load_map("cn_mailbox_replies"), bootstrap.load_catalogue())

    assert plan.candidates == 1


def test_a_developers_defect_names_a_person_as_unknown(tmp_path):
    report = first(tmp_path, "cn_mailbox_replies", CN, subject="反映某小区房屋质量问题")
    plan = make_plan([report], load_map("cn_mailbox_replies"), bootstrap.load_catalogue())

    accept = next(move for move in plan.moves if move.event == "accept")
    assert (accept.data["responsible"], "not say" in accept.data["named_person"]) == (
        "developer",
        True,
    )


# ── the incident log ─────────────────────────────────────────────────────────


def test_the_rows_of_a_case_become_its_facts_in_order(tmp_path):
    later = {**BPI, "seq": "2", "status": "Completed", "substatus": "Resolved", "team": "G2"}
    between = {**BPI, "seq": "1", "status": "Queued", "substatus": "Awaiting Assignment"}

    found = reading(tmp_path, "bpi2013_incidents", BPI, later, between)

    assert found.rows == 3
    assert [(fact.said, fact.team) for fact in found.reports[0].facts] == [
        ("Accepted/In Progress", "G1"),
        ("Queued/Awaiting Assignment", "G1"),
        ("Completed/Resolved", "G2"),
    ], "three events of one second are told apart by their number"
    assert (found.reports[0].urgency, found.reports[0].priority) == ("urgent", 2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "duplicate_event"),
        ({"seq": "1", "substatus": "Dreaming"}, "unknown_status"),
        ({"seq": "1", "at_utc": "soon"}, "unreadable_date"),
        ({"seq": "1", "at_utc": ""}, "no_event_date"),
        ({"seq": "first"}, "unreadable_order"),
        ({"case_id": ""}, "no_case_id"),
    ],
)
def test_a_row_of_a_log_that_says_nothing_is_refused_alone(tmp_path, changes, reason):
    found = reading(tmp_path, "bpi2013_incidents", BPI, {**BPI, **changes})

    assert len(found.reports[0].facts) == 1
    assert [(refusal.row, refusal.reason) for refusal in found.refused] == [(3, reason)]


# ── local clocks ─────────────────────────────────────────────────────────────

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2020-03-08 01:59:59", datetime(2020, 3, 8, 6, 59, 59, tzinfo=UTC)),
        # 2 to 3 o'clock did not happen: read on the clock before the change.
        ("2020-03-08 02:30:00", datetime(2020, 3, 8, 7, 30, tzinfo=UTC)),
        ("2020-03-08 03:00:00", datetime(2020, 3, 8, 7, 0, tzinfo=UTC)),
        # 1 to 2 o'clock happened twice: the first time.
        ("2020-11-01 01:30:00", datetime(2020, 11, 1, 5, 30, tzinfo=UTC)),
        ("2020-11-01 02:00:00", datetime(2020, 11, 1, 7, 0, tzinfo=UTC)),
    ],
)
def test_times_around_a_clock_change_are_read_one_way(local, utc):
    assert Times(NEW_YORK).read(local, "opening") == utc


def test_a_shifted_duration_across_a_clock_change_is_right_again():
    times = Times(NEW_YORK, moved_twice=True)

    # On the wall: 6 November 2016, 0:30 (summer time) to 12:30 (winter time), 13 hours.
    opened = times.read("2016-11-05 20:30:00", "opening")
    closed = times.read("2016-11-06 07:30:00", "closing")

    assert opened is not None
    assert closed is not None
    assert closed - opened == timedelta(hours=13)


def test_a_time_with_its_offset_needs_no_zone():
    assert Times(NEW_YORK).read("2012-05-02T08:00:00+02:00", "event") == datetime(
        2012, 5, 2, 6, 0, tzinfo=UTC
    )


def test_an_empty_cell_is_no_time_and_a_word_is_refused():
    assert Times(NEW_YORK).read("", "closing") is None
    with pytest.raises(Refused):
        Times(NEW_YORK).read("soon", "closing")


# ── every map ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", source_map.names())
def test_every_step_that_a_map_names_is_one_of_the_workflow(name):
    source = load_map(name)
    workflow = REGISTERED[source.kind]
    journey = source.journey
    goals = [*journey.goals.values(), journey.hand_over] if journey else []
    goals = [goal for goal in goals if goal is not None]
    ending = source.ending
    named = {step.event for step in source.steps}
    named |= source.telling.events if source.telling else set(source.status.values())
    named |= {event for goal in goals for event in (*goal.events, *goal.via)}
    named |= (
        ending.events.codes() | set(ending.after) | set(ending.after.values()) if ending else set()
    )

    assert named <= set(workflow.events)
    assert {s for goal in goals for s in goal.stands} <= {state.name for state in workflow.states}


@pytest.mark.parametrize(
    "columns",
    [
        {"id": "a", "opened": "b", "title": ["c"]},
        {"id": "a", "opened": "b", "title": ["c"], "closed": "d", "days_open": "e"},
    ],
)
def test_a_map_names_one_closing(columns):
    raw = {
        "title": "t", "publisher": "p", "kind": "repair_order", "profile": "REP-DEFAULT",
        "zone": "Asia/Shanghai", "tail": "P7D", "columns": columns,
        "place": {"district": "d"}, "channel": {"": "desk"},
        "category": {"columns": ["c"], "table": {}}, "urgency": {"columns": ["c"], "table": {}},
    }  # fmt: skip

    with pytest.raises(BadMap, match="one of closed, days_open"):
        parse_map("half", raw)
