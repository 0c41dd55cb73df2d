"""Every event of a complaint, a hazard and a listed supervision."""

from tests.faults.killing.ways import Go, Way, cases_of, falling_due
from tests.support.any_story import AnyStory
from tests.support.roads import Data

REASON: Data = {"reason": "已另行处理"}
SECRET: Data = {"officials": "某单位负责人", "finding": "长期不作为"}


def _later(story: AnyStory) -> Data:
    return {"reason": "保洁员请假", "new_promise_at": story.after(hours=40),
            "reporter_notified_at": story.after()}  # fmt: skip


def _by_manager(story: AnyStory) -> Data:
    return {"receiver": story.account("manager"), "reason": "调岗"}


def _fenced(story: AnyStory) -> Data:
    return {"measures": "拉警戒线", "photos": [story.photo("committee")]}


REPLIED = "replied"
UNHAPPY: Go = ("confirm", "committee", {"satisfied": False, "opinion": "没扫干净"})
COMPLAINT = (
    Way("approve", "manager", lambda s: {"event": "accept", "promise_at": s.after(days=9)}),
    Way("resolve_on_spot", "dispatcher", {"result": "当场清扫"}),
    Way("refer_out", "dispatcher", {"reason": "不属物业", "advice": "请向交警反映", "to": "交警"}),
    Way("postpone", "dispatcher", _later, at="accepted", wide=True),
    Way("resume_handling", "dispatcher", at="accepted", then=(("postpone", "dispatcher", _later),)),
    Way("record_call", "dispatcher", {"outcome": "no_answer"}, at=REPLIED),
    Way(*UNHAPPY, at=REPLIED, said=" against"),
    Way("override_close", "street_officer", REASON, at=REPLIED),
    Way("turn_to_authority", "committee", REASON, at="in_handling", then=(("wait", "60"),)),
    Way("escalate_to_mediation", "dispatcher", {"request": "退还物业费"}, at="accepted"),
    Way("withdraw", "dispatcher", REASON, at="accepted"),
    Way("hand_over_receiver", "dispatcher", _by_manager, at="accepted"),
    Way("transfer_discipline", "street_officer", SECRET, at="accepted", category="cmp_fees",
        wide=True),
)  # fmt: skip

FINDINGS: Data = {"findings": ["停车位仍未划线"]}
SUPERVISION = (
    Way("reject", "district_officer", REASON),
    Way("report_progress", "street_officer", {"period": "weekly", "progress": "过半"},
        at="listed", then=(("wait", "120"),)),
    Way("verify_fail", "district_officer", FINDINGS, at="verifying"),
    Way("lookback_ok", "district_officer", {"finding": "未反弹"}, at="lookback",
        later={"days": 200}),
    Way("lookback_fail", "district_officer", FINDINGS, at="lookback"),
    Way("transfer_discipline", "district_officer", {"ground": "false_work", **SECRET},
        at="listed"),
)  # fmt: skip

HAZARD = (
    Way("dismiss", "community_officer", REASON),
    Way("take_interim", "committee", _fenced, at="graded"),
    Way("fail", "community_officer", {"finding": "又堵上了"}, at="reinspecting"),
    Way("hand_to_authority", "street_officer", {"authority": "消防救援站", **REASON}, at="in_cure"),
)  # fmt: skip
EXPIRED = Way("expire", "system", at="in_cure", later={"days": 31})

CASES = (
    *cases_of("complaint", *COMPLAINT),
    *cases_of("hazard", *HAZARD),
    falling_due("hazard", EXPIRED),
    *cases_of("listed_supervision", *SUPERVISION),
)
