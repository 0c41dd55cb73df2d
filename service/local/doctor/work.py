"""Whether the work goes on: who lives, what waits, what was given up."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text

from service.local.doctor.finding import Finding, Installation, judged
from service.local.doctor.shape import rate_of
from service.store import heartbeat
from service.store.queries import health
from service.store.unit_of_work import Tx

TICKER_SILENT_S: Final = 15.0
WORKER_SILENT_S: Final = 60.0
LATE_S: Final = 10.0

_BROKEN = text("""
SELECT (SELECT count(*) FROM clock WHERE parked_at IS NOT NULL) AS parked,
       (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL) AS letters,
       (SELECT count(*) FROM delivery WHERE dead_at IS NOT NULL) AS deliveries""")
_AGAIN = {
    "parked": "UPDATE clock SET parked_at = NULL, attempts = 0, retry_at = now()"
    " WHERE parked_at IS NOT NULL",
    "letters": "UPDATE outbox SET dead_at = NULL, attempts = 0, retry_at = now()"
    " WHERE dead_at IS NOT NULL",
    "deliveries": "UPDATE delivery SET dead_at = NULL, attempts = 0, retry_at = now()"
    " WHERE dead_at IS NOT NULL",
}


def firing(tx: Tx, _installation: Installation) -> Iterator[Finding]:
    """Judge whether clocks may fire: they are held while the database's clock jumps."""
    held = heartbeat.is_held(tx)
    said = "held: the database's clock jumped" if held else "not held"
    cure = (
        "timedatectl set-ntp true  # on the database's machine; it resumes after three steady looks"
    )
    yield judged("firing", said, cure, ok=not held)


def progress(tx: Tx, installation: Installation) -> Iterator[Finding]:
    """Judge the processes by their heartbeats, then what waits for them."""
    beats = (_ticker(tx, installation), _worker(tx, installation))
    yield from beats
    dead = next((beat.cure for beat in beats if not beat.ok), "")
    yield from _lags(tx, installation, dead)


def _ticker(tx: Tx, installation: Installation) -> Finding:
    age = health.state(tx)["ticker_age"]
    alive = age is not None and age <= TICKER_SILENT_S
    return judged("ticker", _seen(age), f"{installation.command} ticker", ok=alive)


def _worker(tx: Tx, installation: Installation) -> Finding:
    """Without Redis there is no work for a worker: the ticker does it."""
    if installation.application.settings.redis_url is None:
        return Finding("worker", True, "not needed without Redis")
    age = health.state(tx)["worker_age"]
    alive = age is not None and age <= WORKER_SILENT_S
    return judged("worker", _seen(age), f"{installation.command} worker", ok=alive)


def _seen(age_s: float | None) -> str:
    return "never seen" if age_s is None else f"last seen {age_s:.0f} s ago"


def _lags(tx: Tx, installation: Installation, dead: str) -> Iterator[Finding]:
    """Judge what waits in machine time: simulated time may run much faster.

    `dead` is the cure of the process whose silence explains the wait, "" if all live.
    """
    rate = max(rate_of(tx) or 1.0, 1.0)
    ages = health.ages(tx)
    with_redis = installation.application.settings.redis_url is not None
    helper = f"{installation.command} {'worker' if with_redis else 'ticker'}"
    for name, column in (("clocks", "timer_lag_s"), ("outbox", "outbox_age_s")):
        late = ages[column] / rate
        cure = dead or f"{helper}  # one more; last_error of {name} tells why some fail"
        yield judged(name, f"the oldest waits {late:.0f} s", cure, ok=late <= LATE_S)


def given_up(tx: Tx, _installation: Installation) -> Iterator[Finding]:
    """Judge what no process tries any more, because it failed too often."""
    counts = tx.conn.execute(_BROKEN).one()._asdict()
    said = "{parked} parked clocks, {letters} letters and {deliveries} deliveries given up"
    broken = "; ".join(_AGAIN[name] for name, count in counts.items() if count)
    cure = f'psql "$ANJU_DATABASE_URL" -c "{broken}"  # once the cause in last_error is mended'
    yield judged("given up", said.format_map(counts), cure, ok=not broken)
