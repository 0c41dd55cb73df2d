"""Data that each event of a repair order accepts."""

from typing import Any

from tests.support.repair import HOUR, MINUTE, PHOTO, after

BODY: dict[str, Any] = {
    "place": "h-2-101",
    "category": "water_leak",
    "title": "厨房水管漏水",
    "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
    "facts": {"origin": "customer"},
}
ACCEPT: dict[str, Any] = {
    "category": "water_leak",
    "urgency": "urgent",
    "part": "private",
    "responsible": "company",
    "class": "urgent",
}
ASSIGN: dict[str, Any] = {
    "crew": "c7",
    "visit_from": after(10 * MINUTE),
    "visit_to": after(30 * MINUTE),
    "price_shown_fen": 8000,
}
WAIVE: dict[str, Any] = {
    "consented_at": after(-MINUTE),
    "consented_by": "张三",
    "new_arrive_at": after(3 * HOUR),
}
CANNOT_FINISH: dict[str, Any] = {
    "reason": "整段水管需更换",
    "new_promise_at": after(48 * HOUR),
    "reporter_notified_at": after(-MINUTE),
    "warning_photos": [PHOTO],
}
COMPLETE: dict[str, Any] = {
    "report": "更换接头",
    "photos_before": [PHOTO],
    "photos_after": [PHOTO],
    "materials": [{"name": "接头", "qty": 2, "cost_fen": 1500}],
    "labour_minutes": 40,
    "site_clean": True,
}
DATA: dict[str, dict[str, Any]] = {
    "capture": BODY,
    "submit": BODY,
    "merge": {"into": "RO-20261121-0008"},
    "absorb": {"from": "RO-20261121-0008"},
    "accept": ACCEPT,
    "refer_out": {"reason": "总管", "advice": "请联系自来水公司"},
    "assign": ASSIGN,
    "pick_pool_contractor": {"vendor": "p1", "reason": "班组都在现场"},
    "reassign": {"crew": "c7", "reason": "人手调整"},
    "hand_over": {"leaving": "v1", "vendor": "p1"},
    "reject_assignment": {"reason": "在另一处抢修"},
    "take": {"eta": after(10 * MINUTE)},
    "waive_arrival": WAIVE,
    "arrive": {"position": {"lat": 30.65, "lon": 104.08}, "by_phone": True},
    "no_access": {"photos": [PHOTO]},
    "resume": {"visit_from": after(HOUR), "visit_to": after(2 * HOUR)},
    "diagnose": {
        "finding": "接头老化",
        "class": "urgent",
        "responsible": "company",
        "outcome": "needs_plan",
    },
    "make_safe": {"photos": [PHOTO], "note": "已关总阀"},
    "start_work": {"price_accepted": True},
    "request_parts": {"items": [{"name": "阀门", "qty": 1}], "eta": after(4 * HOUR)},
    "need_fund": {"plan": "更换立管", "estimate_fen": 1_200_000},
    "fund_decided": {"decision": "approved", "document": PHOTO},
    "report_cannot_finish": CANNOT_FINISH,
    "complete_work": COMPLETE,
    "confirm": {"rating": "satisfied"},
    "refuse_confirmation": {"reason": "还在漏"},
    "revisit_draw": {"draw": "sampled", "month": "2026-11", "seed": 7},
    "revisit_call": {"outcome": "no_answer"},
    "revisit_fail": {"finding": "又漏了"},
    "reopen": {"reason": "又漏了"},
    "cancel": {"reason": "自己修好了"},
    "convert": {"to_kind": "hazard", "reason": "属于隐患"},
    "add_note": {"text": "住户下午在家"},
}
