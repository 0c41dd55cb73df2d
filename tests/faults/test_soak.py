"""A short soak on a fixed seed: every fault once, and nothing is lost, doubled or shown (F50).

The long one is `python -m tests.faults.soak`. The rest here is about the bench itself: that a
seed decides what is done, that times are told right, and that its own checks can fail.
"""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from service.jobs import rounds
from service.local.servers import Servers
from tests.faults import checker
from tests.faults.journal import READ, Call
from tests.faults.soak import takeover, verdict
from tests.faults.soak.clockwork import Clockwork, Stretch
from tests.faults.soak.faults import FAULTS
from tests.faults.soak.nemesis import Plan
from tests.faults.soak.run import Options, run
from tests.faults.soak.takeover import Rung
from tests.faults.soak.verdict import Evidence
from tests.faults.soak.world import World
from tests.support.live import living
from tests.support.servers import Database, ready_folder

SEED = 20_261_121
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.fault
@pytest.mark.db
def test_every_fault_once_breaks_no_promise() -> None:
    plan = Plan(SEED, FAULTS, seconds=120, strikes=len(FAULTS), gap_s=0.25, long_s=2.5)
    with ready_folder() as folder, Servers(folder, durable=True) as servers:
        print(f"seed {SEED}")  # noqa: T201 — shown when it fails
        done = run(servers, Options(plan, folder, print, rest_s=0.3, patience_s=2.0))

    assert not done.verdict.findings, (checker.table(done.verdict.findings), done.noise)
    assert {injection.fault.name for injection in done.injections} == {f.name for f in FAULTS}
    assert sum(call.outcome == "ok" for call in done.calls if call.asks != READ) > 20
    assert done.verdict.rungs


def strikes(seed: int) -> list[tuple[str, float, float]]:
    turns = islice(Plan(seed, FAULTS, seconds=1).turns(), 60)
    return [(fault.name, gap, rng.random()) for fault, gap, rng in turns]


def test_a_seed_decides_the_strikes_and_begins_with_each_fault_once() -> None:
    assert strikes(1) == strikes(1)
    assert strikes(1) != strikes(2)
    assert {name for name, _, _ in strikes(1)[: len(FAULTS)]} == {f.name for f in FAULTS}


def test_a_simulated_moment_is_told_in_real_time_across_jumps_and_standstill() -> None:
    hour = timedelta(hours=1)
    clock = Clockwork("", [
        Stretch(NOON, NOON, 60),
        Stretch(NOON + 10 * SECOND, NOON + 600 * SECOND + hour, 60),
        Stretch(NOON + 20 * SECOND, NOON + 1200 * SECOND + hour, 0),
    ])  # fmt: skip

    assert clock.real(NOON + 300 * SECOND) == NOON + 5 * SECOND
    assert clock.real(NOON + 601 * SECOND) == NOON + 10 * SECOND  # passed over by the jump
    assert clock.real(NOON + 900 * SECOND + hour) == NOON + 15 * SECOND
    assert clock.real(NOON + 1200 * SECOND + hour) == NOON + 20 * SECOND


@pytest.mark.parametrize(
    ("killed", "taken"),
    [
        (0, 1.5),  # falls due a second later, and is then late by one and a half
        (2, 0.5),  # was waiting: counted from the kill
        (4, 0.0),  # fired at once when it fell due
        (9, None),  # nothing fell due any more
    ],
)
def test_take_over_is_until_the_next_due_rung_is_fired(killed: int, taken: float | None) -> None:
    fired = [
        Rung(NOON + SECOND, NOON + 2.5 * SECOND),
        Rung(NOON + 5 * SECOND, NOON + 5 * SECOND),
    ]

    found = takeover.after_kill(NOON + killed * SECOND, fired)

    assert (found and found[0]) == taken


def test_an_answer_of_500_is_a_violation() -> None:
    call = Call(
        client="desk", actor="desk", role="dispatcher", method="GET", path="/v1/me", asks=READ,
        sent_at=0, answered_at=1, status=500,
    )  # fmt: skip

    assert [f.check for f in verdict._faults_of_ours([call])] == ["internal"]


@pytest.mark.db
def test_a_line_that_the_reader_missed_and_an_old_transaction_are_violations(
    clean_database: Database,
) -> None:
    with living(clean_database) as live:
        live.story.submit()
        rounds.relay_round(live.app)
        (seq,) = [row[0] for row in live.rows("SELECT seq FROM feed")]
        whole = Evidence(live.app, World({}, {}), frozenset(), (), (), (seq,), 1.0, ())
        broken = Evidence(live.app, World({}, {}), frozenset(), (), (), (), 16.0, ())

        assert [f.check for f in verdict._rows(whole)] == []
        assert [f.check for f in verdict._rows(broken)] == ["feed", "transaction"]
