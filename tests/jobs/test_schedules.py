"""What comes round: revisits are drawn, answers and unnamed files forgotten."""

from datetime import timedelta

from service.jobs import schedules
from service.jobs.revisits import draw_revisits
from tests.support.house import photo
from tests.support.live import Live


def close(live: Live, orders: int) -> None:
    for _ in range(orders):
        live.story.order = None
        live.story.until("closed")


def drawn(live: Live) -> int:
    return int(str(live.value("SELECT count(*) FROM event WHERE type = 'revisit_draw'")))


def test_of_ten_closed_orders_three_are_called_back(live: Live) -> None:
    close(live, 10)

    first = draw_revisits(live.app.ports, live.story.now)
    second = draw_revisits(live.app.ports, live.story.now)

    assert (first, second, drawn(live)) == (3, 0, 3)
    assert live.rows("SELECT contract, month::text, closed, size FROM revisit_sample") == [
        ("lotus/v-lotus", "2026-11-01", 10, 3)
    ]


def test_an_order_always_called_back_counts_towards_the_ratio(live: Live) -> None:
    close(live, 3)
    live.story.order = None
    live.story.until("awaiting_confirmation")
    live.story.fire("confirm", "resident", data={"rating": "unsatisfied"})

    draw_revisits(live.app.ports, live.story.now)

    assert drawn(live) == 2


def test_an_order_nobody_answers_for_is_replaced_once(live: Live) -> None:
    close(live, 3)
    draw_revisits(live.app.ports, live.story.now)
    live.story.order = live.value("SELECT id FROM ticket WHERE facts->>'revisit' IS NOT NULL")  # type: ignore[assignment]
    for hours in (0, 1, 23):
        live.story.advance(hours=hours)
        live.story.fire("revisit_call", "dispatcher", data={"outcome": "no_answer"})

    replaced = draw_revisits(live.app.ports, live.story.now)
    again = draw_revisits(live.app.ports, live.story.now)

    assert (replaced, again) == (1, 0)
    assert live.value("SELECT count(*) FROM ticket_child WHERE row->>'instead_of' = :id",
                      id=str(live.story.order)) == 1  # fmt: skip


def test_last_months_orders_are_still_drawn_on_the_first(live: Live) -> None:
    close(live, 4)
    live.story.advance(days=10)

    assert draw_revisits(live.app.ports, live.story.now) == 2


def test_a_seed_is_kept_for_its_month(live: Live) -> None:
    close(live, 1)
    draw_revisits(live.app.ports, live.story.now)
    before = live.value("SELECT seed FROM revisit_sample")
    close(live, 5)
    draw_revisits(live.app.ports, live.story.now)

    assert live.value("SELECT seed FROM revisit_sample") == before
    assert drawn(live) == 2


def test_a_turn_is_taken_once_until_it_comes_round(live: Live) -> None:
    first = schedules.run_due(live.app.ports)
    second = schedules.run_due(live.app.ports)
    live.story.advance(hours=1)
    third = schedules.run_due(live.app.ports)
    live.story.advance(hours=5)
    fourth = schedules.run_due(live.app.ports)

    assert (first, second) == (tuple(s.name for s in schedules.SCHEDULES), ())
    assert (third, fourth) == (("revisit_rates",), ("revisits", "revisit_rates"))


def test_files_nobody_named_are_forgotten_after_thirty_days(live: Live) -> None:
    live.story.until("awaiting_confirmation")
    named = live.value("SELECT count(DISTINCT attachment_id) FROM ticket_attachment")
    photo(live.story.conn, live.story.actor("crew"), "stray")

    schedules.forget(live.app.ports, live.story.now + timedelta(days=29))
    kept = live.value("SELECT count(*) FROM attachment")
    schedules.forget(live.app.ports, live.story.now + timedelta(days=31))

    assert kept == int(str(named)) + 1
    assert live.value("SELECT count(*) FROM attachment") == named


def test_answers_are_forgotten_after_seven_days(live: Live) -> None:
    live.do(
        "INSERT INTO idempotency (actor_id, route, key, fingerprint, created_at) "
        "VALUES (:id, 'r', 'k', '\\x00', app_now())", id=live.story.actor("admin").id,
    )  # fmt: skip

    schedules.forget(live.app.ports, live.story.now + timedelta(days=7))
    kept = live.value("SELECT count(*) FROM idempotency")
    schedules.forget(live.app.ports, live.story.now + timedelta(days=7, milliseconds=1))

    assert (kept, live.value("SELECT count(*) FROM idempotency")) == (1, 0)
