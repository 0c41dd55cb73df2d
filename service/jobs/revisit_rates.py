"""The revisit rate of each contract's ended month: too low, and people hear of it (3A.5).

A rate is taken as it stood when it fell due, so that it does not matter how late a turn
comes. The managers hear of it at the month's end, the street some days later when it is
still too low; a key in the database sees to it that each hears once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from service.commands.addressees import holders
from service.commands.ports import Ports
from service.core.ids import derived
from service.jobs.revisits import DRAW, KIND, Contract
from service.store import inbox, revisit_rate
from service.store.revisit_rate import Closing
from service.store.unit_of_work import Tx
from service.workflows.revisit_sampling import sample_size

log = structlog.get_logger()

TOPIC = "repair_order.revisit_rate_low"
ROLES = ("manager", "street_officer")  # by level
_BACK = timedelta(days=63)  # the present month and the one before, whole


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rate below `ratio`: so many revisited of so many closed, told to a role."""

    contract: str
    month: date
    level: int
    closed: int
    revisited: int
    ratio: float
    like: Closing


def raise_alarms(ports: Ports, now: datetime) -> int:
    """Tell of every rate that is due and too low; return how many alarms were new."""
    states = [s for event, s in ports.registry[KIND].rows if event == DRAW]
    with ports.uow() as tx:
        found = revisit_rate.closings(tx, kind=KIND, states=states, since=now - _BACK)
        # Always in the same order: another process may be at it, row by row.
        months = sorted(_last_months(found, now).items())
        alarms = [a for key, closings in months for a in _alarms(ports, tx, key, closings, now)]
        return sum(_raise(tx, alarm, now) for alarm in alarms)


def rate(closings: Sequence[Closing], at: datetime) -> tuple[int, int]:
    """Return (closed, revisited) as they stood at a time; each order counts once.

    An order opened again before that is not closed, unless it was the call that did it.
    """
    revisited = {c.id for c in closings if c.reached_at is not None and c.reached_at < at}
    closed = {c.id for c in closings if c.reopened_at is None or c.reopened_at >= at}
    return len(closed | revisited), len(revisited)


def _last_months(found: Sequence[Closing], now: datetime) -> Mapping[Contract, list[Closing]]:
    """Group by contract what was closed in the local month before the present one."""
    grouped: dict[Contract, list[Closing]] = {}
    for one in found:
        zone = ZoneInfo(one.time_zone)
        month = one.closed_at.astimezone(zone).date().replace(day=1)
        if _next(month) == now.astimezone(zone).date().replace(day=1):
            contract = f"{one.compound_id}/{one.vendor_id or '-'}"
            grouped.setdefault((contract, month), []).append(one)
    return grouped


def _alarms(
    ports: Ports, tx: Tx, key: Contract, closings: Sequence[Closing], now: datetime
) -> list[Alarm]:
    newest = closings[-1]
    profile = ports.policies.get(tx, newest.profile, newest.profile_version)
    first = _next(key[1])
    ended = datetime(first.year, first.month, 1, tzinfo=ZoneInfo(newest.time_zone))
    alarms: list[Alarm] = []
    for level, due in enumerate((ended, ended + profile.revisit_alarm)):
        closed, revisited = rate(closings, due)
        if now >= due and revisited < sample_size(closed, profile.revisit_ratio):
            alarms.append(Alarm(*key, level, closed, revisited, profile.revisit_ratio, newest))
    return alarms


def _raise(tx: Tx, alarm: Alarm, now: datetime) -> bool:
    told = holders(tx, ROLES[alarm.level], alarm.like.path)
    if not told:  # not noted either: somebody may hold the duty at a later turn
        log.warning("revisit_rate_unheard", contract=alarm.contract, level=alarm.level)
        return False
    new = revisit_rate.note_alarm(
        tx,
        contract=alarm.contract,
        month=alarm.month,
        level=alarm.level,
        counts=(alarm.closed, alarm.revisited),
    )
    if new:
        cause = (TOPIC, alarm.contract, alarm.month, alarm.level)
        entry = {"subject": _subject(alarm), "topic": TOPIC, "level": alarm.level, "at": now}
        inbox.put(
            tx, ({"id": derived("inbox", *cause, c.id), "account_id": c.id, **entry} for c in told)
        )
    return new


def _subject(alarm: Alarm) -> Mapping[str, Any]:
    like = alarm.like
    return {
        "compound": {"id": like.compound_id, "name": like.compound},
        "vendor": None if like.vendor_id is None else {"id": like.vendor_id, "name": like.vendor},
        "month": f"{alarm.month:%Y-%m}",
        "closed": alarm.closed,
        "revisited": alarm.revisited,
        "ratio": alarm.ratio,
    }


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
