"""A recorded file played through the commands."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import create_engine, text

from service.commands.ports import Ports
from service.jobs.revisits import draw_revisits
from service.local.replay.passage import Chores
from service.local.replay.run import EXCERPT, bar, run
from service.local.replay.summary import Summary, show
from service.local.replay.world import NotReplayable
from service.store.audit.walk import Verdict, Verifier
from tests.support.replaying import committing_ports, rows_of_excerpt
from tests.support.servers import Database, copied_database

pytestmark = pytest.mark.db


@dataclass
class Played:
    summary: Summary
    verdict: Verdict
    database: Database

    def ask(self, query: str) -> list[tuple[object, ...]]:
        engine = create_engine(self.database.app_url)
        with engine.connect() as conn:
            found = [tuple(row) for row in conn.execute(text(query))]
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def played(servers, template) -> Iterator[Played]:
    """The whole excerpt, with the monthly sampler."""
    with (
        copied_database(servers, "anju_replay") as database,
        committing_ports(database.app_url) as ports,
    ):
        summary = run(ports, EXCERPT, "nyc311_full", chores=Chores(monthly=draw_revisits))
        verdict = Verifier(ports.uow, ports.registry, ports.calendars).verify()
        yield Played(summary, verdict, database)


def test_every_report_becomes_an_order_or_is_refused(played: Played):
    summary = played.summary

    assert summary.opened + sum(summary.refused.values()) == summary.rows
    assert summary.opened == sum(summary.states.values())
    assert summary.refused["closed_before_created"] == 12
    assert summary.refused["closed_without_date"] == 1


def test_no_planned_step_was_refused_by_the_rules(played: Played):
    assert played.summary.steps_refused == {}


def test_recorded_closings_are_completions(played: Played):
    assert played.summary.completed == played.summary.lines["complete_work"]
    assert played.summary.completed + played.summary.states["assigned"] + played.summary.merged == (
        played.summary.opened
    )


def test_duplicates_follow_their_master(played: Played):
    assert played.summary.merged == played.summary.merge_candidates > 0
    assert played.summary.lines["absorb"] == played.summary.merged


def test_a_failed_visit_pauses_the_handling(played: Played):
    found = played.ask("SELECT count(*) FROM clock WHERE name = 'handle' AND paused_ms > 0")

    assert found[0][0] == played.summary.lines["no_access"] > 0


def test_silence_confirms_and_is_called_back(played: Played):
    assert played.summary.revisits_drawn == played.summary.lines["auto_confirm"]


def test_every_history_passes_the_verifier(played: Played):
    assert played.verdict.sound, played.verdict.findings[:5]
    assert played.verdict.tickets == played.summary.opened
    assert played.verdict.events == played.summary.events


def test_every_rung_is_noticed_at_the_tick_it_fires(played: Played):
    found = played.ask("SELECT DISTINCT level = 0, noticed_at - due_at FROM escalation ORDER BY 1")

    # A breach is late by one tick, since stopping at exactly the due time is in time.
    assert [(breach, delay.total_seconds()) for breach, delay in found] == [
        (False, 0.0),
        (True, 0.001),
    ]


def test_made_up_steps_say_so_in_the_history(played: Played):
    found = played.ask(
        "SELECT DISTINCT type FROM event WHERE data->'synthetic' = 'true' ORDER BY type"
    )

    assert {row[0] for row in found} == {
        *("accept", "assign", "take", "arrive", "diagnose", "start_work"),
        *("merge", "make_safe", "no_access", "resume"),
    } & set(played.summary.lines)


def test_the_only_evidence_is_the_generated_note(played: Played):
    digests = played.ask("SELECT count(DISTINCT digest), count(*) > 0 FROM attachment")

    assert digests == [(1, True)]


def test_everybody_a_ladder_names_is_found(played: Played):
    nobody = played.ask(
        "SELECT DISTINCT r->>'role' FROM escalation, jsonb_array_elements(told) r "
        "WHERE r->>'account' IS NULL AND r->>'role' <> 'reporter'"
    )

    assert nobody == []


def test_the_summary_reads_well_for_programs_and_people(played: Played):
    paper = StringIO()

    show(played.summary, Console(file=paper, width=200))

    assert json.loads(json.dumps(played.summary.as_json()))["opened"] == played.summary.opened
    for word in ("opened", "closed_before_created", "handle", "events per second"):
        assert word in paper.getvalue()


def twice_alike(summary: Summary) -> dict[str, object]:
    return {
        name: value
        for name, value in summary.as_json().items()
        if name not in ("wall_s", "events_per_s")
    }


def lines(ports: Ports) -> list[tuple[object, ...]]:
    with ports.uow() as tx:
        found = tx.conn.execute(
            text("SELECT ticket_id, seq, id, type, occurred_at, hash FROM event ORDER BY 1, 2")
        )
        return [tuple(row) for row in found]


def test_two_runs_from_scratch_agree_to_the_last_hash(clean_database: Database, tmp_path: Path):
    file = rows_of_excerpt(tmp_path, 100, 170)
    runs = []
    for _ in range(2):
        clean_database.reset()
        with committing_ports(clean_database.app_url) as ports:
            summary = run(ports, file, "nyc311_full", chores=Chores(monthly=draw_revisits))
            runs.append((twice_alike(summary), lines(ports)))

    assert runs[0] == runs[1]


def test_a_database_in_use_is_refused(played: Played, tmp_path: Path):
    with (
        committing_ports(played.database.app_url) as ports,
        pytest.raises(NotReplayable, match="tickets"),
    ):
        run(ports, rows_of_excerpt(tmp_path, 2, 3), "nyc311_full")


def test_a_database_with_the_real_clock_is_refused(clean_database: Database, tmp_path: Path):
    owner = create_engine(clean_database.owner_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as conn:
        conn.execute(text("ALTER TABLE app_clock RENAME TO kept_aside"))
        try:
            with (
                committing_ports(clean_database.app_url) as ports,
                pytest.raises(NotReplayable, match="--simulated"),
            ):
                run(ports, rows_of_excerpt(tmp_path, 2, 3), "nyc311_full")
        finally:
            conn.execute(text("ALTER TABLE kept_aside RENAME TO app_clock"))
    owner.dispose()


def test_a_file_of_refused_rows_only_ends_without_an_order(
    clean_database: Database, tmp_path: Path
):
    with committing_ports(clean_database.app_url) as ports, bar(Console(file=StringIO())) as shown:
        summary = run(ports, rows_of_excerpt(tmp_path, 2, 5), "nyc311_full", shown)

    assert (summary.rows, summary.opened, summary.until_time) == (4, 0, None)
    assert summary.refused == {"not_a_repair": 4}
