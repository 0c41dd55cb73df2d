"""What the events of a complaint do to clocks (R-SLA-10…14, 20–22, 27). Numbers: profiles."""

from collections.abc import Mapping
from datetime import datetime

from service.core.workflow import ClockAction, Situation
from service.workflows import complaint_facts
from service.workflows.clock_actions import start, stop
from service.workflows.promise_guards import told_in_time
from service.workflows.table import ticket_of

CLOCKS = (
    "reply",
    "authority_accept",
    "authority_reply",
    "joint_acceptance",
    "hotline",
    "promise",
    "confirm",
)


def _by_authority(s: Situation) -> bool:
    return complaint_facts.of(s).by_authority


def _by_company(s: Situation) -> bool:
    return not _by_authority(s)


def _joint(s: Situation) -> bool:
    joint: bool = complaint_facts.of(s).votes >= s.policy.joint_owners
    return joint


def _on_hotline(s: Situation) -> bool:
    return s.facts.get("hotline_due_at") is not None


def _hotline_due(s: Situation) -> datetime | None:
    due: datetime | None = s.facts["hotline_due_at"]
    return due


def _not_accepted(s: Situation) -> bool:
    return ticket_of(s).state == "received"


def _told(s: Situation) -> bool:
    return told_in_time(s, "reply")


def _given(s: Situation) -> Mapping[int, datetime | None]:
    """Return a number for every promise given so far."""
    return dict.fromkeys(range(1, complaint_facts.of(s).promises + 1))


def _last(s: Situation) -> Mapping[int, datetime | None]:
    return {complaint_facts.of(s).promises: None}


def _next(s: Situation) -> Mapping[int, datetime | None]:
    due = s.data.get("new_promise_at") or s.data["promise_at"]
    return {complaint_facts.of(s).promises + 1: due}


_PROMISED = ClockAction("start", "promise", each=_next)
_KEPT = ClockAction("stop", "promise", each=_given)

RECEIVED = (
    ClockAction("start", "reply", since="opened", when=_by_company),
    ClockAction("start", "authority_accept", since="opened", when=_by_authority),
    ClockAction("start", "authority_reply", since="opened", when=_by_authority),
    ClockAction("start", "joint_acceptance", since="opened", when=_joint),
    start("hotline", when=_on_hotline, due=_hotline_due),
)
ACCEPTED = (*stop("authority_accept", "joint_acceptance"), _PROMISED)
# The original commitment ends as excused, the new one is a second clock (R-SLA-22). What the
# law gives an authority is no commitment of its own, so nothing excuses `authority_reply`.
POSTPONED = (
    ClockAction("excuse", "promise", each=_last),
    ClockAction("excuse", "reply", when=_told),
    _PROMISED,
)
RESOLVED = (_KEPT,)
RESOLVED_ON_SPOT = (*stop("authority_accept", "joint_acceptance"), _KEPT)
REPLIED = (*stop("reply", "authority_reply", "hotline"), start("confirm"))
CONFIRMED = stop("confirm")
REFUSED = (
    *stop("confirm"),
    start("reply", when=_by_company),
    start("authority_reply", when=_by_authority),
)
TURNED = (
    ClockAction("end", "reply"),
    start("authority_accept", when=_not_accepted),
    start("authority_reply"),
)
