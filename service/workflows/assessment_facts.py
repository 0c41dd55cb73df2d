"""What only a vendor assessment has: `ticket.facts`, typed. Times are kept as ISO text."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from service.core.actors import Actor
from service.core.workflow import Situation
from service.workflows import grading

PROPERTY_SERVICE = "property_service"
"""The line whose vendor manages the compound: hired and dismissed by the owners (R-GOV-13)."""

LINES = (PROPERTY_SERVICE, "security", "cleaning", "greening", "parking", "repair")
"""What is assessed, the weightiest first (R-VEN-01)."""


def category_of(service_lines: Collection[str]) -> str | None:
    """Return the category under which a vendor of these lines is assessed."""
    return next((f"line_{line}" for line in LINES if line in service_lines), None)


@dataclass(frozen=True, slots=True)
class AssessmentFacts:
    """The facts that rules look at.

    `electors` are voters by number from 1: account ids of delegates, or place ids of
    households. `ballots` says who voted for which voter, never what. `vetoes` are grounds
    found by inspections, `veto` the one stated with the grade.
    """

    company: bool = False
    electorate_kind: str = "delegate"
    electors: Mapping[int, str] | None = None
    ballots: Mapping[str, str] | None = None
    closes_at: datetime | None = None
    reopened: int = 0
    inspector: str | None = None
    inspections: tuple[Mapping[str, Any], ...] = ()
    tallied_at: datetime | None = None
    objection: Mapping[str, Any] | None = None
    grade: str | None = None
    vetoes: tuple[str, ...] = ()
    veto: str | None = None
    exit: Mapping[str, Any] | None = None
    serious: bool = False
    left: bool = False

    @property
    def turnout(self) -> dict[str, int]:
        """How many may vote and how many of them did."""
        cast = set((self.ballots or {}).values())
        return {"electors": len(self.electors or {}), "cast": len(cast)}

    @property
    def review(self) -> Mapping[str, Any]:
        """What the exit review holds so far."""
        return self.exit or {}

    def voter_of(self, actor: Actor) -> str | None:
        """Return the elector that an actor votes for, None when there is none.

        A link's holder votes as the elector it was made for; anybody else as himself on a
        delegates' electorate, as the own household on one of households.
        """
        electors = self.electors or {}
        if actor.link_ticket is not None:
            return electors.get(actor.link_party or 0)
        own = str(actor.id) if self.electorate_kind == "delegate" else actor.place_id
        return own if own in electors.values() else None


def read(facts: Mapping[str, Any]) -> AssessmentFacts:
    """Return typed facts; unknown members are left to others."""
    return AssessmentFacts(
        company=bool(facts.get("company")),
        electorate_kind=facts.get("electorate_kind", "delegate"),
        electors={row["n"]: row["voter"] for row in facts.get("electors", ())},
        ballots=facts.get("ballots", {}),
        closes_at=_time(facts.get("closes_at")),
        reopened=facts.get("reopened", 0),
        inspector=facts.get("inspector"),
        inspections=tuple(facts.get("inspections", ())),
        tallied_at=_time(facts.get("tallied_at")),
        objection=facts.get("objection"),
        grade=facts.get("grade"),
        vetoes=tuple(facts.get("vetoes", ())),
        veto=facts.get("veto"),
        exit=facts.get("exit"),
        serious=bool(facts.get("serious")),
        left=bool(facts.get("left_without_handover")),
    )


def of(s: Situation) -> AssessmentFacts:
    """Return the facts of the situation's ticket."""
    return read(s.facts)


def votes_by_link(elector: Mapping[str, Any]) -> bool:
    """Tell whether an elector may vote by a link; a delegate has an account and its key."""
    return bool(elector["kind"] != "delegate")


def votes(s: Situation) -> grading.Votes:
    """Return the votes cast so far; only the service may ask, at the close."""
    ballots = of(s).ballots or {}
    sealed = sorted(s.refs["sealed"], key=lambda line: line["at"])
    cast = ((ballots[line["actor"]], line["grade"]) for line in sealed if line["event"] == "grade")
    return grading.count(cast)


def turnout_reached(s: Situation) -> bool:
    """Tell whether enough electors voted (DOMAIN 3C.1, R-GOV-07)."""
    turnout = of(s).turnout
    least = Fraction(s.policy.turnout_parts, s.policy.turnout_whole)
    return grading.enough(turnout["cast"], turnout["electors"], least)


def _time(value: Any) -> datetime | None:
    """Read a time; within one transaction it may not yet have been text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
