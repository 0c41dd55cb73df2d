"""The rounds themselves, run by a worker's job or by the ticker: the same code."""

import os
import socket
from time import monotonic

from service.commands.sweep import Swept, sweep_all
from service.jobs import reacting, reactions, schedules
from service.jobs.application import Application
from service.notify.channels import CHANNELS
from service.notify.channels.webhook import Sender
from service.notify.deliver import Delivered, Delivery
from service.notify.relay import Relay, Relayed
from service.store import heartbeat


def who(part: str) -> str:
    """Return the name under which a process fires: its part, host and process id."""
    return f"{part}@{socket.gethostname()}:{os.getpid()}"


def sweep_round(app: Application, *, by: str, seconds: float = 20.0, batch: int = 200) -> Swept:
    """Fire what is due until nothing is left or the time is up; nothing while firing is held."""
    if _held(app):
        return Swept()
    until = monotonic() + seconds
    return sweep_all(app.ports, by=by, batch=batch, has_time=lambda: monotonic() <= until)


def relay_round(app: Application, *, seconds: float = 20.0, batch: int = 200) -> Relayed:
    """Fan out letters, number the feed, run follow-ups; rings the sender when something waits."""
    relay = Relay(app.ports.uow, CHANNELS, reacting=reactions.wanted)
    letters = parcels = failed = 0
    until = monotonic() + seconds
    more = True
    while more and monotonic() < until:
        done = relay.run_once(batch=batch)
        letters, parcels = letters + done.letters, parcels + done.parcels
        failed, more = failed + done.failed, done.more
    while relay.number_feed() and monotonic() < until:
        pass
    reacting.react(app.ports)
    if parcels:
        app.ports.ring("deliver")
    return Relayed(letters, parcels, failed, more)


def deliver_round(app: Application, *, seconds: float = 20.0) -> Delivered:
    """Send what is due to the outside."""
    sender = Sender(app.settings.webhook_allow)
    return Delivery(app.ports.uow, sender, seconds=seconds).run()


def schedules_round(app: Application) -> tuple[str, ...]:
    """Run what is due by the calendar; return the names of what ran."""
    return schedules.run_due(app.ports)


def beat(app: Application, name: str, **detail: object) -> None:
    """Note that a round was finished."""
    with app.ports.uow() as tx:
        heartbeat.beat(tx, name, **detail)


def _held(app: Application) -> bool:
    if app.settings.environment != "production":
        return False
    with app.ports.uow() as tx:
        return heartbeat.is_held(tx)
