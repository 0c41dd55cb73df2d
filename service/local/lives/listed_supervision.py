"""Compounds under listed supervision, in every state from proposal to archive."""

from collections.abc import Callable, Mapping
from typing import Any

from service.local.lives.script import (
    COMPOUND,
    LOTUS,
    OLD,
    PROPERTY,
    Beat,
    Data,
    Life,
    Move,
    Script,
    beat,
)
from service.local.lives.stage import Stage

_SERVICE = ("物业服务质量群众反映集中", "三十余户联名反映保洁、门岗长期不到位")
_SAFETY = ("消防设施瘫痪久拖不修", "消防水泵不能启动，喷淋无水压，半年未修复")
_LEGACY = ("外墙脱落遗留问题", "交付六年外墙多处空鼓脱落，开发单位推诿")
_UNMANAGED = ("无人管理，环境脏乱", "原服务单位撤出后无人接管，垃圾清运靠居民自发")


def _facts(stage: Stage, life: Life) -> Data:
    vendor = {"vendor": stage.row["vendor_id"]} if life.vendor else {}
    return {"reason": "collective_petition", "basis": life.text, **vendor, **life.facts}


def _plan(stage: Stage) -> Data:
    return {
        "plan": "成立专班，逐项销号，每周调度一次",
        "measures": ["更换损坏门禁", "补足保洁人员", "公示收支"],
        "responsible": stage.cast.places[stage.where.compound_id].name,
        "finish_by": stage.after(days=25),
    }


DATA: Mapping[str, Callable[[Stage], Data]] = {
    "list": lambda s: {"leader": s.account("street_officer"), "demands": "一个月内整改到位"},
    "reject": lambda _s: {"reason": "已纳入日常监管，无需挂牌"},
    "submit_plan": _plan,
    "report_progress": lambda _s: {
        "period": "weekly", "progress": "门禁已更换，保洁人员到位", "percent": 60,
    },
    "request_verification": lambda s: {"summary": "整改事项全部完成", "photos": [s.photo()]},
    "verify_pass": lambda _s: {"score": 92.5, "finding": "现场核验合格，群众满意"},
    "verify_fail": lambda _s: {"findings": ["收支公示不完整"]},
    "lookback_ok": lambda _s: {"finding": "回头看未见反弹"},
}  # fmt: skip

_X, _S = "district_officer", "street_officer"
_LISTED = (beat(30, _X, "list"),)
_PLANNED = (*_LISTED, beat(110, _S, "submit_plan"))
_STARTED = (*_PLANNED, beat(120, _S, "start_rectification"))
_REQUESTED = (*_STARTED, beat(480, _S, "request_verification"))
_VERIFYING = (*_REQUESTED, beat(510, _X, "verify_start"))
_PASSED = (*_VERIFYING, beat(530, _X, "verify_pass"))


def _life(
    state: str, ago: float, category: str, words: tuple[str, str], *beats: Beat, **more: Any
) -> Life:
    given: dict[str, Any] = {"by": _S, "place": COMPOUND, "vendor": PROPERTY, **more}
    return Life(state, ago, *words, category=category, beats=beats, **given)


_ALONE: Mapping[str, Any] = {"place": OLD, "vendor": None}

LIVES = (
    _life("proposed", 0.6, "sup_service", _SERVICE, place=LOTUS, alone=True),
    _life("listed", 3, "sup_safety", _SAFETY, *_LISTED),
    _life("listed", 24, "sup_service", _SERVICE, *_VERIFYING, beat(530, _X, "verify_fail")),
    _life("plan_submitted", 4.8, "sup_unmanaged", _UNMANAGED, *_PLANNED, **_ALONE),
    _life("in_rectification", 12, "sup_service", _SERVICE, *_STARTED),
    _life("verification_requested", 20.5, "sup_legacy", _LEGACY, *_REQUESTED),
    _life("verifying", 22, "sup_safety", _SAFETY, *_VERIFYING),
    _life("lookback", 40, "sup_unmanaged", _UNMANAGED, *_PASSED, **_ALONE),
    _life("archived", 75, "sup_legacy", _LEGACY, *_PASSED, beat(1400, _X, "lookback_ok")),
    _life("rejected", 9, "sup_service", _SERVICE, beat(80, _X, "reject")),
)  # fmt: skip

SCRIPT = Script(
    kind="listed_supervision",
    lives=LIVES,
    facts=_facts,
    data=DATA,
    moves=(
        Move(_X, "list", 3),
        Move(_S, "submit_plan", 2),
        Move(_S, "start_rectification", 4),
        Move(_S, "report_progress", 3),
        Move(_S, "request_verification", 1),
        Move(_X, "verify_start", 4),
        Move(_X, "verify_pass", 3),
    ),
    pace=(24, 120),
)
