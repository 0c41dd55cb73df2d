"""What the events of a dispute case do to clocks (DOMAIN 3B.4; RULINGS 51, 52, 58).

Numbers stand in profiles. The first session is in time when it opens: a date far ahead
buys nothing (R-SLA-15, R-SLA-26).
"""

from datetime import datetime

from service.core.workflow import ClockAction, Situation
from service.workflows import dispute_facts
from service.workflows.agreement_effects import (
    every_obligation,
    named_obligation,
    obligation_dates,
)
from service.workflows.clock_actions import END_ALL, When, end, start, stop
from service.workflows.table import newest_clock

CLOCKS = (
    "screen",
    "take_over",
    "appeal",
    "first_session",
    "tier_limit",
    "case_limit",
    "sign",
    "judicial_30d",
    "court_accept",
    "court_decide",
    "obligation",
    "urge",
    "legal_choice",
)


def _pending(s: Situation) -> bool:
    return dispute_facts.of(s).consents_pending


def _last_consent(s: Situation) -> bool:
    """Tell whether nobody's answer is missing after this one."""
    party = dispute_facts.concerned(s)
    return all(
        one["consent"] is not None or (party is not None and one["n"] == party["n"])
        for one in dispute_facts.of(s).parties
    )


def _petition(s: Situation) -> datetime | None:
    """Return the longer limit of cases from the petition channel."""
    due: datetime = s.at + s.policy.petition_screen
    return due if s.facts.get("petition") else None


def _redirected(s: Situation) -> datetime | None:
    due: datetime = s.at + s.policy.redirect_take_over
    return due


def _longer_decision(s: Situation) -> datetime | None:
    """Return the end of the court's longer time, ten days on top of what is left."""
    clock = newest_clock(s, "court_decide")
    known = clock.due_at if clock is not None and clock.due_at is not None else s.at
    due: datetime = known + s.policy.court_extension
    return due


def _answered(word: str) -> When:
    return lambda s: s.data["answer"] == word


def _waits_for(word: str) -> ClockAction:
    return ClockAction("pause", "tier_limit", when=lambda s: s.data["what"] == word, because=word)


FILED = (start("screen", due=_petition),)
ASKED = (ClockAction("pause", "screen", when=_pending, because="awaiting_consent"),)
CONSENTED = (ClockAction("resume", "screen", when=_last_consent),)
REDIRECTED = (*stop("screen"), start("take_over", due=_redirected))
RECEIVED = (*stop("take_over"), start("screen", due=_petition), *ASKED)
REFUSED = (*stop("screen"), start("appeal"))
OVERTURNED = (start("screen"),)
ACCEPTED = (
    *stop("screen"),
    start("tier_limit"),
    start("case_limit"),
    start("first_session"),
)
# Whoever does not come costs the body nothing: it had its session.
NO_SHOW = stop("first_session")
EXTENDED = (ClockAction("extend", "tier_limit"),)
WAITING = (_waits_for("expert_evaluation"), _waits_for("survey"))
GOING_ON = (ClockAction("resume", "tier_limit"),)
TERMS = (*GOING_ON, start("sign"))
EFFECTIVE = (*stop("tier_limit", "sign"), start("judicial_30d"))
PERFORMING = (ClockAction("start", "obligation", each=obligation_dates),)
APPLIED = (*stop("judicial_30d"), start("court_accept"), start("court_decide"))
ANSWERED = (
    ClockAction("stop", "court_accept", when=_answered("accepted")),
    ClockAction("start", "court_decide", due=_longer_decision, when=_answered("extended")),
)
CONFIRMED = (*stop("court_accept", "court_decide"), *PERFORMING)
# The agreement is void, so mediation has its time once more.
NOT_CONFIRMED = (
    *stop("court_accept", "court_decide"),
    ClockAction("end", "obligation", each=every_obligation),
    start("tier_limit"),
)
DONE = (ClockAction("stop", "obligation", each=named_obligation),)
DONE_AND_CURED = (*DONE, *end("urge"))
SUSPENDED = (ClockAction("pause", "obligation", each=named_obligation, because="agreed"),)
RESUMED = (ClockAction("resume", "obligation", each=named_obligation),)
ESCALATED = (*stop("tier_limit"), *end("first_session"), start("take_over"))
TAKEN_OVER = (*stop("take_over"), start("tier_limit"), start("first_session"))
TERMINATED = (*stop("tier_limit"), *end("first_session"), start("legal_choice"))
CLOSED = (*stop("case_limit"), *END_ALL)
CLOSED_FAILED = (*stop("legal_choice", "case_limit"), *END_ALL)
