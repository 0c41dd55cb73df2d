"""What a caller sends with each event of a vendor assessment, up to the fixed grade.

What follows a bad grade stands in `exit_data.py`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from service.core.shapes import Choice, Day, File, Flag, Instant, Many, Quantity, Shape, Text, Whole
from service.workflows import grading
from service.workflows.event_data import EventData, body_of, code, photos, words

CYCLES = ("daily", "monthly", "quarterly", "annual")
ELECTORATES = ("delegate", "household")
FIGURES: Mapping[str, bool] = {
    "cleaning_rate": True,
    "fee_collection_rate": True,
    "hotline_complaint_rate": False,
}
"""Key figures (R-VEN-32: KPI 21, 22, 29) and whether more is better."""
CURES = ("immediate", "ordinary", "works")
_MOST_ELECTORS = 5000


class Period(Shape):
    """What is assessed: whole days, the last one included, and how often (R-VEN-19, 21)."""

    from_ = Day(required=True, data_key="from", attribute="from")
    to = Day(required=True)
    cycle = Choice(*CYCLES, required=True)

    @validates_schema
    def _order(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["to"] < data["from"]:
            raise ValidationError({"to": ["out_of_range"]})


class ExitSource(Shape):
    """The rectification order that led to an exit review without an assessment (RULINGS 55).

    `serious` tells a serious violation from cures that failed too often (DOMAIN 3C.2).
    """

    ticket = code(required=True)
    number = code(required=True)
    serious = Flag()


class AssessmentFacts(Shape):
    """Facts at creation: the vendor and the period, or the order an exit review comes from.

    `company` says that the vendor manages the compound, so that only the owners may dismiss
    it; a property service is one whatever is stated. `electorate_kind`
    is `delegate` unless stated.
    """

    vendor = code(required=True)
    period = fields.Nested(Period)
    source = fields.Nested(ExitSource)
    electorate_kind = Choice(*ELECTORATES)
    company = Flag()
    exactly_one: ClassVar = (("period", "source"),)


AssessmentBody = body_of(AssessmentFacts)


class Open(EventData):
    """Who may vote, until when (default: the profile's), and who inspects.

    `electors` are account ids of delegates, or place ids of households.
    """

    electors = Many(code(), least=1, most=_MOST_ELECTORS, required=True)
    closes_at = Instant()
    inspector = code()

    @validates_schema
    def _once(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse an elector named twice: each has one vote (R-GOV-15)."""
        first = {voter: n for n, voter in reversed([*enumerate(data["electors"])])}
        twice = {
            n: ["not_allowed"] for n, voter in enumerate(data["electors"]) if first[voter] != n
        }
        if twice:
            raise ValidationError({"electors": twice})


class Grade(EventData):
    """One vote: secret until the close, replaced by a later one of the same voter."""

    grade = Choice(*grading.GRADES, required=True)
    words = words()


class DrawInspection(EventData):
    """Among whom and among what the pair of a double-random inspection is drawn (R-VEN-16)."""

    inspectors = Many(code(), least=1, required=True)
    targets = Many(Text(most=200), least=1, required=True)


class ChecklistItem(Shape):
    """One line of the checklist."""

    item = Text(most=200, required=True)
    passed = Flag(required=True)
    note = words()


class Figure(Shape):
    """One key figure against its target, both in per cent, or tickets per 1000 households."""

    figure = Choice(*FIGURES, required=True)
    value = Quantity(least=0, most=100_000, required=True)
    target = Quantity(least=0, most=100_000, required=True)


class ScoreInspection(EventData):
    """A filled checklist with photos, key figures, or both.

    `inspection` is the number of a drawn inspection. `veto` states a ground for failing the
    vendor whatever the votes (R-VEN-23). A third-party `assessor` needs its report (R-VEN-31).
    """

    inspection = Whole(least=1, most=999)
    target = Text(most=200)
    checklist = Many(fields.Nested(ChecklistItem), least=1)
    figures = Many(fields.Nested(Figure), least=1)
    photos = photos()
    assessor = Text(most=200)
    report = File()
    veto = words()
    at_least_one: ClassVar = (("checklist", "figures"),)

    @validates_schema
    def _evidence(self, data: Mapping[str, Any], **_: Any) -> None:
        wanted = {"checklist": "photos", "assessor": "report"}
        found = {
            evidence: ["required"]
            for name, evidence in wanted.items()
            if name in data and evidence not in data
        }
        if found:
            raise ValidationError(found)


class ObjectTo(EventData):
    """The vendor's objection, with evidence."""

    text = words(required=True)
    evidence = photos(required=True)


class AnswerObjection(EventData):
    """The committee's answer."""

    answer = words(required=True)


class FixGrade(EventData):
    """`veto` states the ground on which the vendor fails whatever the votes (R-VEN-23)."""

    veto = words()
