"""What rectification events do to clocks (DOMAIN 3C.3, 3C.4). Numbers stand in profiles."""

from collections.abc import Callable
from datetime import datetime

from service.core.workflow import ClockAction, Situation
from service.workflows.clock_actions import end, start, stop
from service.workflows.penalty_effects import falls_short, is_whole_again
from service.workflows.rectification_effects import deadline

CLOCKS = ("ack_notice", "cure", "reinspect", "dispute_answer", "top_up")


def _when(name: str, value: str) -> Callable[[Situation], bool]:
    return lambda s: s.data[name] == value


def _until(s: Situation) -> datetime:
    found: datetime = s.data["until"]
    return found


# A notice names a date, so the clock has that date, whatever calendar the profile names.
ISSUED = (start("ack_notice"), start("cure", due=deadline))
SERVED = stop("ack_notice")
DISPUTED = (start("dispute_answer"),)
ANSWERED = stop("dispute_answer")
# A deposit that is not whole stays due whatever becomes of the notice: `top_up` runs on.
WITHDRAWN = end("ack_notice", "cure", "dispute_answer")
# An extension may be shorter than the notice's own time, so it is a date too.
EXTENDED = (start("cure", due=_until),)
SUSPENDED = tuple(
    ClockAction("pause", "cure", when=_when("cause", cause), because=cause)
    for cause in ("act_of_authority", "weather")
)
RESUMED = (ClockAction("resume", "cure"),)
EXPIRED = end("ack_notice")
FILED = (*stop("cure"), start("reinspect"))
PASSED = (*stop("reinspect"), *end("dispute_answer"))
FAILED = stop("reinspect")
PENALIZED = (*stop("cure"), start("top_up", when=falls_short))
TOPPED_UP = (ClockAction("stop", "top_up", when=is_whole_again),)
EXITED = end("dispute_answer")
