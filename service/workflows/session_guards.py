"""Guards of a dispute case: its sessions, its tiers and its ends without agreement."""

from datetime import datetime

from service.core.actors import Role
from service.core.workflow import Situation
from service.workflows import case_file
from service.workflows.dispute_facts import of, own_party
from service.workflows.table import newest_clock, ticket_of

LAST_TIER = 3


def rung_at(s: Situation, clock: str, action: str) -> datetime | None:
    """Return when the rung of a running clock that has this action is reached."""
    running = newest_clock(s, clock)
    if running is None or running.state != "running" or running.due_at is None:
        return None
    ladder = s.policy.clocks[clock].ladder
    rung = next((r for r in ladder if r.action == action), None)
    return None if rung is None else running.due_at + rung.after


def reached(s: Situation, clock: str, action: str) -> bool:
    """Tell whether the rung of a clock that has this action is reached."""
    at = rung_at(s, clock, action)
    return at is not None and s.at >= at


# ── sessions ─────────────────────────────────────────────────────────────────


def session_past(s: Situation) -> str | None:
    """Set a session for a time to come."""
    return "session_past" if s.data["at"] <= s.at else None


def next_session_past(s: Situation) -> str | None:
    """Require that what comes next lies ahead."""
    return "session_past" if s.data["next_at"] <= s.at else None


def party_absent(s: Situation) -> str | None:
    """Open a session with both sides present only."""
    there = of(s).covers_both_sides(tuple(s.data["attendance"]))
    return None if there else "party_absent"


def helper_not_agreed(s: Situation) -> str | None:
    """Helpers take part only when the parties agree (R-DIS-29)."""
    agreed = all(helper["agreed"] for helper in s.data.get("helpers", ()))
    return None if agreed else "helper_not_agreed"


def extended_already(s: Situation) -> str | None:
    """Extend the limit of a tier once (R-SLA-15)."""
    return "extended_already" if of(s).stay.get("extended") else None


def consents_missing(s: Situation) -> str | None:
    """Require the consent of every party to a longer time."""
    agreed = set(s.data["consents"])
    return None if all(p["n"] in agreed for p in of(s).parties) else "consents_missing"


def limit_not_running(s: Situation) -> str | None:
    """Only a limit that runs is extended or waits."""
    clock = newest_clock(s, "tier_limit")
    return None if clock is not None and clock.state != "stopped" else "limit_not_running"


def already_waiting(s: Situation) -> str | None:
    """Wait for one thing at a time."""
    return "already_waiting" if of(s).waiting is not None else None


def not_waiting(s: Situation) -> str | None:
    """Only what waits goes on."""
    return "not_waiting" if of(s).waiting is None else None


# ── the next tier, and the end ───────────────────────────────────────────────


def no_next_tier(s: Situation) -> str | None:
    """Above the district is the court, to which the parties go themselves."""
    return "no_next_tier" if of(s).tier >= LAST_TIER else None


def no_session_yet(s: Situation) -> str | None:
    """Hand over after one session, or when the tier's time has run out."""
    if of(s).sessions_here:
        return None
    clock = newest_clock(s, "tier_limit")
    due = None if clock is None else clock.due_at
    expired = clock is not None and due is not None and s.at >= due
    return None if expired else "no_session_yet"


def escalation_not_due(s: Situation) -> str | None:
    """Escalate by itself a day after the limit, or when danger demands it."""
    if s.actor.role is not Role.SYSTEM:
        return None
    due = reached(s, "tier_limit", "escalate") or of(s).risk
    return None if due else "escalation_not_due"


def case_file_incomplete(s: Situation) -> str | None:
    """Require the street's whole file before the district gets it (DOMAIN 3B.6)."""
    lacking = case_file.lacking_for_next_tier(s.facts, ticket_of(s).state)
    return "case_file_incomplete" if of(s).tier == LAST_TIER - 1 and lacking else None


def tiers_left(s: Situation) -> str | None:
    """Escalate, do not end, for lack of agreement while a tier is left."""
    stops = s.data["cause"] == "parties_stop" or of(s).tier >= LAST_TIER
    return None if stops else "tiers_left"


def not_collective(s: Situation) -> str | None:
    """Hear objections to the withdrawal of a collective case only."""
    return None if of(s).collective else "not_collective"


def other_side_objects(s: Situation) -> str | None:
    """Withdraw no collective case against the other side's objection."""
    return "other_side_objects" if of(s).objected else None


def not_other_side(s: Situation) -> str | None:
    """Who objects to a withdrawal stands against the applicants."""
    own = own_party(s)
    return None if own is not None and own["side"] == "respondent" else "not_other_side"


def second_no_show(s: Situation) -> bool:
    """Tell whether a party stays away for the last time that is borne (DOMAIN 3B.3)."""
    party = of(s).party(s.data.get("party"))
    missed = 0 if party is None else len(party.get("no_shows", ()))
    return bool(missed + 1 >= s.policy.no_shows)


def already_supervised(s: Situation) -> str | None:
    """List a case once at a time."""
    return "already_supervised" if of(s).supervised else None


def not_supervised(s: Situation) -> str | None:
    """Only a listed case is taken off the list."""
    return None if of(s).supervised else "not_supervised"
