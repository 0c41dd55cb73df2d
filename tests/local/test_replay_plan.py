"""What is asked of the service, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service import bootstrap
from service.local.replay.plan import Plan, UnknownCategory, make_plan, ticket_id
from service.local.replay.report import Report
from service.local.replay.source_map import load_map

SOURCE = load_map("nyc311_full")
OPENED = datetime(2023, 12, 11, 2, 0, tzinfo=UTC)
REPORT = Report(
    row=2,
    case_id="1",
    opened_at=OPENED,
    closed_at=OPENED + timedelta(hours=12),
    reach="complete_work",
    place=("New York City", "BROOKLYN", "14 BROOKLYN", "14 BROOKLYN 11226", "55 LINDEN BOULEVARD"),
    category="heating",
    urgency="urgent",
    title="HEAT/HOT WATER",
    description="",
    channel="phone",
    outcome="Heat was restored.",
    wait=None,
    same_as=("55 LINDEN BOULEVARD", "HEAT/HOT WATER", "heating"),
)


def plan(*reports: Report) -> Plan:
    return make_plan(reports, SOURCE, bootstrap.load_catalogue())


def told(found: Plan, case_id: str = "1") -> list[tuple[str, timedelta]]:
    return [(m.event, m.at - OPENED) for m in found.moves if m.report.case_id == case_id]


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def test_a_closed_request_is_finished_when_the_record_says_so():
    assert told(plan(REPORT)) == [
        ("submit", minutes(0)),
        ("accept", minutes(3)),
        ("assign", minutes(5)),
        ("take", minutes(10)),
        ("arrive", minutes(25)),
        ("diagnose", minutes(35)),
        ("start_work", minutes(50)),
        ("complete_work", timedelta(hours=12)),
    ]


def test_what_the_record_does_not_have_is_marked_synthetic():
    marked = {m.event: m.data.get("synthetic", False) for m in plan(REPORT).moves}

    assert marked == {
        "submit": False,
        "accept": True,
        "assign": True,
        "take": True,
        "arrive": True,
        "diagnose": True,
        "start_work": True,
        "complete_work": False,
    }


def test_the_recorded_sentence_is_the_crews_report():
    assert plan(REPORT).moves[-1].data["report"] == "Heat was restored."


@pytest.mark.parametrize("lasted", [minutes(0), timedelta(seconds=5), minutes(20), minutes(51)])
def test_made_up_steps_are_squeezed_in_front_of_an_early_closing(lasted):
    found = told(plan(replace(REPORT, closed_at=OPENED + lasted)))

    times = [at for _, at in found]
    assert times == sorted(times)
    assert found[-1] == ("complete_work", lasted)


@pytest.mark.parametrize(
    ("reach", "last"), [("accept", "accept"), ("assign", "assign"), ("start_work", "start_work")]
)
def test_an_open_request_stays_where_the_record_left_it(reach, last):
    found = told(plan(replace(REPORT, closed_at=None, reach=reach)))

    assert found[-1][0] == last


def test_an_emergency_is_made_safe_before_work_starts():
    events = [event for event, _ in told(plan(replace(REPORT, urgency="emergency")))]

    assert events.index("make_safe") == events.index("start_work") - 1


def test_a_failed_visit_waits_until_the_closing():
    found = told(plan(replace(REPORT, wait="could not gain access")))

    assert found[4:] == [
        ("arrive", minutes(25)),
        ("no_access", minutes(40)),
        *(
            (event, timedelta(hours=12))
            for event in (
                "resume",
                "take",
                "arrive",
                "diagnose",
                "start_work",
                "complete_work",
            )
        ),
    ]


def test_an_emergency_does_not_wait_for_a_key():
    found = told(plan(replace(REPORT, wait="could not gain access", urgency="emergency")))

    assert "no_access" not in [event for event, _ in found]


def follower(after: timedelta, **changes: object) -> Report:
    at = OPENED + after
    return replace(
        REPORT, row=3, case_id="2", opened_at=at, closed_at=at + timedelta(days=30), **changes
    )


def merges(*reports: Report) -> list[tuple[str, str]]:
    return [(m.report.case_id, m.data["into"]) for m in plan(*reports).moves if m.event == "merge"]


MASTER = replace(REPORT, closed_at=OPENED + timedelta(days=30))
INTO_MASTER = [("2", str(ticket_id(SOURCE, "1")))]


@pytest.mark.parametrize(
    ("after", "merged"),
    [
        (timedelta(0), INTO_MASTER),
        (timedelta(days=7), INTO_MASTER),
        (timedelta(days=7, milliseconds=1), []),
    ],
)
def test_a_second_report_within_seven_days_is_a_duplicate(after, merged):
    assert merges(MASTER, follower(after)) == merged


def test_a_report_after_the_repair_is_no_duplicate():
    finished = REPORT.closed_at - REPORT.opened_at if REPORT.closed_at else timedelta()

    assert merges(REPORT, follower(finished)) == []
    assert merges(REPORT, follower(finished - timedelta(milliseconds=1))) == INTO_MASTER


def test_another_trouble_at_the_address_is_no_duplicate():
    other = follower(minutes(1), same_as=("55 LINDEN BOULEVARD", "PLUMBING", "toilet"))

    assert merges(MASTER, other) == []


def test_a_report_without_an_address_is_no_duplicate():
    assert merges(MASTER, follower(minutes(1), same_as=None)) == []


def test_followers_of_one_trouble_join_the_first_report():
    third = replace(follower(minutes(9)), row=4, case_id="3")

    assert merges(MASTER, follower(minutes(5)), third) == [
        *INTO_MASTER,
        ("3", str(ticket_id(SOURCE, "1"))),
    ]


def test_time_runs_seven_days_beyond_the_last_recorded_moment():
    assert plan(REPORT).until == OPENED + timedelta(hours=12, days=7)


def test_two_plans_of_the_same_reports_are_equal():
    assert plan(MASTER, follower(minutes(5))) == plan(MASTER, follower(minutes(5)))


def test_no_reports_make_an_empty_plan():
    assert plan() == Plan((), None, 0)


def test_a_category_that_the_catalogue_lacks_is_named():
    with pytest.raises(UnknownCategory, match="dragons"):
        plan(replace(REPORT, category="dragons"))
