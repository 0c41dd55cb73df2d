"""What follows a fixed grade, as values: cure, exit review, vote, hand-over."""

from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.workflows import assessment_effects, assessment_facts
from service.workflows.approvals import forget
from service.workflows.assessment_effects import credit, published
from service.workflows.exit_guards import exit_passes
from service.workflows.table import ticket_of

HEARING = "vendor_assessment.hearing"
EXIT_REVIEWED = "vendor_assessment.exit_reviewed"
SUCCESSOR_WANTED = "vendor_assessment.successor_wanted"
EMERGENCY_SERVICE = "vendor_assessment.emergency_service"


def order_rectification(s: Situation) -> Change:
    """Keep the findings that the order is made of (R-VEN-03)."""
    items = [{"n": n, **item} for n, item in enumerate(s.data["items"], start=1)]
    cure = {"grade": s.data["grade"], "legal_basis": s.data["legal_basis"]}
    return Change(facts={"findings": items, "cure": cure})


def cured(s: Situation) -> Change:
    """Publish that everything was cured."""
    return Change(facts=published(s))


def start_exit(s: Situation) -> Change:
    """Open the review and invite the vendor to be heard."""
    review = {**assessment_facts.of(s).review, "started_at": stamp(s.at)}
    return Change(facts={"exit": review}, notices=((HEARING, {}),))


def open_exit(s: Situation) -> Change:
    """Open a review that no assessment led to (RULINGS 55)."""
    planned, review = assessment_effects.plan(s), start_exit(s)
    serious = bool(s.facts["source"].get("serious"))
    return Change(
        facts={**planned.facts, **review.facts, "serious": serious},
        assigns=True,
        assignee=planned.assignee,
        notices=review.notices,
    )


def hear(s: Situation) -> Change:
    """Keep what the vendor states; a later statement stands beside the earlier."""
    evidence = [str(file) for file in s.data.get("evidence", ())]
    row = {"at": stamp(s.at), "statement": s.data["statement"], "evidence": evidence}
    heard = [*assessment_facts.of(s).review.get("hearing", ()), row]
    return _reviewed(s, hearing=heard)


def vote_passed(s: Situation) -> Change:
    """Publish the resolution to part."""
    return _resolved(s)


def vote_failed(s: Situation) -> Change:
    """Publish that the vendor stays on probation; the next cycle follows soon."""
    kept = _resolved(s)
    return Change(facts={**kept.facts, **_probation(s)}, notices=kept.notices)


def _resolved(s: Situation) -> Change:
    kind = "owners" if "owners" in s.data else "committee"
    vote = {
        "kind": kind,
        **s.data[kind],
        "document": str(s.data["document"]),
        "at": stamp(s.at),
        "passed": exit_passes(s),
    }
    changed = _reviewed(s, vote=vote)
    return Change(
        facts={**changed.facts, **published(s)},
        notices=((EXIT_REVIEWED, {}),),
    )


def _probation(s: Situation) -> dict[str, str]:
    return {"next_cycle_by": stamp(s.at + s.policy.probation)}


def appeal(s: Situation) -> Change:
    """Keep why the vendor appeals."""
    return _reviewed(s, appeal={"at": stamp(s.at), "reason": s.data["reason"]})


def appeal_dismissed(s: Situation) -> Change:
    """Keep the decision; the review goes on."""
    given = {
        "decision": s.data["decision"],
        "decision_reason": s.data["reason"],
        "document": str(s.data["document"]),
        "decided_at": stamp(s.at),
    }
    return _reviewed(s, appeal={**assessment_facts.of(s).review["appeal"], **given})


def appeal_upheld(s: Situation) -> Change:
    """Keep the decision that ends the review: the vendor stays on probation."""
    decided = appeal_dismissed(s)
    return Change(
        facts={**decided.facts, **published(s), **_probation(s)},
        notices=((EXIT_REVIEWED, {}),),
    )


def give_notice(s: Situation) -> Change:
    """Keep when the vendor leaves; a successor is looked for, red list first (R-VEN-18)."""
    notice = {
        "at": stamp(s.at),
        "leaves_at": stamp(s.data["leaves_at"]),
        "document": str(s.data["document"]),
    }
    return Change(facts={"notice": notice}, notices=((SUCCESSOR_WANTED, {}),))


def name_successor(s: Situation) -> Change:
    """Keep who takes over: open tickets go there."""
    vendor = s.refs["vendor"]
    return Change(facts={"successor": {"id": vendor.id, "name": vendor.name}})


def finish_handover(s: Situation) -> Change:
    """Keep what was handed over and enter the exit in the credit file."""
    parts = ("rooms", "files", "assets", "keys", "deposit_settled")
    handover: dict[str, Any] = {name: s.data[name] for name in parts}
    handover |= {"record": str(s.data["record"]), "at": stamp(s.at)}
    return forget(
        Change(
            facts={"handover": handover},
            credits=credit(s, s.policy.points_exited, "vendor_exited"),
        )
    )


def clear_from_market(s: Situation) -> Change:
    """Finish the hand-over and clear a serious violator from the market (R-VEN-15)."""
    done = finish_handover(s)
    assignee = ticket_of(s).assignee
    vendor = assignee.vendor_id if assignee is not None else None
    cleared = ((vendor, {"market_exit": True}),) if vendor is not None else ()
    return Change(facts={**done.facts, "market_exit": True}, credits=done.credits, vendors=cleared)


def leave_without_handover(s: Situation) -> Change:
    """Enter a malicious withdrawal in the credit file; the street organises service (R-VEN-08)."""
    evidence = [str(file) for file in s.data.get("evidence", ())]
    row = {"at": stamp(s.at), "reason": s.data["reason"], "evidence": evidence}
    return Change(
        facts={"left_without_handover": row, "serious": True},
        credits=credit(s, s.policy.points_withdrawn, "malicious_withdrawal"),
        notices=((EMERGENCY_SERVICE, {}),),
    )


def _reviewed(s: Situation, **members: Any) -> Change:
    return Change(facts={"exit": {**assessment_facts.of(s).review, **members}})
