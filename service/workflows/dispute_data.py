"""What a caller sends with the events of a dispute case up to its agreement.

A missing required datum is refused here (422); facts about the world are guards (409).
What belongs to the agreement and after it stands in `agreement_data.py`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from service.core.shapes import AccountId, Choice, Flag, Instant, Many, PersonShape, Shape, Whole
from service.workflows import dispute_words as known
from service.workflows.event_data import EventData, SourceTicket, body_of, code, photos, words

MOST_PARTIES = 200


def party(*, required: bool = False) -> Whole:
    """Return the field of a party's number."""
    return Whole(least=1, most=MOST_PARTIES, required=required)


def parties(*, required: bool = False) -> Many:
    """Return the field of several parties' numbers."""
    return Many(party(), least=1, most=MOST_PARTIES, required=required)


class CaseParty(Shape):
    """One side of the quarrel: whom it is known by, and who speaks for it."""

    side = Choice(*known.SIDES, required=True)
    kind = Choice(*known.PARTY_KINDS, required=True)
    account = AccountId()
    place = code()
    vendor = code()
    person = fields.Nested(PersonShape)
    representative = fields.Nested(PersonShape)


class DisputeFacts(Shape):
    """Facts at creation. `request` is what the applicant wants, `grounds` what happened.

    `petition` marks a case from the petition channel, whose screening may take longer.
    """

    parties = Many(fields.Nested(CaseParty), least=2, most=MOST_PARTIES, required=True)
    request = words(required=True)
    grounds = words(most=20_000)
    requested_tier = Whole(least=1, most=3)
    collective = Flag()
    petition = Flag()
    arbitration_clause = Flag()
    file_no = code()
    source = fields.Nested(SourceTicket)

    @validates_schema(skip_on_field_errors=True)
    def _both_sides(self, data: Mapping[str, Any], **_: Any) -> None:
        sides = {one["side"] for one in data.get("parties", ())}
        if sides != set(known.SIDES):
            raise ValidationError({"parties": ["required"]})


CaseBody = body_of(DisputeFacts)


class TakeIn(EventData):
    """The body's own number of the file (RULINGS 50)."""

    file_no = code()


class RecordConsent(EventData):
    """A party agrees to mediation; a mediator names the party it writes down."""

    party = party()
    document = photos()


class IdentifyParty(EventData):
    """Proof of who a party is, who speaks for it, and by what it can act here."""

    party = party(required=True)
    proof = Choice(*known.PROOFS, required=True)
    files = photos()
    representative = fields.Nested(PersonShape)
    account = AccountId()
    place = code()
    vendor = code()


class AddEvidence(EventData):
    """Files for one item of the table of contents."""

    item = Choice(*known.ADDED_ITEMS, required=True)
    files = photos()
    note = words()
    at_least_one: ClassVar = (("files", "note"),)


class Refuse(EventData):
    """Why the case is not taken, and the notice of legal ways (DOMAIN 3B.5)."""

    code = Choice(*known.REFUSALS, required=True)
    reason = words(required=True)
    ways = words(required=True)


class AppealRefusal(EventData):
    """Why the refusal is wrong."""

    reason = words(required=True)


class DecideAppeal(EventData):
    """What the superior decides on an appeal."""

    decision = Choice(*known.APPEAL_DECISIONS, required=True)
    reason = words(required=True)


class _Named(EventData):
    """Mediators by account; the lead is one of them, the first unless named."""

    mediators = Many(code(), least=1, most=9, required=True)
    lead = code()
    file_no = code()

    @validates_schema(skip_on_field_errors=True)
    def _one_of_them(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("lead") is not None and data["lead"] not in data.get("mediators", ()):
            raise ValidationError({"lead": ["not_allowed"]})


class AcceptCase(_Named):
    """Class and grade are mandatory (R-DIS-14); `category` corrects the type."""

    class_ = Choice(*known.CLASSES, required=True, data_key="class", attribute="class")
    grade = Choice(*known.GRADES, required=True)
    category = code()
    households = Whole(least=1, most=100_000)


class ReceiveEscalation(_Named):
    """Who mediates in the next tier."""


class ChangeMediator(EventData):
    """Who takes the place of whom, and why."""

    mediator = code(required=True)
    replaces = code(required=True)
    cause = Choice(*known.MEDIATOR_CAUSES, required=True)
    reason = words(required=True)


class Schedule(EventData):
    """Date, place and type of a session. Without `invited` everybody is."""

    at = Instant(required=True)
    place = words(most=500, required=True)
    type = Choice(*known.SESSION_TYPES, required=True)
    invited = parties()


class Helper(Shape):
    """A relative, neighbour or expert; the parties agree that they take part (R-DIS-29)."""

    person = fields.Nested(PersonShape, required=True)
    agreed = Flag(required=True)


class OpenSession(EventData):
    """Who came."""

    attendance = parties(required=True)
    helpers = Many(fields.Nested(Helper), least=1, most=20)


class NoShow(EventData):
    """Which party did not come."""

    party = party(required=True)
    contacted = words()


class Adjourn(EventData):
    """Why, what comes next and when; `minutes` are the record of this session."""

    reason = words(required=True)
    next_step = words(required=True)
    next_at = Instant(required=True)
    minutes = words(most=20_000)
    files = photos()


class ExtendLimit(EventData):
    """The parties that agreed to the longer time."""

    consents = parties(required=True)
    reason = words(required=True)
    document = photos()


class WaitFor(EventData):
    """What the mediation waits for."""

    what = Choice(*known.AWAITED, required=True)
    reason = words(required=True)


class Escalate(EventData):
    """What the next tier should know."""

    reason = words()
    brief = words()


class PartyRefuses(EventData):
    """A clear refusal of mediation (R-DIS-26)."""

    reason = words(required=True)


class Rejection(EventData):
    """Why the terms are not signed after all; silence gives no reason."""

    reason = words()


class Terminate(EventData):
    """Why mediation ends, and the notice of legal ways (R-DIS-31)."""

    cause = Choice(*known.ENDINGS, required=True)
    reason = words(required=True)
    ways = words(required=True)
    minutes = words(most=20_000)
    files = photos()


class FlagRisk(EventData):
    """Facts that show a danger of escalation (R-DIS-30)."""

    facts = words(required=True)
    households = Whole(least=1, most=100_000)
    injury = Flag()
    media = Flag()
    police = Flag()


class Supervision(EventData):
    """Listing or its end, and the supervision ticket."""

    reason = words()
    supervision = code()
