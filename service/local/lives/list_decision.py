"""Who comes on the red and the black list, in every state."""

from collections.abc import Callable, Mapping
from typing import Any

from service.local.lines import NobodyFits
from service.local.lives.script import COMPOUND, LOTUS, Beat, Data, Life, Move, Script, beat
from service.local.lives.stage import Stage

_X, _S = "district_officer", "street_officer"
_RED = ("年度考核优秀，拟列入红榜", "连续四个季度满意度在九成以上，无有效投诉")
_BLACK = ("多次整改不到位，拟列入黑榜", "一年内三次整改复查不合格，已扣减保证金")
_MANAGER = ("项目经理履职突出，拟列入红榜", "所辖小区全年投诉办结率百分之百")


def _facts(stage: Stage, life: Life) -> Data:
    about = {"vendor": stage.row["vendor_id"], "list": "red", "reason": life.text}
    manager = {"manager": stage.account("vendor")} if life.category == "list_manager" else {}
    return {**about, **manager, **life.facts}


def _decided(stage: Stage) -> Data:
    return {"reason": "经会议研究，事实清楚", "document": stage.photo()}


def _heard(stage: Stage) -> Data:
    """State once what is to be said. Raises NobodyFits."""
    if stage.facts.get("hearing"):
        raise NobodyFits
    return {"statement": "对认定事实无异议，承诺限期改进"}


DATA: Mapping[str, Callable[[Stage], Data]] = {
    "hear": _heard,
    "decide": _decided,
    "reject": lambda s: {**_decided(s), "reason": "佐证材料不足"},
    "withdraw": lambda _s: {"reason": "申报单位主动撤回"},
    "appeal": lambda _s: {"reason": "两次复查结论不一致，请求复核"},
}

_HEARD = (beat(20, "vendor", "hear"),)
_PUBLISHED = (*_HEARD, beat(60, _X, "decide"))
_EARNED = {"list": "black", "steps": [{"step": "deduction", "ticket": "2025-整改-07"}]}


def _life(
    state: str, ago: float, words: tuple[str, str], vendor: str, *beats: Beat, **more: Any
) -> Life:
    given: dict[str, Any] = {"category": "list_company", "by": _S, "place": COMPOUND, **more}
    return Life(state, ago, *words, vendor=vendor, beats=beats, **given)


LIVES = (
    _life("proposed", 0.7, _RED, "v-jiejing", place=LOTUS, alone=True),
    _life("proposed", 2, _BLACK, "v-tongxing", *_HEARD, facts=_EARNED),
    _life("proposed", 1.5, _MANAGER, "v-yibo", category="list_manager"),
    _life("published", 5, _RED, "v-mingyang", *_PUBLISHED),
    _life("published", 30, _RED, "v-lvyuan", *_PUBLISHED),
    _life("published", 9, _MANAGER, "v-jiayuan", *_PUBLISHED, category="list_manager"),
    _life("appealed", 6, _BLACK, "v-changan", *_PUBLISHED, beat(110, "vendor", "appeal"),
          facts=_EARNED),
    _life("rejected", 8, _RED, "v-yibo", beat(70, _X, "reject")),
    _life("withdrawn", 10, _RED, "v-huwei", beat(50, _S, "withdraw")),
    _life("expired", 365, _RED, "v-jiayuan", *_PUBLISHED),
)  # fmt: skip

SCRIPT = Script(
    kind="list_decision",
    lives=LIVES,
    facts=_facts,
    data=DATA,
    moves=(Move("vendor", "hear", 3), Move(_X, "decide", 2), Move(_X, "reject", 1)),
    pace=(40, 160),
)
