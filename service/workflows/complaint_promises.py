"""Guards of what was promised to the complainant (R-CMP-04…07, R-SLA-20, R-SLA-21)."""

from datetime import datetime

from service.core.actors import Role
from service.core.workflow import Situation
from service.workflows import approvals, complaint_facts
from service.workflows.table import due_of


def _promised(s: Situation) -> datetime:
    found: datetime = s.data.get("new_promise_at") or s.data["promise_at"]
    return found


def promise_past(s: Situation) -> str | None:
    """Require that a promise lies ahead."""
    return "promise_past" if _promised(s) <= s.at else None


def promise_reason_missing(s: Situation) -> str | None:
    """Require a reason for a promise later than the usual two days (R-CMP-05)."""
    late = _promised(s) > s.at + s.policy.promise_usual
    return "promise_reason_missing" if late and not s.data.get("reason") else None


def promise_approval_missing(s: Situation) -> str | None:
    """Require the manager's word for a promise beyond a week (R-CMP-05)."""
    missing = _needs_manager(s) and not approvals.of(s, "accept")
    return "promise_approval_missing" if missing else None


def approval_for_other_content(s: Situation) -> str | None:
    """Promise nothing later than the manager approved."""
    approved = [
        datetime.fromisoformat(what["promise_at"])
        for what in approvals.contents(s, "accept").values()
        if "promise_at" in what
    ]
    given = bool(approvals.of(s, "accept"))
    later = all(_promised(s) > until for until in approved)
    return "approval_for_other_content" if _needs_manager(s) and given and later else None


def _needs_manager(s: Situation) -> bool:
    """Tell whether the promise is more than anybody but the manager may give."""
    far = _promised(s) > s.at + s.policy.promise_max
    mine = s.actor.role is Role.MANAGER or complaint_facts.of(s).by_authority
    return far and not mine


def promise_beyond_limit(s: Situation) -> str | None:
    """Promise nothing later than the law lets an authority answer (R-CMP-09).

    Once that time is over, the breach stands, and the person is still owed a day: within
    a week, as of anybody.
    """
    due = due_of(s, "authority_reply")
    if due is None:
        return None
    limit = due if due > s.at else s.at + s.policy.promise_max
    return "promise_beyond_limit" if _promised(s) > limit else None


def promise_too_far(s: Situation) -> str | None:
    """Postpone by a week at most; an authority has its own limit."""
    far = _promised(s) > s.at + s.policy.promise_max
    return "promise_too_far" if far and not complaint_facts.of(s).by_authority else None


def nothing_promised(s: Situation) -> str | None:
    """Require a promise that can be moved."""
    return None if complaint_facts.of(s).promise_at is not None else "nothing_promised"


def notified_too_late(s: Situation) -> str | None:
    """Require that the person knew before the promised time was over (R-CMP-06)."""
    promised = complaint_facts.of(s).promise_at
    late = promised is not None and s.data["reporter_notified_at"] >= promised
    return "notified_too_late" if late else None


def already_postponed(s: Situation) -> str | None:
    """Require that the matter was not postponed before (R-CMP-07): it is escalated instead."""
    used_up = complaint_facts.of(s).postpone_count >= s.policy.postponements
    return "already_postponed" if used_up else None
