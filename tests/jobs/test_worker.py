"""One life of a worker, in this process; its jobs run in forks."""

import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from service.jobs import application, queue
from service.jobs.bell import Bell
from service.jobs.worker import NoRedis, OurWorker, run
from tests.support.live import living
from tests.support.servers import Database


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Give back what RQ takes over."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_job_never_works_on_its_parents_connections(
    clean_database: Database, valkey: str
) -> None:
    with living(clean_database, valkey) as live:
        with live.app.ports.uow() as tx:
            before = tx.conn.execute(text("SELECT pg_backend_pid()")).scalar()
        live.story.submit()
        live.story.advance(minutes=16)
        application.configure(live.app)
        client = queue.connect(valkey, timeout_s=2)
        jobs = queue.queue(client)
        queue.put(jobs, "sweep", "1")

        OurWorker(live.app, Bell(valkey), jobs).work(burst=True, logging_level="WARNING")

        with live.app.ports.uow() as tx:
            after = tx.conn.execute(text("SELECT pg_backend_pid()")).scalar()
        client.close()
        assert live.story.levels("ack") == [-1, 0]
        assert after == before


def test_a_failing_job_leaves_no_trace_in_redis(clean_database: Database, valkey: str) -> None:
    with living(clean_database, valkey) as live:
        client = queue.connect(valkey, timeout_s=2)
        jobs = queue.queue(client)
        queue.put(jobs, "relay", "1")
        application.configure(_Broken())  # type: ignore[arg-type]

        OurWorker(live.app, Bell(valkey), jobs).work(burst=True, logging_level="WARNING")

        dump = b"".join(client.dump(key) or b"" for key in client.scan_iter())
        client.close()
        assert b"13800000001" not in dump
        assert b"Traceback" not in dump


def test_without_redis_there_is_no_worker() -> None:
    with pytest.raises(NoRedis):
        run(lambda _ring: None, None)  # type: ignore[arg-type,return-value]


class _Broken:
    """An application whose every use fails with somebody's phone number."""

    @property
    def ports(self) -> object:
        raise ValueError("13800000001")
