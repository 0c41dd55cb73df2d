"""Guards of a vendor assessment up to the fixed grade: the name of each is its code.

What follows a bad grade stands in `exit_guards.py`.
"""

from collections.abc import Iterable
from typing import Any

from service.core.actors import Role
from service.core.refs import AccountRef
from service.core.workflow import Situation
from service.workflows import assessment_facts
from service.workflows.table import ticket_of

_INSPECTORS = frozenset({Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.COMMITTEE})


# ── plan and open ────────────────────────────────────────────────────────────


def unknown_vendor(s: Situation) -> str | None:
    """Require that the named vendor stands in the directory."""
    return "unknown_vendor" if s.refs.get("vendor") is None else None


def vendor_out_of_area(s: Situation) -> str | None:
    """Require that the vendor serves the place."""
    vendor, place = s.refs.get("vendor"), s.refs["place"]
    if vendor is None:
        return None
    serves = place.path == vendor.place_path or place.path.startswith(f"{vendor.place_path}/")
    return None if serves else "vendor_out_of_area"


def period_missing(s: Situation) -> str | None:
    """Require a period: only an exit review may come from an order instead."""
    return None if "period" in s.facts else "period_missing"


def source_missing(s: Situation) -> str | None:
    """Require the order that an exit review without an assessment comes from (RULINGS 55)."""
    return None if "source" in s.facts else "source_missing"


def too_short_open(s: Situation) -> str | None:
    """Require that the vote stays open for the least span."""
    closes = s.data.get("closes_at")
    short = closes is not None and closes - s.at < s.policy.open_min
    return "too_short_open" if short else None


def unknown_elector(s: Situation) -> str | None:
    """Require of every delegate the active account of a resident (RULINGS 53)."""
    if assessment_facts.of(s).electorate_kind != "delegate":
        return None
    known = _accounts(s, s.data["electors"])
    fit = all(who is not None and who.active and who.role == Role.RESIDENT for who in known)
    return None if fit else "unknown_elector"


def elector_elsewhere(s: Situation) -> str | None:
    """Require that each elector lives in the compound where the vendor is assessed."""
    named, compound = s.data["electors"], s.refs["place"].compound_id
    if assessment_facts.of(s).electorate_kind == "delegate":
        known = [who for who in _accounts(s, named) if who is not None]
        here = all(compound in who.place_path.split("/") for who in known)
    else:
        here = s.refs["households"] >= {*named}
    return None if here else "elector_elsewhere"


def unknown_inspector(s: Situation) -> str | None:
    """Require of an inspector to be an active officer or committee member (DOMAIN 3)."""
    named = s.data.get("inspectors") or [s.data[n] for n in ("inspector",) if n in s.data]
    known = _accounts(s, named)
    fit = all(who is not None and who.active and who.role in _INSPECTORS for who in known)
    return None if fit else "unknown_inspector"


def _accounts(s: Situation, named: Iterable[str]) -> list[AccountRef | None]:
    known: Any = s.refs["accounts"]
    return [known.get(who) for who in named]


# ── vote and inspection ──────────────────────────────────────────────────────


def not_elector(s: Situation) -> str | None:
    """Only electors vote."""
    voter = assessment_facts.of(s).voter_of(s.actor)
    return "not_elector" if voter is None else None


def collection_closed(s: Situation) -> str | None:
    """Nobody votes or scores after the close; its very instant still counts."""
    closes = assessment_facts.of(s).closes_at
    return "collection_closed" if closes is not None and s.at > closes else None


def collection_running(s: Situation) -> str | None:
    """Require that the close has come."""
    closes = assessment_facts.of(s).closes_at
    return "collection_running" if closes is not None and s.at < closes else None


def not_inspector(s: Situation) -> str | None:
    """Let the committee score, and an officer only as the named inspector (DOMAIN 3)."""
    named = assessment_facts.of(s).inspector == str(s.actor.id)
    drawn = s.data.get("inspection") is not None
    allowed = drawn or named or s.actor.role is Role.COMMITTEE
    return None if allowed else "not_inspector"


def not_drawn(s: Situation) -> str | None:
    """Let a drawn inspection be scored once, by whom the draw named (R-VEN-16)."""
    number = s.data.get("inspection")
    if number is None:
        return None
    mine = (
        row["inspector"] == str(s.actor.id) and "scored_at" not in row
        for row in assessment_facts.of(s).inspections
        if row["n"] == number
    )
    return None if any(mine) else "not_drawn"


# ── objection and grade ──────────────────────────────────────────────────────


def other_vendor(s: Situation) -> str | None:
    """Only the assessed vendor's manager speaks for it."""
    assignee = ticket_of(s).assignee
    mine = assignee is not None and assignee.vendor_id == s.actor.vendor_id
    return None if mine else "other_vendor"


def objection_too_late(s: Situation) -> str | None:
    """Refuse an objection after the days allowed; their last instant is in time."""
    tallied = assessment_facts.of(s).tallied_at
    late = tallied is not None and s.at - tallied > s.policy.objection_time
    return "objection_too_late" if late else None


def objection_time_running(s: Situation) -> str | None:
    """Require that a grade waits for the vendor's right to object, unless it was used."""
    facts = assessment_facts.of(s)
    if facts.objection is not None or facts.tallied_at is None:
        return None
    running = s.at - facts.tallied_at <= s.policy.objection_time
    return "objection_time_running" if running else None


def objection_answered(s: Situation) -> str | None:
    """Let an objection be answered once."""
    return "objection_answered" if _answered(s) else None


def objection_unanswered(s: Situation) -> str | None:
    """Require that an objection is answered before the grade is fixed."""
    open_ = assessment_facts.of(s).objection is not None and not _answered(s)
    return "objection_unanswered" if open_ else None


def veto_unstated(s: Situation) -> str | None:
    """Require that a ground for veto an inspection found is stated with the grade (R-VEN-23)."""
    unstated = assessment_facts.of(s).vetoes and not s.data.get("veto")
    return "veto_unstated" if unstated else None


def grade_not_satisfied(s: Situation) -> str | None:
    """Only a satisfied grade keeps the vendor without more (R-VEN-02)."""
    return None if assessment_facts.of(s).grade == "satisfied" else "grade_not_satisfied"


def _answered(s: Situation) -> bool:
    objection = assessment_facts.of(s).objection
    return objection is not None and "answer" in objection
