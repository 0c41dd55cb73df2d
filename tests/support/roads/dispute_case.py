"""A resident and a firm agree in one session, and the firm does what it promised."""

from tests.support.any_story import AnyStory
from tests.support.roads import Data, Leg, Road


def _accepted(story: AnyStory) -> Data:
    return {"mediators": [story.account("mediator")], "class": "general", "grade": "low"}


def _session(story: AnyStory) -> Data:
    return {"at": story.after(hours=1), "place": "社区调解室", "type": "mediation"}


def _terms(story: AnyStory) -> Data:
    owed = {"who": 2, "what": "重做防水", "due_at": story.after(days=5), "kind": "other"}
    return {"form": "written", "obligations": [owed], "minutes": "双方同意重做防水"}


def _signed(by: str, **more: object) -> Leg:
    state = "performing" if more else "agreement_drafted"
    return Leg("sign", by, state, lambda story: {"signature": story.photo(by), **more})


def _statement(story: AnyStory) -> Data:
    return {"item": "statement", "files": [story.photo("mediator")]}


def _identified(party: int, proof: str) -> Leg:
    return Leg("identify_party", "mediator", "screening", {"party": party, "proof": proof})


ROAD = Road(
    kind="dispute_case",
    by="dispatcher",
    birth="filed",
    category="owner_company",
    facts={
        "parties": [
            {"side": "applicant", "kind": "resident", "place": "h-2-101"},
            {"side": "respondent", "kind": "vendor", "vendor": "v-lotus"},
        ],
        "request": "重做防水并赔偿",
    },
    legs=(
        Leg("screen", "mediator", "screening", {"file_no": "一调2026-17"}),
        Leg("record_consent", "vendor_manager", "screening"),
        _identified(1, "id_card"),
        _identified(2, "licence"),
        Leg("accept", "mediator", "accepted", _accepted),
        Leg("schedule", "mediator", "scheduled", _session),
        Leg("open_session", "mediator", "in_session", {"attendance": [1, 2]}),
        Leg("reach_terms", "mediator", "agreement_drafted", _terms),
        _signed("resident"),
        _signed("vendor_manager"),
        _signed("mediator", seal=True),
        Leg(
            "obligation_done",
            "vendor_manager",
            "performing",
            {"number": 1, "statement": "防水已重做"},
        ),
        Leg("add_evidence", "mediator", "performing", _statement),
        Leg("record_follow_up", "mediator", "performing", {"outcome": "reached"}),
        Leg("close", "mediator", "closed_performed", {"opinion": "satisfied"}),
    ),
)
