"""What a caller sends with each event of a complaint (DOMAIN 4.2, R-CMP-01…25)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from service.core.shapes import Choice, File, Flag, Instant, Shape, Text, Whole
from service.workflows.clusters import WHY_GROUPED
from service.workflows.complaint_facts import GRADES, MEANS, ORIGINS, TYPES, WITHOUT_PHONE
from service.workflows.event_data import EventData, TicketBody, code, photos, words
from service.workflows.repair_words import CALL_OUTCOMES


class ComplaintFacts(Shape):
    """Facts of a complaint at creation.

    `votes` counts the people of a joint complaint. `petition` and `hotline_no` say that it
    came through the petition office or 12345; `hotline_due_at` is the limit written on the
    hotline's own ticket (R-SLA-27). `vendor` is the company complained about, which handles
    first (R-CMP-16). A violation report names when the offender was dissuaded and to which
    authority it was reported (R-CMP-22).
    """

    type = Choice(*TYPES, required=True)
    origin = Choice(*ORIGINS, required=True)
    vendor = code()
    votes = Whole(least=1, most=1_000_000)
    petition = Flag()
    hotline_no = code()
    hotline_due_at = Instant()
    grade = Choice(*GRADES)
    signature_required = Flag()
    location = Text(most=500)
    dissuaded_at = Instant()
    reported_to = Text(most=200)


class ComplaintBody(TicketBody):
    """The create body (API 4)."""

    facts = fields.Nested(ComplaintFacts, required=True)

    @validates_schema(skip_on_field_errors=False)
    def _contact(self, data: Mapping[str, Any], **_: Any) -> None:
        """Require a phone of whoever asks: the result is answered to them (R-CMP-10)."""
        origin = data.get("facts", {}).get("origin")
        known = origin is not None and "reporter" in data
        if known and origin not in WITHOUT_PHONE and not data["reporter"].get("phone"):
            raise ValidationError({"reporter": {"phone": ["required"]}})


class Accept(EventData):
    """The promised time; why, when it is later than usual; who follows up; which company."""

    promise_at = Instant(required=True)
    reason = words()
    receiver = code()
    vendor = code()


class SurveySite(EventData):
    """What was found: nature and extent (R-CMP-21)."""

    finding = words(required=True)
    extent = words()
    photos = photos()


class StartHandling(EventData):
    """Who solves it and how (R-CMP-13). Without a survey, why none was needed."""

    plan = words()
    handler = code()
    no_survey_reason = words()


class Postpone(EventData):
    """The new promise, and when the person was told of it (R-CMP-06)."""

    reason = words(required=True)
    new_promise_at = Instant(required=True)
    reporter_notified_at = Instant(required=True)


class Resolve(EventData):
    """What was done."""

    result = words(required=True)
    photos = photos()


class Reply(EventData):
    """The answer given to the person, how, and the signature when one is required."""

    answer = words(required=True)
    means = Choice(*MEANS, required=True)
    signature = File()


class Confirm(EventData):
    """Is the person satisfied? `opinion` in the person's words."""

    satisfied = Flag(required=True)
    opinion = words()


class RecordCall(EventData):
    """A call that reached nobody (R-CMP-14)."""

    outcome = Choice(*CALL_OUTCOMES, required=True)


class ReferOut(EventData):
    """To which body the person was sent, with what advice."""

    reason = words(required=True)
    advice = words(required=True)
    to = Text(most=200, required=True)
    phone = Text(most=40)


class EscalateToMediation(EventData):
    """What the person wants from whom: the request of the dispute case (DOMAIN 3B.5)."""

    request = words(required=True)


class HandOver(EventData):
    """Who follows up from now on, and why (R-CMP-03)."""

    receiver = code(required=True)
    reason = words(required=True)


class TransferDiscipline(EventData):
    """Who did not act and what is known. Sealed: the history keeps only a digest."""

    officials = words(required=True)
    finding = words(required=True)


class JoinCluster(EventData):
    """The cluster it was grouped into, why, and the order that cures it (R-CMP-13).

    `like` is the number of the complaint whose subject it resembles.
    """

    cluster = code(required=True)
    why = Choice(*WHY_GROUPED, required=True)
    like = code()
    ticket = code()
