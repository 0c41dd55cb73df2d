"""What the calendar opens: clusters, the ranking, assessments, cures of what ended."""

from collections.abc import Callable
from datetime import UTC, datetime

from service.jobs import assessments, clusters, contract_scan, ranking
from tests.faults.killing.bench import Act, Case
from tests.faults.killing.vendors import FEN, paid
from tests.support.live import Live

QUARTER_END = datetime(2027, 1, 1, tzinfo=UTC)
UNSWEPT = {"category": "cmp_cleaning", "title": "楼道无人清扫"}
HOTLINE = {"name": "张三", "phone": "13800000001", "channel": "12345"}
Planned = Callable[..., int]


def at_now(live: Live, run: Planned) -> Act:
    """Return a turn of a schedule at the story's time."""
    now = live.story.now
    return lambda app: run(app.ports, now)


def _complain(live: Live, times: int, **facts: str) -> None:
    about = {"type": "complaint", "origin": "customer", **facts}
    for _ in range(times):
        live.story.open("complaint", "resident", **UNSWEPT, facts=about, reporter=HOTLINE)


def _cluster(live: Live) -> Act:
    _complain(live, 5, vendor="v-clean")
    return at_now(live, clusters.detect)


def _about_nobody(live: Live) -> Act:
    _complain(live, 5)
    return at_now(live, clusters.detect)


def _ranking(live: Live) -> Act:
    _complain(live, 2)
    live.story.at(QUARTER_END)
    return at_now(live, ranking.propose)


def _assessments(live: Live) -> Act:
    paid(live.story)
    return at_now(live, assessments.plan)


def _ended(live: Live) -> Act:
    """One contract has ended, another soon will; so has a crew's certificate."""
    paid(live.story)
    live.story.deposit("v-clean", "lotus", FEN, FEN)
    live.do("UPDATE deposit SET contract_until = '2026-11-20' WHERE vendor_id = 'v-lotus'")
    live.do("UPDATE deposit SET contract_until = '2026-12-01' WHERE vendor_id = 'v-clean'")
    live.do("UPDATE crew SET certificates = '[]'")
    live.do("UPDATE crew SET certificates = jsonb_build_array(jsonb_build_object("
            "'trade', 'electrician', 'valid_until', '2026-11-20')) WHERE id = 'c7'")  # fmt: skip
    return at_now(live, contract_scan.scan)


CASES = (
    Case("schedule, clusters", _cluster, wide=True),
    Case("schedule, clusters about nobody", _about_nobody),
    Case("schedule, ranking", _ranking),
    Case("schedule, assessments", _assessments),
    Case("schedule, contract_scan", _ended),
)
