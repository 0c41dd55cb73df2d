"""An ordinary rectification order: a cleaning vendor, two items, a notice by the committee."""

from collections.abc import Mapping
from typing import Any

from service.core.actors import Role
from service.core.refs import DepositRef
from service.core.shapes import stamp
from service.core.workflow import BIRTH, Assignee, TicketView
from service.workflows.rectification_order import RECTIFICATION_ORDER
from tests.support.bench import (
    DAY,
    HOUR,
    NOW,
    OPENED,
    PHOTO,
    SUBJECT,
    Bench,
    account_id,
    actor,
    after,
)
from tests.support.repair import clock
from tests.support.samples import Cell

V, D, K = Role.VENDOR_MANAGER, Role.DISPATCHER, Role.COMMITTEE
O, S, X = Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER  # noqa: E741
OUTSIDE = Assignee("vendor", "v1", "荷花建设", None, "v1", outside_body=True)
DEPOSIT = DepositRef("v1", "lotus", required_fen=1_000_000, balance_fen=1_000_000)
DEADLINE = OPENED + 7 * DAY
WEEK_MS = 7 * 24 * 3600 * 1000


def filed(**changes: Any) -> dict[str, Any]:
    """Return one round of an item: evidence that nobody has checked."""
    known = {
        "cycle": 1, "evidence": [PHOTO], "note": None, "by": account_id(V), "at": stamp(NOW),
        "result": None, "finding": None,
    }  # fmt: skip
    return known | changes


def item(n: int, state: str = "submitted", *rounds: Mapping[str, Any]) -> dict[str, Any]:
    """Return one item; without rounds it has one with evidence, unless it is open."""
    own = list(rounds) or ([] if state == "open" else [filed()])
    return {"n": n, "what": "垃圾清运不及时", "where": "2幢垃圾房", "photo": None, "state": state,
            "rounds": own}  # fmt: skip


def notice(by: Role = K, **changes: Any) -> dict[str, Any]:
    """Return the notice in force, issued by the first account of a role."""
    known = {
        "no": "RC-20261121-0007-1", "at": stamp(OPENED), "issuer_account": account_id(by),
        "issuer_role": str(by), "deadline": stamp(DEADLINE), "span_ms": WEEK_MS,
        "basis": "合同4.2", "penalty_warning": "扣保证金",
    }  # fmt: skip
    return known | changes


FACTS: Mapping[str, Any] = {
    "subject": "vendor", "vendor": "v1", "grade": "ordinary", "cycle_no": 1,
    "items": [item(1), item(2)], "notice": notice(), "first_span_ms": WEEK_MS,
    "ack": {"person": {"party": "p"}, "plan": "每日两清", "by": account_id(V), "at": stamp(OPENED),
            "manager": account_id(V), "deemed": False},
    "extended": False, "suspended": False, "serious": False, "penalties": [], "late_days": 0,
    "evidence_by": [account_id(V)], "reinspector": account_id(O),
}  # fmt: skip
CIRCULAR = {"step": 2, "violation": "垃圾清运不及时", "cycle": 1, "factor": 1.0,
            "deduction_fen": 0, "by": account_id(K), "at": stamp(NOW)}  # fmt: skip
DEDUCTION = CIRCULAR | {"step": 3, "amount_fen": 20_000, "deduction_fen": 20_000}
BENCH = Bench(
    RECTIFICATION_ORDER,
    facts=FACTS,
    category="rect_service",
    assignee=SUBJECT,
    refs={
        "deposit": DEPOSIT,
        "clocks": (clock("ack_notice", OPENED + DAY), clock("cure", DEADLINE)),
    },
)
SEEN = {"items": [item(n, "submitted", filed(result="passed")) for n in (1, 2)]}
BOTH_PASSED = [{"n": 1, "result": "passed"}, {"n": 2, "result": "passed"}]
ONE_FAILED = [{"n": 1, "result": "failed", "finding": "仍有堆放"}, {"n": 2, "result": "passed"}]
DATA: Mapping[str, Mapping[str, Any]] = {
    "record": {
        "subject": "vendor", "vendor": "v1", "grade": "ordinary",
        "items": [{"what": "垃圾清运不及时", "where": "2幢垃圾房", "photo": PHOTO},
                  {"what": "清运记录缺失"}],
    },
    "circulate": {"document": PHOTO},
    "issue_notice": {"legal_basis": "合同4.2", "penalty_warning": "扣保证金"},
    "acknowledge": {"person": {"name": "李经理", "phone": "13800000002"}, "plan": "每日两清"},
    "dispute_notice": {"reason": "不属于合同范围", "proof": [PHOTO]},
    "answer_dispute": {"decision": "upheld", "answer": "合同附件二已载明"},
    "withdraw_notice": {"reason": "整改对象有误"},
    "request_extension": {"until": after(9 * DAY), "reason": "垃圾桶到货延迟"},
    "extend": {"until": after(9 * DAY), "reason": "到货单属实"},
    "suspend_cure": {"cause": "weather", "reason": "暴雨红色预警", "evidence": [PHOTO]},
    "submit_evidence": {
        "items": [{"n": 1, "files": [PHOTO], "note": "已清运"}, {"n": 2, "files": [PHOTO]}],
    },
    "check_items": {"items": ONE_FAILED},
    "flag_false_evidence": {"items": [2], "reason": "照片为旧照", "proof": [PHOTO]},
    "approve": {"event": "pass"},
    "pass": {},
    "fail": {"items": ONE_FAILED},
    "propose_penalty": {"step": 2, "violation": "垃圾清运不及时"},
    "object_deduction": {"reason": "金额有误", "proof": [PHOTO]},
    "record_top_up": {"amount_fen": 20_000, "receipt": PHOTO},
    "to_exit": {"reason": "三轮未整改"},
    "add_note": {"text": "已电话告知"},
}  # fmt: skip


def given(event: str, *who: tuple[Role, int]) -> dict[str, Any]:
    """Return facts in which these accounts have approved an event."""
    return {"approvals": {event: {account_id(role, n): str(role) for role, n in who}}}


def penalty(step: int = 3, **changes: Any) -> dict[str, Any]:
    """Return a penalty that was taken."""
    return {**DEDUCTION, "step": step, "approved_by": [account_id(K), account_id(S)], **changes}


def short_of(fen: int) -> DepositRef:
    """Return the deposit when so much is missing."""
    return DepositRef("v1", "lotus", required_fen=1_000_000, balance_fen=1_000_000 - fen)


def cell(state: str, event: str, role: Role) -> Cell:
    """Return an order to which nothing stands in the way of the event."""
    data = DATA.get(event, {})
    if event == "approve" and state != "reinspecting":
        data = {"event": "penalize"}
    if state == BIRTH:
        return BIRTH, data, {}, actor(role)
    return _order(state, event, role), data, _refs(event), actor(role)


def _order(state: str, event: str, role: Role) -> TicketView:
    issuer = {S: K, X: S}.get(role, role) if event == "withdraw_notice" else role
    facts: dict[str, Any] = {"notice": notice(issuer)} if role in (K, S, X) else {}
    if event == "issue_notice":
        facts["notice"] = None
    facts |= _besides(event)
    held = OUTSIDE if role is D else SUBJECT
    return BENCH.ticket(state, facts=facts, assignee=held)


def _besides(event: str) -> Mapping[str, Any]:
    asked = {"until": after(9 * DAY), "reason": "到货延迟", "at": stamp(NOW)}
    return {
        "answer_dispute": {"dispute_of_notice": {"reason": "不属于合同范围"}},
        "extend": {"extension_request": asked},
        "resume_cure": {"suspended": True},
        "pass": {**SEEN, **given("pass", (O, 1), (K, 1))},
        "penalize": {"proposal": CIRCULAR, **given("penalize", (K, 1), (S, 1))},
        "object_deduction": {"penalties": [penalty()]},
        "to_exit": {"cycle_no": 3},
    }.get(event, {})


def _refs(event: str) -> Mapping[str, Any]:
    if event in ("deem_served", "expire"):
        return {"clocks": (clock("ack_notice", NOW - DAY), clock("cure", NOW - HOUR))}
    return {"deposit": short_of(20_000)} if event == "record_top_up" else {}
