"""The first rows of each recorded file, where the files are at hand: all accounted for, sound."""

from pathlib import Path

import pytest

from service.local.replay import source_map
from service.local.replay.run import run
from service.local.replay.source_map import load_map
from service.local.replay.summary import Summary
from service.store.audit.walk import Verdict, Verifier
from tests.support.replaying import CHORES, committing_ports, slice_of
from tests.support.servers import Database

pytestmark = pytest.mark.db

# Rows taken from the start of each file, so that a few orders come of each.
ROWS = {
    "boston311_sla": 110,
    "bpi2013_incidents": 40,
    "cfpb_disputes": 12,
    "chicago_food_inspections": 30,
    "cn_mailbox_complaints": 60,
    "cn_mailbox_replies": 120,
    "cn_messages_votes": 60,
    "nyc311_2020": 60,
    "nyc311_full": 90,
    "nyc_hpd_problems": 15,
    "receipt_nl": 40,
    "sf311": 25,
}


def played(database: Database, file: Path, name: str) -> tuple[Summary, Verdict]:
    database.reset()
    with committing_ports(database.app_url) as ports:
        summary = run(ports, file, name, chores=CHORES)
        return summary, Verifier(ports.uow, ports.registry, ports.calendars).verify()


def test_every_map_is_tried():
    assert tuple(sorted(ROWS)) == source_map.names()


@pytest.mark.parametrize("name", ROWS)
def test_the_first_rows_of_a_recorded_file_are_all_accounted_for(
    clean_database: Database, tmp_path: Path, name: str
):
    file = slice_of(tmp_path, name, ROWS[name])

    summary, verdict = played(clean_database, file, name)

    assert summary.rows == ROWS[name]
    own = summary.kinds.get(load_map(name).kind, summary.opened)
    assert (sum(summary.log_rows.values()) or own) + len(summary.refused_rows) == summary.rows
    assert summary.opened == sum(summary.states.values()) > 0
    assert summary.steps_refused == {}
    assert verdict.sound, verdict.findings[:5]
    assert (verdict.tickets, verdict.events) == (summary.opened, summary.events)


def test_a_log_played_twice_comes_to_the_same(clean_database: Database, tmp_path: Path):
    file = slice_of(tmp_path, "bpi2013_incidents", 40)

    first, second = (
        {
            name: value
            for name, value in played(clean_database, file, "bpi2013_incidents")[0]
            .as_json()
            .items()
            if name not in ("wall_s", "events_per_s")
        }
        for _ in range(2)
    )

    assert first == second
