"""`/healthz`, `/readyz`, `/metrics`: for the machines that watch (API 17)."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import redis
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.api.answers import READY
from service.api.shelves import ADMIN
from service.core.errors import OutcomeUnknown, StorageUnavailable
from service.edge.routes import PUBLIC, Answer, Call, Policy, Route
from service.store import migrate
from service.store.queries import health

TICKER_SILENT_S = 15.0
WORKER_SILENT_S = 60.0
LEAST_FREE_BYTES = 64 << 20
_REDIS_S = 0.25
_TEXT = "text/plain"


def get_healthz(_call: Call) -> Answer:
    """Answer while the process serves; touch nothing else."""
    return Answer(200, b"ok\n", {"Cache-Control": "no-store"}, _TEXT)


def get_readyz(call: Call) -> Answer:
    """Answer 200 when work can be taken, else 503 with what fails."""
    checks: dict[str, str] = {"database": "ok", "disk": _disk()}
    warnings: list[str] = []
    if not _redis_answers(call.settings.redis_url):
        warnings.append("redis")
    try:
        with call.ports.uow() as tx:
            state = health.state(tx)
        checks |= judge(state, redis_away=bool(warnings))
        warnings += [name for name in ("parked", "dead") if state[name]]
    except (StorageUnavailable, OutcomeUnknown):
        checks |= dict.fromkeys(("database", "schema", "ticker", "worker"), "unreachable")
    ready = all(value == "ok" for value in checks.values())
    body = {"status": "ready" if ready else "not_ready", "checks": checks, "warnings": warnings}
    headers = {"Cache-Control": "no-store"} | ({} if ready else {"Retry-After": "5"})
    return Answer(200 if ready else 503, body, headers)


def judge(state: Mapping[str, Any], *, redis_away: bool) -> Mapping[str, str]:
    """Return the verdicts on schema, ticker and worker.

    A ticker that does the rounds itself stands in for workers, and must when Redis is away.
    """
    ticker, worker = state["ticker_age"], state["worker_age"]
    beats = ticker is not None and ticker <= TICKER_SILENT_S
    works = worker is not None and worker <= WORKER_SILENT_S
    stands_in = beats and (state["own"] or redis_away)
    return {
        "schema": "ok" if state["schema"] == migrate.head() else f"at {state['schema']}",
        "ticker": "ok" if beats else "silent",
        "worker": "ok" if works or stands_in else "silent",
    }


def _disk() -> str:
    free = shutil.disk_usage(Path.cwd()).free
    return "ok" if free >= LEAST_FREE_BYTES else f"{free >> 20} MiB left"


def _redis_answers(url: str | None) -> bool:
    if url is None:
        return True
    try:
        with redis.Redis.from_url(
            url, socket_timeout=_REDIS_S, socket_connect_timeout=_REDIS_S
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


class Counted(Collector):
    """Figures counted in the database, so that they are the same from every process."""

    def __init__(self, call: Call) -> None:
        with call.ports.uow() as tx:
            self._counts, self._ages = health.counts(tx), health.ages(tx)

    def collect(self) -> Iterable[Metric]:
        """Yield the families of API 17. No label holds an id, a name or an address."""
        yield self._counter("anju_events", "Events taken", "events", "kind", "type")
        yield self._gauge()
        yield self._counter("anju_sla_breaches", "Clocks breached", "breaches", "clock")
        yield self._counter("anju_webhook_deliveries", "Webhook deliveries", "deliveries", "result")
        # Nothing is counted before the handhelds exist; the name is promised already.
        yield CounterMetricFamily("anju_sync_items", "Items of a sync", labels=("outcome",))
        yield GaugeMetricFamily(
            "anju_timer_lag_seconds", "Age of the oldest due rung", self._ages["timer_lag_s"]
        )
        yield GaugeMetricFamily(
            "anju_outbox_oldest_seconds", "Age of the oldest letter", self._ages["outbox_age_s"]
        )

    def _counter(self, name: str, what: str, source: str, *labels: str) -> Metric:
        outcome = ("outcome",) if source == "events" else ()
        family = CounterMetricFamily(name, what, labels=(*labels, *outcome))
        for row in self._counts[source]:
            more = ("applied",) if outcome else ()
            family.add_metric([*(row[label] for label in labels), *more], row["n"])
        return family

    def _gauge(self) -> Metric:
        family = GaugeMetricFamily("anju_sla_clocks", "Clocks", labels=("profile", "state"))
        for row in self._counts["clocks"]:
            family.add_metric([row["profile"], row["state"]], row["n"])
        return family


def get_metrics(call: Call) -> Answer:
    """Answer the figures as Prometheus text: the database's, then this process's own."""
    counted = CollectorRegistry()
    counted.register(Counted(call))
    body = generate_latest(counted) + generate_latest(REGISTRY)
    return Answer(200, body, {"Cache-Control": "no-store"}, "text/plain; version=0.0.4")


ROUTES = (
    Route(method="GET", path="/healthz", policy=Policy(PUBLIC), handler=get_healthz,
          tag="service", summary="Is the process alive", limited=False),
    Route(method="GET", path="/readyz", policy=Policy(PUBLIC), handler=get_readyz, tag="service",
          summary="Can it work", limited=False, answers={200: READY, 503: READY}),
    Route(method="GET", path="/metrics", policy=ADMIN, handler=get_metrics, tag="service",
          summary="Figures for Prometheus", limited=False),
)  # fmt: skip
