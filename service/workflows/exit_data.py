"""What a caller sends once a grade is fixed: cure, exit review, vote, hand-over."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from service.core.shapes import Choice, File, Flag, Instant, Many, Shape, Whole
from service.workflows.assessment_data import CURES
from service.workflows.event_data import EventData, code, photos, words


class FindingItem(Shape):
    """One thing to cure, and where."""

    what = words(required=True)
    where = words(most=500)


class OrderRectification(EventData):
    """The findings that a basically satisfied grade obliges the vendor to cure (R-VEN-03)."""

    items = Many(fields.Nested(FindingItem), least=1, required=True)
    grade = Choice(*CURES, required=True)
    legal_basis = words(required=True)


class Hear(EventData):
    """The vendor's statement in the exit review."""

    statement = words(required=True)
    evidence = photos()


class CommitteeVote(Shape):
    """A committee's resolution (R-GOV-01…03)."""

    seats = Whole(least=1, most=999, required=True)
    present = Whole(required=True)
    in_favour = Whole(required=True)

    @validates_schema
    def _within(self, data: Mapping[str, Any], **_: Any) -> None:
        within(data, ("in_favour", "present", "seats"))


class OwnersBallot(Shape):
    """The result of an owners' ballot: heads, and areas in dm² (R-GOV-14)."""

    heads_total = Whole(least=1, required=True)
    heads_voting = Whole(required=True)
    heads_for = Whole(required=True)
    area_total_dm2 = Whole(least=1, required=True)
    area_voting_dm2 = Whole(required=True)
    area_for_dm2 = Whole(required=True)

    @validates_schema
    def _within(self, data: Mapping[str, Any], **_: Any) -> None:
        within(data, ("heads_for", "heads_voting", "heads_total"))
        within(data, ("area_for_dm2", "area_voting_dm2", "area_total_dm2"))


class VoteExit(EventData):
    """Who voted on the exit, with which numbers, by which document."""

    owners = fields.Nested(OwnersBallot)
    committee = fields.Nested(CommitteeVote)
    document = File(required=True)
    exactly_one: ClassVar = (("owners", "committee"),)


class DecideAppeal(EventData):
    """What the authority decided on the vendor's appeal."""

    decision = Choice("dismissed", "upheld", required=True)
    reason = words(required=True)
    document = File(required=True)


class GiveNotice(EventData):
    """The written notice. `contract_days` is the term of a service vendor's contract."""

    leaves_at = Instant(required=True)
    document = File(required=True)
    contract_days = Whole(least=1, most=365)


class NameSuccessor(EventData):
    """Who takes over."""

    vendor = code(required=True)


class Handover(EventData):
    """What was handed over: each has to be, and the deposit settled (Civil Code 949).

    `market_exit` clears a serious violator from the market (R-VEN-15).
    """

    rooms = Flag(required=True)
    files = Flag(required=True)
    assets = Flag(required=True)
    keys = Flag(required=True)
    deposit_settled = Flag(required=True)
    record = File(required=True)
    market_exit = Flag()


class LeftWithoutHandover(EventData):
    """How the vendor withdrew (R-VEN-08)."""

    reason = words(required=True)
    evidence = photos()


def within(data: Mapping[str, Any], ascending: tuple[str, ...]) -> None:
    """Require that no number is larger than the one after it. Raises ValidationError."""
    pairs = pairwise(ascending)
    found = {part: ["out_of_range"] for part, whole in pairs if data[part] > data[whole]}
    if found:
        raise ValidationError(found)
