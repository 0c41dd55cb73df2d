"""An ordinary dispute: a household against its property company, in the community's room."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.core.actors import Role
from service.core.shapes import stamp
from service.core.workflow import BIRTH, TicketView
from service.sla.timer import Clock
from service.workflows.dispute_case import DISPUTE_CASE
from tests.support.bench import (
    DAY,
    NOW,
    OPENED,
    PHOTO,
    Bench,
    account,
    account_id,
    actor,
    after,
)
from tests.support.repair import clock
from tests.support.samples import Cell

R, V, K, T = Role.RESIDENT, Role.VENDOR_MANAGER, Role.COMMITTEE, Role.MEDIATOR
S, W = Role.STREET_OFFICER, Role.SYSTEM
_KNOWN: Mapping[Role, Mapping[str, str]] = {
    R: {"kind": "resident", "place": "h-2-101"},
    V: {"kind": "vendor", "vendor": "v1"},
    K: {"kind": "committee"},
}
MEDIATOR = account_id(T)
ACCOUNTS = {account_id(T, n): account(T, n) for n in range(3)}


def party(n: int, role: Role, side: str, **changes: Any) -> dict[str, Any]:
    """Return a party whom the ordinary account of a role acts for."""
    known = {"n": n, "side": side, **_KNOWN[role], "consent": "given", "identified": True}
    return known | changes


def parties(applicant: Role = R, respondent: Role = V, **changes: Any) -> list[dict[str, Any]]:
    """Return one applicant and one respondent; `changes` are made to both."""
    return [
        party(1, applicant, "applicant", **changes),
        party(2, respondent, "respondent", **changes),
    ]


def session(n: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a session that took place in tier 1."""
    known = {
        "n": n, "tier": 1, "type": "mediation", "at": stamp(OPENED), "place": "调解室",
        "invited": [1, 2], "outcome": "adjourned", "opened_at": stamp(OPENED),
        "attendance": [1, 2], "minutes": {"at": stamp(OPENED)},
    }  # fmt: skip
    return known | changes


def obligation(n: int, who: int = 2, **changes: Any) -> dict[str, Any]:
    """Return an open obligation, due in ten days times its number."""
    known = {
        "n": n, "who": who, "what": "修复防水", "where": "2幢101", "kind": "other",
        "due_at": stamp(OPENED + n * 10 * DAY), "amount_fen": None, "state": "open",
    }  # fmt: skip
    return known | changes


def draft(**changes: Any) -> dict[str, Any]:
    """Return an agreement that everybody has signed but the body."""
    signatures = [{"party": n, "at": stamp(NOW), "paper": False} for n in (1, 2)]
    return {
        "version": 1, "form": "written", "signatures": signatures,
        "mediator_signed": {"account": MEDIATOR, "at": stamp(NOW)},
    } | changes  # fmt: skip


def running(name: str, due_at: datetime, **changes: Any) -> Clock:
    """Return a running clock of a case."""
    return clock(name, due_at, profile="DIS-DEFAULT", **changes)


FACTS: Mapping[str, Any] = {
    "request": "修复防水并赔偿",
    "parties": parties(),
    "tier": 1,
    "entry_tier": 1,
    "filed_at": stamp(OPENED),
    "tiers": [{"tier": 1, "received_at": stamp(OPENED), "accepted_at": stamp(OPENED)}],
    "sessions": [session()],
    "obligations": [obligation(1), obligation(2)],
    "mediators": [{"account": MEDIATOR, "lead": True}],
    "class": "general",
    "grade": "low",
    "consent_asked_at": stamp(OPENED),
    "rights_notice_at": stamp(OPENED),
    "supervised": False,
}
CLOCKS = (
    running("tier_limit", OPENED + 7 * DAY),
    running("sign", OPENED + 3 * DAY),
    running("judicial_30d", OPENED + 30 * DAY),
    running("obligation-1", OPENED + 10 * DAY),
    running("obligation-2", OPENED + 20 * DAY),
    running("appeal", OPENED + 5 * DAY),
    running("legal_choice", OPENED + 15 * DAY),
)
LATE = (
    running("tier_limit", NOW - DAY),
    running("sign", NOW - 4 * DAY),
    running("obligation-1", NOW),
    running("obligation-2", OPENED + 20 * DAY),
    running("legal_choice", NOW),
)
BENCH = Bench(
    DISPUTE_CASE,
    facts=FACTS,
    category="owner_company",
    refs={"clocks": CLOCKS, "accounts": ACCOUNTS},
)
TERMS = [
    {"who": 2, "what": "修复防水", "where": "2幢101", "due_at": after(10 * DAY), "kind": "repair"},
    {"who": 2, "what": "赔偿", "due_at": after(20 * DAY), "amount_fen": 120_000},
]
FILING: Mapping[str, Any] = {
    "parties": [
        {"side": "applicant", "kind": "resident", "place": "h-2-101",
         "person": {"name": "张三", "phone": "13800000001"}},
        {"side": "respondent", "kind": "vendor", "vendor": "v1"},
    ],
    "request": "修复防水并赔偿",
}  # fmt: skip
DATA: Mapping[str, Mapping[str, Any]] = {
    "file": FILING,
    "screen": {"file_no": "一调2026-17"},
    "record_consent": {"document": [PHOTO]},
    "identify_party": {"party": 2, "proof": "licence", "files": [PHOTO]},
    "add_evidence": {"item": "evidence", "files": [PHOTO]},
    "redirect": {"reason": "应先由社区调解"},
    "refuse": {"code": "outside_territory", "reason": "不在本区", "ways": "可向法院起诉"},
    "appeal_refusal": {"reason": "住址就在本区"},
    "decide_appeal": {"decision": "overturned", "reason": "属本区"},
    "accept": {"mediators": [MEDIATOR], "class": "general", "grade": "low"},
    "receive_escalation": {"mediators": [MEDIATOR]},
    "change_mediator": {
        "mediator": account_id(T, 1), "replaces": MEDIATOR, "cause": "request", "reason": "信任",
    },
    "schedule": {"at": after(DAY), "place": "调解室", "type": "mediation"},
    "open_session": {"attendance": [1, 2]},
    "no_show": {"party": 2},
    "adjourn": {"reason": "补充证据", "next_step": "提交鉴定", "next_at": after(DAY),
                "minutes": "双方陈述"},
    "extend_limit": {"consents": [1, 2], "reason": "等待鉴定"},
    "wait_for": {"what": "survey", "reason": "入户调查"},
    "go_on": {"reason": "已收到"},
    "reach_terms": {"form": "written", "obligations": TERMS, "minutes": "达成一致"},
    "sign": {"signature": PHOTO},
    "approve": {"event": "apply_confirmation"},
    "apply_confirmation": {"court": "锦江区人民法院", "documents": [PHOTO]},
    "court_answer": {"answer": "accepted"},
    "confirmation_result": {"result": "confirmed", "document": [PHOTO]},
    "obligation_done": {"number": 1, "proof": [PHOTO]},
    "obligation_overdue": {"number": 1},
    "suspend_obligation": {"number": 2, "agreed_by": [1, 2], "reason": "雨季"},
    "resume_obligation": {"number": 2},
    "urge": {"reason": "电话督促双方"},
    "enforce": {"way": "suit"},
    "record_follow_up": {"outcome": "reached", "party": 1},
    "close": {"opinion": "satisfied"},
    "escalate": {"brief": "责任认定有分歧"},
    "party_refuses": {"reason": "不愿调解"},
    "terminate": {"cause": "parties_stop", "reason": "不愿继续", "ways": "可向法院起诉"},
    "refer_court": {"way": "court"},
    "withdraw": {"reason": "已自行和解"},
    "object_withdrawal": {"reason": "其他住户未同意"},
    "flag_escalation_risk": {"facts": "扬言聚集", "police": True},
    "add_note": {"text": "已电话告知"},
}  # fmt: skip


def cell(state: str, event: str, role: Role) -> Cell:
    """Return a case to which nothing stands in the way of the event."""
    who = actor(role, **({"is_lead": True} if role is T else {}))
    if state == BIRTH:
        return BIRTH, _filing(role), {}, who
    data = dict(DATA.get(event, {}))
    if role is T and event == "record_consent":
        data["party"] = 2
    if role is T and event == "sign":
        data = {"seal": True}
    if role is W:
        data = {"number": 1} if event == "obligation_overdue" else {}
    refs = {"clocks": LATE} if role is W else {}
    if event == "redirect":
        who = actor(role, tier=2)
    return _case(state, event, role), data, refs, who


def _filing(role: Role) -> Mapping[str, Any]:
    if role not in (V, K):
        return FILING
    own = {"side": "applicant", **_KNOWN[role]}
    return {**FILING, "parties": [own, {"side": "respondent", **_KNOWN[R]}]}


def _case(state: str, event: str, role: Role) -> TicketView:
    mine = role if role in _KNOWN else R
    other = R if mine is V else V
    sides = (other, mine) if event == "object_withdrawal" else (mine, other)
    consent = None if event == "record_consent" else "given"
    facts: dict[str, Any] = {"parties": parties(*sides, consent=consent), **_besides(event)}
    if event == "sign":
        facts["agreement"] = draft() if role is T else draft(signatures=[])
    return BENCH.ticket(state, facts=facts)


def _besides(event: str) -> Mapping[str, Any]:
    done = [obligation(n, state="done", done_at=stamp(NOW)) for n in (1, 2)]
    effective = draft(effective_at=stamp(NOW), sealed_at=stamp(NOW))
    return {
        "redirect": {"tier": 2, "tiers": [{"tier": 2, "received_at": stamp(OPENED)}]},
        "decide_appeal": {"appeal": {"at": stamp(NOW)}},
        "reject_terms": {"agreement": draft()},
        "go_on": {"waiting": "survey"},
        "apply_confirmation": {"agreement": effective, "joint": [1, 2]},
        "resume_obligation": {"obligations": [obligation(1), obligation(2, suspended=True)]},
        "close": {
            "agreement": effective, "obligations": done,
            "follow_up": {"outcome": "reached", "at": stamp(NOW)},
        },
        "close_failed": {"ending": {"code": "parties_stop", "at": stamp(NOW), "stated": True}},
        "object_withdrawal": {"collective": True},
        "delist": {"supervised": True},
    }.get(event, {})  # fmt: skip
