"""What a caller sends with each event of a listed supervision (DOMAIN 4.3)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from service.core.shapes import Choice, Instant, Many, Quantity, Shape, Text, Whole
from service.workflows.event_data import EventData, body_of, code, photos, words
from service.workflows.supervision_facts import GROUNDS, PERIODS, REASONS

_MOST_TICKETS = 1_000_000


class Figures(Shape):
    """What the ranking counted for a compound in a quarter such as "2026Q4" (R-INS-24)."""

    quarter = code(required=True)
    petitions = Whole(most=_MOST_TICKETS, required=True)
    hotline = Whole(most=_MOST_TICKETS, required=True)
    rank = Whole(least=1, most=_MOST_TICKETS, required=True)
    tie = code()


class SupervisionFacts(Shape):
    """Facts of a proposal: why, on what figures, from which dispute case, about whom.

    The compound is the ticket's place. A ranking needs its figures, a proposal by
    mediators the case it comes from.
    """

    reason = Choice(*REASONS, required=True)
    basis = words()
    figures = fields.Nested(Figures)
    case = code()
    vendor = code()

    @validates_schema(skip_on_field_errors=False)
    def _grounds(self, data: Mapping[str, Any], **_: Any) -> None:
        """Require what the reason rests on."""
        needed = {"ranking": "figures", "mediation": "case"}.get(data.get("reason", ""), "basis")
        if "reason" in data and not data.get(needed):
            raise ValidationError({needed: ["required"]})


SupervisionBody = body_of(SupervisionFacts)


class ListCompound(EventData):
    """The leading group's decision: who is the responsible leader, and what is demanded."""

    leader = code()
    demands = words()


class SubmitPlan(EventData):
    """The systematic plan (R-INS-25): measures, leader, street or community, date."""

    plan = Text(most=10_000, required=True)
    measures = Many(words(required=True), least=1, most=50, required=True)
    leader = code()
    responsible = Text(most=200)
    finish_by = Instant(required=True)


class ReportProgress(EventData):
    """The monthly or weekly report (R-INS-27, R-INS-29)."""

    period = Choice(*PERIODS, required=True)
    progress = words(required=True)
    percent = Whole(most=100)


class RequestVerification(EventData):
    """What was done, with evidence."""

    summary = words(required=True)
    photos = photos(required=True)


class VerifyPass(EventData):
    """The verifiers' finding and the assessment score (R-INS-26)."""

    score = Quantity(least=0, most=100, required=True)
    finding = words(required=True)


class Findings(EventData):
    """What is not cured."""

    findings = Many(words(required=True), least=1, most=50, required=True)


class LookbackOk(EventData):
    """What the look-back check found."""

    finding = words(required=True)


class TransferDiscipline(EventData):
    """Who did not act, on what ground. Sealed but for the ground (R-INS-30)."""

    ground = Choice(*GROUNDS, required=True)
    officials = words(required=True)
    finding = words(required=True)
