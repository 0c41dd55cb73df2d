"""A whole dispute case as its file tells of it: leaking bathroom, two sessions, an agreement."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from service.api.case_material import Material, by_time
from service.core.shapes import stamp

FILED = datetime(2026, 11, 5, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
FILE = "0193a000-0000-7000-8000-00000000000{}"
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "p1": {"name": "张春兰", "phone": "13800000001"},
    "p2": {"name": "李国强", "phone": "13900000002"},
    "p3": {"name": "王律师", "phone": "13700000003"},
    "p4": {"name": "赵邻居", "phone": None},
}
NAMED = {
    ("account", "t1"): "陈调解", ("account", "t2"): "林调解", ("account", "lead"): "周主任",
    ("place", "h-2-201"): "2幢201",
}  # fmt: skip


def at(days: float) -> str:
    """Return a time some days after the filing, as facts keep it."""
    return stamp(FILED + timedelta(days=days))


def facts(**changes: Any) -> dict[str, Any]:
    """Return the facts of the case."""
    return {
        "parties": [
            {"n": 1, "side": "applicant", "kind": "resident", "person": {"party": "p1"},
             "representative": {"party": "p3"}, "consent": "given", "identified": True,
             "identity": {"proof": "id_card", "at": at(0.1), "files": [FILE.format(1)]}},
            {"n": 2, "side": "respondent", "kind": "resident", "place": "h-2-201",
             "person": {"party": "p2"}, "consent": "given", "consent_at": at(1),
             "identified": True,
             "identity": {"proof": "known_to_body", "at": at(1), "files": []}},
        ],
        "request": "要求对方修复卫生间防水层，并赔偿天花板损失1,800元。",
        "grounds": "自2026年9月起，楼上卫生间渗水，厨房天花板起泡脱落。" * 6,
        "filed_at": at(0), "file_no": "莲花调字2026-041", "tier": 1,
        "tiers": [{"tier": 1, "received_at": at(0), "accepted_at": at(1)}],
        "mediators": [{"account": "t1", "lead": True}, {"account": "t2", "lead": False}],
        "class": "general", "grade": "low", "rights_notice_at": at(1),
        "sessions": [
            {"n": 1, "tier": 1, "type": "mediation", "at": at(3), "place": "社区调解室",
             "opened_at": at(3), "attendance": [1, 2], "outcome": "adjourned",
             "next_at": at(5), "minutes": {"at": at(3.1), "files": [FILE.format(2)]},
             "helpers": [{"person": {"party": "p4"}}], "invited": [1, 2]},
            {"n": 2, "tier": 1, "type": "council", "at": at(5), "place": "社区调解室",
             "opened_at": at(5), "attendance": [1, 2], "outcome": "terms",
             "minutes": {"at": at(5.1)}, "invited": [1, 2]},
        ],
        "evidence": [
            {"n": 1, "item": "evidence", "at": at(2), "by": "resident", "party": 1,
             "files": [FILE.format(3)]},
            {"n": 2, "item": "inquiry", "at": at(2.5), "by": "mediator", "files": []},
        ],
        "agreement": {
            "version": 1, "form": "written", "drafted_at": at(5.1),
            "signatures": [{"party": 1, "at": at(6), "paper": False, "signature": FILE.format(4)},
                           {"party": 2, "at": at(6), "paper": True, "page": FILE.format(5)}],
            "mediator_signed": {"account": "t1", "at": at(6.1)}, "sealed_at": at(6.1),
            "effective_at": at(6.1), "digest": "9c1185a5c5e9fc54" * 4,
        },
        "obligations": [
            {"n": 1, "who": 2, "what": "修复卫生间防水层并做48小时闭水试验", "where": "2幢201",
             "due_at": at(25), "amount_fen": None, "kind": "repair", "state": "done",
             "done_at": at(20), "proof": [FILE.format(6)]},
            {"n": 2, "who": 2, "what": "赔偿天花板修补费用", "where": None, "due_at": at(30),
             "amount_fen": 120_000, "kind": "payment", "state": "done", "done_at": at(21),
             "proof": [FILE.format(7)]},
        ],
        "follow_up": {"at": at(24), "calls": 2, "outcome": "reached", "party": 1},
        "closing": {"at": at(26), "opinion": "satisfied"},
    } | changes  # fmt: skip


EVENTS = (
    ("add_evidence", 2, {"note": "天花板照片四张"}),
    ("add_evidence", 2.5, {"note": "现场查看：管根处渗水，闭水试验不合格。"}),
    ("adjourn", 3.1, {"minutes": "双方陈述，争议在于损失金额。" * 400, "reason": "待损失评估",
                      "next_step": "三日内提交报价单"}),
    ("reach_terms", 5.1, {"minutes": "双方同意由乙方修复并补偿。"}),
    ("obligation_done", 20, {"statement": "闭水试验合格"}),
)  # fmt: skip


def material(lang: str = "zh-Hans", *, state: str = "closed_performed", **changes: Any) -> Material:
    """Return the case; `changes` replace facts."""
    row = {
        "number": "DC-20261105-0004", "state": state, "facts": facts(**changes),
        "title": "卫生间漏水赔偿", "description": "楼上漏水，厨房天花板损坏。",
        "place_name": "莲花小区2幢101", "category": "leak_damage", "time_zone": "Asia/Shanghai",
        "opened_at": FILED, "closed_at": FILED + timedelta(days=26),
    }  # fmt: skip
    events = [
        {"type": kind, "occurred_at": FILED + timedelta(days=days), "data": data}
        for kind, days, data in EVENTS
    ]
    files = {FILE.format(n): {"media_type": "image/jpeg", "size": 240_000 + n} for n in range(1, 8)}
    return Material(
        lang=lang, row=row, people=PEOPLE, named=NAMED, files=files, events=by_time(events)
    )
