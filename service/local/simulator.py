"""Keeps the demo world moving: residents report, desks, crews and offices do their work.

It acts by the same commands as the API, on tickets that the world itself opened. Tickets of
visitors, tickets a visitor has touched, and one in eight are left alone. Orders improvise by
their fate; tickets of the other kinds are moved by `lives.mover`.
"""

import signal
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from threading import Event
from time import monotonic
from uuid import UUID

import structlog
from setproctitle import setproctitle
from sqlalchemy import text

from service.commands.open_ticket import open_in
from service.commands.ports import Ports
from service.core.actors import SYSTEM
from service.core.errors import OutcomeUnknown, ServiceError, StorageUnavailable
from service.local import cast
from service.local.behaviour import Row, next_act
from service.local.directing import Director
from service.local.district import CITY
from service.local.fates import SeededIds, left_alone
from service.local.lines import NobodyFits
from service.local.lives import scripts
from service.local.lives.mover import Mover
from service.local.lives.scripted import Atlas
from service.local.openings import Reporters, Wish
from service.store import rows
from service.store.scope import bounds
from service.store.unit_of_work import Tx

log = structlog.get_logger()

TITLE = "anju simulator"
_BY = "simulator"
_LOOK_S = 0.5
_ACTS_A_LOOK = 6
_MOST_OPEN = 160
_APART = timedelta(minutes=14)  # simulated time between two reports, on average
_PATIENCE = timedelta(minutes=30)  # before a refused order is tried again
_CLOSED_FOR = timedelta(days=6)  # later nothing happens by itself

# Orders the world opened and nobody with a key, and no link's holder, has touched.
_MINE = text("""
SELECT app_now() AS now, t.* FROM ticket t
 WHERE t.kind = 'repair_order' AND t.place_key >= :low AND t.place_key < :high
   AND t.state NOT IN ('referred', 'merged', 'cancelled')
   AND (t.closed_at IS NULL OR t.closed_at > app_now() - :closed_for)
   AND t.opened_by = ANY(:cast)
   AND NOT EXISTS (SELECT FROM event e WHERE e.ticket_id = t.id
                      AND e.actor_id <> :system AND NOT e.actor_id = ANY(:cast))
 ORDER BY t.last_event_at, t.id""")
_COUNT = text("SELECT count(*) FROM ticket")


@dataclass(frozen=True, slots=True)
class _Found:
    """What is read once and does not change while the world moves."""

    ports: Ports
    director: Director
    reporters: Reporters
    mover: Mover


@dataclass
class Simulator:
    """One world in motion. `look` does what is due now; `run` repeats it until stopped."""

    ports: Ports
    seed: int
    stopping: Event = field(default_factory=Event)
    done: Counter[str] = field(default_factory=Counter)
    _world: _Found | None = None
    _next_report: datetime | None = None
    _not_before: dict[UUID, datetime] = field(default_factory=dict)

    def run(self) -> None:
        """Look twice a second until asked to stop."""
        while not self.stopping.is_set():
            began = monotonic()
            try:
                self.look()
            except (StorageUnavailable, OutcomeUnknown) as exc:
                log.warning("simulator_without_database", error=type(exc).__name__)
            except Exception:
                # A world that stands still helps nobody; the next look may do better.
                log.exception("simulator_failed")
            self.stopping.wait(max(0.05, _LOOK_S - (monotonic() - began)))

    def look(self) -> int:
        """Play what is due now, and let somebody report something; return how many acts."""
        world = self._world or self._read()
        with self.ports.uow() as tx:
            now, orders = tx.now(), _mine(tx, world)
        acts = sum(self._play(world, row, now) for row in self._due(orders, now)[:_ACTS_A_LOOK])
        open_orders = sum(1 for row in orders if row["closed_at"] is None)
        acts += self._report(world, now, open_orders)
        return acts + world.mover.look(now)

    def _read(self) -> _Found:
        with self.ports.uow() as tx:
            found = cast.read(tx)
            born = tx.conn.execute(_COUNT).scalar_one()
        # Another throw of the dice at each start, or the same reports would come again.
        rng = Random(f"{self.seed}:{born}")  # noqa: S311 — a demo, and repeatable
        ports = replace(self.ports, ids=SeededIds(rng))
        reporters = Reporters(found, ports.catalogue.of("repair_order"), rng, area=CITY.slug)
        mover = Mover(ports, Atlas(found, rng), scripts(ports.registry), _BY, self.done)
        self._world = _Found(ports, Director(ports, found, _BY), reporters, mover)
        return self._world

    def _due(self, orders: list[Row], now: datetime) -> list[Row]:
        """Return the orders whose next act is due, the longest waiting first."""
        found = []
        for row in orders:
            waits = self._not_before.get(row["id"])
            if left_alone(row["id"]) or (waits is not None and now < waits):
                continue
            act = next_act(row)
            if act is not None and act.at <= now:
                found.append((act.at, row["id"], row))
        return [row for _, _, row in sorted(found, key=lambda due: due[:2])]

    def _play(self, world: _Found, row: Row, now: datetime) -> int:
        act = next_act(row)
        if act is None:
            return 0
        try:
            with self.ports.uow() as tx:
                world.director.play(tx, row, act, now)
        except (StorageUnavailable, OutcomeUnknown):
            raise
        except (ServiceError, NobodyFits) as refusal:
            self._not_before[row["id"]] = now + _PATIENCE
            self.done[f"{act.event} refused"] += 1
            log.info("simulator_refused", event_type=act.event, error=str(refusal))
            return 0
        self.ports.ring("relay")
        self.done[act.event] += 1
        return 1

    def _report(self, world: _Found, now: datetime, open_orders: int) -> int:
        """Let somebody report something when it is time and the desk is not swamped."""
        if self._next_report is None:
            self._next_report = now + _APART * world.reporters.rng.random()
        if now < self._next_report or open_orders >= _MOST_OPEN:
            return 0
        apart = world.reporters.rng.expovariate(1 / _APART.total_seconds())
        self._next_report = now + timedelta(seconds=apart)
        with self.ports.uow() as tx:
            open_in(tx, world.ports, world.reporters.draw(now, Wish()))
        self.ports.ring("relay")
        self.done["submit"] += 1
        return 1


def _mine(tx: Tx, world: _Found) -> list[Row]:
    low, high = bounds(CITY.slug)
    params = {
        "low": low,
        "high": high,
        "closed_for": _CLOSED_FOR,
        "cast": list(world.director.cast.by_id),
        "system": SYSTEM.id,
    }
    return rows.many(tx.conn.execute(_MINE, params))


def run(ports: Ports, *, seed: int) -> None:
    """Be the simulator of this process until SIGTERM or SIGINT."""
    setproctitle(TITLE)
    simulator = Simulator(ports, seed)
    for number in (signal.SIGTERM, signal.SIGINT):
        # A thread sets it: the signal may come while this one holds the event's lock.
        signal.signal(number, lambda *_: threading.Thread(target=simulator.stopping.set).start())
    simulator.run()
