"""The ticker rings; when nobody answers it does the round itself."""

from service.jobs import application, deliver, keep_schedules, queue, relay_outbox
from service.jobs.ticker import Ticker
from tests.support.live import Live, living
from tests.support.servers import Database

ANSWERS = "INSERT INTO heartbeat VALUES ('worker', clock_timestamp(), app_now())"
SILENT = "INSERT INTO heartbeat VALUES ('worker', clock_timestamp() - interval '2 s', app_now())"


def waiting(url: str) -> list[str]:
    client = queue.connect(url, timeout_s=1)
    try:
        return sorted(ident.partition("-")[0] for ident in queue.queue(client).job_ids)
    finally:
        client.close()


def test_without_redis_the_ticker_fires_and_tells(live: Live) -> None:
    live.story.submit()
    live.story.advance(minutes=16)

    Ticker(live.app).tick()

    assert live.story.levels("ack") == [-1, 0]
    assert live.value("SELECT count(*) FROM inbox WHERE topic = 'sla.breached'") == 1
    assert str(live.value("SELECT fired_by FROM escalation LIMIT 1")).startswith("ticker@")


def test_while_workers_answer_the_ticker_only_rings(clean_database: Database, valkey: str) -> None:
    with living(clean_database, valkey) as live:
        live.story.submit()
        live.story.advance(minutes=16)
        live.do(ANSWERS)

        Ticker(live.app).tick()

        assert live.story.levels("ack") == []
        assert waiting(valkey) == ["relay", "schedules", "sweep"]


def test_when_no_worker_answers_the_ticker_does_the_round(
    clean_database: Database, valkey: str
) -> None:
    with living(clean_database, valkey) as live:
        live.story.submit()
        live.story.advance(minutes=16)
        live.do(SILENT)

        Ticker(live.app).tick()

        assert live.story.levels("ack") == [-1, 0]


def test_other_jobs_do_not_hide_that_the_sweep_waits_behind_them(
    clean_database: Database, valkey: str
) -> None:
    with living(clean_database, valkey) as live:
        live.story.submit()
        live.story.advance(minutes=16)
        live.do(SILENT)
        application.configure(live.app)
        for job in (relay_outbox, deliver, keep_schedules):
            job.run()

        Ticker(live.app).tick()

        assert live.story.levels("ack") == [-1, 0]


def test_two_tickers_ring_once_a_second(clean_database: Database, valkey: str) -> None:
    with living(clean_database, valkey) as live:
        live.do(ANSWERS)
        for _ in range(5):
            Ticker(live.app).tick()

        assert waiting(valkey).count("sweep") <= 2


def test_nothing_waits_and_only_the_sweep_is_rung(clean_database: Database, valkey: str) -> None:
    with living(clean_database, valkey) as live:
        live.do(ANSWERS)
        ticker = Ticker(live.app)
        ticker.tick()
        ticker.tick()

        assert set(waiting(valkey)) == {"schedules", "sweep"}


def test_a_tick_leaves_its_heartbeat(live: Live) -> None:
    Ticker(live.app).tick()

    assert live.value("SELECT clock_timestamp() - wall_at < interval '5 s' FROM heartbeat "
                      "WHERE name = 'ticker'") is True  # fmt: skip
