"""What the events of a vendor assessment do to clocks (DOMAIN 3C.3). Numbers: profiles."""

from datetime import datetime

from service.core.workflow import ClockAction, Situation
from service.workflows.clock_actions import end, start

CLOCKS = ("collect", "objection", "exit", "notice")


def _closes_at(s: Situation) -> datetime | None:
    """Return the named close; without one the profile's target counts."""
    return s.data.get("closes_at")


def _closes_again_at(s: Situation) -> datetime:
    again: datetime = s.at + s.policy.reopen_for
    return again


def _leaves_at(s: Situation) -> datetime:
    leaves: datetime = s.data["leaves_at"]
    return leaves


OPENED = (start("collect", due=_closes_at),)
OPENED_AGAIN = (start("collect", due=_closes_again_at),)
OBJECTED = (start("objection"),)
UNDER_REVIEW = (start("exit"),)
APPEALED = (ClockAction("pause", "exit", because="appeal"),)
APPEAL_DISMISSED = (ClockAction("resume", "exit", because="appeal"),)
APPEAL_UPHELD = end("exit")
NOTICE_GIVEN = (start("notice", due=_leaves_at),)
