"""What the events of a dispute case change from its terms to its end, as values."""

from datetime import datetime
from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Effect, Situation
from service.workflows import approvals, dispute_facts
from service.workflows.agreement_guards import fallen_due, signed_by
from service.workflows.dispute_effects import files, given, minutes, with_entry, with_last
from service.workflows.dispute_facts import PARTY_ROLES, Entry
from service.workflows.tier_effects import sealed

REPAIR_REQUEST = "dispute_case.repair_request"
RECTIFICATION_REQUEST = "dispute_case.rectification_request"
_LINKED = {"repair": REPAIR_REQUEST, "rectification": RECTIFICATION_REQUEST}


# ── terms and signatures ─────────────────────────────────────────────────────


def reach_terms(s: Situation) -> Change:
    """Write down who does what by when; every change is a new version (S-54)."""
    case = dispute_facts.of(s)
    draft = {
        "version": 1 + int((case.agreement or {}).get("version", 0)),
        "form": s.data["form"],
        "signatures": [],
        "drafted_at": stamp(s.at),
    }
    promised = [
        {
            "n": n,
            "who": one["who"],
            "what": one["what"],
            "where": one.get("where"),
            "due_at": stamp(one["due_at"]),
            "amount_fen": one.get("amount_fen"),
            "kind": one.get("kind", "other"),
            "state": "open",
        }
        for n, one in enumerate(s.data["obligations"], 1)
    ]
    sessions = with_last(case.sessions, outcome="terms", **minutes(s))
    return Change(facts={
        "agreement": draft, "obligations": promised, "sessions": sessions, "waiting": None,
    })  # fmt: skip


def sign(s: Situation) -> Change:
    """Keep one signature: a party's, or the mediator's."""
    draft = _agreement(s)
    party = signed_by(s)
    if party is None:
        return _agreed(s, mediator_signed=_by_mediator(s))
    paper = s.actor.role not in PARTY_ROLES
    entry = {"party": party["n"], "at": stamp(s.at), "paper": paper, **_image(s)}
    return _agreed(s, signatures=[*draft.get("signatures", ()), entry])


def take_effect(s: Situation) -> Change:
    """Seal or record the agreement: from now on it binds, locked by its digest (S-55)."""
    draft = _agreement(s)
    done: dict[str, Any] = {"effective_at": stamp(s.at)}
    if _image(s):
        done["mediator_signed"] = _by_mediator(s)
    done["recorded_at" if draft.get("form") == "oral" else "sealed_at"] = stamp(s.at)
    locked = {**draft, **done}
    whole = {"agreement": locked, "obligations": list(s.facts.get("obligations", ()))}
    return Change(facts={"agreement": {**locked, "digest": sealed(whole)}})


def _by_mediator(s: Situation) -> dict[str, Any]:
    return {"account": str(s.actor.id), "at": stamp(s.at), **_image(s)}


def _image(s: Situation) -> dict[str, str]:
    return {name: str(value) for name, value in given(s, "signature", "page").items()}


def reject_terms(s: Situation) -> Change:
    """Make the draft void; its promises bind nobody."""
    return Change(facts={"agreement": {**_agreement(s), "void": "rejected"}, "obligations": []})


def start_performance(s: Situation) -> Change:
    """Ask for the tickets that carry out what is to be repaired or rectified."""
    notices = tuple(
        (_LINKED[one["kind"]], {"number": one["n"], **_debtor(s, one)})
        for one in dispute_facts.of(s).obligations
        if one["kind"] in _LINKED
    )
    return Change(notices=notices)


def _debtor(s: Situation, obligation: Entry) -> dict[str, Any]:
    party = dispute_facts.of(s).party(obligation["who"]) or {}
    vendor = party.get("vendor")
    return {"vendor": vendor, "due_at": obligation["due_at"]}


# ── performance ──────────────────────────────────────────────────────────────


def obligation_dates(s: Situation) -> dict[int, datetime | None]:
    """Return the due time of each open obligation that no clock watches yet."""
    watched = {clock.name for clock in s.refs["clocks"] if clock.state != "stopped"}
    return {
        one["n"]: datetime.fromisoformat(one["due_at"])
        for one in dispute_facts.of(s).obligations
        if one["state"] != "done" and f"obligation-{one['n']}" not in watched
    }


def every_obligation(s: Situation) -> dict[int, datetime | None]:
    """Return the numbers of all obligations."""
    return {one["n"]: None for one in dispute_facts.of(s).obligations}


def named_obligation(s: Situation) -> dict[int, datetime | None]:
    """Return the number that the data names."""
    return {s.data["number"]: None}


def obligation_done(s: Situation) -> Change:
    """Keep the proof; whoever still owes keeps the case in default (RULINGS 51)."""
    proof = [str(one) for one in s.data.get("proof", ())]
    return _obligation(
        s, s.data["number"], state="done", done_at=stamp(s.at), proof=proof, suspended=False
    )


def obligation_overdue(s: Situation) -> Change:
    """Note which promise was not kept."""
    late = fallen_due(s)
    return _obligation(s, 0 if late is None else late["n"], state="overdue")


def suspend_obligation(s: Situation) -> Change:
    """Note that the parties let an obligation wait."""
    return _obligation(s, s.data["number"], suspended=True)


def resume_obligation(s: Situation) -> Change:
    """Note that an obligation runs again."""
    return _obligation(s, s.data["number"], suspended=False)


def _obligation(s: Situation, n: int, **changes: Any) -> Change:
    return Change(facts={"obligations": with_entry(dispute_facts.of(s).obligations, n, **changes)})


# ── court ────────────────────────────────────────────────────────────────────


def joined(approve: Effect | None) -> Effect:
    """Return the effect of an approval that also remembers the party it is of (RULINGS 54)."""

    def effect(s: Situation) -> Change:
        own = dispute_facts.own_party(s)
        joint = (*dispute_facts.of(s).joint, *(() if own is None else (own["n"],)))
        kept = approve(s).facts if approve is not None else {}
        return Change(facts={**kept, "joint": list(joint)})

    return effect


def apply_confirmation(s: Situation) -> Change:
    """Hand the joint application to the court."""
    application = {"court": s.data["court"], "at": stamp(s.at), **files(s, "documents")}
    change = _agreed(s, confirmation=application)
    return approvals.forget(Change(facts={**change.facts, "joint": []}))


def court_answer(s: Situation) -> Change:
    """Keep what the court said."""
    return _confirmation(s, answer=s.data["answer"], answered_at=stamp(s.at))


def confirmed(s: Situation) -> Change:
    """Make the agreement enforceable (CPL 205)."""
    told = _confirmation(s, result="confirmed", decided_at=stamp(s.at), **files(s, "document"))
    return Change(facts={"agreement": {**told.facts["agreement"], "enforceable": True}})


def not_confirmed(s: Situation) -> Change:
    """Make the agreement void: new terms follow, or a suit."""
    told = _confirmation(s, result="not_confirmed", decided_at=stamp(s.at), **files(s, "document"))
    void = {**told.facts["agreement"], "effective_at": None, "void": "not_confirmed"}
    return Change(facts={"agreement": void, "obligations": []})


def _confirmation(s: Situation, **changes: Any) -> Change:
    before = _agreement(s).get("confirmation") or {}
    return _agreed(s, confirmation={**before, **changes})


# ── the end ──────────────────────────────────────────────────────────────────


def record_follow_up(s: Situation) -> Change:
    """Keep that somebody was called after performance; a call that reached stays."""
    before = dispute_facts.of(s).follow_up or {}
    call = {"at": stamp(s.at), "calls": 1 + int(before.get("calls", 0))}
    outcome = "reached" if before.get("outcome") == "reached" else s.data["outcome"]
    return Change(facts={"follow_up": {**call, "outcome": outcome, **given(s, "party")}})


def close(s: Situation) -> Change:
    """Keep the applicant's opinion, and for the cover why the file was closed incomplete."""
    facts: dict[str, Any] = {"closing": {"at": stamp(s.at), **given(s, "opinion")}}
    if s.data.get("override_reason") is not None:
        facts["close_override"] = {
            "by": str(s.actor.id), "at": stamp(s.at), "reason": s.data["override_reason"],
        }  # fmt: skip
    return Change(facts=facts)


def _agreement(s: Situation) -> Entry:
    return dispute_facts.of(s).agreement or {}


def _agreed(s: Situation, **changes: Any) -> Change:
    return Change(facts={"agreement": {**_agreement(s), **changes}})
