"""How a dispute case moves between the tiers: redirected down, escalated up, handed over."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.core.shapes import stamp
from service.core.workflow import Change, Situation
from service.sla.notation import ms
from service.workflows import case_file, dispute_facts
from service.workflows.dispute_effects import given, mediators, with_last
from service.workflows.table import ticket_of


def redirect(s: Situation) -> Change:
    """Send the case to the tier where it begins; number and filing date stay (RULINGS 50)."""
    case, proper = dispute_facts.of(s), int(s.policy.entry_tier)
    moved = {"from": case.tier, "to": proper, "at": stamp(s.at)}
    tiers = [*_left(s), {"tier": proper}]
    facts = {"redirected": moved, "tier": proper, "tiers": tiers, "file_no": None}
    return Change(facts=facts, stakes=(f"tier:{proper}",))


def receive_redirect(s: Situation) -> Change:
    """Take the case in where it should have begun."""
    tiers = with_last(dispute_facts.of(s).tiers, received_at=stamp(s.at))
    return Change(facts={**given(s, "file_no"), "tiers": tiers, "consent_asked_at": stamp(s.at)})


def escalate(s: Situation) -> Change:
    """Move the file whole one tier up, sealed, with a brief (S-52)."""
    case = dispute_facts.of(s)
    above = case.tier + 1
    hand_over = {
        "from": case.tier,
        "to": above,
        "at": stamp(s.at),
        "by": str(s.actor.role),
        "sha256": sealed(s.facts),
        "brief": _brief(s),
    }
    facts = {
        "tier": above,
        "tiers": [*_left(s), {"tier": above}],
        "hand_overs": [*s.facts.get("hand_overs", ()), hand_over],
        "file_no": None,
        "waiting": None,
        "risk": False,
    }
    return Change(facts=facts, stakes=(f"tier:{above}",))


def receive_escalation(s: Situation) -> Change:
    """Take over without a new application or screening (RULINGS 50)."""
    at = stamp(s.at)
    return Change(
        facts={
            **given(s, "file_no"),
            "mediators": mediators(s),
            "tiers": with_last(dispute_facts.of(s).tiers, received_at=at, accepted_at=at),
        }
    )


def sealed(facts: Mapping[str, Any]) -> str:
    """Return the digest that proves the file as it was handed over."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _left(s: Situation) -> list[dict[str, Any]]:
    """Return the stays, the last one ended: its time, its sessions, its number of the file."""
    case = dispute_facts.of(s)
    kept: dict[str, Any] = {"left_at": stamp(s.at), "sessions": len(case.sessions_here)}
    if s.facts.get("file_no") is not None:
        kept["file_no"] = s.facts["file_no"]
    if case.stay.get("accepted_at") is not None:
        kept["used_ms"] = _used_ms(s)
    return with_last(case.tiers, **kept)


def _used_ms(s: Situation) -> int:
    """Return how long the tier worked on the case; what it waited for does not count."""
    since = datetime.fromisoformat(dispute_facts.of(s).stay["accepted_at"])
    waited: int = sum(
        clock.paused_ms
        for clock in s.refs["clocks"]
        if clock.name == "tier_limit" and clock.started_at >= since
    )
    return max(ms(s.at - since) - waited, 0)


def _brief(s: Situation) -> dict[str, Any]:
    """Return the one page the next tier reads first; the words of it are in the history."""
    case, ticket = dispute_facts.of(s), ticket_of(s)
    return {
        "type": ticket.category,
        "class": case.class_,
        "grade": case.grade,
        "filed_at": s.facts.get("filed_at"),
        "parties": [
            {"n": p["n"], "side": p["side"], "kind": p["kind"], "no_shows": p.get("no_shows", [])}
            for p in case.parties
        ],
        "sessions": [{"n": x["n"], "outcome": x["outcome"]} for x in case.sessions],
        "risk": case.risk,
        "lacking": list(case_file.lacking_for_next_tier(s.facts, ticket.state)),
    }
