"""An ordinary list decision: a company to be black-listed after a deduction, and heard."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from service.core.actors import Role
from service.core.shapes import stamp
from service.core.workflow import BIRTH
from service.workflows.list_decision import LIST_DECISION
from tests.support.bench import OPENED, PHOTO, SUBJECT, Bench, actor, after
from tests.support.samples import Cell

SOURCE = {"ticket": str(UUID(int=9)), "number": "RC-20261101-0001"}
BLACK = {
    "vendor": "v1",
    "list": "black",
    "reason": "逾期不整改",
    "steps": [{"step": "deduction", "ticket": "RC-20261101-0001"}],
}
RED = {"vendor": "v1", "list": "red", "reason": "年度考核优秀"}

BENCH = Bench(
    LIST_DECISION,
    facts={
        **BLACK,
        "hearing": [{"statement": "已整改"}],
        "decided_at": stamp(OPENED),
        "valid_until": after(timedelta()),
    },
    category="list_company",
    assignee=SUBJECT,
)

DATA: Mapping[str, Mapping[str, Any]] = {
    "propose": {**BLACK, "source": SOURCE},
    "hear": {"statement": "已整改"},
    "decide": {"reason": "事实清楚", "document": PHOTO},
    "reject": {"reason": "已整改到位", "document": PHOTO},
    "withdraw": {"reason": "认定有误"},
    "add_note": {"text": "已电话告知"},
    "appeal": {"reason": "处罚过重"},
    "appeal_decided": {"decision": "kept", "reason": "维持", "document": PHOTO},
}


def cell(state: str, event: str, role: Role) -> Cell:
    """Return a decision to which nothing stands in the way of the event."""
    data = DATA.get(event, {})
    if state == BIRTH:
        return BIRTH, data, {}, actor(role)
    facts = {"appeal": {"reason": "处罚过重"}} if state == "appealed" else {}
    return BENCH.ticket(state, facts=facts), data, {}, actor(role)
