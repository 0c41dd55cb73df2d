"""Maps of other kinds than repairs, played through the commands; the rows are invented."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import create_engine, text

from service.local.replay.run import run
from service.local.replay.summary import Summary, show
from service.store.audit.walk import Verifier
from tests.support.replaying import CFPB, CHORES, FOOD, RECEIPT, VOTES, committing_ports, written
from tests.support.servers import Database, copied_database

pytestmark = pytest.mark.db


@dataclass
class Played:
    summary: Summary
    sound: bool
    tickets: Mapping[str, Any]  # by kind and title
    lines: list[tuple[Any, ...]]

    def state(self, kind: str, title: str) -> str:
        return str(self.tickets[kind, title].state)


def played(database: Database, folder: Path, name: str, *rows: Mapping[str, str]) -> Played:
    with committing_ports(database.app_url) as ports:
        summary = run(ports, written(folder, *rows), name, chores=CHORES)
        sound = Verifier(ports.uow, ports.registry, ports.calendars).verify().sound
        engine = create_engine(database.app_url)
        with engine.connect() as conn:
            tickets = list(conn.execute(text("SELECT * FROM ticket ORDER BY number")))
            lines = [
                tuple(row)
                for row in conn.execute(
                    text(
                        "SELECT t.kind, t.title, e.type, e.actor_role, e.data, e.comment, e.hash"
                        " FROM event e JOIN ticket t ON t.id = e.ticket_id"
                        " ORDER BY t.number, e.seq"
                    )
                )
            ]
        engine.dispose()
    return Played(summary, sound, {(t.kind, t.title): t for t in tickets}, lines)


# ── complaints about companies ───────────────────────────────────────────────


def complaint(n: int, **changes: str) -> dict[str, str]:
    return {**CFPB, "case_id": str(n), "issue": f"issue {n}", **changes}


DISPUTED = (
    complaint(1),
    complaint(2, disputed="Yes"),
    complaint(3, disputed="Yes", company_response="Closed with monetary relief"),
    complaint(4, disputed="Yes", company_response="Closed with non-monetary relief"),
    complaint(5, disputed="", company_response="In progress", timely="No"),
    complaint(6, sent_to_company_on="2015-03-25"),
)


@pytest.fixture(scope="module")
def disputes(servers, template, tmp_path_factory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("disputes")
    with copied_database(servers, "anju_replay_disputes") as database:
        yield played(database, folder, "cfpb_disputes", *DISPUTED)


def test_every_complaint_ends_as_its_row_says(disputes: Played):
    assert {title: row.state for (kind, title), row in disputes.tickets.items()
            if kind == "complaint"} == {
        "issue 1": "closed_satisfied",
        "issue 2": "converted",
        "issue 3": "converted",
        "issue 4": "converted",
        "issue 5": "in_handling",
        "issue 6": "closed_satisfied",
    }  # fmt: skip
    assert disputes.summary.steps_refused == {}
    assert disputes.sound


def test_a_dispute_follows_and_ends_by_what_the_company_gave(disputes: Played):
    assert disputes.state("dispute_case", "issue 2") == "closed_failed"
    assert disputes.state("dispute_case", "issue 3") == "closed_performed"
    assert disputes.state("dispute_case", "issue 4") == "closed_performed"
    assert disputes.summary.kinds == {"complaint": 6, "dispute_case": 3}


def test_the_bureaus_flag_is_held_against_our_clock(disputes: Played):
    # The bureau counts from when the company had it, we from when it was received.
    assert disputes.summary.recorded == {"No": {"breached": 1}, "Yes": {"breached": 1, "met": 4}}


def test_the_dispute_belongs_to_the_first_tier_and_the_company(disputes: Played):
    case = disputes.tickets["dispute_case", "issue 3"]

    assert case.facts["tier"] == 1
    assert case.facts["parties"][1]["vendor"].startswith("firm-elsewhere-savings-loan-")
    assert case.facts["obligations"][0]["what"] == "Closed with monetary relief"


# ── inspections ──────────────────────────────────────────────────────────────


def inspection(n: int, site: str, day: str, result: str = "Fail", **changes: str) -> dict[str, str]:
    own = {"inspection_id": str(n), "site_key": site, "business": site, "inspected_on": day}
    return {**FOOD, **own, "result": result, **changes}


AGAIN = {"inspection_type": "Canvass Re-Inspection"}
INSPECTIONS = (
    inspection(1, "in time", "2020-02-03"),
    inspection(2, "in time", "2020-02-06", "Pass", **AGAIN),
    inspection(3, "late", "2020-02-03"),
    inspection(4, "late", "2020-02-20", "Pass w/ Conditions", **AGAIN),
    inspection(5, "not cured", "2020-02-03", "Pass w/ Conditions"),
    inspection(6, "not cured", "2020-02-08", "Fail", **AGAIN),
    inspection(7, "not seen again", "2020-02-03"),
    inspection(8, "clean", "2020-02-03", "Pass"),
    inspection(9, "same day", "2020-02-03"),
    inspection(10, "same day", "2020-02-03", "Pass", **AGAIN),
)


@pytest.fixture(scope="module")
def inspections(servers, template, tmp_path_factory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("inspections")
    with copied_database(servers, "anju_replay_inspections") as database:
        yield played(database, folder, "chicago_food_inspections", *INSPECTIONS)


def test_an_order_ends_as_its_reinspection_says(inspections: Played):
    first, second = "Canvass", "rectification_order"

    assert {site: inspections.state(second, f"{site}, {first}") for site in (
        "in time", "late", "not cured", "not seen again", "same day")} == {
        "in time": "closed_passed",
        "late": "closed_passed",
        "not cured": "failed",
        "not seen again": "overdue",
        "same day": "closed_passed",
    }  # fmt: skip
    assert inspections.summary.steps_refused == {}
    assert inspections.sound


def test_a_row_that_goes_on_with_an_order_is_accounted_for(inspections: Played):
    assert inspections.summary.rows == 10
    assert inspections.summary.log_rows == {"opened": 5, "went on with a case": 4}
    assert inspections.summary.refused == {"not_a_finding": 1}


def test_only_what_was_inspected_is_told_as_recorded(inspections: Played):
    made = {line[2] for line in inspections.lines if line[4].get("synthetic")}
    told = {line[2] for line in inspections.lines if str(line[5]).startswith("recorded in row")}

    assert made == {
        "issue_notice", "acknowledge", "start", "submit_evidence", "check_items", "approve",
    }  # fmt: skip
    assert told == {"reinspect", "pass", "fail"}


def test_two_people_and_no_filer_of_evidence_let_an_order_pass(inspections: Played):
    roles = {line[2]: line[3] for line in inspections.lines}

    assert (roles["submit_evidence"], roles["approve"], roles["pass"]) == (
        "vendor_manager",
        "community_officer",
        "committee",
    )


# ── mass complaints ──────────────────────────────────────────────────────────


def message(n: int, subject: str, **changes: str) -> dict[str, str]:
    written_at = {"created_at": f"2019-03-{n:02d} 08:00:00"}
    return {**VOTES, "case_id": str(n), "subject": subject, **written_at, **changes}


MESSAGES = (
    *(message(n, "A9区青山花园半夜施工扰民") for n in range(1, 5)),
    message(5, "A9区青山花园夜里太吵", detail="物业不管", likes="40"),
    message(6, "A9区白水花园半夜施工扰民"),
    *(message(n, "小区半夜施工扰民") for n in range(7, 13)),
)


@pytest.fixture(scope="module")
def messages(servers, template, tmp_path_factory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("messages")
    with copied_database(servers, "anju_replay_messages") as database:
        yield played(database, folder, "cn_messages_votes", *MESSAGES)


def test_five_messages_about_one_compound_are_one_cluster(messages: Played):
    (group,) = messages.summary.clusters

    assert (group.compound, group.topic, group.count) == ("青山花园", "cmp_noise", 5)
    assert [member.case_id for member in group.members] == ["1", "2", "3", "4", "5"]
    assert group.why == {"same_topic": 5}
    assert group.votes == 4 * 3 + 41
    assert group.kind == "rectification_order"
    assert messages.sound


def test_the_cluster_is_found_the_day_it_is_full(messages: Played):
    order = next(t for (kind, _), t in messages.tickets.items() if kind == "rectification_order")

    assert order.number == messages.summary.clusters[0].opened
    assert order.opened_at.isoformat() == "2019-03-05T16:00:00+00:00", "midnight in China"


def test_messages_that_name_no_compound_are_no_cluster(messages: Played):
    joined = [line for line in messages.lines if line[2] == "join_cluster"]

    assert len(joined) == len(messages.summary.clusters[0].members) == 5


def test_the_summary_tells_people_what_was_grouped(messages: Played):
    paper = StringIO()

    show(messages.summary, Console(file=paper, width=200))

    for word in ("青山花园", "cmp_noise", "same_topic 5", "complaint 12"):
        assert word in paper.getvalue()


# ── a log with deadlines ─────────────────────────────────────────────────────


def row(n: int, day: str, activity: str) -> dict[str, str]:
    return {**RECEIPT, "seq": str(n), "at_utc": f"2011-{day}T09:00:00+00:00", "activity": activity}


LOG = (
    RECEIPT,
    row(1, "03-05", "T06 Determine necessity of stop advice"),
    row(2, "03-06", "T03 Adjust confirmation of receipt"),  # nothing was sent yet
    row(3, "03-07", "T05 Print and send confirmation of receipt"),
    row(4, "03-08", "T11 Create document X request unlicensed"),
    row(5, "03-25", "T13 Adjust document X request unlicensed"),  # after the end: rework
)


@pytest.fixture(scope="module")
def receipts(servers, template, tmp_path_factory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("receipts")
    with copied_database(servers, "anju_replay_receipts") as database:
        yield played(database, folder, "receipt_nl", *LOG)


def test_the_log_is_told_as_far_as_a_complaint_can_tell_it(receipts: Played):
    steps = [line[2] for line in receipts.lines if line[3] != "system"]

    assert steps == [
        "receive", "accept", "survey_site", "start_handling", "resolve", "reply", "confirm",
    ]  # fmt: skip
    assert receipts.state("complaint", "General") == "in_handling"
    assert receipts.sound


def test_rows_are_counted_and_the_end_is_none(receipts: Played):
    assert receipts.summary.log_rows == {
        "not expressed": 2, "stepped": 3, "stood there already": 1,
    }  # fmt: skip
    assert receipts.summary.unplayed == {
        "Confirmation of receipt: not a step": 1,
        "T03 Adjust confirmation of receipt: no way from surveyed": 1,
    }


def test_the_planned_end_is_the_limit_that_came_with_the_case(receipts: Played):
    assert receipts.summary.recorded == {"in time": {"met": 1}}
    assert receipts.summary.clocks["promise-1"] == {"met": 1}


def test_two_runs_of_disputes_agree_to_the_last_hash(clean_database: Database, tmp_path: Path):
    runs = []
    for _ in range(2):
        clean_database.reset()
        found = played(clean_database, tmp_path, "cfpb_disputes", *DISPUTED[:3])
        told = found.summary.as_json()
        runs.append(({n: v for n, v in told.items() if n not in ("wall_s", "events_per_s")},
                     found.lines))  # fmt: skip

    assert runs[0] == runs[1]
