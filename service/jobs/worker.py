"""An RQ worker that takes only our jobs and outlives Redis.

RQ's worker ends at its first trouble with Redis; here a new one is begun instead, until
somebody asks the process to stop. Each job runs in a fork with database connections of its
own. RQ's scheduler, retries, registries and remote commands are not used.
"""

import signal
from threading import Event
from types import FrameType
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from setproctitle import setproctitle

from service.jobs import application, queue
from service.jobs.allow_list import AllowedJob
from service.jobs.application import Application, Build
from service.jobs.bell import Bell

log = structlog.get_logger()

_TITLE = "anju worker"
_TTL_S = 30  # RQ waits at most half of it for a job, so that a mute Redis is noticed
_AGAIN_S = 1.0
_KEYS = (
    "rq:queue:{}", "rq:queue:{}:intermediate", "rq:wip:{}", "rq:failed:{}", "rq:finished:{}",
    "rq:deferred:{}", "rq:scheduled:{}", "rq:canceled:{}", "rq:clean_registries:{}",
)  # fmt: skip


class NoRedis(RuntimeError):
    """There is no Redis to work from; the ticker alone does every round."""


class OurWorker(Worker):
    """One life of the worker. `asked` is set when somebody wanted the process to stop."""

    max_connection_wait_time = 2.0
    log_result_lifespan = False

    def __init__(self, app: Application, bell: Bell, jobs: Queue) -> None:
        self.asked = False
        self._app = app
        self._bell = bell
        super().__init__(
            [jobs],
            connection=jobs.connection,
            job_class=AllowedJob,
            serializer=JSONSerializer,
            worker_ttl=_TTL_S,
            log_job_description=False,
        )

    def subscribe(self) -> None:
        """Take no commands from whoever can write to Redis."""

    def procline(self, message: str) -> None:
        """Keep the title by which people find the process."""
        setproctitle(_TITLE)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the present job, then end."""
        self.asked = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in the fork, never on the parent's database connections."""
        self._app.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log the kind of failure: messages of the database may quote personal data."""
        log.error("job_failed", job=job.id, error=getattr(exc_info[0], "__name__", ""))

    def handle_job_failure(self, job: Job, queue: Queue, **_: Any) -> None:  # type: ignore[override]
        """Note the failure without the trace, which would lie in Redis."""
        super().handle_job_failure(job, queue)

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Run the job; its bells are rung before the fork ends."""
        try:
            return bool(super().perform_job(job, queue))
        finally:
            self._bell.flush()


class Keeper:
    """Begins one worker after another until asked to stop."""

    def __init__(self, app: Application, bell: Bell, url: str) -> None:
        self._app, self._bell, self._url = app, bell, url
        self._asked = False
        self._never = Event()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        while not self._asked:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._ask)
            client = queue.connect(self._url, timeout_s=5.0)
            try:
                worker = OurWorker(self._app, self._bell, queue.queue(client))
                self._live(worker)
            except RedisError as exc:
                log.warning("worker_without_redis", error=type(exc).__name__)
            finally:
                client.close()
            if not self._asked:
                self._never.wait(_AGAIN_S)

    def _live(self, worker: OurWorker) -> None:
        try:
            worker.work(logging_level="WARNING")
        finally:
            self._asked = self._asked or worker.asked
        if not self._asked:
            log.warning("worker_begins_anew")
            # What made it end may lie in the queue. Nothing is lost with it: rows decide.
            worker.connection.delete(*(key.format(queue.NAME) for key in _KEYS))

    def _ask(self, *_: Any) -> None:
        self._asked = True


def run(build: Build, redis_url: str | None) -> None:
    """Be a worker until SIGTERM or SIGINT. Raises NoRedis.

    `build` makes the application around a `ring`; it connects to nothing yet.
    """
    if redis_url is None:
        raise NoRedis("ANJU_REDIS_URL is not set; the ticker alone does every round")
    setproctitle(_TITLE)
    bell = Bell(redis_url)
    app = build(bell.ring)
    application.configure(app)
    Keeper(app, bell, redis_url).run()
