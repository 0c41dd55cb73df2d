"""An ordinary assessment: three delegates grade the cleaning, one vote short of the close."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from service.core.actors import Role
from service.core.refs import RelatedRef, TicketRef
from service.core.shapes import stamp
from service.core.workflow import BIRTH, TicketView
from service.workflows.table import K, O, R, S, X
from service.workflows.vendor_assessment import VENDOR_ASSESSMENT
from tests.support.bench import (
    DAY,
    OPENED,
    PHOTO,
    SUBJECT,
    VENDOR,
    Bench,
    account,
    account_id,
    actor,
    after,
)
from tests.support.samples import Cell

DELEGATES = tuple(account_id(R, n) for n in range(3))
ACCOUNTS = {account_id(role, n): account(role, n) for role in (R, K, O, S) for n in range(3)}
PERIOD = {"from": "2026-07-01", "to": "2026-09-30", "cycle": "quarterly"}
PLAN = {"vendor": "v1", "period": PERIOD}
SOURCE = {"ticket": str(UUID(int=9)), "number": "RC-20261101-0001"}
OTHER = replace(VENDOR, id="v2", name="清源保洁", listed="red")
COMMITTEE = {"seats": 9, "present": 6, "in_favour": 4}
OWNERS = {
    "heads_total": 300, "heads_voting": 200, "heads_for": 101,
    "area_total_dm2": 30_000_00, "area_voting_dm2": 20_000_00, "area_for_dm2": 10_000_01,
}  # fmt: skip
HANDED_OVER = {
    "rooms": True, "files": True, "assets": True, "keys": True, "deposit_settled": True,
    "record": PHOTO,
}  # fmt: skip
ALL_VOTED = dict(zip(DELEGATES, DELEGATES, strict=True))
TALLY = {"grade": "basically_satisfied", "n": 3}

BENCH = Bench(
    VENDOR_ASSESSMENT,
    facts={
        "vendor": "v1",
        "service_line": "cleaning",
        "company": False,
        "electorate_kind": "delegate",
        "electors": [
            {"n": n, "voter": voter, "kind": "delegate"}
            for n, voter in enumerate(DELEGATES, start=1)
        ],
        "ballots": {},
        "closes_at": after(timedelta()),
        "reopened": 0,
        "inspector": account_id(O),
        "exit": {"started_at": stamp(OPENED)},
    },
    category="line_cleaning",
    assignee=SUBJECT,
    refs={"accounts": ACCOUNTS, "households": frozenset()},
)

DATA: Mapping[str, Mapping[str, Any]] = {
    "plan": PLAN,
    "open": {"electors": [*DELEGATES], "closes_at": after(14 * DAY), "inspector": account_id(O)},
    "grade": {"grade": "satisfied", "words": "楼道干净"},
    "draw_inspection": {"inspectors": [account_id(O), account_id(S)], "targets": ["1幢", "2幢"]},
    "score_inspection": {"checklist": [{"item": "楼道", "passed": True}], "photos": [PHOTO]},
    "object": {"text": "名单有误", "evidence": [PHOTO]},
    "answer_objection": {"answer": "已核对，名单无误"},
    "approve": {"event": "fix_grade"},
    "order_rectification": {
        "items": [{"what": "地下车库积尘", "where": "B1"}],
        "grade": "ordinary",
        "legal_basis": "物业服务合同第八条",
    },
    "open_exit": {"vendor": "v1", "source": SOURCE},
    "hear": {"statement": "人员已补足"},
    "appeal_exit": {"reason": "评审依据不足"},
    "appeal_decided": {"decision": "dismissed", "reason": "依据充分", "document": PHOTO},
    "vote_exit": {"committee": COMMITTEE, "document": PHOTO},
    "give_notice": {"leaves_at": after(30 * DAY), "document": PHOTO, "contract_days": 30},
    "name_successor": {"vendor": "v2"},
    "leave_without_handover": {"reason": "夜间撤走全部人员"},
    "finish_handover": HANDED_OVER,
    "add_note": {"text": "已电话告知"},
}

_FACTS: Mapping[str, Mapping[str, Any]] = {
    "object": {"tallied_at": stamp(OPENED)},
    "answer_objection": {"objection": {"text": "名单有误"}},
    "retain": {"grade": "satisfied"},
    "order_rectification": {"grade": "basically_satisfied"},
    "start_exit": {"grade": "dissatisfied"},
    "appeal_decided": {"exit": {"appeal": {"reason": "评审依据不足"}}},
}
_REFS: Mapping[str, Mapping[str, Any]] = {
    "name_successor": {"vendor": OTHER},
}


def order(state: str, n: int = 20) -> RelatedRef:
    """Return a rectification order that the assessment caused, in a state."""
    known = TicketRef(
        UUID(int=n), f"RC-20261121-{n:04}", "rectification_order", state, False, "lotus",
        "h-2-101", "rect_service", OPENED,
    )  # fmt: skip
    return RelatedRef(known, "cure", {})


def sealed(*grades: str) -> tuple[Mapping[str, Any], ...]:
    """Return what the service kept of one vote by each delegate in turn."""
    return tuple(
        {"event": "grade", "actor": DELEGATES[n % 3], "at": OPENED + timedelta(minutes=n),
         "grade": grade}
        for n, grade in enumerate(grades)
    )  # fmt: skip


def cell(state: str, event: str, role: Role) -> Cell:
    """Return an assessment to which nothing stands in the way of the event."""
    data = DATA.get(event, {})
    if state == BIRTH:
        return BIRTH, data, {}, actor(role)
    return _ticket(state, event, role), _data(state, event, role, data), _refs(event), actor(role)


def _ticket(state: str, event: str, role: Role) -> TicketView:
    facts = {**_FACTS.get(event, {})}
    if event == "fix_grade":
        other = S if role is K else K
        facts = {
            "tally": TALLY,
            "tallied_at": stamp(OPENED - 6 * DAY),
            "approvals": {"fix_grade": {account_id(other): str(other)}},
        }
    if event == "score_inspection" and role is S:
        facts = {"inspector": account_id(S)}
    if event == "finish_handover" and role is X:
        facts = {"serious": True, "approvals": {"finish_handover": {account_id(K): str(K)}}}
    return BENCH.ticket(state, facts=facts)


def _data(state: str, event: str, role: Role, data: Mapping[str, Any]) -> Mapping[str, Any]:
    if event == "finish_handover" and role is X:
        return {**data, "market_exit": True}
    if event == "approve" and state == "handover":
        return {"event": "finish_handover"}
    return data


def _refs(event: str) -> Mapping[str, Any]:
    if event == "cure_passed":
        return {"caused": (order("closed_passed"),)}
    if event == "cure_failed":
        return {"caused": (order("closed_exit"),)}
    return _REFS.get(event, {})
