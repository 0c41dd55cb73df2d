"""What comes round by the calendar: a table. Each turn is taken by one process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.commands.ports import Ports
from service.jobs.assessments import plan
from service.jobs.clusters import detect
from service.jobs.contract_scan import scan
from service.jobs.ranking import propose
from service.jobs.revisit_rates import raise_alarms
from service.jobs.revisits import draw_revisits
from service.store import heartbeat, idempotency, retention

log = structlog.get_logger()

KEEP_ANSWERS = timedelta(days=7)  # PROOF 4.5
KEEP_UNNAMED_FILES = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`run` gets the time of the turn and returns how much it did. A turn may be missed."""

    name: str
    every: timedelta
    run: Callable[[Ports, datetime], int]


def forget(ports: Ports, now: datetime) -> int:
    """Delete answers and unnamed files that have been kept long enough."""
    with ports.uow() as tx:
        answers = idempotency.purge(tx, now - KEEP_ANSWERS)
        return answers + retention.forget_files(tx, now - KEEP_UNNAMED_FILES)


SCHEDULES: tuple[Schedule, ...] = (
    # Several turns a day, so that a month's end is met in every time zone.
    Schedule("revisits", timedelta(hours=6), draw_revisits),
    Schedule("revisit_rates", timedelta(hours=1), raise_alarms),
    Schedule("clusters", timedelta(days=1), detect),
    Schedule("contract_scan", timedelta(days=1), scan),
    # Both look at the calendar's period: most turns find it done.
    Schedule("assessments", timedelta(hours=12), plan),
    Schedule("ranking", timedelta(hours=12), propose),
    Schedule("retention", timedelta(days=1), forget),
)


def run_due(ports: Ports) -> tuple[str, ...]:
    """Run the schedules whose turn has come; return their names."""
    return tuple(schedule.name for schedule in SCHEDULES if _run_if_due(ports, schedule))


def _run_if_due(ports: Ports, schedule: Schedule) -> bool:
    with ports.uow() as tx:
        now = heartbeat.claim(tx, f"schedule.{schedule.name}", schedule.every)
    if now is None:
        return False
    done = schedule.run(ports, now)
    log.info("schedule_ran", schedule=schedule.name, done=done)
    return True
