"""A schedule that died half-way is finished by its next turn, whatever it had done."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

import pytest

from service.commands.score import Score, score
from service.core.errors import StorageUnavailable
from service.jobs.clusters import detect
from service.jobs.follow_ups import BREACHED, WITHDRAWN
from service.notify.relay import REACTION
from service.store import delivery
from service.store.unit_of_work import Tx
from tests.support.live import Live

pytestmark = pytest.mark.db


@dataclass
class Mortal:
    """Units of work, of which only so many are granted."""

    inner: Callable[[], AbstractContextManager[Tx]]
    left: int

    @contextmanager
    def __call__(self) -> Iterator[Tx]:
        if not self.left:
            raise StorageUnavailable
        self.left -= 1
        with self.inner() as tx:
            yield tx


def complaints(live: Live) -> None:
    about = {"type": "complaint", "origin": "customer", "vendor": "v-clean"}
    for _ in range(5):
        live.story.open("complaint", "resident", category="cmp_cleaning", facts=about)


@pytest.mark.parametrize("granted", range(1, 8))
def test_a_cluster_half_noted_is_noted_on_all_of_its_complaints(live: Live, granted: int) -> None:
    complaints(live)
    ports = live.app.ports
    dying = replace(ports, uow=Mortal(ports.uow, granted))

    try:
        detect(dying, live.story.now)
    except StorageUnavailable:
        detect(ports, live.story.now)

    noted = "SELECT count(*) FROM event WHERE type = 'join_cluster'"
    assert live.value(noted) == 5
    assert live.value("SELECT count(*) FROM ticket WHERE kind = 'rectification_order'") == 1
    assert detect(ports, live.story.now) == 0


def corrected(live: Live) -> tuple[int, dict[str, int]]:
    """Report work so late that two breaches are taken back; return the lines that say so."""
    story = live.story.until("in_progress")
    done = story.now.replace(hour=1)
    story.advance(hours=30).sweep()
    story.fire("complete_work", "crew", occurred_at=done)
    lines = live.rows("SELECT type, data->>'clock', seq, data->>'level' FROM event ORDER BY seq")
    (late,) = [seq for kind, clock, seq, level in lines
               if (kind, clock, level) == ("clock_breached", "handle", "0")]  # fmt: skip
    found = {str(clock): int(str(seq)) for kind, clock, seq, _ in lines
             if kind == "clock_corrected"}  # fmt: skip
    return int(str(late)), found


def points(live: Live) -> list[tuple[object, ...]]:
    return live.rows("SELECT seq, points FROM credit_event ORDER BY seq")


@pytest.mark.parametrize("order", [1, -1])
def test_points_come_back_with_the_clock_that_cost_them(live: Live, order: int) -> None:
    late, lines = corrected(live)
    ticket = live.story.row().id
    live.do("INSERT INTO credit_event SELECT ticket_id, seq, 0, 'v-lotus', 'company', NULL, -1, "
            f"'{BREACHED}', occurred_at FROM event WHERE seq = :seq", seq=late)  # fmt: skip

    for name in sorted(lines)[::order]:
        score(live.app.ports, Score(ticket=ticket, seq=lines[name], points=0, reason=WITHDRAWN,
                                    undoes=BREACHED))  # fmt: skip

    assert len(lines) == 2
    assert points(live) == [(late, -1), (lines["handle"], 1)]


@pytest.mark.parametrize("order", [1, -1])
def test_what_one_clock_gave_back_leaves_the_other_to_give_back(live: Live, order: int) -> None:
    _, lines = corrected(live)
    ticket = live.story.row().id
    live.do("INSERT INTO credit_event SELECT ticket_id, seq, 0, 'v-lotus', 'company', NULL, -1, "
            f"'{BREACHED}', occurred_at FROM event WHERE type = 'clock_breached' "
            "AND data->>'level' = '0' AND data->>'clock' = ANY(:clocks)",
            clocks=list(lines))  # fmt: skip

    for name in sorted(lines)[::order] * 2:
        score(live.app.ports, Score(ticket=ticket, seq=lines[name], points=0, reason=WITHDRAWN,
                                    undoes=BREACHED))  # fmt: skip

    assert [won for _, won in points(live)] == [-1, -1, 1, 1]


def test_a_breach_read_after_its_correction_costs_nothing(live: Live) -> None:
    late, _ = corrected(live)
    ticket = live.story.row().id

    taken = score(live.app.ports, Score(ticket=ticket, seq=late, points=-1, reason=BREACHED))

    assert not taken
    assert points(live) == []


def test_what_happened_first_is_followed_up_first(live: Live) -> None:
    live.do("INSERT INTO delivery (id, outbox_id, channel, recipient, body, created_at) "
            "SELECT gen_random_uuid(), n, :channel, gen_random_uuid(), '{}', app_now() "
            "FROM generate_series(20, 1, -1) n", channel=REACTION)  # fmt: skip

    with live.app.ports.uow() as tx:
        leased = delivery.lease(tx, REACTION, batch=50)

    assert [one.outbox_id for one in leased] == list(range(1, 21))
