"""People and the sweep in the same millisecond, in both orders (F26, F28) and in a crowd (F27)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from service.bootstrap import Application
from service.commands.fire_event import Fire, fire
from service.commands.notes import AddNote, add_note
from service.commands.sweep import sweep
from service.core.errors import GuardRefused, ServiceError
from tests.faults.conftest import Plant
from tests.faults.gates import overtaken
from tests.faults.verdicts import assert_sound, marks
from tests.support.live import Live
from tests.support.roads import road_of

pytestmark = [pytest.mark.fault, pytest.mark.db]

Act = Callable[[Application], object]
TICK = timedelta(milliseconds=1)


def sweeping(app: Application) -> object:
    return sweep(app.ports, by="sweeper")


def firing(live: Live, event: str, by: str) -> Act:
    story = live.story
    command = Fire(ticket=story.order or "", event=event, actor=story.actor(by),
                   data=story.data(event, by))  # fmt: skip
    return lambda app: fire(app.ports, command)


def both(live: Live, act: Act, order: str) -> None:
    """Let the sweep overtake the person, or the person the sweep; then let time settle it."""
    first, second = (sweeping, act) if order == "sweep first" else (act, sweeping)
    overtaken(live.app, first, second)
    live.story.sweep()
    assert_sound(live)


ORDERS = pytest.mark.parametrize("order", ["sweep first", "person first"])
MOMENTS = pytest.mark.parametrize(
    ("offset", "result"), [(timedelta(), "met"), (TICK, "breached")], ids=["at", "after"]
)


@ORDERS
@MOMENTS
def test_f26_finishing_at_the_deadline_is_met_or_breached_never_both(
    plant: Plant, order: str, offset: timedelta, result: str
) -> None:
    live = plant.live
    live.story.until("submitted")
    due = live.story.clock("ack").due_at

    live.story.at(due + offset)
    both(live, firing(live, "accept", "dispatcher"), order)

    assert live.story.clock("ack").result == result
    assert marks(live, live.story.order, "ack", 0) == int(result == "breached")
    assert live.story.history().count("accept") == 1


@ORDERS
def test_f28_a_pause_at_the_deadline_lets_fire_what_was_due_before_it(
    plant: Plant, order: str
) -> None:
    live = plant.live
    live.story.until("on_site")
    live.story.at(live.story.clock("handle").next_at)

    both(live, firing(live, "no_access", "crew"), order)

    assert live.story.clock("handle").state == "paused"
    assert marks(live, live.story.order, "handle", -1) == 1


@ORDERS
def test_f28_an_old_epoch_never_fires(plant: Plant, order: str) -> None:
    live = plant.live
    live.story.until("assigned")
    due = live.story.clock("arrive").due_at
    live.story.at(due - TICK)
    body = {
        "consented_at": (due - TICK).isoformat(), "consented_by": "张三",
        "new_arrive_at": (due + timedelta(hours=3)).isoformat(),
    }  # fmt: skip
    waive = Fire(ticket=live.story.order or "", event="waive_arrival", data=body,
                 actor=live.story.actor("dispatcher"))  # fmt: skip

    both(live, lambda app: fire(app.ports, waive), order)
    live.story.at(due + timedelta(hours=1)).sweep()

    assert live.story.clock("arrive").epoch == 2
    assert live.rows("SELECT epoch, level FROM escalation WHERE clock = 'arrive'") == [(1, -1)]


def test_two_decisions_at_once_put_a_vendor_on_one_list(plant: Plant) -> None:
    live, road = plant.live, road_of("list_decision")
    proposed = [road.open(live.story) for _ in range(2)]
    live.story.pass_time(days=30)  # the hearing's time is over
    refused: list[str] = []

    def deciding(ticket: str) -> Act:
        data = {"reason": "经核实", "document": live.story.photo("district_officer")}
        command = Fire(ticket=ticket, event="decide", data=data,
                       actor=live.story.actor("district_officer"))  # fmt: skip

        def act(app: Application) -> object:
            try:
                return fire(app.ports, command)
            except GuardRefused as exc:
                return refused.extend(reason.code for reason in exc.reasons)

        return act

    overtaken(live.app, *(deciding(ticket) for ticket in proposed))

    assert refused == ["already_listed"]
    assert [live.story.state(ticket) for ticket in proposed] == ["published", "proposed"]
    live.story.sweep()
    assert_sound(live)


SWEEPERS, PEOPLE, TICKETS, ROUNDS = 4, 4, 10, 12


def test_f27_a_crowd_on_ten_tickets_meets_no_deadlock(plant: Plant) -> None:
    live = plant.live
    orders = [live.story.submit().ticket["id"] for _ in range(TICKETS)]
    live.story.advance(minutes=20)
    live.do("UPDATE app_clock SET rate = 1200, wall_at = clock_timestamp()")  # 20 min a second
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = live.value(deadlocks)

    with ThreadPoolExecutor(SWEEPERS + PEOPLE) as pool:
        swept = [pool.submit(_sweep_often, live) for _ in range(SWEEPERS)]
        wrote = [pool.submit(_write_often, live, orders, n) for n in range(PEOPLE)]
        fired = sum(done.result() for done in swept)
        refused = [error for done in wrote for error in done.result()]

    live.do("SELECT pg_stat_force_next_flush()")
    assert refused == []
    assert live.value(deadlocks) == before
    assert fired > TICKETS
    live.story.at(live.story.now + timedelta(days=400))
    live.story.sweep()
    assert_sound(live)


def _sweep_often(live: Live) -> int:
    return sum(sweep(live.app.ports, by="crowd").fired for _ in range(ROUNDS * 3))


def _write_often(live: Live, orders: list[UUID], offset: int) -> list[str]:
    """Go round the orders, each from another place, writing a line to each."""
    refused = []
    actor = live.story.actor("dispatcher")
    for n in range(ROUNDS):
        order = orders[(n * (offset + 1) + offset) % TICKETS]
        note = AddNote(kind="repair_order", ticket=order, actor=actor, text=f"{offset}.{n}")
        try:
            add_note(live.app.ports, note)
        except ServiceError as exc:
            refused.append(type(exc).__name__)
    return refused
