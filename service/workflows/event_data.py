"""What callers send with events of any kind: the create body, evidence, a reason, a note."""

from typing import Any, Final

from marshmallow import Schema, fields

from service.core.shapes import (
    Choice,
    File,
    Flag,
    Instant,
    Many,
    NewIdent,
    Shape,
    Text,
    Whole,
)
from service.sla.profile import URGENCIES

CHANNELS = ("phone", "web", "desk", "handheld", "link", "12345", "open311")
NOTE_LEVELS = ("private", "shared", "recorded")
Money = Whole  # integer fen
MOST_FEN: Final = 100_000_000_000
"""A billion yuan: more than any contract, far less than the database can add up."""


def code(**kwargs: Any) -> Text:
    """Return the field of an id, a number or a short code."""
    return Text(most=100, **kwargs)


def words(*, most: int = 2000, required: bool = False) -> Text:
    """Return the field of a reason, a finding, a plan: a few sentences."""
    return Text(most=most, required=required)


def photos(*, required: bool = False) -> Many:
    """Return the field of evidence: attachments by id."""
    return Many(File(), least=1, most=20, required=required)


class EventData(Shape):
    """What every event may carry. `synthetic` marks a step that a replay made up."""

    synthetic = Flag()


class ReporterData(Shape):
    """Who reports. Which kinds need the phone is their own rule."""

    name = Text(most=100)
    phone = Text(most=40)
    channel = Choice(*CHANNELS, required=True)
    notice_version = code()


class SourceTicket(Shape):
    """The ticket that led to this one."""

    ticket = code(required=True)
    number = code(required=True)


class ReasonOnly(EventData):
    """A reason in words."""

    reason = words(required=True)


class AddNote(EventData):
    """A note on the timeline."""

    text = Text(required=True)


class TicketBody(EventData):
    """The create body of API 4; a kind adds `facts` with `body_of`."""

    id = NewIdent()
    place = code(required=True)
    category = code(required=True)
    title = Text(most=200, required=True)
    description = Text(least=0)
    reporter = fields.Nested(ReporterData, required=True)
    urgency = Choice(*URGENCIES)
    priority = Whole(least=1, most=5)
    occurred_at = Instant()
    attachments = Many(File(), most=20)


def body_of(facts: type[Schema]) -> type[TicketBody]:
    """Return the create body of a kind with these facts."""
    name = facts.__name__.removesuffix("Facts") + "Body"
    members = {"facts": fields.Nested(facts, required=True), "__doc__": TicketBody.__doc__}
    return type(name, (TicketBody,), members)
