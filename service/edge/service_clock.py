"""The service's time on every answer while it is simulated (RULINGS 31).

`Date` stays the server's own. The movable clock's parameters are read at most once a
second and process, and counted on from there, so that no call waits for them.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from service.commands.ports import Ports
from service.core.errors import ServiceError
from service.sla.notation import iso
from service.store import demo_clock

HEADER = "X-Anju-Time"
_KEPT_S = 1.0


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the clock showed at a moment of this process; None when nothing is to be told."""

    read_at: float
    shown: datetime | None = None
    rate: float = 0.0


class ServiceClock:
    """Tells the simulated time. Where time is real, or the database away, it tells none."""

    def __init__(self, ports: Ports, *, simulated: bool) -> None:
        self._ports = ports
        self._simulated = simulated
        self._reading: _Reading | None = None
        self._lock = Lock()

    def shown(self) -> str | None:
        """Return the service's time as the API writes it, None where `Date` is all there is."""
        if not self._simulated:
            return None
        reading = self._fresh()
        if reading.shown is None:
            return None
        passed = timedelta(seconds=(time.monotonic() - reading.read_at) * reading.rate)
        return iso(reading.shown + passed)

    def forget(self) -> None:
        """Read anew next time: somebody moved the clock."""
        self._reading = None

    def _fresh(self) -> _Reading:
        reading = self._reading
        if reading is not None and time.monotonic() - reading.read_at < _KEPT_S:
            return reading
        with self._lock:
            self._reading = reading = self._read()
        return reading

    def _read(self) -> _Reading:
        try:
            with self._ports.uow() as tx:
                pace = demo_clock.pace(tx)
        except ServiceError:  # told by the answer itself, when it needs the database
            pace = None
        if pace is None:
            return _Reading(time.monotonic())
        return _Reading(time.monotonic(), *pace)
