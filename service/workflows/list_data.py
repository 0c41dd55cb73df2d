"""What a caller sends with each event of a red or black list decision."""

from marshmallow import fields

from service.core.shapes import Choice, File, Many, Shape
from service.workflows.event_data import EventData, SourceTicket, body_of, code, photos, words

LISTS = ("red", "black")
PENALTY_STEPS = ("notice", "circular", "deduction")


class StepTaken(Shape):
    """One earlier step of the penalty ladder and the ticket that it was taken on."""

    step = Choice(*PENALTY_STEPS, required=True)
    ticket = code(required=True)


class ListFacts(Shape):
    """Facts at creation. `manager` is the account of the project manager who is listed.

    `steps` are those of the penalty ladder already taken (DOMAIN 3C.5); `serious` names the
    violation that allows to skip them.
    """

    vendor = code(required=True)
    list = Choice(*LISTS, required=True)
    reason = words(required=True)
    manager = code()
    steps = Many(fields.Nested(StepTaken), most=20)
    serious = words()
    source = fields.Nested(SourceTicket)


ListBody = body_of(ListFacts)


class Statement(EventData):
    """What the vendor states before the decision."""

    statement = words(required=True)
    evidence = photos()


class Decided(EventData):
    """A decision of the bureau, with its document."""

    reason = words(required=True)
    document = File(required=True)


class AppealDecided(Decided):
    """Whether the listing stays."""

    decision = Choice("kept", "withdrawn", required=True)
