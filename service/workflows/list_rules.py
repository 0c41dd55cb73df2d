"""Guards and effects of a list decision (DOMAIN 3C.4, 3C.5; R-VEN-09, 18, 27)."""

from datetime import datetime
from typing import Any

from service.core.refs import VendorRef
from service.core.shapes import stamp
from service.core.workflow import Assignee, Change, Credit, Situation
from service.workflows.table import ticket_of

LISTED = "list_decision.listed"
DELISTED = "list_decision.delisted"
MANAGER = "list_manager"
"""The category of decisions on a project manager: the company itself stays unlisted."""


def _on_manager(s: Situation) -> bool:
    return ticket_of(s).category == MANAGER


def _vendor(s: Situation) -> str:
    found: str = s.facts["vendor"]
    return found


# ── guards ───────────────────────────────────────────────────────────────────


def manager_missing(s: Situation) -> str | None:
    """Require the account of a project manager where one is to be listed."""
    missing = s.refs["category"].code == MANAGER and "manager" not in s.facts
    return "manager_missing" if missing else None


def hearing_time_running(s: Situation) -> str | None:
    """Nobody is black-listed unheard: require a statement, or that its time has passed."""
    if s.facts["list"] != "black" or s.facts.get("hearing"):
        return None
    running = s.at - ticket_of(s).opened_at <= s.policy.hearing_time
    return "hearing_time_running" if running else None


def penalty_step_skipped(s: Situation) -> str | None:
    """Require a deduction before the black list, or a serious violation (DOMAIN 3C.5)."""
    steps = {row["step"] for row in s.facts.get("steps", ())}
    earned = "deduction" in steps or s.facts.get("serious") is not None
    return None if s.facts["list"] == "red" or earned else "penalty_step_skipped"


def already_listed(s: Situation) -> str | None:
    """Let a company stand on one list at a time."""
    vendor: VendorRef | None = s.refs["subject"]
    listed = vendor is not None and vendor.listed != "none"
    return "already_listed" if listed and not _on_manager(s) else None


def listing_appeal_late(s: Situation) -> str | None:
    """Refuse an appeal after the time allowed; its last instant is in time."""
    decided = datetime.fromisoformat(s.facts["decided_at"])
    return "listing_appeal_late" if s.at - decided > s.policy.appeal_time else None


def listing_appealed(s: Situation) -> str | None:
    """Let a listing be appealed once."""
    return "listing_appealed" if "appeal" in s.facts else None


def still_valid(s: Situation) -> str | None:
    """Let a listing expire when its time is up, and not before."""
    return "still_valid" if s.at < datetime.fromisoformat(s.facts["valid_until"]) else None


# ── effects ──────────────────────────────────────────────────────────────────


def propose(s: Situation) -> Change:
    """Hold the vendor to the proposal, so that it can be heard."""
    vendor = s.refs["vendor"]
    held = Assignee("vendor", vendor.id, vendor.name, None, vendor.id)
    return Change(assigns=True, assignee=held)


def hear(s: Situation) -> Change:
    """Keep what the vendor states; a later statement stands beside the earlier."""
    evidence = [str(file) for file in s.data.get("evidence", ())]
    row = {"at": stamp(s.at), "statement": s.data["statement"], "evidence": evidence}
    return Change(facts={"hearing": [*s.facts.get("hearing", ()), row]})


def publish(s: Situation) -> Change:
    """Put the company on the list, or note it of its manager; the red list gives points."""
    red = s.facts["list"] == "red"
    return Change(
        facts={
            "decision": _decision(s),
            "decided_at": stamp(s.at),
            "valid_until": stamp(s.at + s.policy.validity),
        },
        vendors=_listing(s, s.facts["list"]),
        credits=(_credit(s),) if red else (),
        notices=((LISTED, {}),),
    )


def _credit(s: Situation) -> Credit:
    if not _on_manager(s):
        return Credit(_vendor(s), "company", s.policy.points_red, "red_listed")
    manager = s.facts["manager"]
    return Credit(_vendor(s), "manager", s.policy.points_red, "red_listed", manager)


def reject(s: Situation) -> Change:
    """Keep why nothing is published."""
    return Change(facts={"decision": _decision(s)})


def appeal(s: Situation) -> Change:
    """Keep why the vendor appeals; the listing stands meanwhile."""
    return Change(facts={"appeal": {"at": stamp(s.at), "reason": s.data["reason"]}})


def keep_listed(s: Situation) -> Change:
    """Keep the decision on the appeal."""
    return Change(facts={"appeal": {**s.facts["appeal"], **_decision(s)}})


def strike_on_appeal(s: Situation) -> Change:
    """Strike the vendor off the list and keep the decision."""
    struck = strike_off(s)
    return Change(
        facts={**keep_listed(s).facts, **struck.facts},
        vendors=struck.vendors,
        notices=struck.notices,
    )


def strike_off(s: Situation) -> Change:
    """Strike the vendor off the list."""
    return Change(
        facts={"delisted_at": stamp(s.at)},
        vendors=_listing(s, "none"),
        notices=((DELISTED, {}),),
    )


def _listing(s: Situation, listed: str) -> tuple[tuple[str, dict[str, str]], ...]:
    return () if _on_manager(s) else ((_vendor(s), {"listed": listed}),)


def _decision(s: Situation) -> dict[str, Any]:
    found = {"decided_at": stamp(s.at), "reason": s.data["reason"]}
    found |= {"document": str(s.data["document"])}
    return found | ({"decision": s.data["decision"]} if "decision" in s.data else {})
