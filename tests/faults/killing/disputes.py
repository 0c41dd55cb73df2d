"""Every event of a dispute case, and the events that follow its clocks."""

from tests.faults.killing.ways import Go, Way, cases_of, falling_due
from tests.support.any_story import AnyStory
from tests.support.roads import Data

KIND = "dispute_case"
REASON: Data = {"reason": "双方意见不一"}
BEYOND: Data = {"requested_tier": 3}  # filed with the district, where no case begins
MISTAKEN: Data = {"party": 2, "proof": "known_to_body", "vendor": "v-property"}
OVER: Data = {"cause": "parties_stop", "reason": "不愿继续", "ways": "可向法院起诉"}
TERMS: Data = {"who": 2, "what": "修复防水", "kind": "other"}


def _adjourned(story: AnyStory) -> Data:
    return {"reason": "补证", "next_step": "鉴定", "next_at": story.after(hours=20),
            "minutes": "双方各执一词"}  # fmt: skip


def _next_session(story: AnyStory) -> Data:
    return {"at": story.after(hours=5), "place": "社区调解室", "type": "mediation"}


def _replaced(story: AnyStory) -> Data:
    return {"mediator": story.account("mediator_beside"), "replaces": story.account("mediator"),
            "cause": "request", "reason": "更熟悉"}  # fmt: skip


def _orally(story: AnyStory) -> Data:
    owed = [{**TERMS, "due_at": story.after(days=n)} for n in (2, 3)]
    return {"form": "oral", "obligations": owed}


def by_t2(story: AnyStory) -> Data:
    """Return who takes a case over in the second tier."""
    return {"mediators": [story.account("mediator_t2")]}


ADJOURNED: Go = ("adjourn", "mediator", _adjourned)
TERMINATED: Go = ("terminate", "mediator", OVER)
TO_T2: Go = ("escalate", "resident")
AGREED: tuple[Go, ...] = (
    ("reach_terms", "mediator", _orally),
    ("sign", "mediator", {"record": "双方口头同意"}),
)
JOINTLY: tuple[Go, ...] = (
    ("approve", "resident", {"event": "apply_confirmation"}),
    ("apply_confirmation", "vendor_manager", {"court": "锦江区人民法院"}),
)
REFUSED: Go = (
    "refuse", "mediator", {"code": "outside_territory", "reason": "不在本区", "ways": "可起诉"},
)  # fmt: skip
ABSENT: Go = ("no_show", "mediator", {"party": 2})
PAUSED: Go = (
    "suspend_obligation", "mediator", {"number": 2, "agreed_by": [1, 2], "reason": "雨季"},
)  # fmt: skip
LATE: Go = ("wait", "49")
OVERTURNED: Data = {"decision": "overturned", "reason": "属本区"}

WAYS = (
    Way("redirect", "mediator_t3", REASON, facts=BEYOND, then=(("screen", "mediator_t3"),)),
    Way("receive_redirect", "mediator", {"file_no": "一调9"}, facts=BEYOND,
        then=(("screen", "mediator_t3"), ("redirect", "mediator_t3", REASON))),
    Way(*REFUSED, at="screening"),
    Way("appeal_refusal", "resident", REASON, at="screening", then=(REFUSED,)),
    Way("decide_appeal", "street_officer", OVERTURNED, at="screening",
        then=(REFUSED, ("appeal_refusal", "resident", REASON))),
    Way("identify_party", "mediator", MISTAKEN, at="screening", said=" as somebody else"),
    Way("party_refuses", "vendor_manager", REASON, at="screening", said=" in screening"),
    Way("party_refuses", "vendor_manager", REASON, at="accepted"),
    Way("change_mediator", "mediator", _replaced, at="accepted"),
    Way("extend_limit", "mediator", {"consents": [1, 2], **REASON}, at="accepted", wide=True),
    Way("wait_for", "mediator", {"what": "survey", **REASON}, at="accepted", wide=True),
    Way("go_on", "mediator", REASON, at="accepted",
        then=(("wait_for", "mediator", {"what": "survey", **REASON}), ("wait", "30"))),
    Way("withdraw", "resident", REASON, at="accepted"),
    Way("object_withdrawal", "vendor_manager", REASON, at="accepted", facts={"collective": True}),
    Way("exit_to_legal", "resident", at="accepted"),
    Way("no_show", "mediator", {"party": 2}, at="scheduled"),
    Way("no_show", "mediator", {"party": 2}, at="scheduled", said=" again",
        then=(ABSENT, ("schedule", "mediator", _next_session))),
    Way(*ADJOURNED, at="in_session"),
    Way(*TERMINATED, at="in_session"),
    Way("refer_court", "resident", {"way": "court"}, at="in_session", then=(TERMINATED,)),
    Way("close_failed", "mediator", {"override_reason": "当事人失联"}, at="in_session",
        then=(TERMINATED,)),
    Way("escalate", "resident", at="in_session", then=(ADJOURNED,), every=True),
    Way("receive_escalation", "mediator_t2", by_t2, at="in_session", then=(ADJOURNED, TO_T2),
        wide=True),
    Way("flag_escalation_risk", "street_officer", {"facts": "扬言聚集", "police": True},
        at="in_session", then=(ADJOURNED,), said=", escalate follows", wide=True),
    Way("reject_terms", "resident", REASON, at="agreement_drafted"),
    Way(*AGREED[1], at="in_session", then=AGREED[:1], said=" orally, two clocks start",
        every=True),
    Way(*JOINTLY[0], at="in_session", then=AGREED),
    Way(*JOINTLY[1], at="in_session", then=(*AGREED, JOINTLY[0])),
    Way("court_answer", "mediator", {"answer": "accepted"}, at="in_session",
        then=(*AGREED, *JOINTLY)),
    Way("confirmation_result", "mediator", {"result": "confirmed"}, at="in_session",
        then=(*AGREED, *JOINTLY, ("wait", "60")), said=", obligation_overdue follows"),
    Way("confirmation_result", "mediator", {"result": "not_confirmed"}, at="in_session",
        then=(*AGREED, *JOINTLY), said=" against"),
    Way(*PAUSED, at="in_session", then=AGREED),
    Way("resume_obligation", "mediator", {"number": 2}, at="in_session",
        then=(*AGREED, PAUSED, ("wait", "20"))),
    Way("urge", "mediator", REASON, at="in_session", then=(*AGREED, LATE)),
    Way("enforce", "resident", {"way": "suit"}, at="in_session", then=(*AGREED, LATE)),
    Way("list", "district_officer", REASON, at="accepted"),
    Way("delist", "district_officer", REASON, at="accepted",
        then=(("list", "district_officer", REASON),)),
)  # fmt: skip

DUE = (
    Way("escalate", "system", at="in_session", then=(ADJOURNED,), later={"days": 8}, every=True),
    Way("reject_terms", "system", at="agreement_drafted", later={"days": 9},
        said=" and escalate"),
    Way("obligation_overdue", "system", at="in_session", then=AGREED, later={"days": 4}),
    Way("close_failed", "system", at="in_session", then=(ADJOURNED, TERMINATED),
        later={"days": 16}),
)  # fmt: skip

CASES = (*cases_of(KIND, *WAYS), *(falling_due(KIND, way) for way in DUE))
