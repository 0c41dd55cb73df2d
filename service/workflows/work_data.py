"""What a caller sends with the events of a repair order from diagnosis to revisit.

A missing required datum is refused here (422); facts about the world are guards (409).
"""

from typing import ClassVar

from marshmallow import fields

from service.core.shapes import Choice, File, Flag, Instant, Many, Quantity, Shape, Text, Whole
from service.workflows.event_data import EventData, Money, code, photos
from service.workflows.repair_words import CALL_OUTCOMES, CLASSES, DRAWS, RATINGS, RESPONSIBLE


class Part(Shape):
    """One part that is needed."""

    name = Text(most=200, required=True)
    qty = Quantity(least=0.001, most=1_000_000, required=True)


class Diagnose(EventData):
    """What was found on site."""

    finding = Text(most=5000, required=True)
    class_ = Choice(*CLASSES, required=True, data_key="class", attribute="class")
    responsible = Choice(*RESPONSIBLE, required=True)
    outcome = Choice("fixed_on_spot", "needs_plan", required=True)
    parts = Many(fields.Nested(Part))


class MakeSafe(EventData):
    """Proof that the danger is gone."""

    photos = photos(required=True)
    note = Text(most=5000, required=True)


class ConfinedSpaceChecks(Shape):
    """The seven checks without which nobody enters a confined space (ruling 41)."""

    risk_assessment = Flag(required=True)
    ventilation_gas_test = Flag(required=True)
    protective_gear = Flag(required=True)
    guardian_outside = Flag(required=True)
    electrical_equipment = Flag(required=True)
    approval = Flag(required=True)
    training_drill = Flag(required=True)


class StartWork(EventData):
    """Accepted price of a private part; checks before a confined space."""

    price_accepted = Flag()
    confined_space_checks = fields.Nested(ConfinedSpaceChecks)


class RequestParts(EventData):
    """What is missing and when it is expected."""

    items = Many(fields.Nested(Part), least=1, required=True)
    eta = Instant(required=True)


class NeedFund(EventData):
    """Plan and estimate for the maintenance fund."""

    plan = Text(required=True)
    estimate_fen = Money(least=1, required=True)


class FundDecided(EventData):
    """The decision; people must prove it with its document (ruling 14)."""

    decision = Choice("approved", "refused", required=True)
    document = File()


class ReportCannotFinish(EventData):
    """The one postponement: new promise, notice to the reporter, warning sign."""

    reason = Text(most=2000, required=True)
    new_promise_at = Instant(required=True)
    reporter_notified_at = Instant(required=True)
    warning_photos = photos()
    warning_waiver = Text(most=2000)
    at_least_one: ClassVar = (("warning_photos", "warning_waiver"),)


class Material(Part):
    """One material line with its cost."""

    cost_fen = Money(required=True)


class CompleteWork(EventData):
    """The crew's report (R-REP-20, 21, 45)."""

    report = Text(required=True)
    photos_before = photos(required=True)
    photos_after = photos(required=True)
    materials = Many(fields.Nested(Material), required=True)
    labour_minutes = Whole(most=100_000, required=True)
    site_clean = Flag(required=True)
    warning_removed = Flag()


class Confirm(EventData):
    """The resident's word. `signature` is a typed name or the reference of a signed slip."""

    signature = Text(most=200)
    rating = Choice(*RATINGS, required=True)


class RevisitDraw(EventData):
    """Why the order is called back; `seed` and `month` prove a random draw."""

    draw = Choice(*DRAWS)
    month = code()
    seed = Whole()
    instead_of = code()


class RevisitCall(EventData):
    """A call that reached nobody."""

    outcome = Choice(*CALL_OUTCOMES, required=True)


class RevisitOk(EventData):
    """The resident was reached and the repair holds."""

    rating = Choice(*RATINGS)


class RevisitFail(EventData):
    """The resident was reached and the fault is back."""

    finding = Text(most=5000, required=True)
