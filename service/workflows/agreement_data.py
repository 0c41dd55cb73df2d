"""What a caller sends from the terms of a dispute case to its end."""

from typing import ClassVar

from marshmallow import fields

from service.core.shapes import Choice, File, Flag, Instant, Many, Shape, Whole
from service.workflows import dispute_words as known
from service.workflows.dispute_data import parties, party
from service.workflows.event_data import EventData, Money, photos, words


def number(*, required: bool = False) -> Whole:
    """Return the field of an obligation's number."""
    return Whole(least=1, most=100, required=required)


class ObligationTerms(Shape):
    """Who does what, where, by when, for how much: none without person and date (S-54)."""

    who = party(required=True)
    what = words(required=True)
    where = words(most=500)
    due_at = Instant(required=True)
    amount_fen = Money(most=10**12)
    kind = Choice(*known.OBLIGATIONS)


class ReachTerms(EventData):
    """The terms as agreed in the session."""

    form = Choice(*known.FORMS, required=True)
    obligations = Many(fields.Nested(ObligationTerms), least=1, most=100, required=True)
    minutes = words(most=20_000)
    files = photos()


class Sign(EventData):
    """One signature, drawn or as a scanned page.

    The mediator names a party whose paper it enters, signs itself, puts the seal of the
    body (`seal`) or records that an oral agreement was reached (`record`).
    """

    party = party()
    signature = File()
    page = File()
    seal = Flag()
    record = words()
    at_least_one: ClassVar = (("signature", "page", "seal", "record"),)


class ApplyConfirmation(EventData):
    """The competent court of the joint application (R-DIS-35)."""

    court = words(most=200, required=True)
    documents = photos()


class CourtAnswer(EventData):
    """The court took the application up, or takes the longer time (R-DIS-36)."""

    answer = Choice(*known.COURT_ANSWERS, required=True)
    document = photos()


class ConfirmationResult(EventData):
    """What the court decided."""

    result = Choice(*known.CONFIRMATIONS, required=True)
    document = photos()


class ObligationDone(EventData):
    """Proof that an obligation was met."""

    number = number(required=True)
    proof = photos()
    statement = words()
    at_least_one: ClassVar = (("proof", "statement"),)


class ObligationOverdue(EventData):
    """Which obligation fell due; without a number the first that did."""

    number = number()


class SuspendObligation(EventData):
    """The parties agree that an obligation waits."""

    number = number(required=True)
    agreed_by = parties(required=True)
    reason = words(required=True)


class ResumeObligation(EventData):
    """Which obligation runs again."""

    number = number(required=True)


class Urge(EventData):
    """How the parties were urged."""

    reason = words(required=True)


class Enforce(EventData):
    """Enforcement of a confirmed agreement, or a suit on it."""

    way = Choice(*known.ENFORCEMENTS, required=True)


class ReferCourt(EventData):
    """The legal way a party chose."""

    way = Choice(*known.LEGAL_WAYS, required=True)


class ExitToLegal(EventData):
    """Nothing is asked of who leaves mediation (R-DIS-27); the way may be told."""

    way = Choice(*known.LEGAL_WAYS)


class RecordFollowUp(EventData):
    """A call after performance."""

    outcome = Choice(*known.CALLS, required=True)
    party = party()


class CloseCase(EventData):
    """What the applicant thinks of the result (R-DIS-23).

    `override_reason` lets the lead of the tier close an incomplete file (S-51).
    """

    opinion = Choice(*known.OPINIONS, required=True)
    override_reason = words()


class CloseFailed(EventData):
    """The end of a case without agreement; see `CloseCase` for the override."""

    override_reason = words()
