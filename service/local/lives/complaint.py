"""Complaints, enquiries and reports of violations, in every state, and how desks move them."""

from collections.abc import Callable, Mapping
from typing import Any

from service.local.lives.script import (
    COMPOUND,
    CONTRACT,
    LOTUS_HOME,
    PROPERTY,
    Beat,
    Data,
    Life,
    Move,
    Script,
    beat,
)
from service.local.lives.stage import Stage

_CLEANING = (
    ("楼道三天没人打扫", "从周一到现在楼道没人扫，一层全是外卖袋"),
    ("垃圾桶满了没人清运", "垃圾堆到桶外，天热味道很大"),
    ("电梯轿厢地面很脏", "地上有油渍，好几天了也没拖"),
    ("单元门口积水发臭", "保洁冲完地不扫水，门口一直积着"),
    ("地下车库灰尘很厚", "车停两天就一层灰，问了说不归他们管"),
)


def _facts(stage: Stage, life: Life) -> Data:
    vendor = {"vendor": stage.row["vendor_id"]} if life.vendor else {}
    return {"type": "complaint", "origin": "customer", **vendor, **life.facts}


DATA: Mapping[str, Callable[[Stage], Data]] = {
    "accept": lambda s: {"promise_at": s.after(hours=30)},
    "survey_site": lambda s: {"finding": "现场属实，已拍照记录", "photos": [s.photo()]},
    "start_handling": lambda _s: {"plan": "今日安排专人处理", "no_survey_reason": "情况清楚"},
    "postpone": lambda s: {
        "reason": "需等厂家配件到货",
        "new_promise_at": s.after(days=3),
        "reporter_notified_at": s.now.isoformat(),
    },
    "resolve": lambda s: {"result": "已处理完毕，现场恢复正常", "photos": [s.photo()]},
    "resolve_on_spot": lambda _s: {"result": "当场解释并处理"},
    "reply": lambda _s: {"answer": "已处理完毕，并要求加强日常巡查", "means": "phone"},
    "confirm": lambda _s: {"satisfied": True, "opinion": "处理得挺快，满意"},
    "override_close": lambda _s: {"reason": "诉求已按合同办结，当事人坚持额外赔偿"},
    "refer_out": lambda _s: {
        "reason": "不属物业管理范围", "advice": "请向城管执法部门反映", "to": "街道综合执法队",
    },
    "escalate_to_mediation": lambda _s: {"request": "要求物业公司退还多收的停车费"},
    "withdraw": lambda _s: {"reason": "问题已经解决，不再投诉"},
}  # fmt: skip

_D, _O = "dispatcher", "community_officer"
_ACCEPTED = (beat(1.5, _D, "accept"),)
_SURVEYED = (*_ACCEPTED, beat(5, _D, "survey_site"))
_HANDLING = (*_SURVEYED, beat(7, _D, "start_handling"))
_RESOLVED = (*_HANDLING, beat(20, _D, "resolve"))
_REPLIED = (*_RESOLVED, beat(22, _D, "reply"))
_CLOSED = (*_REPLIED, beat(30, "resident", "confirm"))


def _life(
    state: str, ago: float, category: str, words: tuple[str, str], *beats: Beat, **more: Any
) -> Life:
    given: dict[str, Any] = {"by": _D, "channel": "phone", "vendor": PROPERTY, **more}
    return Life(state, ago, *words, category=category, beats=beats, **given)


def _dirty(n: int, state: str, ago: float, *beats: Beat) -> Life:
    """Return one of the complaints about one firm that the cluster detector finds."""
    return _life(state, ago, "cmp_cleaning", _CLEANING[n], *beats, place=CONTRACT,
                 vendor="v-jiejing")  # fmt: skip


_VIOLATION: Mapping[str, Any] = {
    "by": _O, "vendor": None, "place": COMPOUND, "channel": "desk",
    "facts": {"type": "violation_report", "origin": "patrol"},
}  # fmt: skip

LIVES = (
    _life("received", 0.1, "cmp_repair_service", ("上门维修态度差", "师傅催着签字，没讲清就走"),
          place=LOTUS_HOME, vendor="v-anxin", alone=True),
    _dirty(0, "replied", 6, *_REPLIED),
    _dirty(1, "closed_satisfied", 9, *_CLOSED),
    _dirty(2, "in_handling", 1, *_HANDLING),
    _dirty(3, "accepted", 0.4, *_ACCEPTED),
    _dirty(4, "received", 0.2),
    _life("received", 0.05, "cmp_noise", ("广场舞音响太吵", "晚上九点半还在放，孩子没法写作业"),
          by="resident", channel="web"),
    _life("accepted", 0.3, "cmp_security", ("门岗不登记外来人员", "快递外卖随便进，车也不登记"),
          *_ACCEPTED),
    _life("surveyed", 0.5, "cmp_greening", ("草坪枯死一大片", "入夏以来没浇过水，枯了也不补种"),
          *_SURVEYED),
    _life("in_handling", 0.9, "cmp_parking", ("访客车辆占用固定车位", "晚上回来车位总被占"),
          *_HANDLING, channel="12345"),
    _life("postponed", 2, "cmp_lift", ("电梯显示屏一直花屏", "二单元电梯看不清楼层，报过两次"),
          *_HANDLING, beat(20, _D, "postpone")),
    _life("resolved", 1, "cmp_pets", ("遛狗不清理粪便", "草坪边到处是狗屎，没人管"), *_RESOLVED),
    _life("replied", 1.2, "cmp_fees", ("水费公摊看不懂", "公摊水费一户二十多，要求公布明细"),
          *_REPLIED, facts={"type": "enquiry"}),
    _life("closed_satisfied", 4, "cmp_staff", ("保安态度生硬", "问路还被吼，希望培训一下"),
          *_CLOSED, channel="12345"),
    _life("closed_overridden", 5, "cmp_parking", ("要求免一年停车费", "车位被占一次，要求免费一年"),
          *_REPLIED, beat(60, "manager", "override_close")),
    _life("referred", 2, "cmp_other", ("路边摊占道经营", "小区外人行道被摆摊占满"),
          *_ACCEPTED, beat(6, _D, "refer_out")),
    _life("converted", 1.3, "cmp_parking", ("停车收费争议", "临停按天收费没有公示，要求退费"),
          *_REPLIED, beat(30.5, "resident", "escalate_to_mediation")),
    _life("withdrawn", 3, "cmp_publication", ("公共收益没有公示", "半年没贴公示了"),
          *_ACCEPTED, beat(9, "resident", "withdraw")),
    _life("received", 0.4, "blocked_fire_lane", ("消防通道被占用", "三幢北侧消防通道长期停车"),
          **_VIOLATION),
    _life("in_handling", 3, "illegal_building", ("顶楼加盖阳光房", "私自加盖，占用公共屋面"),
          beat(4, _O, "accept", promise_at=lambda s: s.after(days=10), reason="需现场测绘取证"),
          beat(20, _O, "survey_site"), beat(30, _O, "start_handling"), **_VIOLATION),
)  # fmt: skip

SCRIPT = Script(
    kind="complaint",
    lives=LIVES,
    facts=_facts,
    data=DATA,
    moves=(
        Move(_D, "accept", 8),
        Move(_O, "accept", 2),
        Move(_D, "survey_site", 6),
        Move(_O, "survey_site", 2),
        Move(_D, "start_handling", 4),
        Move(_O, "start_handling", 2),
        Move("vendor", "resolve", 4),
        Move(_D, "resolve", 4),
        Move(_D, "reply", 8),
        Move("resident", "confirm", 8),
        Move(_D, "resume_handling", 4),
    ),
    pace=(2, 16),
    born=LIVES[6:9],
)
