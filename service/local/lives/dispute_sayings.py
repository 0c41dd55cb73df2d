"""What is said in a quarrel that came to mediation: its facts and the data of its events."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from service.core.actors import Role
from service.core.parties import stands_for
from service.local.lines import NobodyFits
from service.local.lives.script import Data, Life
from service.local.lives.stage import Stage


def facts(stage: Stage, life: Life) -> Data:
    """Name both sides: who applies, and whom it is against.

    The life says `applicant` and `respondent`: resident, neighbour, vendor, committee.
    """
    made = dict(life.facts)
    sides = (made.pop("applicant", "resident"), made.pop("respondent", "neighbour"))
    parties = [
        {"side": side, **_party(stage, kind)}
        for side, kind in zip(("applicant", "respondent"), sides, strict=True)
    ]
    return {"parties": parties, "request": life.text, "grounds": life.text, **made}


def _party(stage: Stage, kind: str) -> dict[str, Any]:
    match kind:
        case "neighbour":
            return {"kind": "resident", "place": stage.neighbour().id}
        case "vendor":
            return {"kind": "vendor", "vendor": stage.row["vendor_id"]}
        case "committee":
            return {"kind": "committee"}
    return {"kind": "resident", "place": stage.where.id}


def _proof(stage: Stage) -> Data:
    """Identify the next party that is not. Raises NobodyFits."""
    party = next((one for one in stage.facts["parties"] if not one.get("identified")), None)
    if party is None:
        raise NobodyFits
    proof = "licence" if party["kind"] == "vendor" else "id_card"
    return {"party": party["n"], "proof": proof}


def _team(stage: Stage) -> Data:
    return {"mediators": [stage.account("mediator")]}


def _session(stage: Stage) -> Data:
    room = ("社区调解室", "街道调解中心", "区调解委员会第一调解室")[stage.facts["tier"] - 1]
    return {"at": stage.after(hours=20), "place": room, "type": "mediation"}


def _consented(stage: Stage) -> Data:
    """Agree once. Raises NobodyFits."""
    own = [one for one in stage.facts["parties"] if stands_for(stage.actor, one)]
    if any(one["consent"] == "given" for one in own):
        raise NobodyFits
    return {}


def _everybody(stage: Stage) -> Data:
    """Everybody comes, at the time that was set. Raises NobodyFits before it."""
    if datetime.fromisoformat(stage.facts["sessions"][-1]["at"]) > stage.now:
        raise NobodyFits
    return {"attendance": [one["n"] for one in stage.facts["parties"]]}


def _adjourned(stage: Stage) -> Data:
    return {
        "reason": "双方对赔偿数额分歧较大",
        "next_step": "请双方各自提交费用凭证",
        "next_at": stage.after(days=2),
        "minutes": "双方陈述了经过，同意继续调解。",
    }


def terms(stage: Stage) -> Data:
    """Let the second party pay within ten days."""
    owed = {
        "who": 2,
        "what": "十日内修复并赔偿损失 1200 元",
        "due_at": stage.after(days=10),
        "amount_fen": 120_000,
        "kind": "payment",
    }
    return {"form": "written", "obligations": [owed], "minutes": "双方就修复和赔偿达成一致。"}


def _sign(stage: Stage) -> Data:
    """Sign once; the mediator comes last and puts the seal. Raises NobodyFits."""
    parties = stage.facts["parties"]
    signed = {one["party"] for one in stage.facts["agreement"].get("signatures", ())}
    sealing = stage.actor.role is Role.MEDIATOR
    mine = any(one["n"] in signed for one in parties if stands_for(stage.actor, one))
    if mine or (sealing and len(signed) < len(parties)):
        raise NobodyFits
    return {"signature": stage.photo(), **({"seal": True} if sealing else {})}


def _owed(stage: Stage) -> list[int]:
    return [one["n"] for one in stage.facts["obligations"] if one["state"] != "done"]


def _done(stage: Stage) -> Data:
    """Perform the next obligation. Raises NobodyFits."""
    owed = _owed(stage)
    if not owed:
        raise NobodyFits
    return {"number": owed[0], "statement": "已按协议履行完毕", "proof": [stage.photo()]}


def _called(stage: Stage) -> Data:
    """Call once, when everything is done. Raises NobodyFits."""
    if _owed(stage) or stage.facts.get("follow_up"):
        raise NobodyFits
    return {"outcome": "reached"}


WAYS = "可向人民法院起诉，或向有关行政部门反映。"
DATA: Mapping[str, Callable[[Stage], Data]] = {
    "screen": lambda s: {"file_no": f"调{s.now:%Y}-{s.rng.randrange(100, 999)}"},
    "receive_redirect": lambda s: {"file_no": f"调{s.now:%Y}-{s.rng.randrange(100, 999)}"},
    "record_consent": _consented,
    "identify_party": _proof,
    "accept": lambda s: {**_team(s), "class": "general", "grade": "low"},
    "receive_escalation": _team,
    "schedule": _session,
    "open_session": _everybody,
    "adjourn": _adjourned,
    "reach_terms": terms,
    "sign": _sign,
    "obligation_done": _done,
    "record_follow_up": _called,
    "close": lambda _s: {"opinion": "satisfied"},
    "urge": lambda _s: {"reason": "电话提醒，告知逾期后果"},
    "escalate": lambda _s: {"reason": "本级多次调解未达成一致"},
    "redirect": lambda _s: {"reason": "按属地先由社区调解"},
    "refuse": lambda _s: {
        "code": "already_in_court_or_arbitration",
        "reason": "申请人已就同一事项起诉",
        "ways": WAYS,
    },
    "party_refuses": lambda _s: {"reason": "不同意调解，要求走诉讼"},
    "refer_court": lambda _s: {"way": "court"},
    "exit_to_legal": lambda _s: {"way": "court"},
    "withdraw": lambda _s: {"reason": "双方已自行和解"},
    "terminate": lambda _s: {"cause": "parties_stop", "reason": "双方不愿继续", "ways": WAYS},
    "apply_confirmation": lambda _s: {"court": "锦江区人民法院"},
    "close_failed": lambda _s: {"override_reason": "当事人拒绝到场，材料无法补齐"},
}
