"""Dangers that were found, in every state from the report to the cure that holds."""

from collections.abc import Callable, Mapping
from typing import Any

from service.local.lines import NobodyFits
from service.local.lives.script import (
    COMPOUND,
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

_LANE = ("消防通道被私家车占用", "三幢北侧消防通道夜间停满车，消防车进不来")
_WALL = ("外墙瓷砖空鼓脱落", "五层外墙瓷砖掉落到人行道，险些砸到行人")
_CHARGING = ("楼道内给电动车充电", "飞线从三楼拉到一楼，电动车在楼道过夜充电")
_COVER = ("窨井盖破损", "小区东门窨井盖裂开，老人经过容易踩空")
_RAIL = ("楼梯扶手松动", "四楼到五楼扶手焊点脱开，一靠就晃")
_LIFT = ("电梯平层误差大", "二单元电梯停层高出十公分，多次绊倒人")
_TREE = ("枯树枝悬在儿童乐园上方", "大风天枯枝往下掉，下面是滑梯")
_CABLE = ("配电箱敞开电线裸露", "地下室配电箱门坏了，线头裸露")


def _facts(stage: Stage, life: Life) -> Data:
    return {"found_by": "patrol", "location": stage.where.name, **life.facts}


def _graded(stage: Stage) -> Data:
    vendor = f"v-property-{stage.where.path.split('/')[1]}"
    return {"grade": "ordinary", "finding": "现场核查属实，需限期整改", "vendor": vendor}


def _seen(stage: Stage) -> Data:
    return {"finding": "隐患已消除，现场恢复", "photos": [stage.photo()]}


def _made_safe(stage: Stage) -> Data:
    """Keep people safe of what is major. Raises NobodyFits."""
    if stage.facts.get("grade") != "major" or stage.facts.get("interim"):
        raise NobodyFits
    return {"measures": "拉警戒线，专人看守", "photos": [stage.photo()]}


DATA: Mapping[str, Callable[[Stage], Data]] = {
    "grade": _graded,
    "dismiss": lambda _s: {"reason": "现场核查不构成隐患"},
    "warn": lambda s: {"photos": [s.photo()], "text": "危险，请绕行"},
    "take_interim": _made_safe,
    "circulate": lambda _s: {"notice": "已书面告知责任单位，限期消除"},
    "start_cure": lambda s: {"plan": "今日进场，拆除并恢复", "done_by": s.after(days=4)},
    "submit_evidence": lambda s: {"report": "已按方案整改完毕", "photos": [s.photo()]},
    "pass": _seen,
    "fail": lambda s: {**_seen(s), "finding": "仍有残留，未彻底消除"},
    "hand_to_authority": lambda _s: {
        "authority": "区消防救援大队", "reason": "拒不整改，移交执法",
    },
}  # fmt: skip

_O, _V, _K = "community_officer", "vendor", "committee"
_GRADED = (beat(2, _O, "grade"),)
_WARNED = (*_GRADED, beat(4, _V, "warn"))
_MAJOR = (beat(2, _O, "grade", grade="major"), beat(4, _V, "warn"), beat(9, _V, "take_interim"))
_CIRCULATED = (*_WARNED, beat(8, _O, "circulate"))
_CURING = (*_CIRCULATED, beat(12, _V, "start_cure"))
_FILED = (*_CURING, beat(50, _V, "submit_evidence"))
_REINSPECTING = (*_FILED, beat(60, _K, "reinspect"))
_LATE = (beat(2, _O, "grade", grade="immediate"), *_CURING[1:])


def _life(state: str, ago: float, words: tuple[str, str], *beats: Beat, **more: Any) -> Life:
    given: dict[str, Any] = {
        "category": "hazard_other", "by": "dispatcher", "place": COMPOUND, "vendor": PROPERTY,
        **more,
    }  # fmt: skip
    return Life(state, ago, *words, beats=beats, **given)


LIVES = (
    _life("reported", 0.1, _LANE, place=LOTUS, alone=True),
    _life("reported", 0.05, _CHARGING),
    _life("graded", 0.2, _COVER, *_GRADED),
    _life("warned", 0.3, _RAIL, *_WARNED),
    _life("interim_measures", 0.8, _WALL, *_MAJOR),
    _life("circulated", 0.5, _CABLE, *_CIRCULATED),
    _life("in_cure", 1.4, _TREE, *_CURING),
    _life("overdue", 2.4, _CHARGING, *_LATE),
    _life("evidence", 2.3, _LIFT, *_FILED),
    _life("reinspecting", 2.8, _RAIL, *_REINSPECTING),
    _life("closed", 6, _COVER, *_REINSPECTING, beat(62, _K, "pass")),
    _life("closed", 9, _WALL, beat(3, _O, "dismiss")),
    _life("handed_to_authority", 5, _LANE, *_CIRCULATED,
          beat(40, "street_officer", "hand_to_authority")),
)  # fmt: skip

SCRIPT = Script(
    kind="hazard",
    lives=LIVES,
    facts=_facts,
    data=DATA,
    moves=(
        Move(_O, "grade", 8),
        Move(_V, "warn", 4),
        Move(_V, "take_interim", 1),
        Move(_O, "circulate", 5),
        Move(_V, "start_cure", 5),
        Move(_V, "submit_evidence", 4),
        Move(_K, "reinspect", 5),
        Move(_K, "pass", 5),
        Move(_K, "fail", 1),
    ),
    pace=(2, 20),
    born=LIVES[1:4],
)
