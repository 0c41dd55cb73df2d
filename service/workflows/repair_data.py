"""What a caller sends with each event of a repair order (rulings 1, 13, 39, 41).

A missing required datum is refused here (422); facts about the world are guards (409).
"""

from typing import Any, ClassVar

from marshmallow import fields

from service.core.shapes import (
    Choice,
    File,
    Flag,
    Ident,
    Instant,
    Many,
    Quantity,
    Shape,
    Text,
    Whole,
)

ORIGINS = ("customer", "self_inspection", "patrol", "hazard")
URGENCIES = ("emergency", "urgent", "normal")
PARTS = ("common", "private")
CLASSES = ("minor", "urgent", "major")
RESPONSIBLE = (
    "household",
    "company",
    "emergency_station",
    "owners",
    "developer",
    "title_unit",
    "utility",
    "authority",
)
RATINGS = ("satisfied", "basically_satisfied", "unsatisfied")
CHANNELS = ("phone", "web", "desk", "handheld", "link", "12345", "open311")
CALL_OUTCOMES = ("no_answer", "busy", "switched_off", "wrong_number")
DRAWS = ("always", "sampled", "substitute")
CONFINED_SPACE_CHECKS = (
    "risk_assessment",
    "ventilation_gas_test",
    "protective_gear",
    "guardian_outside",
    "electrical_equipment",
    "approval",
    "training_drill",
)

Money = Whole  # integer fen


def _code(**kwargs: Any) -> Text:
    return Text(most=100, **kwargs)


def _photos(*, required: bool = False) -> Many:
    return Many(File(), least=1, most=20, required=required)


class EventData(Shape):
    """What every event may carry. `synthetic` marks a step that a replay made up."""

    synthetic = Flag()


class OrderFacts(Shape):
    """Facts of a repair order at creation. `repeat_of` links an order closed too long ago."""

    origin = Choice(*ORIGINS, required=True)
    part = Choice(*PARTS)
    location = Text(most=500)
    access_note = Text(most=500)
    call_log = Text(most=2000)
    asset = _code()
    repeat_of = _code()


class ReporterData(Shape):
    """Who reports. The phone may be left out for own inspection and patrol only."""

    name = Text(most=100)
    phone = Text(most=40)
    channel = Choice(*CHANNELS, required=True)
    notice_version = _code()


class OrderBody(EventData):
    """The create body (API 4)."""

    id = Ident()
    place = _code(required=True)
    category = _code(required=True)
    title = Text(most=200, required=True)
    description = Text(least=0)
    reporter = fields.Nested(ReporterData, required=True)
    urgency = Choice(*URGENCIES)
    priority = Whole(least=1, most=5)
    occurred_at = Instant()
    appointment_from = Instant()
    appointment_to = Instant()
    facts = fields.Nested(OrderFacts, required=True)
    attachments = Many(File(), most=20)
    ordered: ClassVar = (("appointment_from", "appointment_to"),)


class DraftCompletion(EventData):
    """What may be added or corrected when a draft is submitted."""

    category = _code()
    title = Text(most=200)
    description = Text(least=0)
    urgency = Choice(*URGENCIES)
    appointment_from = Instant()
    appointment_to = Instant()
    ordered: ClassVar = (("appointment_from", "appointment_to"),)


class Merge(EventData):
    """`into` is the master order: its id or number."""

    into = _code(required=True)


class Absorb(EventData):
    """`from` is the order that became a follower."""

    from_ = _code(required=True, data_key="from", attribute="from")


class Accept(EventData):
    """Triage. `named_person` is mandatory for a quality defect of the developer (R-REP-54)."""

    category = _code(required=True)
    urgency = Choice(*URGENCIES, required=True)
    part = Choice(*PARTS, required=True)
    responsible = Choice(*RESPONSIBLE, required=True)
    class_ = Choice(*CLASSES, required=True, data_key="class", attribute="class")
    named_person = Text(most=100)
    appointment_from = Instant()
    appointment_to = Instant()
    ordered: ClassVar = (("appointment_from", "appointment_to"),)


class ReferOut(EventData):
    """`utility` is an entry of the directory and needs the phone (R-REP-11)."""

    reason = Text(most=2000, required=True)
    advice = Text(most=2000, required=True)
    utility = _code()
    phone = Text(most=40)


class Assign(EventData):
    """A crew or a vendor, and when the visit is planned."""

    crew = _code()
    vendor = _code()
    visit_from = Instant(required=True)
    visit_to = Instant(required=True)
    price_shown_fen = Money()
    exactly_one: ClassVar = (("crew", "vendor"),)
    ordered: ClassVar = (("visit_from", "visit_to"),)


class Reassign(EventData):
    """Another crew or vendor, and why."""

    crew = _code()
    vendor = _code()
    reason = Text(most=2000, required=True)
    exactly_one: ClassVar = (("crew", "vendor"),)


class PickPoolContractor(EventData):
    """The street's choice from the pool, with the recorded reason."""

    vendor = _code(required=True)
    reason = Text(most=2000, required=True)


class ReasonOnly(EventData):
    """A reason in words."""

    reason = Text(most=2000, required=True)


class Take(EventData):
    """When the crew expects to be there."""

    eta = Instant()


class WaiveArrival(EventData):
    """The reporter's consent to a later arrival (R-REP-37)."""

    consented_at = Instant(required=True)
    consented_by = Text(most=100, required=True)
    new_arrive_at = Instant(required=True)


class Position(Shape):
    """Where the device was."""

    lat = Quantity(least=-90, most=90, required=True)
    lon = Quantity(least=-180, most=180, required=True)
    accuracy_m = Quantity(least=0, most=100_000)


class Arrive(EventData):
    """Position or code on the wall; the desk may record an arrival told by phone."""

    position = fields.Nested(Position)
    qr = _code()
    by_phone = Flag()
    at_least_one: ClassVar = (("position", "qr", "by_phone"),)


class NoAccess(EventData):
    """Evidence that nobody opened."""

    photos = _photos()
    call_log = Text(most=2000)
    at_least_one: ClassVar = (("photos", "call_log"),)


class Resume(EventData):
    """The new appointment."""

    visit_from = Instant(required=True)
    visit_to = Instant(required=True)
    ordered: ClassVar = (("visit_from", "visit_to"),)


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

    photos = _photos(required=True)
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
    warning_photos = _photos()
    warning_waiver = Text(most=2000)
    at_least_one: ClassVar = (("warning_photos", "warning_waiver"),)


class Material(Part):
    """One material line with its cost."""

    cost_fen = Money(required=True)


class CompleteWork(EventData):
    """The crew's report (R-REP-20, 21, 45)."""

    report = Text(required=True)
    photos_before = _photos(required=True)
    photos_after = _photos(required=True)
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
    month = _code()
    seed = Whole()
    instead_of = _code()


class RevisitCall(EventData):
    """A call that reached nobody."""

    outcome = Choice(*CALL_OUTCOMES, required=True)


class RevisitOk(EventData):
    """The resident was reached and the repair holds."""

    rating = Choice(*RATINGS)


class RevisitFail(EventData):
    """The resident was reached and the fault is back."""

    finding = Text(most=5000, required=True)


class Convert(EventData):
    """Not a repair: which kind it becomes."""

    to_kind = Choice("complaint", "dispute_case", "hazard", required=True)
    reason = Text(most=2000, required=True)


class AddNote(EventData):
    """A note on the timeline."""

    text = Text(required=True)
