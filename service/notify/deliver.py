"""Sends what waits for the outside: at least once, under a lease, one endpoint apart from another.

Only this thread speaks to the database; the others wait on the network.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol
from uuid import UUID

import structlog

from service.core.ids import derived
from service.notify.channel import PermanentError, TransientError
from service.store import delivery, endpoint
from service.store.delivery import Leased
from service.store.endpoint import Endpoint
from service.store.unit_of_work import Tx

log = structlog.get_logger()

CHANNEL = "webhook"
DISABLED = "webhook.disabled"
MINUTE_S, HOUR_S = 60.0, 3600.0
# Seconds between a failed try and the next; after the last comes none (API 15).
SCHEDULE_S = (
    5.0, 5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S, 5 * HOUR_S, 10 * HOUR_S, 14 * HOUR_S,
    20 * HOUR_S, 24 * HOUR_S,
)  # fmt: skip
_SLOW_S = 60.0
_JITTER = 0.2


class Sending(Protocol):
    """Sends one delivery and returns the status; raises TransientError, PermanentError."""

    def send(self, leased: Leased, to: Endpoint) -> int:
        """Send it to the endpoint."""


@dataclass(slots=True)
class Delivered:
    """What a round did."""

    sent: int = 0
    failed: int = 0


def pause_s(ident: UUID, attempt: int, asked_s: float = 0.0) -> float | None:
    """Return the seconds until the next try; None when `attempt` (from 1) was the last.

    Up to a fifth is added, the same for the same delivery and attempt, so that deliveries
    that failed together do not come back together. Never sooner than the receiver asked.
    """
    if attempt > len(SCHEDULE_S):
        return None
    jitter = (derived("jitter", ident, attempt).int % 1000) / 1000 * _JITTER
    return max(asked_s, SCHEDULE_S[attempt - 1] * (1 + jitter))


@dataclass(slots=True)
class Delivery:
    """One round of sending: at most `at_once` requests, at most `each` to one endpoint."""

    uow: Callable[[], AbstractContextManager[Tx]]
    sender: Sending
    at_once: int = 32
    each: int = 4
    seconds: float = 20.0
    done: Delivered = field(default_factory=Delivered)

    def run(self) -> Delivered:
        """Send until nothing is due or the time is up, then wait for what is under way."""
        with self.uow() as tx:
            delivery.supersede_orphans(tx, CHANNEL)
        until = monotonic() + self.seconds
        under_way: dict[Future[int], tuple[Leased, Endpoint]] = {}
        with ThreadPoolExecutor(self.at_once, thread_name_prefix="deliver") as pool:
            while True:
                if monotonic() < until:
                    for leased, to in self._lease(self.at_once - len(under_way)):
                        under_way[pool.submit(self.sender.send, leased, to)] = (leased, to)
                if not under_way:
                    return self.done
                finished, _ = wait(under_way, timeout=0.25, return_when=FIRST_COMPLETED)
                for future in finished:
                    self._settle(*under_way.pop(future), future)

    def _lease(self, room: int) -> list[tuple[Leased, Endpoint]]:
        if room <= 0:
            return []
        with self.uow() as tx:
            leased = delivery.lease_fairly(tx, CHANNEL, batch=room, each=self.each)
            known = endpoint.some(tx, {one.recipient for one in leased})
        return [(one, known[one.recipient]) for one in leased if one.recipient in known]

    def _settle(self, leased: Leased, to: Endpoint, future: "Future[int]") -> None:
        """Acknowledge under the fence. A lost lease says nothing: another sender has it."""
        try:
            status = future.result()
        except TransientError as exc:
            self._failed(leased, to, exc)
        except PermanentError as exc:
            with self.uow() as tx:
                if delivery.bury(tx, leased, error=exc.why, status=exc.status):
                    _disable(tx, leased, to, exc.why)
            self.done.failed += 1
        except Exception as exc:
            log.exception("delivery_fault", delivery=str(leased.id))
            self._failed(leased, to, TransientError(type(exc).__name__))
        else:
            with self.uow() as tx:
                delivery.acknowledge(tx, leased, status=status)
            self.done.sent += 1

    def _failed(self, leased: Leased, to: Endpoint, exc: TransientError) -> None:
        self.done.failed += 1
        pause = pause_s(leased.id, leased.attempt, exc.retry_after_s)
        with self.uow() as tx:
            if pause is None:
                if delivery.bury(tx, leased, error=exc.why, status=exc.status):
                    _disable(tx, leased, to, "retries_exhausted")
            elif (
                delivery.try_again(tx, leased, after_s=pause, error=exc.why, status=exc.status)
                and exc.slow
            ):
                endpoint.slow_down(tx, to.id, for_s=max(exc.retry_after_s, _SLOW_S))


def _disable(tx: Tx, leased: Leased, to: Endpoint, why: str) -> None:
    """Disable the endpoint and tell its owner; what still waited can be replayed."""
    if not endpoint.disable(tx, to.id, why=why):
        return
    delivery.bury_all(tx, CHANNEL, to.id, why="endpoint_disabled")
    entry = derived("inbox", DISABLED, to.id, leased.id, leased.token)
    endpoint.tell_owner(tx, to.id, leased.outbox_id, entry=entry, topic=DISABLED)
    log.error("webhook_disabled", endpoint=str(to.id), why=why)
