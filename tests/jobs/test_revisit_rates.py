"""A revisit rate too low is told to the manager at the month's end, to the street later."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from service.jobs.revisit_rates import TOPIC, raise_alarms, rate
from service.jobs.revisits import draw_revisits
from service.store.revisit_rate import Closing
from tests.support.live import Live

TICK = timedelta(milliseconds=1)
MONTH_END = datetime(2026, 11, 30, 16, tzinfo=UTC)  # midnight in Shanghai
LATER = MONTH_END + timedelta(days=5)


def close(live: Live, orders: int) -> None:
    for _ in range(orders):
        live.story.order = None
        live.story.until("closed")


def reach(live: Live, calls: int, event: str = "revisit_ok") -> None:
    data = {"finding": "又漏了"} if event == "revisit_fail" else {}
    due = live.rows("SELECT id FROM ticket WHERE facts->>'revisit' = 'revisit_due' ORDER BY id")
    for (order,) in due[:calls]:
        assert isinstance(order, UUID)
        live.story.order = order
        live.story.fire(event, "dispatcher", data=data)


def ring(live: Live, at: datetime) -> int:
    live.story.at(at)
    return raise_alarms(live.app.ports, at)


def told(live: Live) -> list[tuple[object, ...]]:
    return live.rows(
        "SELECT a.name, i.level FROM inbox i JOIN account a ON a.id = i.account_id "
        "WHERE i.topic = :topic ORDER BY i.level, a.name", topic=TOPIC,
    )  # fmt: skip


def test_the_manager_hears_at_the_months_end_and_the_street_five_days_later(live: Live) -> None:
    close(live, 4)

    heard = [ring(live, at) for at in (MONTH_END - TICK, MONTH_END, MONTH_END + TICK)]
    assert (heard, told(live)) == ([0, 1, 0], [("manager", 0)])

    heard = [ring(live, at) for at in (LATER - TICK, LATER, LATER + TICK)]
    assert (heard, told(live)) == ([0, 1, 0], [("manager", 0), ("street_officer", 1)])


def test_an_entry_says_what_it_is_about_instead_of_a_ticket(live: Live) -> None:
    close(live, 4)
    draw_revisits(live.app.ports, live.story.now)
    reach(live, 1)

    ring(live, MONTH_END)

    found = live.rows("SELECT ticket_id, event_seq, subject FROM inbox WHERE topic = :t", t=TOPIC)
    assert found == [
        (None, None, {
            "compound": {"id": "lotus", "name": "lotus号"},
            "vendor": {"id": "v-lotus", "name": "v-lotus"},
            "month": "2026-11", "closed": 4, "revisited": 1, "ratio": 0.3,
        })
    ]  # fmt: skip


def test_a_rate_at_the_ratio_is_high_enough(live: Live) -> None:
    close(live, 10)
    draw_revisits(live.app.ports, live.story.now)
    reach(live, 3)

    assert (ring(live, MONTH_END), ring(live, LATER)) == (0, 0)


def test_calls_made_in_the_five_days_keep_the_street_out_of_it(live: Live) -> None:
    close(live, 4)
    draw_revisits(live.app.ports, live.story.now)
    first = ring(live, MONTH_END)
    reach(live, 2)

    assert (first, ring(live, LATER)) == (1, 0)


@pytest.mark.parametrize(("at", "alarms"), [(LATER - TICK, 0), (LATER, 1)])
def test_a_call_counts_while_the_street_has_not_been_told(
    live: Live, at: datetime, alarms: int
) -> None:
    close(live, 1)
    draw_revisits(live.app.ports, live.story.now)
    ring(live, MONTH_END)
    live.story.at(at)
    reach(live, 1)

    assert ring(live, LATER) == alarms


def test_a_turn_that_comes_late_finds_the_rate_of_the_months_end(live: Live) -> None:
    close(live, 1)
    draw_revisits(live.app.ports, live.story.now)
    live.story.at(MONTH_END + TICK)
    reach(live, 1)

    assert ring(live, MONTH_END + timedelta(days=20)) == 1
    assert told(live) == [("manager", 0)]


def test_an_order_reopened_by_the_call_was_closed_and_revisited(live: Live) -> None:
    close(live, 3)
    draw_revisits(live.app.ports, live.story.now)
    reach(live, 1, "revisit_fail")

    assert ring(live, MONTH_END) == 0


def test_an_order_reopened_by_its_reporter_is_not_closed(live: Live) -> None:
    close(live, 1)
    live.story.fire("reopen", "resident")

    assert ring(live, MONTH_END) == 0


def test_nobody_reached_is_not_revisited(live: Live) -> None:
    close(live, 1)
    draw_revisits(live.app.ports, live.story.now)
    live.story.fire("revisit_call", "dispatcher", data={"outcome": "no_answer"})

    assert ring(live, MONTH_END) == 1


@pytest.mark.parametrize("profile", ["REP-CONTRACT-60", "REP-CUSTOM"], ids=["zero", "blank"])
def test_without_a_ratio_there_is_no_alarm(live: Live, profile: str) -> None:
    live.do(
        "INSERT INTO sla_profile (id, version, kind, body, digest, missing, effective_from) "
        "SELECT d.id, 2, d.kind, jsonb_set(d.body, '{numbers,revisit_ratio}', "
        "o.body->'numbers'->'revisit_ratio'), '', d.missing, d.effective_from "
        "FROM sla_profile d, sla_profile o WHERE d.id = 'REP-DEFAULT' AND o.id = :id", id=profile,
    )  # fmt: skip
    close(live, 1)

    assert (live.value("SELECT profile_version FROM ticket"), ring(live, LATER)) == (2, 0)


def test_a_duty_nobody_holds_falls_to_the_next(live: Live) -> None:
    close(live, 1)
    live.do("UPDATE account SET active = false WHERE role = 'manager'")

    ring(live, MONTH_END)

    assert told(live) == [("community_officer", 0)]


def test_an_alarm_nobody_could_hear_waits_for_somebody(live: Live) -> None:
    close(live, 1)
    live.do("UPDATE account SET active = false WHERE role <> 'dispatcher'")
    unheard = ring(live, MONTH_END)
    live.do("UPDATE account SET active = true WHERE role = 'manager'")

    assert (unheard, ring(live, MONTH_END + TICK)) == (0, 1)


def test_tickers_at_the_same_moment_raise_it_once(live: Live) -> None:
    close(live, 2)
    live.story.at(LATER)

    with ThreadPoolExecutor(4) as pool:
        turns = [pool.submit(raise_alarms, live.app.ports, LATER) for _ in range(8)]
        raised = [turn.result() for turn in turns]

    assert sum(raised) == 2
    assert told(live) == [("manager", 0), ("street_officer", 1)]


def test_the_database_refuses_a_second_alarm(live: Live) -> None:
    close(live, 1)
    ring(live, MONTH_END)

    keys = live.rows("SELECT contract, month::text, level, closed, revisited FROM revisit_alarm")
    again = live.rows(
        "INSERT INTO revisit_alarm SELECT * FROM revisit_alarm ON CONFLICT DO NOTHING RETURNING 1"
    )

    assert (keys, again) == ([("lotus/v-lotus", "2026-11-01", 0, 1, 0)], [])


def closing(n: int, reopened: datetime | None = None, reached: datetime | None = None) -> Closing:
    return Closing(
        id=UUID(int=n), closed_at=MONTH_END - timedelta(days=9), reopened_at=reopened,
        reached_at=reached, time_zone="Asia/Shanghai", profile="REP-DEFAULT", profile_version=1,
        compound_id="lotus", compound="lotus", path="lotus", vendor_id=None, vendor=None,
    )  # fmt: skip


def test_an_order_counts_once_however_often_it_was_closed() -> None:
    before = MONTH_END - TICK
    twice = [closing(1, reopened=before, reached=before), closing(1)]

    assert rate([*twice, closing(2)], MONTH_END) == (2, 1)
    assert rate([closing(1, reopened=before), closing(1, reopened=MONTH_END)], MONTH_END) == (1, 0)
