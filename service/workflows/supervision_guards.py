"""Guards of a listed supervision: the name of each is the code it refuses with."""

from service.core.refs import AccountRef
from service.core.workflow import Situation
from service.workflows import supervision_facts
from service.workflows.table import OFFICERS, X, newest_clock, ticket_of

REPORTERS = {"monthly": frozenset({X}), "weekly": OFFICERS - {X}}
"""One liaison per district reports monthly (R-INS-27), the street weekly (R-INS-29)."""
DUTIES = ("plan", "rectify", "verify", "monthly_report", "weekly_report", "lookback")


def _account(s: Situation) -> AccountRef | None:
    found: AccountRef | None = s.refs["accounts"].get(s.data.get("leader"))
    return found


def leader_not_official(s: Situation) -> str | None:
    """Require that the responsible leader is an official at work (R-INS-25)."""
    if s.data.get("leader") is None:
        return None
    found = _account(s)
    official = found is not None and found.active and found.role in OFFICERS
    return None if official else "leader_not_official"


def finish_past(s: Situation) -> str | None:
    """Require that the plan ends in the future."""
    return "finish_past" if s.data["finish_by"] <= s.at else None


def leader_missing(s: Situation) -> str | None:
    """Require a named leader before rectification starts (R-INS-25)."""
    return None if supervision_facts.of(s).leader else "leader_missing"


def responsible_missing(s: Situation) -> str | None:
    """Require that street or community answers for it (R-INS-25)."""
    return None if supervision_facts.of(s).responsible else "responsible_missing"


def not_the_reporter(s: Situation) -> str | None:
    """Require that the liaison reports monthly and the street weekly."""
    mine = s.actor.role in REPORTERS[s.data["period"]]
    return None if mine else "not_the_reporter"


def report_too_early(s: Situation) -> str | None:
    """Require that the period reported about is over: one report a period."""
    period = s.data["period"]
    clock = newest_clock(s, f"{period}_report")
    if clock is None or clock.due_at is None:
        return None
    opens = supervision_facts.open_from(period, clock.due_at, ticket_of(s).time_zone)
    return "report_too_early" if s.at < opens else None


def own_request(s: Situation) -> str | None:
    """Let nobody verify the own cure: who declared it finished or leads it does not."""
    facts = supervision_facts.of(s)
    own = str(s.actor.id) in (*facts.requested_by, facts.leader)
    return "own_request" if own else None


def lookback_too_early(s: Situation) -> str | None:
    """Require that some time has passed since close-out: a look back is no second look."""
    closed = supervision_facts.of(s).closed_out_at
    early = closed is not None and s.at < closed + s.policy.lookback_after
    return "lookback_too_early" if early else None


def nothing_overdue(s: Situation) -> str | None:
    """Require a missed limit where that is the ground (R-INS-30)."""
    if s.data["ground"] != "overdue":
        return None
    missed = any(c.breached_at is not None for c in s.refs["clocks"] if c.name in DUTIES)
    return None if missed else "nothing_overdue"


def already_proposed(s: Situation) -> str | None:
    """List a compound once: what is proposed or listed goes on until it is struck off."""
    return "already_proposed" if s.refs.get("open_here") else None
