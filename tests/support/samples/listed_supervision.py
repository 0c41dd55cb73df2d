"""An ordinary listing: a compound that came first in the quarter's ranking."""

from collections.abc import Mapping
from typing import Any

from service.core.actors import Role
from service.core.shapes import stamp
from service.core.workflow import BIRTH
from service.workflows.listed_supervision import LISTED_SUPERVISION
from tests.support.bench import (
    DAY,
    OPENED,
    PHOTO,
    SUBJECT,
    Bench,
    account,
    account_id,
    actor,
    after,
)
from tests.support.samples import Cell

S, X = Role.STREET_OFFICER, Role.DISTRICT_OFFICER
LEADER = account_id(S, 5)
CASE = "DC-20261101-0003"
PROPOSAL: Mapping[str, Any] = {
    "reason": "ranking",
    "figures": {"quarter": "2026Q3", "petitions": 4, "hotline": 31, "rank": 1},
    "vendor": "v1",
}

BENCH = Bench(
    LISTED_SUPERVISION,
    facts={
        **PROPOSAL,
        "public": True,
        "cycle": 1,
        "leader": LEADER,
        "responsible": "东街街道",
        "finish_by": after(30 * DAY),
        "plans": [],
        "reports": [],
        "requested_by": [account_id(S, 9)],
        "closed_out_at": stamp(OPENED - 60 * DAY),
        "score": 88,
    },
    category="sup_service",
    assignee=SUBJECT,
    refs={"accounts": {LEADER: account(S, 5)}},
)

DATA: Mapping[str, Mapping[str, Any]] = {
    "propose": PROPOSAL,
    "list": {"leader": LEADER, "demands": "一个月内解决停车和保洁问题"},
    "reject": {"reason": "问题已解决"},
    "submit_plan": {
        "plan": "一小区一方案",
        "measures": ["增加保洁班次", "重划停车位"],
        "leader": LEADER,
        "responsible": "东街街道",
        "finish_by": after(30 * DAY),
    },
    "start_rectification": {},
    "report_progress": {"period": "weekly", "progress": "完成过半", "percent": 50},
    "request_verification": {"summary": "全部整改到位", "photos": [PHOTO]},
    "verify_start": {},
    "add_note": {"text": "已现场走访"},
    "verify_pass": {"score": 88, "finding": "现场核实已整改"},
    "verify_fail": {"findings": ["停车位仍未划线"]},
    "lookback_ok": {"finding": "未反弹"},
    "lookback_fail": {"findings": ["垃圾重新堆积"]},
    "transfer_discipline": {
        "ground": "false_work",
        "officials": "某单位负责人",
        "finding": "虚报整改",
    },
}


def cell(state: str, event: str, role: Role) -> Cell:
    """Return a supervision to which nothing stands in the way of the event."""
    data = DATA.get(event, {})
    if event == "report_progress":
        data = {**data, "period": "monthly" if role is X else "weekly"}
    if state == BIRTH:
        return BIRTH, data, {}, actor(role)
    return BENCH.ticket(state), data, {}, actor(role)
