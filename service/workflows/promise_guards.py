"""Guards of promises and of what follows a finished repair: postponing, closing, calling back."""

from datetime import timedelta

from service.core.workflow import Situation
from service.workflows import repair_facts
from service.workflows.table import due_of, newest_clock, ticket_of


def already_postponed(s: Situation) -> str | None:
    """Require that the commitment has not moved before (R-SLA-20)."""
    used_up = repair_facts.of(s).postpone_count >= s.policy.postponements
    return "already_postponed" if used_up else None


def promise_past(s: Situation) -> str | None:
    """Require that a promise lies ahead."""
    return "promise_past" if s.data["new_promise_at"] <= s.at else None


def promise_too_far(s: Situation) -> str | None:
    """Require that a promise lies within what the profile allows."""
    far = s.data["new_promise_at"] > s.at + s.policy.promise_max
    return "promise_too_far" if far else None


def notified_in_future(s: Situation) -> str | None:
    """Require that the reporter has been told, not will be (R-REP-03)."""
    return "notified_in_future" if s.data["reporter_notified_at"] > s.now else None


def notified_before_report(s: Situation) -> str | None:
    """Nobody was told before the report came."""
    early = s.data["reporter_notified_at"] < ticket_of(s).opened_at
    return "notified_before_report" if early else None


def warning_required(s: Situation) -> str | None:
    """At a common part the warning sign must be seen; a waiver is for private parts (R-REP-04)."""
    private = repair_facts.of(s).part == "private"
    return None if private or s.data.get("warning_photos") else "warning_required"


def too_early(s: Situation) -> str | None:
    """Silence is consent only when the time for an answer is over."""
    due = due_of(s, "confirm")
    return None if due is not None and s.at >= due else "too_early"


def never_for_emergency(s: Situation) -> str | None:
    """Require a person's word for an emergency: the desk calls."""
    return "never_for_emergency" if ticket_of(s).urgency == "emergency" else None


def answer_not_due(s: Situation) -> str | None:
    """Require that the time to answer is over."""
    due = due_of(s, "pool_answer")
    return None if due is not None and s.at >= due else "answer_not_due"


def always_called_back(s: Situation) -> bool:
    """Tell whether an order belongs to every revisit sample (DOMAIN 3A.5)."""
    facts = repair_facts.of(s)
    return (
        ticket_of(s).urgency == "emergency"
        or facts.unconfirmed
        or facts.rework_count > 0
        or facts.rating == "unsatisfied"
    )


def not_sampled(s: Situation) -> str | None:
    """Only the always-included are drawn at once; the rest by the monthly sampler."""
    drawn = s.data.get("draw") in ("sampled", "substitute")
    return None if drawn or always_called_back(s) else "not_sampled"


def already_drawn(s: Situation) -> str | None:
    """Require that no revisit was drawn since the order was closed."""
    return "already_drawn" if repair_facts.of(s).revisit is not None else None


def no_revisit_due(s: Situation) -> str | None:
    """Only a drawn order is called back."""
    return None if repair_facts.of(s).revisit == "revisit_due" else "no_revisit_due"


def reopen_too_late(s: Situation) -> str | None:
    """After the limit the same fault is a new order, linked to this one."""
    closed = ticket_of(s).closed_at
    late = closed is None or s.at - closed > timedelta(days=s.policy.reopen_days)
    return "reopen_too_late" if late else None


def told_in_time(s: Situation, clock: str) -> bool:
    """Tell whether the reporter knew before the commitment fell due (R-SLA-21)."""
    found = newest_clock(s, clock)
    due = found.due_at if found is not None else None
    return due is None or s.data["reporter_notified_at"] < due
