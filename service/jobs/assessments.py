"""Plans the assessment of each contract: quarterly and yearly (R-VEN-11, R-VEN-19, 3D)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.commands.ports import Ports
from service.core.messages import DEFAULT, text
from service.jobs.planned import open_once
from service.store import contract
from service.store.contract import Contract
from service.workflows.assessment_facts import category_of

KIND: Final = "vendor_assessment"
MONTHS: Final = {"quarterly": 3, "annual": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the last included."""

    cycle: str
    first: date
    last: date


def plan(ports: Ports, now: datetime) -> int:
    """Plan what the running period of each cycle lacks; return how many are new."""
    with ports.uow() as tx:
        contracts = contract.contracts(tx)
    return sum(
        _open(ports, each, line, period)
        for each in contracts
        for line in [category_of(each.service_lines)]
        if line is not None
        for period in periods(now.astimezone(ZoneInfo(each.time_zone)).date())
    )


def periods(today: date) -> Iterator[Period]:
    """Yield the period of each cycle that a day lies in."""
    for cycle, months in MONTHS.items():
        first = today.replace(month=(today.month - 1) // months * months + 1, day=1)
        following = date(first.year + (first.month - 1 + months) // 12,
                         (first.month - 1 + months) % 12 + 1, 1)  # fmt: skip
        yield Period(cycle, first, following - timedelta(days=1))


def _open(ports: Ports, each: Contract, line: str, period: Period) -> bool:
    return open_once(
        ports,
        period.cycle,
        period.first,
        each.vendor_id,
        each.compound_id,
        kind=KIND,
        event="plan",
        place=each.compound_id,
        category=line,
        title=text(
            "assessment.title", DEFAULT, vendor=each.vendor, compound=each.compound,
            first=period.first, last=period.last,
        ),
        facts={
            "vendor": each.vendor_id,
            "period": {
                "from": str(period.first), "to": str(period.last), "cycle": period.cycle,
            },
        },
    )  # fmt: skip
