"""Every event about a vendor: its cures, its penalties, its grades, the lists it stands on."""

from functools import partial

from tests.faults.killing.ways import Go, Way, cases_of, falling_due
from tests.support.any_story import AnyStory
from tests.support.roads import Data, Made

REASON: Data = {"reason": "整改不力"}
FEN = 1_000_000
SERIOUS: Data = {"violation": "严重违约", "ground": "serious_violation"}


def paid(story: AnyStory) -> None:
    """Let the vendor pay the whole deposit of the compound."""
    story.deposit("v-lotus", "lotus", FEN, FEN)


def _photo(by: str, name: str, story: AnyStory, *, many: bool = True, **more: object) -> Data:
    return {**more, name: [story.photo(by)] if many else story.photo(by)}


def _until(story: AnyStory) -> Data:
    return {"until": story.after(days=9), "reason": "垃圾桶到货延迟"}


# ── rectification ────────────────────────────────────────────────────────────

PROOF = partial(_photo, "vendor_manager", "proof", reason="不属于合同范围")
WEATHER = partial(_photo, "committee", "evidence", cause="weather", reason="暴雨")
FAILED: Data = {"items": [{"n": 1, "result": "failed", "finding": "仍有堆放"},
                          {"n": 2, "result": "passed"}]}  # fmt: skip
FAIL: Go = ("fail", "community_officer", FAILED)
DISPUTED: Go = ("dispute_notice", "vendor_manager", PROOF)
SUSPENDED: Go = ("suspend_cure", "committee", WEATHER)
FINISH: Go = ("penalize", "committee")


def proposed(step: int, **more: object) -> tuple[Go, ...]:
    """Return the way to a penalty that everybody has approved, for a serious violation."""
    data: Data = {"step": step, **SERIOUS, **more}
    approved: tuple[Go, ...] = tuple(
        ("approve", who, {"event": "penalize"}) for who in ("street_officer", "district_officer")
    )
    return (FAIL, ("propose_penalty", "committee", data), *approved)


DEDUCTION = proposed(3, amount_fen=20_000)
TOP_UP: Made = partial(_photo, "street_officer", "receipt", many=False, amount_fen=20_000)
RECTIFICATION = (
    Way("dispute_notice", "vendor_manager", PROOF, at="issued"),
    Way("answer_dispute", "committee", {"decision": "upheld", "answer": "合同附件二"},
        at="issued", then=(DISPUTED,)),
    Way("withdraw_notice", "street_officer", REASON, at="issued"),
    Way("request_extension", "vendor_manager", _until, at="acknowledged"),
    Way("extend", "committee", _until, at="acknowledged",
        then=(("request_extension", "vendor_manager", _until),), wide=True),
    Way(*SUSPENDED, at="in_rectification", wide=True),
    Way("resume_cure", "committee", at="in_rectification", then=(SUSPENDED, ("wait", "30"))),
    Way("flag_false_evidence", "committee", {"items": [2], "reason": "照片为旧照"},
        at="reinspecting"),
    Way(*FAIL, at="reinspecting"),
    Way("propose_penalty", "committee", {"step": 2, "violation": "清运不及时"},
        at="reinspecting", then=(FAIL,)),
    Way(*FINISH, at="reinspecting", then=DEDUCTION, ready=paid, every=True,
        said=" with a deduction"),
    Way(*FINISH, at="reinspecting", then=proposed(6), said=" out of the market"),
    Way("object_deduction", "vendor_manager", REASON, at="reinspecting",
        then=(*DEDUCTION, FINISH), ready=paid),
    Way("record_top_up", "street_officer", TOP_UP, at="reinspecting",
        then=(*DEDUCTION, FINISH), ready=paid, wide=True),
    Way("reissue", "committee", at="reinspecting", then=(*proposed(2), FINISH)),
    Way("to_exit", "committee", REASON, at="reinspecting", then=(*proposed(2), FINISH)),
)  # fmt: skip
RECTIFICATION_DUE = (
    Way("deem_served", "system", at="issued", later={"days": 3}),
    Way("expire", "system", at="in_rectification", later={"days": 8}, wide=True),
)

# ── assessment ───────────────────────────────────────────────────────────────

VOTE: Data = {"seats": 9, "present": 6, "in_favour": 4}
LEAVING = {"rooms": True, "files": True, "assets": True, "keys": True, "deposit_settled": True}
COMMITTEE_PHOTO = partial(_photo, "committee", "document", many=False)
VOTE_EXIT = partial(COMMITTEE_PHOTO, committee=VOTE)
KEEP = partial(COMMITTEE_PHOTO, committee={**VOTE, "in_favour": 1})
DECIDED = partial(_photo, "street_officer", "document", many=False, reason="已核对")
HANDED_OVER = partial(_photo, "committee", "record", many=False, **LEAVING)


def _notice(story: AnyStory) -> Data:
    return {"leaves_at": story.after(days=30), "contract_days": 30, **COMMITTEE_PHOTO(story)}


def _drawn(story: AnyStory) -> Data:
    among = [story.account(name) for name in ("community_officer", "street_officer")]
    return {"inspectors": among, "targets": ["1幢", "2幢"]}


def graded(grade: str) -> tuple[Go, ...]:
    """Return the way from the plan to a grade by the only elector."""
    return (
        ("open", "committee", lambda story: {"electors": [story.account("resident")]}),
        ("grade", "resident", {"grade": grade, "words": "一般"}),
        ("wait", "336"),
        ("tally", "system"),
        ("wait", "121"),
        ("approve", "street_officer", {"event": "fix_grade"}),
        ("fix_grade", "committee"),
    )


APPEALED: Go = ("appeal_exit", "vendor_manager", REASON)
EXIT = (*graded("dissatisfied"), ("start_exit", "committee"))
VOTED = (*EXIT, ("vote_exit", "committee", VOTE_EXIT))
NOTIFIED = (*VOTED, ("give_notice", "committee", _notice))
ASSESSMENT = (
    Way("draw_inspection", "committee", _drawn, at="collecting"),
    Way("tally", "system", at="collecting", later={"days": 14}, said=" opens again"),
    Way("tally", "system", at="collecting", then=(("wait", "336"), ("tally", "system")),
        later={"days": 7}, said=" of nothing"),
    Way("grade", "resident", {"grade": "satisfied", "words": "改过了"}, said=" anew",
        then=graded("dissatisfied")[:2], every=True),
    Way("fix_grade", "committee", then=graded("dissatisfied")[:-1], said=" in public", wide=True),
    Way("order_rectification", "committee",
        {"items": [{"what": "车库积尘"}], "grade": "ordinary", "legal_basis": "合同八条"},
        then=graded("basically_satisfied")),
    Way("start_exit", "committee", then=EXIT[:-1]),
    Way("hear", "vendor_manager", {"statement": "人员已补足"}, then=EXIT),
    Way(*APPEALED, then=EXIT),
    Way("appeal_decided", "street_officer", partial(DECIDED, decision="dismissed"),
        then=(*EXIT, APPEALED), said=" against"),
    Way("appeal_decided", "street_officer", partial(DECIDED, decision="upheld"),
        then=(*EXIT, APPEALED)),
    Way("vote_exit", "committee", VOTE_EXIT, then=EXIT),
    Way("vote_exit", "committee", KEEP, then=EXIT, said=" against"),
    Way("give_notice", "committee", _notice, then=VOTED),
    Way("name_successor", "committee", {"vendor": "v-pool1"}, then=NOTIFIED),
    Way("leave_without_handover", "committee", REASON, then=NOTIFIED),
    Way("finish_handover", "committee", HANDED_OVER, then=NOTIFIED),
)  # fmt: skip
ASSESSMENT_DUE = (
    Way("tally", "system", then=graded("satisfied")[:2], later={"days": 15}, wide=True),
)

# ── lists ────────────────────────────────────────────────────────────────────

BY_BUREAU = partial(_photo, "district_officer", "document", many=False, reason="依据充分")
LIST = (
    Way("reject", "district_officer", BY_BUREAU),
    Way("withdraw", "street_officer", REASON, said=" the proposal"),
    Way("withdraw", "district_officer", REASON, at="published"),
    Way("appeal_decided", "district_officer", partial(BY_BUREAU, decision="kept"), at="appealed",
        said=" against"),
    Way("decide", "district_officer", BY_BUREAU, said=" on a vendor's row", wide=True),
)  # fmt: skip
LIST_DUE = (Way("expire_listing", "system", at="published", later={"days": 400}),)

CASES = (
    *cases_of("rectification_order", *RECTIFICATION),
    *(falling_due("rectification_order", way) for way in RECTIFICATION_DUE),
    *cases_of("vendor_assessment", *ASSESSMENT),
    *(falling_due("vendor_assessment", way) for way in ASSESSMENT_DUE),
    *cases_of("list_decision", *LIST),
    *(falling_due("list_decision", way) for way in LIST_DUE),
)
