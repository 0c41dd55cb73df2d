"""Puts one order in place whose arrival clock breaches while a visitor is still reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text

from service.commands.open_ticket import open_in
from service.commands.ports import Ports
from service.local import cast, people
from service.local.behaviour import Act
from service.local.directing import Director
from service.local.district import CITY
from service.local.fates import Fate
from service.local.openings import Reporters, Wish
from service.local.profiles import DEFAULT
from service.local.simulated_clock import SimulatedClock

SECONDS = 30.0
"""Real time between the start of the clock and the breach."""

_HOMES = text("""
SELECT p.id FROM place p JOIN place c ON c.level = 'compound' AND p.path LIKE c.path || '/%'
 WHERE p.level = 'household' AND c.profile = :profile AND c.id <> :spared
   AND c.path LIKE :city || '/%' AND NOT (c.flags ? 'warranty_until') ORDER BY p.id""")
_COUNT = text("SELECT count(*) FROM ticket")


@dataclass(frozen=True, slots=True)
class Breach:
    """The order that will breach, and when."""

    number: str
    place: str
    due_at: datetime


def prepare(ports: Ports, clock: SimulatedClock, *, rate: float, seed: int) -> Breach:
    """Open, accept and assign an order that nobody will arrive at.

    The clock stands still meanwhile; afterwards it is set forward, if need be, so that at
    `rate` the arrival is due after `SECONDS` of real time, at the latest.
    """
    with ports.uow() as tx:
        now = tx.now()
        params = {"profile": DEFAULT, "spared": people.COMPOUND, "city": CITY.slug}
        homes: Sequence[str] = list(tx.conn.execute(_HOMES, params).scalars())
        found = cast.read(tx)
        born = tx.conn.execute(_COUNT).scalar_one()
        # A start that was interrupted may find its order made already.
        rng = Random(f"{seed}:{born}")  # noqa: S311 — a demo, and repeatable
        wish = Wish(
            fate=Fate.SMOOTH,
            alone=True,
            hurried=True,
            category="water_leak",
            urgency="urgent",
            place=rng.choice(homes),
        )
        reporters = Reporters(found, ports.catalogue.of("repair_order"), rng, area=CITY.slug)
        outcome = open_in(tx, ports, reporters.draw(now, wish))
        director = Director(ports, found, "demo")
        for event in ("accept", "assign"):
            outcome = director.play(tx, outcome.ticket, Act(event, "dispatcher", now), now)
    due = next(c.due_at for c in outcome.clocks if c.name == "arrive")
    if due is None:
        raise RuntimeError("the arrival clock does not run")
    start = due - timedelta(seconds=SECONDS * rate)
    if start > now:
        clock.set(start)
    return Breach(outcome.ticket["number"], outcome.ticket["place_name"], due)
