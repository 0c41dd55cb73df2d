"""Every reaction: a letter of one ticket, and what follows of it in another."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from tests.faults.killing.bench import Act, Case
from tests.faults.killing.disputes import TERMS
from tests.faults.killing.grievances import COMPLAINT
from tests.faults.killing.jobs import merged, relaying, settled
from tests.faults.killing.orders import PLAN, filled
from tests.faults.killing.vendors import (
    ASSESSMENT,
    FAIL,
    FINISH,
    NOTIFIED,
    REASON,
    graded,
    proposed,
)
from tests.faults.killing.ways import Go, Way, go
from tests.support.any_story import AnyStory
from tests.support.live import Live
from tests.support.roads import Data, made, road_of
from tests.support.story import Story

Happened = Callable[[Live], object]
CURES: Data = {
    "items": [{"what": "垃圾清运不及时"}, {"what": "清运记录缺失"}],
    "grade": "ordinary", "legal_basis": "合同八条",
}  # fmt: skip
TO_EXIT: Go = ("to_exit", "committee", REASON)


def on_the_way(kind: str, event: str, by: str, **way: object) -> Happened:
    """Let an event happen on a way of a kind."""

    def happen(live: Live) -> None:
        wanted = Way(event, by, **way)  # type: ignore[arg-type]
        go(live.story, road_of(kind), wanted)
        live.story.fire(event, by, data=made(wanted.data, live.story))

    return happen


def _late(live: Live) -> Story:
    """An order that is not done in time, in the hands of a vendor's crew."""
    story = live.story.until("in_progress")
    story.advance(hours=30).sweep()
    return story


def _too_late_to_be_told(live: Live) -> None:
    story = live.story.until("in_progress")
    done = story.now + timedelta(minutes=30)
    story.advance(hours=30).sweep()
    relaying(live.app)
    story.fire("complete_work", "crew", occurred_at=done)


def _reworked(live: Live) -> None:
    story = live.story.until("awaiting_confirmation")
    for turn in range(3):
        if turn:
            story.until_again()
        story.fire("refuse_confirmation", "resident")


def _refused_by_fund(live: Live) -> None:
    """Nobody pays to remove a danger."""
    story = live.story
    story.submit(urgency="emergency")
    story.fire("accept", "dispatcher", data={
        **story.data("accept", "dispatcher"), "urgency": "emergency", "part": "common",
        "class": "major", "responsible": "owners",
    })  # fmt: skip
    for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew")):
        story.fire(event, by)
    story.fire("make_safe", "crew")
    finding = {**story.data("diagnose", "crew"), "class": "major", "responsible": "owners"}
    story.fire("diagnose", "crew", data=finding)
    story.fire("need_fund", "crew", data=PLAN)
    refused = {"decision": "refused", "document": "photo"}
    story.fire("fund_decided", "committee", data=filled(story, "committee", refused))


def _converted(kind: str) -> Happened:
    def happen(live: Live) -> None:
        live.story.submit()
        live.story.fire("convert", "dispatcher", data={"to_kind": kind, "reason": "不是报修"})

    return happen


def _promised(kind: str) -> Happened:
    def happen(live: Live) -> None:
        story = live.story
        go(story, road_of("dispute_case"), Way("", "", at="in_session"))
        owed = [{**TERMS, "kind": kind, "due_at": story.after(days=9)}]
        story.fire("reach_terms", "mediator", data={"form": "oral", "obligations": owed})
        story.fire("sign", "mediator", data={"record": "双方口头同意"})

    return happen


def _cure(live: Live, state: str = "reinspecting") -> AnyStory:
    """The cure that an assessment ordered, on its way to a state."""
    ordered = ("order_rectification", "committee", CURES)
    then = (*graded("basically_satisfied"), ordered)
    go(live.story, road_of("vendor_assessment"), Way("", "", then=then))
    settled(live)
    relaying(live.app)
    story = live.story.about(live.story.effect("rectification_order"))
    for leg in road_of("rectification_order").legs:
        story.fire(leg.event, leg.by, data=made(leg.data, story))
        if leg.state == state:
            break
    return story


def _withdrawn(live: Live) -> None:
    _cure(live, "in_rectification").fire("withdraw_notice", "street_officer", data=REASON)


def _cured(live: Live) -> None:
    story = _cure(live)
    legs = road_of("rectification_order").legs
    seen = next(n for n, leg in enumerate(legs) if leg.state == "reinspecting")
    for leg in legs[seen + 1 :]:
        story.fire(leg.event, leg.by, data=made(leg.data, story))


def _failed(live: Live, *then: Go) -> None:
    story = _cure(live)
    for event, by, *data in (FAIL, *then):
        story.fire(event, by, data=made(data[0], story) if data else {})


def _given_up(live: Live) -> None:
    _failed(live, *proposed(2)[1:], FINISH, TO_EXIT)


def _succeeded(live: Live) -> None:
    """A vendor that still holds a repair, a complaint and a hazard is followed by another."""
    live.story.until("assigned")
    for kind, state in (("complaint", "accepted"), ("hazard", "graded")):
        go(live.story, road_of(kind), Way("", "", at=state))
    on_the_way("vendor_assessment", "name_successor", "committee", then=NOTIFIED,
               data={"vendor": "v-pool1"})(live)  # fmt: skip


def _listed(live: Live) -> AnyStory:
    case = go(live.story, road_of("dispute_case"), Way("", "", at="accepted"))
    about: Data = {"reason": "mediation", "case": case}
    members = {"facts": about, "place": "lotus", "title": "久拖不决"}
    live.story.open("listed_supervision", "street_officer", category="sup_service", **members)
    listed = road_of("listed_supervision").legs[0]
    live.story.fire(listed.event, listed.by, data=made(listed.data, live.story))
    return live.story


def _delisted(live: Live) -> None:
    story = _listed(live)
    settled(live)
    relaying(live.app)
    for leg in road_of("listed_supervision").legs[1:]:
        story.fire(leg.event, leg.by, data=made(leg.data, story))


MEDIATED = next(way for way in COMPLAINT if way.event == "escalate_to_mediation")
ORDERED = next(way for way in ASSESSMENT if way.event == "order_rectification")
HAPPENED: Mapping[str, tuple[Happened, ...]] = {
    "repair_order.merge": (merged,),
    "sla.breached": (_late,),
    "sla.corrected": (_too_late_to_be_told,),
    "repair_order.rectification_request": (_reworked,),
    "repair_order.fund_decided": (_refused_by_fund,),
    "repair_order.convert": (_converted("complaint"), _converted("dispute_case")),
    "complaint.escalate_to_mediation": (
        on_the_way("complaint", MEDIATED.event, MEDIATED.by, data=MEDIATED.data, at=MEDIATED.at),
    ),
    "dispute_case.repair_request": (_promised("repair"),),
    "dispute_case.rectification_request": (_promised("rectification"),),
    "vendor_assessment.order_rectification": (
        on_the_way("vendor_assessment", ORDERED.event, ORDERED.by, data=CURES, then=ORDERED.then),
    ),
    "rectification_order.pass": (_cured,),
    "rectification_order.fail": (_failed,),
    "rectification_order.withdraw_notice": (_withdrawn,),
    "rectification_order.to_exit": (
        on_the_way("rectification_order", *TO_EXIT[:2], data=REASON, at="reinspecting",
                   then=(*proposed(2), FINISH)),
        _given_up,
    ),
    "rectification_order.black_list_due": (
        on_the_way("rectification_order", *FINISH, at="reinspecting", then=proposed(4)),
    ),
    "vendor_assessment.name_successor": (_succeeded,),
    "listed_supervision.case_listed": (_listed,),
    "listed_supervision.case_delisted": (_delisted,),
}  # fmt: skip


def _case(topic: str, n: int, happened: Happened) -> Case:
    def prepare(live: Live) -> Act:
        happened(live)
        settled(live)
        return relaying

    name = f"relay, after {topic}{f', {n}' if n > 1 else ''}"
    return Case(name, prepare, every=topic == "repair_order.merge", wide=n == 1)


CASES = tuple(
    _case(topic, n, happened)
    for topic, several in HAPPENED.items()
    for n, happened in enumerate(several, 1)
)
