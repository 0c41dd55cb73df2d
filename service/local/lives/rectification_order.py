"""Orders to cure a failing, in every state: kept, missed, penalised, ended in exit."""

from collections.abc import Callable, Mapping
from typing import Any

from service.local.lines import NobodyFits
from service.local.lives.script import (
    COMPOUND,
    CONTRACT,
    LOTUS,
    PROPERTY,
    Beat,
    Data,
    Life,
    Move,
    Script,
    beat,
)
from service.local.lives.stage import Stage
from service.workflows import rectification_facts

BINS = ("垃圾清运不及时", "垃圾房连续两天满溢")
GATE = ("门岗无人值守", "夜间门岗空岗超过一小时")
LAMPS = ("楼道照明大面积损坏", "二单元一至五层照明损坏")
LANE = ("消防通道被杂物占用", "北侧消防通道堆放建筑垃圾")
GREEN = ("绿化长期无人养护", "中心花园草坪枯死约两百平方米")
BOARD = ("收费标准未公示", "公示栏无本年度收费标准")
PUMP = ("水泵房记录缺失", "近一个月无水泵巡检记录")


def _facts(stage: Stage, life: Life) -> Data:
    items = [{"what": life.text, "where": stage.where.name}, {"what": "整改台账缺失"}]
    return {
        "subject": "vendor",
        "vendor": stage.row["vendor_id"],
        "grade": "ordinary",
        "items": items,
        **life.facts,
    }


def _round(stage: Stage) -> list[int]:
    return [item["n"] for item in rectification_facts.read(stage.facts).round]


def _evidence(stage: Stage) -> Data:
    return {"items": [{"n": n, "files": [stage.photo()]} for n in _round(stage)]}


def _passed(stage: Stage) -> Data:
    return {"items": [{"n": n, "result": "passed"} for n in _round(stage)]}


def _seen(stage: Stage) -> Data:
    """Find the round in order, once. Raises NobodyFits."""
    known = rectification_facts.read(stage.facts).round
    if all(rectification_facts.last(item)["result"] for item in known):
        raise NobodyFits
    return _passed(stage)


def _failed(stage: Stage) -> Data:
    """Find the first item of the round not in order."""
    first, *rest = _round(stage)
    wrong = {"n": first, "result": "failed", "finding": "现场与整改照片不符"}
    return {"items": [wrong, *({"n": n, "result": "passed"} for n in rest)]}


def _approved(stage: Stage) -> Data:
    """Approve once what waits for a second person. Raises NobodyFits."""
    event = "pass" if stage.row["state"] == "reinspecting" else "penalize"
    if str(stage.actor.id) in stage.facts.get("approvals", {}).get(event, {}):
        raise NobodyFits
    return {"event": event}


DATA: Mapping[str, Callable[[Stage], Data]] = {
    "issue_notice": lambda _s: {
        "legal_basis": "物业服务合同第四条",
        "penalty_warning": "逾期将扣减服务质量保证金",
    },
    "acknowledge": lambda s: {
        "person": {"name": s.actor.name, "phone": "13800138000"},
        "plan": "当日安排人员整改，三日内自查",
    },
    "submit_evidence": _evidence,
    "check_items": _seen,
    "pass": lambda _s: {},
    "fail": _failed,
    "propose_penalty": lambda _s: {"step": 2, "violation": "复查不合格"},
    "withdraw_notice": lambda _s: {"reason": "责任单位认定有误"},
    "to_exit": lambda _s: {"reason": "严重违约，启动退出程序"},
    "approve": _approved,
}

_K, _O, _S, _V = "committee", "community_officer", "street_officer", "vendor"
_ISSUED = (beat(2, _K, "circulate"), beat(5, _K, "issue_notice"))
_ACKNOWLEDGED = (*_ISSUED, beat(11, _V, "acknowledge"))
_STARTED = (*_ACKNOWLEDGED, beat(13, _V, "start"))
_FILED = (*_STARTED, beat(60, _V, "submit_evidence"))
_REINSPECTING = (*_FILED, beat(70, _O, "reinspect"))
_PASSED = (
    *_REINSPECTING,
    beat(71, _O, "check_items"),
    beat(72, _O, "approve"),
    beat(75, _K, "pass"),
)
_FAILED = (*_REINSPECTING, beat(73, _O, "fail"))


def _penalised(**proposal: Any) -> tuple[Beat, ...]:
    return (
        *_FAILED,
        beat(80, _K, "propose_penalty", **proposal),
        beat(84, _S, "approve"),
        beat(86, "district_officer", "approve"),
        beat(90, _K, "penalize"),
    )


def _life(state: str, ago: float, words: tuple[str, str], *beats: Beat, **more: Any) -> Life:
    given: dict[str, Any] = {
        "category": "rect_service", "by": _O, "place": COMPOUND, "vendor": PROPERTY, **more,
    }  # fmt: skip
    return Life(state, ago, *words, beats=beats, **given)


_AT_ONCE = {"grade": "immediate"}
_SERIOUS = {"step": 2, "violation": "长期空岗造成失窃", "ground": "serious_violation"}
_DEDUCTED = {
    "step": 3, "violation": "垃圾清运不达标", "amount_fen": 200_000, "ground": "veto",
}  # fmt: skip

LIVES = (
    _life("issued", 0.4, LAMPS, beat(5, _K, "issue_notice"), category="rect_safety",
          place=LOTUS, vendor="v-anxin", alone=True),
    _life("found", 0.5, GREEN),
    _life("circulated", 0.6, BOARD, _ISSUED[0], category="rect_publication"),
    _life("issued", 0.8, GATE, *_ISSUED),
    _life("acknowledged", 0.9, PUMP, *_ACKNOWLEDGED),
    _life("acknowledged", 3.2, BOARD, *_ISSUED, category="rect_publication"),
    _life("in_rectification", 2, LAMPS, *_STARTED),
    _life("evidence_submitted", 2.7, BINS, *_FILED),
    _life("reinspecting", 3.1, GREEN, *_REINSPECTING),
    _life("overdue", 2.5, LANE, *_STARTED, category="rect_safety", facts=_AT_ONCE),
    _life("failed", 3.4, GATE, *_FAILED),
    _life("penalized", 5, BINS, *_penalised(**_DEDUCTED), place=CONTRACT, vendor="v-jiejing"),
    _life("penalized", 6, PUMP, *_penalised(step=2)[:-2], beat(90, _K, "penalize")),
    _life("closed_passed", 8, BOARD, *_PASSED, category="rect_publication"),
    _life("closed_passed", 12, BINS, *_PASSED),
    _life("closed_withdrawn", 4, GREEN, *_ISSUED, beat(30, _S, "withdraw_notice")),
    _life("closed_exit", 4.1, GATE, *_penalised(**_SERIOUS), beat(97, _K, "to_exit"),
          vendor="v-huwei"),
)  # fmt: skip

SCRIPT = Script(
    kind="rectification_order",
    lives=LIVES,
    facts=_facts,
    data=DATA,
    moves=(
        Move(_K, "circulate", 2),
        Move(_K, "issue_notice", 4),
        Move(_V, "acknowledge", 6),
        Move(_V, "start", 6),
        Move(_V, "submit_evidence", 4),
        Move(_O, "reinspect", 6),
        Move(_O, "check_items", 5),
        Move(_O, "approve", 5),
        Move(_K, "pass", 3),
        Move(_O, "fail", 1),
    ),
)
