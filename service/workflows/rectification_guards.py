"""Guards of a rectification order: the name of each is the code it refuses with.

Who acts as the subject stands in `acts_as`; what penalties and money allow stands in
`penalty_guards.py`.
"""

from datetime import datetime, timedelta

from service.core.actors import Actor, Role
from service.core.workflow import Situation, TicketView
from service.workflows import approvals, rectification_facts
from service.workflows.rectification_facts import Notice
from service.workflows.table import ABOVE, K, O, S, V, X, due_of, roles, ticket_of

INSPECTORS = roles(K, O, S, X)
"""Who finds failings and re-inspects."""


def acts_as(actor: Actor, ticket: TicketView | None) -> frozenset[Role]:
    """Return the roles an actor has on an order.

    The holder of a link answers for the subject (S-63). So does the committee when the
    order is against its own decision (R-VEN-24), and then it decides nothing.
    """
    if ticket is not None:
        against_committee = ticket.facts.get("subject") == "committee"
        if actor.link_ticket == ticket.id or (actor.role is K and against_committee):
            return roles(V)
    return roles(actor.role)


def committee_decides(s: Situation) -> bool:
    """Tell whether the compound has a committee that is not itself the subject."""
    known: bool = s.refs["place"].committee
    return known and rectification_facts.of(s).subject != "committee"


# ── birth ────────────────────────────────────────────────────────────────────


def unknown_vendor(s: Situation) -> str | None:
    """Require that a named vendor or developer stands in the directory."""
    named = s.facts.get("vendor") is not None
    return "unknown_vendor" if named and s.refs.get("vendor") is None else None


def wrong_subject(s: Situation) -> str | None:
    """Require that vendor and category are of the subject's kind."""
    subject, vendor = s.facts["subject"], s.refs.get("vendor")
    only = {"rect_developer": "developer", "rect_decision": "committee"}.get(s.data["category"])
    developer = vendor is not None and vendor.body == "developer"
    fits = only in (None, subject) and (vendor is None or developer == (subject == "developer"))
    return None if fits else "wrong_subject"


# ── who ──────────────────────────────────────────────────────────────────────


def not_subject(s: Situation) -> str | None:
    """Require the subject itself; the desk records what a body outside the service says."""
    actor, assignee = s.actor, ticket_of(s).assignee
    if assignee is None or actor.link_ticket is not None:
        return None
    if actor.role is V:
        return None if actor.vendor_id == assignee.vendor_id else "not_subject"
    return None if assignee.outside_body else "not_subject"


def not_issuer(s: Situation) -> str | None:
    """Require the person who issued the notice (RULINGS 53)."""
    return None if _notice(s).issuer == str(s.actor.id) else "not_issuer"


def not_superior(s: Situation) -> str | None:
    """Require the issuer's superior; above the bureau is another officer of it (RULINGS 53)."""
    notice = _notice(s)
    superior = ABOVE.get(Role(notice.issuer_role), X)
    fits = s.actor.role is superior and notice.issuer != str(s.actor.id)
    return None if fits else "not_superior"


def evidence_filer(s: Situation) -> str | None:
    """Who filed evidence, in whatever round, or made the link it came by, never judges (S-61)."""
    filed = rectification_facts.of(s).evidence_by
    return None if s.actor.hands.isdisjoint(filed) else "evidence_filer"


# ── notice and time ──────────────────────────────────────────────────────────


def full_span(s: Situation) -> timedelta:
    """Return the most time that the grade gives for a cure (R-SLA-17)."""
    span: timedelta = s.policy.clocks["cure"].target[rectification_facts.of(s).grade]
    return span


def next_span(s: Situation) -> timedelta:
    """Return the most time that a further cycle gives (DOMAIN 3C.2 `reissue`)."""
    span: timedelta = rectification_facts.of(s).first_span * s.policy.reissue_share
    return span


def deadline_past(s: Situation) -> str | None:
    """Require that a deadline lies ahead."""
    return "deadline_past" if s.data.get("deadline", s.at + full_span(s)) <= s.at else None


def deadline_too_far(s: Situation) -> str | None:
    """Require a deadline within the time of the grade, in later cycles within its share."""
    first = rectification_facts.of(s).notice is None
    most = s.at + (full_span(s) if first else next_span(s))
    return "deadline_too_far" if s.data.get("deadline", most) > most else None


def not_overdue(s: Situation) -> str | None:
    """Require that the deadline has passed without a cure."""
    return None if _passed(s, "cure") else "not_overdue"


def ack_not_overdue(s: Situation) -> str | None:
    """Require that the time to acknowledge has passed."""
    return None if _passed(s, "ack_notice") else "ack_not_overdue"


def dispute_too_late(s: Situation) -> str | None:
    """Require a dispute within a few days of the notice."""
    late = s.at > _notice(s).at + s.policy.dispute_within
    return "dispute_too_late" if late else None


def already_disputed(s: Situation) -> str | None:
    """Dispute a notice once."""
    return "already_disputed" if rectification_facts.of(s).dispute is not None else None


def no_dispute(s: Situation) -> str | None:
    """Require a dispute without an answer."""
    dispute = rectification_facts.of(s).dispute
    return None if dispute is not None and "answer" not in dispute else "no_dispute"


def already_extended(s: Situation) -> str | None:
    """Move a commitment once only (R-SLA-20)."""
    return "already_extended" if rectification_facts.of(s).extended else None


def never_for_immediate(s: Situation) -> str | None:
    """Give no more time for an immediate danger."""
    immediate = rectification_facts.of(s).grade == "immediate"
    return "never_for_immediate" if immediate else None


def extension_not_requested(s: Situation) -> str | None:
    """Require that the subject asked for more time before the deadline."""
    asked = rectification_facts.of(s).request is not None
    return None if asked else "extension_not_requested"


def extension_not_later(s: Situation) -> str | None:
    """Require an extension beyond the deadline."""
    return "extension_not_later" if s.data["until"] <= _notice(s).deadline else None


def extension_too_long(s: Situation) -> str | None:
    """Allow at most the notice's own time once more."""
    notice = _notice(s)
    return "extension_too_long" if s.data["until"] > notice.deadline + notice.span else None


def deadline_passed(s: Situation) -> str | None:
    """Ask for more time before the deadline, not after it."""
    return "deadline_passed" if _passed(s, "cure") else None


def cure_suspended(s: Situation) -> str | None:
    """Require that the cure is not suspended."""
    return "cure_suspended" if rectification_facts.of(s).suspended else None


def not_suspended(s: Situation) -> str | None:
    """Require that the cure is suspended."""
    return None if rectification_facts.of(s).suspended else "not_suspended"


# ── evidence and re-inspection ───────────────────────────────────────────────


def unknown_item(s: Situation) -> str | None:
    """Speak only of items of this round: one that has passed is done."""
    named = {row if isinstance(row, int) else row["n"] for row in s.data.get("items", ())}
    known = {item["n"] for item in rectification_facts.of(s).round}
    return None if named <= known else "unknown_item"


def item_without_evidence(s: Situation) -> str | None:
    """Require evidence for every item of the round."""
    named = {row["n"] for row in s.data["items"]}
    missing = any(item["n"] not in named for item in rectification_facts.of(s).round)
    return "item_without_evidence" if missing else None


def item_not_checked(s: Situation) -> str | None:
    """No item passes or fails by silence."""
    return "item_not_checked" if None in rectification_facts.results(s).values() else None


def item_not_passed(s: Situation) -> str | None:
    """Require that each item of the round was found in order."""
    found = set(rectification_facts.results(s).values())
    return None if found <= {"passed"} else "item_not_passed"


def no_failed_item(s: Situation) -> str | None:
    """Require an item by which the cure fails."""
    failed = "failed" in rectification_facts.results(s).values()
    return None if failed else "no_failed_item"


def already_flagged(s: Situation) -> str | None:
    """Flag the evidence of an item once."""
    flagged = {
        item["n"] for item in rectification_facts.of(s).round
        if rectification_facts.last(item).get("false")
    }  # fmt: skip
    return "already_flagged" if flagged & {*s.data["items"]} else None


_CONFIRMED = "R-VEN-05"
_BY_COMMITTEE = approvals.missing("pass", (INSPECTORS, roles(K)), _CONFIRMED)
_BY_STREET = approvals.missing("pass", (INSPECTORS, roles(S)), _CONFIRMED)


def approval_missing(s: Situation) -> str | None:
    """Require the inspector and the committee; where it cannot decide, the street confirms."""
    return (_BY_COMMITTEE if committee_decides(s) else _BY_STREET).check(s)


def approval_for_other_content(s: Situation) -> str | None:
    """Add no result to what others approved: results are recorded before (RULINGS 54)."""
    others = approvals.of(s, "pass").keys() - {str(s.actor.id)}
    return "approval_for_other_content" if others and s.data.get("items") else None


def _notice(s: Situation) -> Notice:
    notice = rectification_facts.of(s).notice
    if notice is None:
        raise ValueError("no notice yet")
    return notice


def _passed(s: Situation, clock: str) -> bool:
    due: datetime | None = due_of(s, clock)
    return due is not None and s.at >= due
