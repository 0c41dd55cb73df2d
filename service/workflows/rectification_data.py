"""What a caller sends with each event of a rectification order.

A missing required datum is refused here (422); facts about the world are guards (409).
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from service.core.shapes import Choice, File, Instant, Many, PersonShape, Shape, Text, Whole
from service.workflows.event_data import MOST_FEN, EventData, Money, ReasonOnly, code, photos, words
from service.workflows.penalties import CIRCULAR, DEDUCTION, TRANSFER

__all__ = ["EventData", "ReasonOnly"]

SUBJECTS = ("vendor", "developer", "committee")
COMMITTEES = ("owners_committee", "property_mgmt_committee", "compound_committee")
GRADES = ("immediate", "ordinary", "works")
SUSPENSIONS = ("act_of_authority", "weather")
RESULTS = ("passed", "failed")
ANSWERS = ("upheld", "withdrawal_proposed")
GROUNDS = ("serious_violation", "veto")


def _number(**kwargs: object) -> Whole:
    return Whole(least=1, most=1000, **kwargs)


class FoundItem(Shape):
    """One failing: what, where, and a photo of it."""

    what = words(required=True)
    where = Text(most=500)
    photo = File()


class SourceTicket(Shape):
    """The ticket that the finding comes from."""

    ticket = code(required=True)
    number = code()
    kind = code()


class RectificationFacts(Shape):
    """Facts at creation. A vendor or developer is named by id, a committee by its kind."""

    subject = Choice(*SUBJECTS, required=True)
    vendor = code()
    committee = Choice(*COMMITTEES)
    grade = Choice(*GRADES, required=True)
    items = Many(fields.Nested(FoundItem), least=1, most=50, required=True)
    legal_basis = words()
    source = fields.Nested(SourceTicket)

    @validates_schema(skip_on_field_errors=True)
    def _one_subject(self, data: Mapping[str, Any], **_: Any) -> None:
        needed = "committee" if data["subject"] == "committee" else "vendor"
        other = "vendor" if needed == "committee" else "committee"
        found = {needed: ["required"]} if needed not in data else {}
        if found or other in data:
            raise ValidationError({**found, **({other: ["not_allowed"]} if other in data else {})})


class Circulate(EventData):
    """The published result of the inspection."""

    document = File()


class IssueNotice(EventData):
    """The notice. Without a deadline the grade's full time counts."""

    deadline = Instant()
    legal_basis = words(required=True)
    penalty_warning = words(required=True)


class Reissue(EventData):
    """The notice of the next cycle. Without a deadline half of the first time counts."""

    deadline = Instant()
    penalty_warning = words()


class Acknowledge(EventData):
    """Who answers for the cure, and how it is to be done."""

    person = fields.Nested(PersonShape, required=True)
    plan = words(required=True)


class DisputeNotice(EventData):
    """Why the notice is wrong, with proof."""

    reason = words(required=True)
    proof = photos(required=True)


class AnswerDispute(EventData):
    """The issuer's answer; only a superior withdraws the notice."""

    decision = Choice(*ANSWERS, required=True)
    answer = words(required=True)


class Extension(EventData):
    """Until when more time is asked for, or given, and why."""

    until = Instant(required=True)
    reason = words(required=True)


class SuspendCure(EventData):
    """What stops the cure, with evidence (R-SLA-23)."""

    cause = Choice(*SUSPENSIONS, required=True)
    reason = words(required=True)
    evidence = photos(required=True)


class ItemEvidence(Shape):
    """Photos or documents for one item."""

    n = _number(required=True)
    files = photos(required=True)
    note = words()


class SubmitEvidence(EventData):
    """Evidence for every item of the round."""

    items = Many(fields.Nested(ItemEvidence), least=1, most=50, required=True)


class ItemCheck(Shape):
    """What the inspector found on one item; a failed one says what is still wrong."""

    n = _number(required=True)
    result = Choice(*RESULTS, required=True)
    finding = words()
    photos = photos()

    @validates_schema(skip_on_field_errors=True)
    def _finding(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["result"] == "failed" and "finding" not in data:
            raise ValidationError({"finding": ["required"]})


class CheckItems(EventData):
    """Results of some items; a later check of an item replaces an earlier one."""

    items = Many(fields.Nested(ItemCheck), least=1, most=50, required=True)


class Verdict(EventData):
    """Results of items that were not checked before."""

    items = Many(fields.Nested(ItemCheck), least=1, most=50)


class FlagFalseEvidence(EventData):
    """Items of the round whose evidence is false, and how that is known."""

    items = Many(_number(), least=1, most=50, required=True)
    reason = words(required=True)
    proof = photos()


class ProposePenalty(EventData):
    """The next step of the ladder. `amount_fen` is that of the contract's table of violations.

    `ground` is what alone may skip a step.
    """

    step = Whole(least=CIRCULAR, most=TRANSFER, required=True)
    violation = words(required=True)
    amount_fen = Money(least=1, most=MOST_FEN)
    clause = code()
    ground = Choice(*GROUNDS)

    @validates_schema(skip_on_field_errors=True)
    def _amount(self, data: Mapping[str, Any], **_: Any) -> None:
        deducts, named = data["step"] == DEDUCTION, "amount_fen" in data
        if deducts != named:
            raise ValidationError({"amount_fen": ["required" if deducts else "not_allowed"]})


class ObjectDeduction(EventData):
    """Why the company objects; it cannot veto (R-FIN-02)."""

    reason = words(required=True)
    proof = photos()


class RecordTopUp(EventData):
    """Money paid back into the deposit, with the receipt."""

    amount_fen = Money(least=1, most=MOST_FEN, required=True)
    receipt = File(required=True)
