"""Quarrels that people bring to mediation, in every state, and how mediators move them."""

from collections.abc import Mapping
from typing import Any

from service.local.lives import dispute_sayings as sayings
from service.local.lives.script import LOTUS_HOME, PROPERTY, Beat, Life, Move, Script, beat
from service.local.lives.stage import Stage

LEAK = ("楼上漏水，天花板泡坏", "卫生间楼上漏水两个月，吊顶和衣柜都泡坏了，对方不肯修也不肯赔")
REWORK = ("修了三次还漏，要求返工赔偿", "厨房水管修了三次还漏，橱柜泡坏，要求返工并赔偿")
NOISE = ("夜里装修噪音影响休息", "隔壁晚上十点以后还在敲墙，老人孩子睡不好，说了几次没用")
PARKING = ("私占公共车位装地锁", "对面业主在公共车位装地锁，别人没法停，为此吵过两次")
FEES = ("物业费拖欠两年", "业主以绿化差为由两年未交物业费，公司多次上门未果")
SERVICE = ("停车收费不公开要求退费", "物业公司临时停车收费不公示，要求退还多收的费用")
PETS = ("邻居养大型犬不拴绳", "大型犬不拴绳在楼道里跑，孩子被扑倒过一次")
ROOF = ("楼顶太阳能压坏防水层", "对方在楼顶装太阳能压坏防水层，顶楼一下雨就漏")
HALLWAY = ("楼道堆放杂物堵塞通道", "邻居把旧家具堆在楼道，轮椅过不去，多次协商无果")
COMMITTEE = ("业委会动用公共收益未公示", "电梯广告收入去向不明，要求业委会公开账目")
ACCESS = ("加装电梯遮挡采光", "一楼住户反对加装电梯的位置，认为遮挡采光，要求补偿")

_T = "mediator"
_SCREENED = (beat(3, _T, "screen"),)
_TAKEN = (
    *_SCREENED,
    beat(20, "respondent", "record_consent"),
    beat(26, _T, "identify_party"),
    beat(26.2, _T, "identify_party"),
)
_ACCEPTED = (*_TAKEN, beat(30, _T, "accept"))
_SCHEDULED = (*_ACCEPTED, beat(33, _T, "schedule"))
_SEATED = (*_SCHEDULED, beat(54, _T, "open_session"))
_DRAFTED = (*_SEATED, beat(56, _T, "reach_terms"))
_SIGNING = (beat(60, "applicant", "sign"), beat(63, "respondent", "sign"), beat(65, _T, "sign"))
_BOUND = (*_DRAFTED, *_SIGNING)
_ADJOURNED = (*_SEATED, beat(56, _T, "adjourn"))
_ESCALATED = (*_ADJOURNED, beat(80, _T, "escalate"))
_STREET = (*_ESCALATED, beat(100, _T, "receive_escalation"))
_STREET_FAILED = (
    *_STREET,
    beat(104, _T, "schedule"),
    beat(125, _T, "open_session"),
    beat(127, _T, "adjourn"),
    beat(150, _T, "escalate"),
)
_DISTRICT = (*_STREET_FAILED, beat(170, _T, "receive_escalation"))
_PERFORMED = (
    *_BOUND,
    beat(150, "respondent", "obligation_done"),
    beat(200, _T, "record_follow_up"),
    beat(201, _T, "close"),
)


def _soon(stage: Stage) -> Any:
    """Return terms whose day comes before the story ends."""
    return [{**sayings.terms(stage)["obligations"][0], "due_at": stage.after(days=2)}]


def _repair(stage: Stage) -> Any:
    work = {
        "who": 2,
        "what": "重做卫生间防水",
        "where": "楼上卫生间",
        "due_at": stage.after(days=12),
        "kind": "repair",
    }
    return [work, {**sayings.terms(stage)["obligations"][0], "what": "赔偿吊顶损失 1200 元"}]


def _life(state: str, ago: float, words: tuple[str, str], *beats: Beat, **more: Any) -> Life:
    given: dict[str, Any] = {"category": "owner_owner", "by": "dispatcher", **more}
    return Life(state, ago, *words, beats=beats, **given)


_FIRM: Mapping[str, Any] = {
    "category": "owner_company", "vendor": PROPERTY, "facts": {"respondent": "vendor"},
}  # fmt: skip
_ARREARS: Mapping[str, Any] = {
    "category": "fee_arrears", "vendor": PROPERTY,
    "facts": {"applicant": "vendor", "respondent": "resident"},
}  # fmt: skip
_AGAINST_COMMITTEE: Mapping[str, Any] = {
    "category": "owner_committee", "facts": {"respondent": "committee"},
}  # fmt: skip

LIVES = (
    _life("filed", 0.1, REWORK, category="owner_company", vendor="v-anxin", place=LOTUS_HOME,
          facts={"respondent": "vendor"}, alone=True),
    _life("filed", 0.3, NOISE, by="resident", channel="web"),
    _life("screening", 0.8, PETS, *_SCREENED),
    _life("screening", 1.2, SERVICE, *_TAKEN[:3], **_FIRM),
    _life("redirected", 1, COMMITTEE, *_SCREENED, beat(8, _T, "redirect"),
          category="owner_committee", channel="12345",
          facts={"respondent": "committee", "requested_tier": 3}),
    _life("refused", 2, ACCESS, *_SCREENED, beat(10, _T, "refuse")),
    _life("accepted", 1.4, HALLWAY, *_ACCEPTED),
    _life("accepted", 4.6, PARKING, *_STREET),
    _life("scheduled", 2, ROOF, *_SCHEDULED),
    _life("scheduled", 7.6, SERVICE, *_DISTRICT, beat(174, _T, "schedule"), **_FIRM),
    _life("in_session", 2.3, FEES, *_SEATED, **_ARREARS),
    _life("adjourned", 3, NOISE, *_ADJOURNED),
    _life("agreement_drafted", 2.7, LEAK, *_DRAFTED, *_SIGNING[:1]),
    _life("judicial_confirmation_pending", 5, FEES, *_BOUND,
          beat(80, "respondent", "approve", event="apply_confirmation"),
          beat(90, "applicant", "apply_confirmation"), **_ARREARS),
    _life("performing", 4, PETS, *_BOUND),
    _life("performing", 2.8, ROOF, *_SEATED, beat(56, _T, "reach_terms", obligations=_repair),
          *_SIGNING),
    _life("default", 6, PARKING, *_SEATED, beat(56, _T, "reach_terms", obligations=_soon),
          *_SIGNING, beat(120, _T, "urge")),
    _life("escalated", 3.5, COMMITTEE, *_ESCALATED, **_AGAINST_COMMITTEE),
    _life("terminated", 3, ACCESS, *_SCHEDULED, beat(40, "respondent", "party_refuses")),
    _life("court_referred", 5, FEES, *_SCHEDULED, beat(40, "respondent", "party_refuses"),
          beat(70, "applicant", "refer_court"), **_ARREARS),
    _life("court_referred", 4, PARKING, *_ACCEPTED, beat(50, "applicant", "exit_to_legal")),
    _life("withdrawn", 6, HALLWAY, *_ACCEPTED, beat(44, "applicant", "withdraw")),
    _life("closed_performed", 11, LEAK, *_PERFORMED),
    _life("closed_performed", 16, SERVICE, *_PERFORMED, **_FIRM),
    _life("closed_failed", 9, NOISE, *_SCHEDULED, beat(40, "respondent", "party_refuses"),
          beat(120, _T, "close_failed")),
)  # fmt: skip

SCRIPT = Script(
    kind="dispute_case",
    lives=LIVES,
    facts=sayings.facts,
    data=sayings.DATA,
    moves=(
        Move(_T, "screen", 8),
        Move(_T, "receive_redirect", 8),
        Move("respondent", "record_consent", 8),
        Move(_T, "identify_party", 4),
        Move(_T, "accept", 6),
        Move(_T, "schedule", 8),
        Move(_T, "open_session", 8),
        Move(_T, "reach_terms", 6),
        Move(_T, "adjourn", 3),
        Move("applicant", "sign", 6),
        Move("respondent", "sign", 6),
        Move(_T, "sign", 2),
        Move("respondent", "obligation_done", 4),
        Move(_T, "urge", 1),
        Move(_T, "record_follow_up", 2),
        Move(_T, "close", 3),
        Move(_T, "escalate", 1),
        Move(_T, "receive_escalation", 6),
        Move("applicant", "refer_court", 1),
        Move("applicant", "withdraw", 1),
    ),
    born=(LIVES[1], LIVES[3], LIVES[6]),
)
