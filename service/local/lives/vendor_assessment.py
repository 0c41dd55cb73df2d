"""Assessments of firms, in every state: graded, contested, kept, voted out, handed over."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from service.local import people
from service.local.lines import NobodyFits
from service.local.lives.script import COMPOUND, LOTUS, Beat, Data, Life, Move, Script, beat
from service.local.lives.stage import Stage

_VOTERS = 5
_S, _B, _N = "satisfied", "basically_satisfied", "dissatisfied"
_GOOD, _FAIR, _BAD = (_S, _S, _S, _S, _B), (_S, _S, _B, _B, _N), (_S, _N, _N, _B, _N)
_WORDS = {_S: "打扫及时，态度好", _B: "还行，节假日人手少", _N: "多次反映没人管"}
_PARTS = ("rooms", "files", "assets", "keys", "deposit_settled")
_SEATS = {"seats": 9, "present": 7}


def _facts(stage: Stage, life: Life) -> Data:
    """Assess the month before."""
    last = stage.now.date().replace(day=1) - timedelta(days=1)
    period = {"from": str(last.replace(day=1)), "to": str(last), "cycle": "monthly"}
    return {"vendor": stage.row["vendor_id"], "period": period, **life.facts}


def _opened(stage: Stage) -> Data:
    voters = stage.electors(_VOTERS)
    return {
        "electors": voters,
        "closes_at": stage.after(days=8),
        "inspector": stage.account("community_officer"),
    }


def _households(_stage: Stage) -> Any:
    unit = people.HOUSEHOLD.rpartition("-")[0]
    return [f"{unit}-{door}" for door in ("101", "102", "201", "202", "301", "302")]


def _scored(stage: Stage) -> Data:
    """Inspect once, as the inspector named. Raises NobodyFits."""
    if stage.facts.get("inspections") or stage.facts.get("inspector") != str(stage.actor.id):
        raise NobodyFits
    passed = [{"item": item, "passed": True} for item in ("楼道清洁", "值守在岗", "台账完整")]
    return {"checklist": passed, "photos": [stage.photo()]}


def _grade(stage: Stage) -> Data:
    """Vote once. Raises NobodyFits."""
    if str(stage.actor.id) in stage.facts.get("ballots", {}):
        raise NobodyFits
    grade = stage.rng.choice(_GOOD)
    return {"grade": grade, "words": _WORDS[grade]}


def _approved(stage: Stage) -> Data:
    """Approve the grade once. Raises NobodyFits."""
    given = stage.facts.get("approvals", {}).get("fix_grade", {})
    if stage.row["state"] == "handover" or str(stage.actor.id) in given:
        raise NobodyFits
    return {"event": "fix_grade"}


def _document(stage: Stage) -> Data:
    return {"document": stage.photo()}


DATA: Mapping[str, Callable[[Stage], Data]] = {
    "open": _opened,
    "grade": _grade,
    "score_inspection": _scored,
    "object": lambda s: {"text": "抽查当日系临时停水，请复核", "evidence": [s.photo()]},
    "answer_objection": lambda _s: {"answer": "已复核，该项改记为合格"},
    "approve": _approved,
    "order_rectification": lambda _s: {
        "items": [{"what": "节假日保洁人手不足", "where": "各单元楼道"}],
        "grade": "ordinary",
        "legal_basis": "服务合同第六条",
    },
    "hear": lambda _s: {"statement": "已更换项目负责人，请求给予整改机会"},
    "vote_exit": lambda s: {**_document(s), "committee": {**_SEATS, "in_favour": 6}},
    "give_notice": lambda s: {**_document(s), "leaves_at": s.after(days=31), "contract_days": 30},
    "finish_handover": lambda s: {**dict.fromkeys(_PARTS, True), "record": s.photo()},
}

_K = "committee"
_OPENED = (beat(24, _K, "open"),)


def _voted(grades: tuple[str, ...]) -> tuple[Beat, ...]:
    """Everybody votes, an officer inspects; eight days after the opening it is counted."""
    votes = (
        beat(40 + 9 * n, f"elector-{n}", "grade", grade=grade, words=_WORDS[grade])
        for n, grade in enumerate(grades, 1)
    )
    return (*_OPENED, *votes, beat(100, "community_officer", "score_inspection"))


def _graded(grades: tuple[str, ...]) -> tuple[Beat, ...]:
    return (
        *_voted(grades),
        beat(345, "street_officer", "approve"),
        beat(348, _K, "fix_grade"),
    )


_REVIEWED = (*_graded(_BAD), beat(352, _K, "start_exit"), beat(380, "vendor", "hear"))
_VOTED_OUT = (*_REVIEWED, beat(420, _K, "vote_exit"))
_LEAVING = (*_VOTED_OUT, beat(425, _K, "give_notice"))
_KEPT = {**_SEATS, "in_favour": 3}


def _life(state: str, ago: float, what: str, vendor: str, *beats: Beat, **more: Any) -> Life:
    given: dict[str, Any] = {"by": _K, "place": COMPOUND, "vendor": vendor, **more}
    return Life(
        state, ago, f"{_LINES[what]}月度测评", f"对上月{_LINES[what]}服务开展满意度测评",
        category=f"line_{what}", beats=beats, **given,
    )  # fmt: skip


_LINES = {
    "cleaning": "保洁", "security": "保安", "greening": "绿化", "parking": "停车", "repair": "维修",
}  # fmt: skip

LIVES = (
    _life("collecting", 2, "repair", "v-anxin", beat(24, _K, "open", electors=_households),
          place=LOTUS, facts={"electorate_kind": "household"}, alone=True),
    _life("planned", 0.5, "greening", "v-lvyuan"),
    _life("collecting", 3.5, "cleaning", "v-jiejing", *_voted(_GOOD)[:4]),
    _life("tallied", 10, "security", "v-huwei", *_voted(_GOOD)),
    _life("objection", 11, "parking", "v-yibo", *_voted(_FAIR), beat(240, "vendor", "object")),
    _life("graded", 15, "cleaning", "v-mingyang", *_graded(_FAIR)),
    _life("retained", 16, "greening", "v-lvyuan", *_graded(_GOOD)),
    _life("retained", 22, "security", "v-huwei", *_graded(_GOOD)),
    _life("rectifying", 14.8, "cleaning", "v-jiejing", *_graded(_FAIR),
          beat(352, _K, "order_rectification")),
    _life("exit_review", 17, "parking", "v-tongxing", *_REVIEWED),
    _life("exit_voted", 18, "security", "v-changan", *_VOTED_OUT),
    _life("handover", 19, "greening", "v-lvyuan", *_LEAVING),
    _life("exited", 52, "parking", "v-tongxing", *_LEAVING, beat(1190, _K, "finish_handover")),
    _life("kept_on_probation", 20, "cleaning", "v-mingyang", *_REVIEWED,
          beat(420, _K, "vote_exit", committee=_KEPT)),
    _life("void", 17.5, "security", "v-changan", *_voted(_GOOD)[:3]),
)  # fmt: skip

SCRIPT = Script(
    kind="vendor_assessment",
    lives=LIVES,
    facts=_facts,
    data=DATA,
    moves=(
        Move(_K, "open", 1),
        *(Move(f"elector-{n}", "grade", 2) for n in range(1, _VOTERS + 1)),
        Move("community_officer", "score_inspection", 1),
        Move(_K, "answer_objection", 4),
        Move("street_officer", "approve", 5),
        Move(_K, "fix_grade", 3),
    ),
    pace=(12, 90),
)
