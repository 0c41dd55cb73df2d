"""What rectification events do to clocks (DOMAIN 3C.3, 3C.4). Numbers stand in profiles."""

from collections.abc import Callable
from datetime import datetime

from service.core.workflow import ClockAction, Situation
from service.workflows.penalty_effects import falls_short, is_whole_again
from service.workflows.rectification_effects import deadline

CLOCKS = ("ack_notice", "cure", "reinspect", "dispute_answer", "top_up")


def _when(name: str, value: str) -> Callable[[Situation], bool]:
    return lambda s: s.data[name] == value


def _until(s: Situation) -> datetime:
    found: datetime = s.data["until"]
    return found


def _stop(clock: str) -> ClockAction:
    return ClockAction("stop", clock)


def _end(clock: str) -> ClockAction:
    return ClockAction("end", clock)


# A notice names a date, so the clock has that date, whatever calendar the profile names.
ISSUED = (ClockAction("start", "ack_notice"), ClockAction("start", "cure", due=deadline))
SERVED = (_stop("ack_notice"),)
DISPUTED = (ClockAction("start", "dispute_answer"),)
ANSWERED = (_stop("dispute_answer"),)
# A deposit that is not whole stays due whatever becomes of the notice: `top_up` runs on.
WITHDRAWN = (_end("ack_notice"), _end("cure"), _end("dispute_answer"))
# An extension may be shorter than the notice's own time, so it is a date too.
EXTENDED = (ClockAction("start", "cure", due=_until),)
SUSPENDED = tuple(
    ClockAction("pause", "cure", when=_when("cause", cause), because=cause)
    for cause in ("act_of_authority", "weather")
)
RESUMED = (ClockAction("resume", "cure"),)
EXPIRED = (_end("ack_notice"),)
FILED = (_stop("cure"), ClockAction("start", "reinspect"))
PASSED = (_stop("reinspect"), _end("dispute_answer"))
FAILED = (_stop("reinspect"),)
PENALIZED = (_stop("cure"), ClockAction("start", "top_up", when=falls_short))
TOPPED_UP = (ClockAction("stop", "top_up", when=is_whole_again),)
EXITED = (_end("dispute_answer"),)
