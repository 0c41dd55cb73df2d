"""Fires what is due: any number of sweepers, no leader, cost by what is due.

A batch of tickets is locked (passing over locked ones), judged in memory and written with
the same few statements as one event. When a batch fails, it is repeated ticket by ticket
under savepoints, so that only the culprit backs off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from service.commands.addressees import contacts_for
from service.commands.due import fire_rungs
from service.commands.fire_event import draft_from
from service.commands.ports import Ports
from service.commands.record import write
from service.core.errors import StorageUnavailable
from service.store import clock, ticket
from service.store.unit_of_work import Tx

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Swept:
    """What one batch did. `more` says that another batch may be waiting."""

    tickets: int = 0
    fired: int = 0
    failed: int = 0
    more: bool = False


def sweep(ports: Ports, *, by: str, batch: int = 200) -> Swept:
    """Fire one batch of due rungs. `by` names the process in the escalation rows."""
    try:
        with ports.uow() as tx:
            rows = ticket.lock_due(tx, batch=batch)
            done = _fire_all(tx, ports, rows, by)
        done = replace(done, more=done.more or len(rows) == batch)
    except StorageUnavailable:
        raise
    except Exception as exc:  # noqa: BLE001 — the batch is repeated one by one; see _one_by_one
        log.warning("sweep_batch_failed", error=type(exc).__name__)
        done = _one_by_one(ports, by=by, batch=50)
    if done.fired:
        ports.ring("relay")
    return done


def sweep_all(
    ports: Ports,
    *,
    by: str,
    batch: int = 200,
    most: int = 1000,
    has_time: Callable[[], bool] = lambda: True,
) -> Swept:
    """Sweep until nothing is due or the time is up, at most `most` batches."""
    total = Swept()
    for _ in range(most):
        done = sweep(ports, by=by, batch=batch)
        total = Swept(
            total.tickets + done.tickets,
            total.fired + done.fired,
            total.failed + done.failed,
            done.more,
        )
        if not done.more or not has_time():
            break
    return total


def _fire_all(tx: Tx, ports: Ports, rows: Sequence[Any], by: str) -> Swept:
    """Judge and write a batch of locked tickets."""
    if not rows:
        return Swept()
    now = max(row["now"] for row in rows)
    clocks = clock.load(tx, [row["id"] for row in rows])
    drafts = [
        draft_from(tx, ports, row, clocks[row["id"]], max(now, row["updated_at"])) for row in rows
    ]
    due = [(draft, draft.due(draft.now)) for draft in drafts]
    contacts = contacts_for(tx, due)
    fired = sum(fire_rungs(tx, ports, draft, rings, contacts, by) for draft, rings in due)
    write(tx, drafts)
    left = any(draft.due(draft.now) for draft, rings in due if rings)
    return Swept(len(rows), fired, more=left)


def _one_by_one(ports: Ports, *, by: str, batch: int) -> Swept:
    """Repeat a failed batch with a savepoint a ticket; a culprit's clocks back off."""
    fired = failed = 0
    with ports.uow() as tx:
        rows = ticket.lock_due(tx, batch=batch, workers=1)
        for row in sorted(rows, key=lambda r: str(r["number"])):  # oldest first, the same each time
            try:
                with tx.savepoint():
                    fired += _fire_all(tx, ports, [row], by).fired
            except Exception as exc:
                if isinstance(exc, DBAPIError) and exc.connection_invalidated:
                    raise
                failed += 1
                _back_off(tx, row, exc)
    return Swept(len(rows), fired, failed, more=len(rows) == batch)


def _back_off(tx: Tx, row: Any, exc: Exception) -> None:
    error = type(exc).__name__
    parked = clock.back_off(tx, row["id"], now=row["now"], error=error)
    log.error("clock_parked" if parked else "clock_failed", ticket=str(row["id"]), error=error)
