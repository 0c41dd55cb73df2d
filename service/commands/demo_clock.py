"""Moves the clock of a demo on; a real clock cannot be moved."""

from datetime import datetime, timedelta

from service.commands.ports import Ports
from service.core.errors import NotFound
from service.store import demo_clock
from service.store.unit_of_work import is_simulated


def advance(ports: Ports, by: timedelta) -> datetime:
    """Jump forward and ring the sweep. Raises NotFound where time is real."""
    with ports.uow() as tx:
        if not is_simulated(tx):
            raise NotFound
        now = demo_clock.advance(tx, by)
    ports.ring("sweep")
    return now
