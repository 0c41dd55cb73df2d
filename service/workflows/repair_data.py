"""What a caller sends with each event of a repair order (rulings 1, 13, 39, 41).

A missing required datum is refused here (422); facts about the world are guards (409).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from service.core.shapes import Choice, Flag, Instant, Quantity, Shape, Text
from service.sla.profile import URGENCIES
from service.workflows.event_data import (
    EventData,
    Money,
    ReasonOnly,
    ReporterData,
    TicketBody,
    code,
    photos,
)
from service.workflows.repair_words import CLASSES, ORIGINS, OWN_FINDINGS, PARTS, RESPONSIBLE

__all__ = ["EventData", "ReasonOnly", "ReporterData"]


class OrderFacts(Shape):
    """Facts of a repair order at creation. `repeat_of` links an order closed too long ago."""

    origin = Choice(*ORIGINS, required=True)
    part = Choice(*PARTS)
    location = Text(most=500)
    access_note = Text(most=500)
    call_log = Text(most=2000)
    asset = code()
    repeat_of = code()


class OrderBody(TicketBody):
    """The create body (API 4)."""

    appointment_from = Instant()
    appointment_to = Instant()
    facts = fields.Nested(OrderFacts, required=True)
    ordered: ClassVar = (("appointment_from", "appointment_to"),)

    @validates_schema(skip_on_field_errors=False)
    def _contact(self, data: Mapping[str, Any], **_: Any) -> None:
        """Require a phone unless the report is the service's own finding (ruling 39)."""
        origin = data.get("facts", {}).get("origin")
        known = origin is not None and "reporter" in data
        if known and origin not in OWN_FINDINGS and not data["reporter"].get("phone"):
            raise ValidationError({"reporter": {"phone": ["required"]}})


class DraftCompletion(EventData):
    """What may be added or corrected when a draft is submitted."""

    category = code()
    title = Text(most=200)
    description = Text(least=0)
    urgency = Choice(*URGENCIES)
    appointment_from = Instant()
    appointment_to = Instant()
    ordered: ClassVar = (("appointment_from", "appointment_to"),)


class Merge(EventData):
    """`into` is the master order: its id or number."""

    into = code(required=True)


class Absorb(EventData):
    """`from` is the order that became a follower."""

    from_ = code(required=True, data_key="from", attribute="from")


class Accept(EventData):
    """Triage. `named_person` is mandatory for a quality defect of the developer (R-REP-54)."""

    category = code(required=True)
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
    utility = code()
    phone = Text(most=40)


class Assign(EventData):
    """A crew or a vendor, and when the visit is planned."""

    crew = code()
    vendor = code()
    visit_from = Instant(required=True)
    visit_to = Instant(required=True)
    price_shown_fen = Money()
    exactly_one: ClassVar = (("crew", "vendor"),)
    ordered: ClassVar = (("visit_from", "visit_to"),)


class Reassign(EventData):
    """Another crew or vendor, and why."""

    crew = code()
    vendor = code()
    reason = Text(most=2000, required=True)
    exactly_one: ClassVar = (("crew", "vendor"),)


class PickPoolContractor(EventData):
    """The street's choice from the pool, with the recorded reason."""

    vendor = code(required=True)
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
    qr = code()
    by_phone = Flag()
    at_least_one: ClassVar = (("position", "qr", "by_phone"),)


class NoAccess(EventData):
    """Evidence that nobody opened."""

    photos = photos()
    call_log = Text(most=2000)
    at_least_one: ClassVar = (("photos", "call_log"),)


class Resume(EventData):
    """The new appointment."""

    visit_from = Instant(required=True)
    visit_to = Instant(required=True)
    ordered: ClassVar = (("visit_from", "visit_to"),)


class Convert(EventData):
    """Not a repair: which kind it becomes."""

    to_kind = Choice("complaint", "dispute_case", "hazard", required=True)
    reason = Text(most=2000, required=True)
