"""An ordinary complaint: unswept stairs, received at the desk, the company handles it."""

from collections.abc import Mapping
from typing import Any

from service.core.actors import Role
from service.core.shapes import stamp
from service.core.workflow import BIRTH
from service.sla.clocks import Clock
from service.workflows.complaint import COMPLAINT
from tests.support.bench import (
    DAY,
    HOUR,
    NOW,
    OPENED,
    SUBJECT,
    Bench,
    account,
    account_id,
    actor,
    after,
)
from tests.support.repair import clock
from tests.support.samples import Cell

D, S = Role.DISPATCHER, Role.STREET_OFFICER
RECEIVER, NEXT = account_id(D, 1), account_id(D, 2)
COMPLAINT_FACTS: Mapping[str, Any] = {
    "type": "complaint", "origin": "customer", "vendor": "v1", "location": "2幢楼道",
}  # fmt: skip
VIOLATION: Mapping[str, Any] = {
    "type": "violation_report", "origin": "patrol", "dissuaded_at": after(-HOUR),
    "reported_to": "街道综合执法队",
}  # fmt: skip
PROMISED = {"n": 1, "promise_at": after(DAY), "at": stamp(OPENED)}
ANSWERED = {"n": 1, "means": "phone", "signed": False, "at": stamp(OPENED)}

BENCH = Bench(
    COMPLAINT,
    facts={
        **COMPLAINT_FACTS, "votes": 1, "by_authority": False, "first_receiver": RECEIVER,
        "receivers": [{"n": 1, "account": RECEIVER, "at": stamp(OPENED)}],
        "promises": [PROMISED], "postpone_count": 0, "surveyed": True, "answers": [ANSWERED],
        "handled_by": [account_id(Role.VENDOR_MANAGER)], "calls": 0, "cluster": None,
    },
    category="cmp_cleaning",
    assignee=SUBJECT,
    refs={
        "accounts": {NEXT: account(D, 2), RECEIVER: account(D, 1)},
        "kinds": frozenset({"complaint", "dispute_case"}),
    },
)  # fmt: skip

DATA: Mapping[str, Mapping[str, Any]] = {
    "receive": COMPLAINT_FACTS,
    "approve": {"event": "accept", "promise_at": after(8 * DAY)},
    "accept": {"promise_at": after(DAY)},
    "resolve_on_spot": {"result": "当场清扫完毕"},
    "refer_out": {"reason": "不属物业管理", "advice": "请向交警反映", "to": "交警大队"},
    "survey_site": {"finding": "楼道三天未清扫", "extent": "1至6层"},
    "start_handling": {"plan": "增加清扫班次", "handler": NEXT},
    "postpone": {
        "reason": "保洁员请假", "new_promise_at": after(3 * DAY),
        "reporter_notified_at": after(-HOUR / 12),
    },
    "resolve": {"result": "已清扫并增加班次"},
    "reply": {"answer": "已整改", "means": "phone"},
    "record_call": {"outcome": "no_answer"},
    "confirm": {"satisfied": True, "opinion": "满意"},
    "override_close": {"reason": "诉求已超出服务合同"},
    "turn_to_authority": {"reason": "企业逾期未答复"},
    "escalate_to_mediation": {"request": "要求退还部分物业费"},
    "withdraw": {"reason": "已自行协商"},
    "add_note": {"text": "已电话告知住户"},
    "hand_over_receiver": {"receiver": NEXT, "reason": "调岗"},
    "transfer_discipline": {"officials": "某单位负责人", "finding": "长期拖欠物业费"},
    "hand_over": {"leaving": "v1", "vendor": "v2"},
    "join_cluster": {
        "cluster": "lotus:cmp_cleaning:CP-20261121-0001", "why": "same_topic",
    },
}  # fmt: skip


def overdue() -> Clock:
    """Return the company's clock after its time."""
    return clock("reply", NOW - HOUR)


def _category(event: str) -> str:
    return "cmp_fees" if event == "transfer_discipline" else "cmp_cleaning"


def cell(state: str, event: str, role: Role) -> Cell:
    """Return a complaint to which nothing stands in the way of the event."""
    refs: dict[str, Any] = {"clocks": (overdue(),)} if event == "turn_to_authority" else {}
    who = actor(role)
    if state == BIRTH:
        return BIRTH, DATA[event], refs, who
    own = event == "hand_over_receiver"
    facts: Mapping[str, Any] = {"first_receiver": str(who.id)} if own else {"handled_by": []}
    held = {"assignee": SUBJECT} if event == "hand_over" else {}
    ticket = BENCH.ticket(state, category=_category(event), facts=facts, **held)
    return ticket, DATA.get(event, {}), refs, who


def received(**facts: Any) -> Any:
    """Return a complaint just received, as the table knows it."""
    known = {"promises": [], "answers": [], "handled_by": []} | facts
    return BENCH.ticket("received", facts=known)
