"""What clients send about disputes, complaints, hazards, cures, grades and lists: mostly sound."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from service.core.ids import derived
from tests.faults.checker import canary
from tests.faults.soak.moment import Data, Moment, Sent

_COMPOUND = 3  # a compound's path has so many slashes
VENDORS = ("v-lotus", "v-lotus", "v-clean", "v-property")

# How likely an event is chosen that is offered; see `people.EAGERNESS`.
EAGERNESS: Mapping[str, float] = {
    "screen": 8, "record_consent": 8, "identify_party": 2, "schedule": 6, "open_session": 8,
    "adjourn": 3, "reach_terms": 8, "sign": 8, "obligation_done": 4, "receive_escalation": 8,
    "receive_redirect": 6, "go_on": 5, "resume_obligation": 4, "decide_appeal": 4,
    "confirmation_result": 4, "escalate": 2, "wait_for": 0.7, "redirect": 0.5, "refuse": 0.2,
    "party_refuses": 0.1, "withdraw": 0.1, "exit_to_legal": 0.05, "terminate": 0.3,
    "refer_court": 0.5, "close_failed": 0.5, "no_show": 0.3, "reject_terms": 0.4, "enforce": 0.1,
    "suspend_obligation": 0.5, "object_withdrawal": 0.2, "flag_escalation_risk": 0.1,
    "list": 0.5, "delist": 1, "change_mediator": 0.3, "add_evidence": 0.5,
    "issue_notice": 8, "acknowledge": 6, "start": 8, "submit_evidence": 8, "reinspect": 8,
    "check_items": 1, "pass": 5, "fail": 3, "propose_penalty": 6, "approve": 5, "penalize": 6,
    "record_top_up": 5, "reissue": 3, "to_exit": 2, "circulate": 1, "withdraw_notice": 0.1,
    "resume_cure": 5, "suspend_cure": 0.5, "flag_false_evidence": 0.3,
    "open": 8, "grade": 6, "draw_inspection": 0.7, "fix_grade": 6, "order_rectification": 6,
    "start_exit": 5, "vote_exit": 5, "give_notice": 6, "name_successor": 4, "finish_handover": 6,
    "decide": 5, "reject": 0.3, "appeal": 0.5, "appeal_decided": 4, "reply": 6, "resolve": 6,
    "start_handling": 6, "survey_site": 5, "escalate_to_mediation": 0.3, "override_close": 0.2,
    "warn": 6, "start_cure": 8, "take_interim": 1, "hand_to_authority": 0.1, "dismiss": 0.2,
    "hand_over_receiver": 0.4, "transfer_discipline": 0.2, "submit_plan": 5,
    "start_rectification": 6, "request_verification": 6, "verify_start": 6, "verify_pass": 5,
}  # fmt: skip


# ── openings ────────────────────────────────────────────────────────────────


def body(kind: str, rng: Random, place: str, path: str) -> dict[str, Any]:
    """Return the body that opens a ticket of a kind at a place."""
    made = _OPENINGS[kind](rng)
    if kind == "dispute_case" and path.count("/") > _COMPOUND:  # the household itself applies
        made["facts"]["parties"][0]["place"] = place
    reporter = {"name": "李四", "phone": "13900000002", "channel": rng.choice(("desk", "12345"))}
    return {
        "place": place, "title": f"{canary(path)} {rng.randrange(10_000)}",
        "description": canary(path), "reporter": reporter, **made,
    }  # fmt: skip


def _dispute(rng: Random) -> dict[str, Any]:
    parties: list[dict[str, Any]] = [
        {"side": "applicant", "kind": "resident", "place": "h-2-101",
         "person": {"name": "李四", "phone": "13900000002"}},
        {"side": "respondent", "kind": "vendor", "vendor": "v-lotus"},
    ]  # fmt: skip
    facts: dict[str, Any] = {"parties": parties, "request": "重做防水"}
    if rng.random() < 0.15:
        facts["requested_tier"] = rng.choice((2, 3))
    if rng.random() < 0.2:
        facts["collective"] = True
    return {"category": "owner_company", "facts": facts}


def _complaint(rng: Random) -> dict[str, Any]:
    facts = {"type": "complaint", "origin": "customer"}
    if rng.random() < 0.6:
        facts["vendor"] = rng.choice(VENDORS)
    return {"category": rng.choice(("cmp_cleaning", "cmp_noise", "cmp_fees")), "facts": facts}


def _rectification(rng: Random) -> dict[str, Any]:
    items = [{"what": "垃圾清运不及时"}, {"what": "清运记录缺失"}]
    facts = {"subject": "vendor", "vendor": rng.choice(VENDORS), "items": items,
             "grade": rng.choice(("immediate", "ordinary"))}  # fmt: skip
    return {"category": "rect_service", "facts": facts}


def _assessment(rng: Random) -> dict[str, Any]:
    period = {"from": "2026-10-01", "to": "2026-10-31", "cycle": "monthly"}
    electorate = rng.choice(("delegate", "household"))
    facts = {"vendor": "v-lotus", "period": period, "electorate_kind": electorate}
    return {"category": "line_repair", "facts": facts}


def _list(rng: Random) -> dict[str, Any]:
    kind = rng.choice(("red", "black"))
    serious = {"serious": "严重违约"} if kind == "black" else {}
    facts = {"vendor": rng.choice(VENDORS), "list": kind, "reason": "综合评定", **serious}
    return {"category": "list_company", "facts": facts}


def _hazard(_rng: Random) -> dict[str, Any]:
    return {"category": "hazard_fire", "facts": {"found_by": "patrol", "location": "2幢1单元"}}


def _supervision(rng: Random) -> dict[str, Any]:
    facts = {"reason": "collective_petition", "basis": "联名信", "vendor": rng.choice(VENDORS)}
    return {"category": "sup_service", "facts": facts}


_OPENINGS: Mapping[str, Callable[[Random], dict[str, Any]]] = {
    "dispute_case": _dispute, "complaint": _complaint, "rectification_order": _rectification,
    "vendor_assessment": _assessment, "list_decision": _list,
    "listed_supervision": _supervision, "hazard": _hazard,
}  # fmt: skip


# ── events ──────────────────────────────────────────────────────────────────


def account(name: str) -> str:
    """Return the account id of somebody of the house."""
    return str(derived("test-account", name))


def _reason(m: Moment) -> Data:
    return {"reason": m.words}


def _document(m: Moment) -> Data:
    return {"reason": m.words, "document": m.photo}


def _bodys(m: Moment) -> list[str]:
    """Return the mediators of the actor's own body."""
    return [account(m.person.name)]


def _accept_case(m: Moment) -> Data:
    return {"mediators": _bodys(m), "class": m.rng.choice(("general", "complex")), "grade": "low"}


def _terms(m: Moment) -> Data:
    owed = [
        {"who": 2, "what": m.words, "due_at": m.later(hours),
         "kind": m.rng.choice(("repair", "rectification", "other"))}
        for hours in (m.rng.uniform(20, 60), 90)
    ]  # fmt: skip
    return {"form": m.rng.choice(("oral", "written")), "obligations": owed, "minutes": m.words}


def _sign(m: Moment) -> Data:
    if m.person.role != "mediator":
        return {"signature": m.photo}
    how = ({"seal": True}, {"seal": True, "signature": m.photo}, {"record": m.words})
    return m.rng.choice(how)


def _items(m: Moment) -> list[int]:
    """Return the numbers of the items that a cure is about now."""
    found = m.ticket.get("facts", {}).get("items", ())
    return [item["n"] for item in found if item["state"] != "passed"] or [1]


def _results(m: Moment, *, all_passed: bool) -> Data:
    rows = [{"n": n, "result": "passed"} for n in _items(m)]
    if not all_passed:
        rows[0] = {"n": rows[0]["n"], "result": "failed", "finding": m.words}
    return {"items": rows}


def _penalty(m: Moment) -> Data:
    step = m.rng.choice((2, 2, 3, 4))
    amount = {"amount_fen": m.rng.randrange(1000, 50_000)} if step == 3 else {}
    return {"step": step, "violation": m.words, "ground": "serious_violation", **amount}


def _approve(m: Moment) -> Data:
    known = {"dispute_case": ("apply_confirmation",), "complaint": ("accept",),
             "rectification_order": ("pass", "penalize"),
             "vendor_assessment": ("fix_grade", "finish_handover")}  # fmt: skip
    event = m.rng.choice(known.get(m.ticket["kind"], ("accept",)))
    return {"event": event, **({"promise_at": m.later(24 * 9)} if event == "accept" else {})}


def _electors(m: Moment) -> Data:
    households = m.ticket.get("facts", {}).get("electorate_kind") == "household"
    voters = ["h-2-101", "h-2-102"] if households else [account("resident"), account("neighbour")]
    return {"electors": voters, "closes_at": m.later(24 * 7 + 1)}


def _ordered(m: Moment) -> Data:
    items = [{"what": m.words}, {"what": m.words}]
    return {"items": items, "grade": "ordinary", "legal_basis": m.words}


def _vote(m: Moment) -> Data:
    vote = {"seats": 9, "present": 6, "in_favour": m.rng.choice((1, 4))}
    return {"committee": vote, "document": m.photo}


def _handover(m: Moment) -> Data:
    done = dict.fromkeys(("rooms", "files", "assets", "keys", "deposit_settled"), True)
    return {**done, "record": m.photo}


def _plan(m: Moment) -> Data:
    return {"plan": m.words, "measures": [m.words], "leader": account("street_officer"),
            "responsible": "东街街道", "finish_by": m.later(200)}  # fmt: skip


def _postponed(m: Moment) -> Data:
    return {"reason": m.words, "new_promise_at": m.later(40),
            "reporter_notified_at": m.now.isoformat()}  # fmt: skip


def _hazard_grade(m: Moment) -> Data:
    vendor = {"vendor": "v-lotus"} if m.rng.random() < 0.8 else {}
    return {"grade": m.rng.choice(("immediate", "ordinary", "major")), "finding": m.words, **vendor}


DATA: Mapping[str, Mapping[str, Sent]] = {
    "hazard": {
        "grade": _hazard_grade,
        "warn": lambda m: {"photos": m.photos},
        "take_interim": lambda m: {"measures": m.words, "photos": m.photos},
        "circulate": lambda m: {"notice": m.words},
        "start_cure": lambda m: {"plan": m.words},
        "submit_evidence": lambda m: {"report": m.words, "photos": m.photos},
        "reinspect": lambda m: {},
        "pass": lambda m: {"finding": m.words},
        "fail": lambda m: {"finding": m.words},
        "hand_to_authority": lambda m: {"authority": "消防救援站", "reason": m.words},
    },
    "dispute_case": {
        "screen": lambda m: {"file_no": f"{m.rng.randrange(9999)}"},
        "receive_redirect": lambda m: {"file_no": f"{m.rng.randrange(9999)}"},
        "record_consent": lambda m: {"party": 2} if m.person.role == "mediator" else {},
        "identify_party": lambda m: {"party": m.rng.choice((1, 2)), "proof": "id_card"},
        "add_evidence": lambda m: {"item": m.rng.choice(("evidence", "statement")),
                                   "files": m.photos},
        "redirect": _reason,
        "refuse": lambda m: {"code": "outside_territory", "reason": m.words, "ways": m.words},
        "decide_appeal": lambda m: {"decision": "overturned", "reason": m.words},
        "accept": _accept_case,
        "receive_escalation": lambda m: {"mediators": _bodys(m)},
        "change_mediator": lambda m: {
            "mediator": account("mediator_beside"), "replaces": account("mediator"),
            "cause": "request", "reason": m.words,
        },
        "schedule": lambda m: {"at": m.later(2), "place": "调解室", "type": "mediation"},
        "open_session": lambda m: {"attendance": [1, 2]},
        "no_show": lambda m: {"party": m.rng.choice((1, 2))},
        "adjourn": lambda m: {"reason": m.words, "next_step": m.words, "next_at": m.later(5)},
        "extend_limit": lambda m: {"consents": [1, 2], "reason": m.words},
        "wait_for": lambda m: {"what": "survey", "reason": m.words},
        "reach_terms": _terms,
        "sign": _sign,
        "approve": _approve,
        "apply_confirmation": lambda m: {"court": "锦江区人民法院"},
        "court_answer": lambda m: {"answer": m.rng.choice(("accepted", "extended"))},
        "confirmation_result": lambda m: {"result": m.rng.choice(("confirmed", "not_confirmed"))},
        "obligation_done": lambda m: {"number": m.rng.choice((1, 2)), "statement": m.words},
        "suspend_obligation": lambda m: {"number": m.rng.choice((1, 2)), "agreed_by": [1, 2],
                                         "reason": m.words},
        "resume_obligation": lambda m: {"number": m.rng.choice((1, 2))},
        "enforce": lambda m: {"way": "suit"},
        "record_follow_up": lambda m: {"outcome": "reached"},
        "close": lambda m: {"opinion": "satisfied", "override_reason": m.words},
        "close_failed": lambda m: {"override_reason": m.words},
        "terminate": lambda m: {"cause": "parties_stop", "reason": m.words, "ways": m.words},
        "refer_court": lambda m: {"way": "court"},
        "flag_escalation_risk": lambda m: {"facts": m.words},
        "exit_to_legal": lambda m: {}, "escalate": lambda m: {},
    },
    "complaint": {
        "approve": _approve,
        "accept": lambda m: {"promise_at": m.later(12)},
        "resolve_on_spot": lambda m: {"result": m.words},
        "refer_out": lambda m: {"reason": m.words, "advice": m.words, "to": "交警"},
        "survey_site": lambda m: {"finding": m.words},
        "start_handling": lambda m: {"plan": m.words},
        "postpone": _postponed,
        "resume_handling": lambda m: {},
        "resolve": lambda m: {"result": m.words},
        "reply": lambda m: {"answer": m.words, "means": "phone"},
        "record_call": lambda m: {"outcome": "no_answer"},
        "confirm": lambda m: {"satisfied": m.rng.random() < 0.7, "opinion": m.words},
        "escalate_to_mediation": lambda m: {"request": m.words},
        "hand_over_receiver": lambda m: {"receiver": account("manager"), "reason": m.words},
        "transfer_discipline": lambda m: {"officials": m.words, "finding": m.words},
    },
    "rectification_order": {
        "circulate": lambda m: {},
        "issue_notice": lambda m: {"legal_basis": m.words, "penalty_warning": m.words},
        "acknowledge": lambda m: {"person": {"name": "李经理", "phone": "13800000001"},
                                  "plan": m.words},
        "dispute_notice": lambda m: {"reason": m.words, "proof": m.photos},
        "answer_dispute": lambda m: {"decision": "upheld", "answer": m.words},
        "request_extension": lambda m: {"until": m.later(24 * 8), "reason": m.words},
        "extend": lambda m: {"until": m.later(24 * 8), "reason": m.words},
        "suspend_cure": lambda m: {"cause": "weather", "reason": m.words, "evidence": m.photos},
        "submit_evidence": lambda m: {"items": [{"n": n, "files": m.photos} for n in _items(m)]},
        "check_items": lambda m: _results(m, all_passed=m.rng.random() < 0.5),
        "flag_false_evidence": lambda m: {"items": _items(m)[:1], "reason": m.words},
        "approve": _approve,
        "pass": lambda m: {},
        "fail": lambda m: _results(m, all_passed=False),
        "propose_penalty": _penalty,
        "record_top_up": lambda m: {"amount_fen": m.rng.randrange(1000, 90_000),
                                    "receipt": m.photo},
        "start": lambda m: {}, "reinspect": lambda m: {}, "penalize": lambda m: {},
        "reissue": lambda m: {}, "resume_cure": lambda m: {},
    },
    "vendor_assessment": {
        "open": _electors,
        "grade": lambda m: {"grade": m.rng.choice(("satisfied", "basically_satisfied",
                                                   "dissatisfied")), "words": m.words},
        "draw_inspection": lambda m: {"inspectors": [account("street_officer")],
                                      "targets": ["1幢", "2幢"]},
        "score_inspection": lambda m: {"checklist": [{"item": "楼道", "passed": True}],
                                       "photos": m.photos},
        "object": lambda m: {"text": m.words, "evidence": m.photos},
        "answer_objection": lambda m: {"answer": m.words},
        "approve": _approve, "fix_grade": lambda m: {}, "start_exit": lambda m: {},
        "order_rectification": _ordered,
        "hear": lambda m: {"statement": m.words},
        "appeal_decided": lambda m: {"decision": "dismissed", **_document(m)},
        "vote_exit": _vote,
        "give_notice": lambda m: {"leaves_at": m.later(24 * 31), "contract_days": 30,
                                  "document": m.photo},
        "name_successor": lambda m: {"vendor": m.rng.choice(("v-pool1", "v-pool2"))},
        "finish_handover": _handover,
    },
    "list_decision": {
        "hear": lambda m: {"statement": m.words},
        "decide": _document, "reject": _document,
        "appeal_decided": lambda m: {"decision": m.rng.choice(("kept", "withdrawn")),
                                     **_document(m)},
    },
    "listed_supervision": {
        "list": lambda m: {"leader": account("street_officer"), "demands": m.words},
        "submit_plan": _plan,
        "report_progress": lambda m: {"period": m.rng.choice(("weekly", "monthly")),
                                      "progress": m.words, "percent": 50},
        "request_verification": lambda m: {"summary": m.words, "photos": m.photos},
        "verify_pass": lambda m: {"score": 90, "finding": m.words},
        "verify_fail": lambda m: {"findings": [m.words]},
        "lookback_ok": lambda m: {"finding": m.words},
        "lookback_fail": lambda m: {"findings": [m.words]},
        "transfer_discipline": lambda m: {"ground": "false_work", "officials": m.words,
                                          "finding": m.words},
        "start_rectification": lambda m: {}, "verify_start": lambda m: {},
    },
}  # fmt: skip


def data_for(kind: str, event: str, moment: Moment) -> Data:
    """Return data for an event of a kind; a reason for one that is not known here."""
    return DATA[kind].get(event, _reason)(moment)
