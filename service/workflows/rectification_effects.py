"""What the events of a rectification order change, as values.

Penalties, money and exit stand in `penalty_effects.py`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from service.core.refs import VendorRef
from service.core.shapes import stamp
from service.core.workflow import Change, Credit, Situation
from service.sla.notation import MS, ms
from service.workflows import approvals, penalties, rectification_facts
from service.workflows.holder import held_by
from service.workflows.rectification_facts import Item
from service.workflows.rectification_guards import full_span, next_span
from service.workflows.table import V, newest_clock, ticket_of

Facts = Mapping[str, Any]


# ── finding and notice ───────────────────────────────────────────────────────


def record(s: Situation) -> Change:
    """Give each item a number; a vendor or developer holds the order from now on."""
    vendor: VendorRef | None = s.refs.get("vendor") if s.facts.get("vendor") else None
    items = [_found(n, item) for n, item in enumerate(s.facts["items"], 1)]
    return Change(
        facts={**rectification_facts.BIRTH_FACTS, "items": items},
        assigns=vendor is not None,
        assignee=held_by(vendor) if vendor is not None else None,
    )


def _found(n: int, item: Item) -> dict[str, Any]:
    photo = item.get("photo")
    return {
        "n": n,
        "what": item["what"],
        "where": item.get("where"),
        "photo": None if photo is None else str(photo),
        "state": "open",
        "rounds": [],
    }


def circulate(s: Situation) -> Change:
    """Keep when the result was published (R-VEN-05)."""
    return Change(facts={"circulated_at": stamp(s.at)})


def deadline(s: Situation) -> datetime:
    """Return until when the cure is due: as said, else all the time that may be given."""
    first = rectification_facts.of(s).notice is None
    said: datetime | None = s.data.get("deadline")
    return said or s.at + (full_span(s) if first else next_span(s))


def issue_notice(s: Situation) -> Change:
    """Give the notice its number; whoever issues it answers for it (RULINGS 53)."""
    notice = _notice(s, s.data["legal_basis"], s.data["penalty_warning"])
    return Change(facts={"notice": notice, "first_span_ms": notice["span_ms"]})


def reissue(s: Situation) -> Change:
    """Begin a cycle with the items that have not passed."""
    last = s.facts["notice"]
    warning = s.data.get("penalty_warning", last["penalty_warning"])
    items = [_reopened(item) for item in rectification_facts.of(s).items]
    facts = {
        "notice": _notice(s, last["basis"], warning),
        "items": items,
        "ack": None,
        "dispute_of_notice": None,
        "extension_request": None,
        "proposal": None,
    }
    return approvals.forget(Change(facts=facts))


def _reopened(item: Item) -> Item:
    return item if item["state"] == "passed" else {**item, "state": "open"}


def _notice(s: Situation, basis: str, warning: str) -> dict[str, Any]:
    until = deadline(s)
    return {
        "no": f"{ticket_of(s).number}-{rectification_facts.of(s).cycle_no}",
        "at": stamp(s.at),
        "issuer_account": str(s.actor.id),
        "issuer_role": str(s.actor.role),
        "deadline": stamp(until),
        "span_ms": ms(until - s.at),
        "basis": basis,
        "penalty_warning": warning,
    }


def acknowledge(s: Situation) -> Change:
    """Keep who answers for the cure, and the plan; a vendor's manager has a score to lose."""
    ack = {"person": s.data["person"], "plan": s.data["plan"], **signed(s), "deemed": False}
    if s.actor.role is V and s.actor.link_ticket is None:
        ack["manager"] = str(s.actor.id)
    return Change(facts={"ack": ack})


def deem_served(s: Situation) -> Change:
    """Keep that the notice was served by posting."""
    return Change(facts={"ack": {"at": stamp(s.at), "deemed": True}})


def dispute_notice(s: Situation) -> Change:
    """Keep the objection; the notice stands until it is withdrawn."""
    dispute = {"reason": s.data["reason"], "proof": ids(s.data["proof"]), **signed(s)}
    return Change(facts={"dispute_of_notice": dispute})


def answer_dispute(s: Situation) -> Change:
    """Keep the issuer's answer beside the objection."""
    answer = {"decision": s.data["decision"], "answer": s.data["answer"], **signed(s)}
    return Change(facts={"dispute_of_notice": {**s.facts["dispute_of_notice"], "answer": answer}})


# ── time ─────────────────────────────────────────────────────────────────────


def request_extension(s: Situation) -> Change:
    """Keep until when more time was asked for, and when that was."""
    request = {"until": stamp(s.data["until"]), "reason": s.data["reason"], **signed(s)}
    return Change(facts={"extension_request": request})


def extend(s: Situation) -> Change:
    """Move the deadline, once."""
    notice = {**s.facts["notice"], "deadline": stamp(s.data["until"])}
    return Change(facts={"notice": notice, "extended": True})


def suspend_cure(s: Situation) -> Change:
    """Keep what stops the cure."""
    cause = {"cause": s.data["cause"], "reason": s.data["reason"], **signed(s)}
    return Change(facts={"suspended": True, "suspension": cause})


def resume_cure(s: Situation) -> Change:
    """Move the deadline by the time the cure was suspended, the cap at most."""
    clock = newest_clock(s, "cure")
    if clock is None:
        return Change(facts={"suspended": False})
    until = clock.due_at
    if clock.paused_at is not None and until is None:
        capped = clock.paused_at + s.policy.max_pause - clock.paused_ms * MS
        until = min(s.at, capped) + (clock.target_ms - clock.counted_ms) * MS
    kept = s.facts["notice"]
    notice = kept if until is None else {**kept, "deadline": stamp(until)}
    return Change(facts={"suspended": False, "notice": notice})


def expire(s: Situation) -> Change:
    """Charge the missed deadline; a danger left alone although nobody answered weighs more."""
    facts = rectification_facts.of(s)
    unanswered = not facts.ack or facts.ack["deemed"]
    ignored = facts.grade == "immediate" and unanswered
    what = "hazard_ignored" if ignored else "cure_overdue"
    return Change(facts={"suspended": False}, credits=charged(s, what))


# ── credit ───────────────────────────────────────────────────────────────────


def charged(s: Situation, what: str) -> tuple[Credit, ...]:
    """Return the points an event costs the vendor (R-VEN-09); others have no score."""
    return credits_of(s, penalties.points(what, s.policy), what)


def credits_of(s: Situation, points: int, reason: str) -> tuple[Credit, ...]:
    """Charge the company, and its manager who acknowledged the notice."""
    assignee = ticket_of(s).assignee
    facts = rectification_facts.of(s)
    if facts.subject != "vendor" or assignee is None:
        return ()
    company = Credit(assignee.id, "company", points, reason)
    manager = facts.ack.get("manager")
    if manager is None:
        return (company,)
    return (company, Credit(assignee.id, "manager", points, reason, manager=manager))


def signed(s: Situation) -> dict[str, str]:
    """Return who said something, and when."""
    return {"by": str(s.actor.id), "at": stamp(s.at)}


def ids(files: Iterable[Any]) -> list[str]:
    """Return attachments as facts keep them."""
    return [str(file) for file in files]
