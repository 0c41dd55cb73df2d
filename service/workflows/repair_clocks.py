"""What repair events do to clocks (DOMAIN 3A.3; rulings 3, 11–14). Numbers stand in profiles."""

from datetime import datetime

from service.core.workflow import ClockAction, Situation
from service.workflows import repair_facts
from service.workflows.clock_actions import Due, When, end, from_state, start, start_opened, stop
from service.workflows.closing_effects import unreachable
from service.workflows.promise_guards import told_in_time
from service.workflows.repair_effects import came_earlier
from service.workflows.table import ticket_of

CLOCKS = (
    "ack",
    "dispatch",
    "pool_answer",
    "arrive",
    "feedback",
    "make_safe",
    "handle",
    "water_same_day",
    "power_same_night",
    "promise",
    "confirm",
    "revisit",
)
_COMMITMENTS = ("handle", "water_same_day", "power_same_night")


def _at(name: str) -> Due:
    return lambda s: s.data[name]


def _appointment(s: Situation) -> datetime | None:
    """Return the agreed time, which replaces the minutes for normal urgency (ruling 13).

    A profile may keep to its minutes.
    """
    if s.data["urgency"] != "normal" or not s.policy.appointment:
        return None
    return s.data.get("appointment_to") or repair_facts.of(s).appointment_to


def _first_danger(s: Situation) -> bool:
    """Tell whether danger is met for the first time in this cycle: its clock starts once."""
    facts = repair_facts.of(s)
    return ticket_of(s).urgency == "emergency" and not facts.safe and facts.arrived_at is None


def _told(clock: str) -> When:
    return lambda s: told_in_time(s, clock)


AFTER_ARRIVAL = from_state("on_site", "waiting_parts")

LEAVE_SITE = stop("feedback")
ACCEPTED = (
    *stop("ack"),
    start("dispatch"),
    start_opened("arrive", due=_appointment),
    *(start_opened(clock) for clock in _COMMITMENTS),
)
REBASED = (ClockAction("rebase", "*", when=came_earlier),)
PICKED = (*stop("dispatch"), start("pool_answer"), start("arrive", when=AFTER_ARRIVAL))
# The asked contractor is no longer waited for, and did not answer: no verdict.
REASSIGNED = (*LEAVE_SITE, *end("pool_answer"), start("arrive", when=AFTER_ARRIVAL))
HANDED_OVER = (
    *LEAVE_SITE,
    *end("pool_answer"),
    start("arrive", when=from_state("on_site", "in_progress", "waiting_parts", "postponed")),
)
REJECTED = (*stop("pool_answer"), start("dispatch"))
WAIVED = (start("arrive", due=_at("new_arrive_at")),)
ARRIVED = (
    *stop("arrive", "pool_answer"),
    start("feedback"),
    start("make_safe", when=_first_danger),
)
RESUMED = (start("arrive", due=_at("visit_to")),)
# Nobody is expected on site while the owners decide, so an arrival that has not
# happened ends without a verdict; `dispatch` and the crew's visit follow the decision.
FUND_NEEDED = (
    *stop("dispatch", "feedback"),
    *end("arrive", when=from_state("accepted")),
)
POSTPONED = (
    *LEAVE_SITE,
    start("promise", due=_at("new_promise_at")),
    *(ClockAction("excuse", clock, when=_told(clock)) for clock in _COMMITMENTS),
)
COMPLETED = stop("handle", "promise", "water_same_day", "power_same_night")
REWORKED = (start("dispatch"), start("arrive"), start("handle"))
UNREACHABLE = end("revisit", when=unreachable)
