"""An event log played: the way from where an order stands to where a row says it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import create_engine, text

from service.local.replay.journey import Goal, Ways
from service.local.replay.run import run
from service.local.replay.source_map import load_map
from service.local.replay.summary import Summary, show
from service.store.audit.walk import Verifier
from service.workflows.repair_order import REPAIR_ORDER
from tests.support.replaying import BOSTON, BPI, committing_ports, written
from tests.support.servers import Database, copied_database

JOURNEY = load_map("bpi2013_incidents").journey
ROW = {**BPI, "status": "Queued", "substatus": "Awaiting Assignment", "impact": "Medium"}


def way(state: str, said: str) -> tuple[str, ...] | None:
    assert JOURNEY is not None
    return Ways(REPAIR_ORDER).find(state, JOURNEY.goals[said])


@pytest.mark.parametrize(
    ("state", "said", "path"),
    [
        ("submitted", "Queued/Awaiting Assignment", ("accept", "assign")),
        ("on_site", "Queued/Awaiting Assignment", ("reassign",)),
        ("closed", "Queued/Awaiting Assignment", ("reopen", "assign")),
        ("submitted", "Accepted/In Progress", ("accept", "assign", "arrive")),
        ("waiting_parts", "Accepted/In Progress", ("parts_ready",)),
        (
            "awaiting_confirmation",
            "Accepted/In Progress",
            ("refuse_confirmation", "assign", "arrive"),
        ),
        ("on_site", "Accepted/Wait - User", ("no_access",)),
        ("on_site", "Completed/Resolved", ("start_work", "complete_work")),
        (
            "awaiting_resident",
            "Completed/Closed",
            ("resume", "arrive", "start_work", "complete_work", "confirm"),
        ),
        ("in_progress", "Accepted/Wait - User", None),
        ("in_progress", "Queued/Awaiting Assignment", None),
    ],
)
def test_the_way_is_the_shortest_that_the_workflow_has(state, said, path):
    assert way(state, said) == path


def test_a_way_takes_only_what_the_map_allows():
    nothing_made_up = Goal(stands=frozenset(), events=("arrive",))

    assert Ways(REPAIR_ORDER).find("accepted", nothing_made_up) is None


# ── played ───────────────────────────────────────────────────────────────────


def event(n: int, at: str, status: str, substatus: str, team: str = "G1") -> dict[str, str]:
    return {
        **ROW,
        "seq": str(n),
        "at_utc": f"2012-05-{at}+00:00",
        "status": status,
        "substatus": substatus,
        "team": team,
    }


WORKED = ("Accepted", "In Progress")
LOG = (
    ROW,
    event(1, "02T09:00:00", *WORKED),
    event(2, "02T09:00:00", *WORKED),  # the same second, another person
    event(3, "02T10:00:00", "Accepted", "Wait - User"),
    event(4, "03T10:00:00", *WORKED),
    event(5, "03T11:00:00", "Queued", "Awaiting Assignment", "G2"),
    event(6, "03T12:00:00", *WORKED, "G2"),
    event(7, "03T13:00:00", "Accepted", "Wait - Vendor", "G2"),
    event(8, "04T13:00:00", *WORKED, "G2"),
    event(9, "04T14:00:00", "Accepted", "Wait - User", "G3"),  # cannot be said of running work
    event(10, "04T15:00:00", "Completed", "Resolved", "G2"),
    event(11, "04T16:00:00", *WORKED, "G2"),  # refused: rework
    event(12, "04T17:00:00", "Completed", "Resolved", "G2"),
    event(13, "04T18:00:00", "Completed", "Closed", "G1"),
    event(14, "06T18:00:00", "Unmatched", "Unmatched", "G1"),
    event(15, "07T18:00:00", *WORKED, "G1"),  # reopened
    event(16, "07T19:00:00", "Completed", "In Call", "G1"),
    event(17, "15T19:00:00", "Completed", "Closed", "G1"),  # silence has confirmed before
)


@dataclass
class Played:
    summary: Summary
    sound: bool
    history: list[Any]


@pytest.fixture(scope="module")
def played(servers, template, tmp_path_factory) -> Iterator[Played]:
    file = written(tmp_path_factory.mktemp("log"), *LOG)
    with (
        copied_database(servers, "anju_journey") as database,
        committing_ports(database.app_url) as ports,
    ):
        summary = run(ports, file, "bpi2013_incidents")
        sound = Verifier(ports.uow, ports.registry, ports.calendars).verify().sound
        engine = create_engine(database.app_url)
        with engine.connect() as conn:
            history = list(
                conn.execute(
                    text(
                        "SELECT type, occurred_at, actor_role, data, comment FROM event"
                        " WHERE type NOT IN ('clock_warned', 'clock_breached', 'escalated')"
                        " ORDER BY ticket_id, seq"
                    )
                )
            )
        engine.dispose()
        yield Played(summary, sound, history)


@pytest.mark.db
def test_waits_hand_overs_and_re_openings_become_steps(played: Played):
    assert [line.type for line in played.history] == [
        *("submit", "accept", "assign"),
        "arrive",
        "no_access",
        *("resume", "arrive"),
        "reassign",
        "arrive",
        "request_parts",
        "parts_ready",
        *("complete_work", "request_confirmation"),
        *("refuse_confirmation", "assign", "arrive"),
        *("start_work", "complete_work", "request_confirmation"),
        *("confirm", "revisit_draw"),
        *("reopen", "assign", "arrive"),
        *("start_work", "complete_work", "request_confirmation"),
        *("auto_confirm", "revisit_draw"),
    ]
    assert played.sound


@pytest.mark.db
def test_what_no_step_expresses_is_counted_by_reason(played: Played):
    assert played.summary.unplayed == {
        "Accepted/Wait - User: no way from in_progress": 1,
        "Unmatched/Unmatched: not a step": 1,
        "hand-over: no way from in_progress": 1,
    }


@pytest.mark.db
def test_every_row_of_the_log_is_accounted_for(played: Played):
    summary = played.summary

    assert summary.log_rows == {"not expressed": 2, "stepped": 14, "stood there already": 2}
    assert sum(summary.log_rows.values()) + sum(summary.refused.values()) == summary.rows
    assert (summary.opened, summary.steps_refused) == (1, {})


@pytest.mark.db
def test_a_step_on_the_way_is_marked_and_a_recorded_one_names_its_row(played: Played):
    resumed = next(line for line in played.history if line.type == "resume")
    back = [line for line in played.history if line.type == "arrive"][1]

    assert (resumed.data["synthetic"], "made up" in resumed.comment) == (True, True)
    assert ("synthetic" in back.data, back.comment) == (False, "recorded in row 6")


@pytest.mark.db
def test_a_rating_that_nobody_gave_is_marked(played: Played):
    confirmed = next(line for line in played.history if line.type == "confirm")

    assert confirmed.data["synthetic"] is True
    assert confirmed.actor_role == "resident"


@pytest.mark.db
def test_the_second_team_holds_what_it_was_handed(played: Played):
    handed = next(line for line in played.history if line.type == "reassign")

    assert handed.data["crew"].startswith("team-g2-")
    assert handed.data["reason"] == "Queued/Awaiting Assignment"


@pytest.mark.db
def test_the_citys_verdict_is_held_against_ours(clean_database: Database, tmp_path: Path):
    file = written(
        tmp_path,
        BOSTON,
        {"case_id": "2", "closed_at": "2016-07-04 22:00:00"},
        {"case_id": "3", "on_time": "OVERDUE", "status": "Open", "closed_at": ""},
        {"case_id": "4", "closure_code": "Invalid"},
    )
    with committing_ports(clean_database.app_url) as ports:
        summary = run(ports, file, "boston311_sla")
    paper = StringIO()
    show(summary, Console(file=paper, width=200))

    # The city gave four months, the profile gives a day; an invalid one came too late as well.
    assert summary.recorded == {"ONTIME": {"breached": 2, "met": 1}, "OVERDUE": {"breached": 1}}
    assert summary.states == {"assigned": 1, "cancelled": 1, "closed": 2}
    assert "recorded ONTIME, here: breached 2, met 1" in paper.getvalue()


@pytest.mark.db
def test_people_are_told_what_was_not_expressed(played: Played):
    paper = StringIO()

    show(played.summary, Console(file=paper, width=200))

    assert "not expressed: hand-over: no way from in_progress: 1" in paper.getvalue()
