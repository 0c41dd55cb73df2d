"""Every event of a repair order, each on an order that is ready for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.commands.fire_event import Fire, fire
from service.commands.open_ticket import Open, open_ticket
from service.core.actors import SYSTEM
from service.core.ids import derived
from tests.faults.killing.bench import Act, Case
from tests.support.live import Live
from tests.support.story import Story

Data = Mapping[str, Any]
ALWAYS = frozenset({"assign", "complete_work"})
PLAN: Data = {"plan": "更换整幢屋面防水", "estimate_fen": 3_200_000}
BODY: Data = {
    "place": "h-2-101", "category": "water_leak", "title": "厨房水管漏水",
    "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
    "facts": {"origin": "customer"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ready:
    """An event, who fires it, the road to a state it is legal in, and data of its own.

    A road is the state on the plain road, then further events, `event by`.
    """

    event: str
    by: str
    road: str
    then: tuple[str, ...] = ()
    data: Data | None = None
    said: str = ""

    def case(self) -> Case:
        """Return the case."""
        name = f"{self.event}{self.said}"
        return Case(f"fire {name}", self._prepare, every=name in ALWAYS)

    def _prepare(self, live: Live) -> Act:
        story = live.story
        travel(story, self.road, self.then)
        return firing(story, self.event, self.by, self.data)


def firing(story: Story, event: str, by: str, data: Data | None = None, **wants: Any) -> Act:
    """Return the act of firing an event on the story's order, always under the same id."""
    command = Fire(
        ticket=story.order or "",
        event=event,
        actor=story.actor(by),
        id=derived("kill", event, str(story.order)),
        data=filled(story, by, story.data(event, by) if data is None else data),
        fingerprint=b"the same",
        **wants,
    )
    return lambda app: fire(app.ports, command)


def travel(story: Story, road: str, then: tuple[str, ...]) -> None:
    """Open an order and take it there."""
    story.order = None
    if road in ROADS:
        ROADS[road](story)
    else:
        story.until(road)
    for event, by in (words.split() for words in then):
        story.fire(event, by, data=filled(story, by, EXTRA.get(event) or story.data(event, by)))


def filled(story: Story, by: str, data: Data) -> Data:
    """Return data with a photo of the actor's where one is asked for."""
    return {k: story.photo(by) if v == "photo" else v for k, v in data.items()}


def _roof(story: Story) -> None:
    story.submit("committee", category="roof", place="b2")
    story.fire("accept", "dispatcher", data={
        "category": "roof", "urgency": "normal", "part": "common", "responsible": "company",
        "class": "major",
    })  # fmt: skip


def _roof_on_site(story: Story) -> None:
    _roof(story)
    for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew")):
        story.fire(event, by)
    finding = {**story.data("diagnose", "crew"), "class": "major", "responsible": "owners"}
    story.fire("diagnose", "crew", data=finding)


def _draft(story: Story) -> None:
    story.submit("resident", event="capture")


def _picked(story: Story) -> None:
    story.until("accepted")
    story.fire("pick_pool_contractor", "street_officer",
               data={"vendor": "v-pool1", "reason": "班组都在现场"})  # fmt: skip


def _drawn(story: Story) -> None:
    """An order reworked once is always called back."""
    story.until("awaiting_confirmation")
    story.fire("refuse_confirmation", "resident")
    story.until_again()
    story.fire("confirm", "resident")


ROADS = {
    "roof": _roof, "roof on site": _roof_on_site, "draft": _draft, "picked": _picked,
    "drawn": _drawn,
}  # fmt: skip
PARTS: Data = {"items": [{"name": "阀门", "qty": 1}], "eta": "2026-11-21T04:00:00Z"}
DOCUMENT: Data = {"document": "photo"}
EXTRA: Mapping[str, Data] = {
    "request_parts": PARTS,
    "need_fund": PLAN,
    "pick_pool_contractor": {"vendor": "v-pool1", "reason": "班组都在现场"},
}
WAIVED: Data = {
    "consented_at": "2026-11-20T23:59:00Z", "consented_by": "张三",
    "new_arrive_at": "2026-11-21T03:00:00Z",
}  # fmt: skip
EVENTS = (
    Ready("submit", "resident", "draft", data={}, said=" a draft"),
    Ready("accept", "dispatcher", "submitted"),
    Ready("refer_out", "dispatcher", "submitted",
          data={"reason": "总管", "advice": "请联系自来水公司", "utility": "u-water",
                "phone": "96655"}),
    Ready("assign", "dispatcher", "accepted"),
    Ready("pick_pool_contractor", "street_officer", "accepted",
          data=EXTRA["pick_pool_contractor"]),
    Ready("reassign", "dispatcher", "assigned"),
    Ready("reject_assignment", "crew", "assigned"),
    Ready("take", "crew", "assigned"),
    Ready("waive_arrival", "dispatcher", "assigned", data=WAIVED),
    Ready("arrive", "crew", "en_route"),
    Ready("no_access", "crew", "on_site"),
    Ready("resume", "resident", "on_site", ("no_access crew",)),
    Ready("diagnose", "crew", "on_site"),
    Ready("make_safe", "crew", "on_site"),
    Ready("start_work", "crew", "on_site", ("diagnose crew",)),
    Ready("request_parts", "crew", "on_site", data=PARTS),
    Ready("parts_ready", "crew", "on_site", ("request_parts crew",), data={}),
    Ready("need_fund", "manager", "roof", data=PLAN),
    Ready("fund_decided", "committee", "roof", ("need_fund manager",),
          data={"decision": "approved", **DOCUMENT}, said=" to the desk"),
    Ready("fund_decided", "committee", "roof on site", ("need_fund crew",),
          data={"decision": "approved", **DOCUMENT}, said=" to the crew"),
    Ready("fund_decided", "committee", "roof", ("need_fund manager",),
          data={"decision": "refused", **DOCUMENT}, said=" against"),
    Ready("report_cannot_finish", "crew", "in_progress"),
    Ready("resume_work", "crew", "in_progress", ("report_cannot_finish crew",), data={}),
    Ready("complete_work", "crew", "in_progress"),
    Ready("confirm", "resident", "awaiting_confirmation"),
    Ready("confirm", "resident", "awaiting_confirmation",
          ("refuse_confirmation resident", "assign dispatcher", "take crew", "arrive crew",
           "diagnose crew", "start_work crew", "complete_work crew"), said=" and draw"),
    Ready("refuse_confirmation", "resident", "awaiting_confirmation"),
    Ready("revisit_call", "dispatcher", "drawn", data={"outcome": "no_answer"}),
    Ready("revisit_ok", "dispatcher", "drawn", data={}),
    Ready("revisit_fail", "dispatcher", "drawn", data={"finding": "又漏了"}),
    Ready("reopen", "resident", "closed"),
    Ready("cancel", "dispatcher", "submitted"),
    Ready("convert", "dispatcher", "submitted",
          data={"to_kind": "complaint", "reason": "不是报修"}),
)  # fmt: skip


def _opening(event: str, by: str) -> Case:
    def prepare(live: Live) -> Act:
        command = Open(
            kind="repair_order", actor=live.story.actor(by), event=event,
            id=derived("kill", "open", event), fingerprint=b"the same", **BODY,
        )  # fmt: skip
        return lambda app: open_ticket(app.ports, command)

    return Case(f"open by {event}", prepare, every=event == "submit")


def _merging(live: Live) -> Act:
    story = live.story
    story.submit()
    master = story.order
    story.submit()
    return firing(story, "merge", "dispatcher", {"into": str(master)})


def _absorbing(live: Live) -> Act:
    story = live.story
    story.submit()
    follower = story.order
    story.advance(minutes=10)
    story.submit()
    master = story.order
    story.fire("accept", "dispatcher")
    story.order = follower
    story.fire("merge", "dispatcher", data={"into": str(master)})
    command = Fire(ticket=master or "", event="absorb", actor=SYSTEM,
                   data={"from": str(follower)}, id=derived("kill", "absorb"))  # fmt: skip
    return lambda app: fire(app.ports, command)


def _drawing(live: Live) -> Act:
    story = live.story.until("closed")
    command = Fire(
        ticket=story.order or "", event="revisit_draw", actor=SYSTEM,
        data={"draw": "sampled", "month": "2026-11", "seed": 7}, id=derived("kill", "draw"),
    )  # fmt: skip
    return lambda app: fire(app.ports, command)


def _late_arrival(live: Live) -> Act:
    """A report that takes a breach back: `clock_corrected` follows it."""
    story = live.story.until("en_route")
    on_time = story.now + timedelta(minutes=20)
    story.advance(minutes=40)
    story.sweep()
    return firing(story, "arrive", "crew", occurred_at=on_time)


def _overdue(live: Live) -> Act:
    """An event on an order whose breach nobody has noticed yet: it fires that first."""
    story = live.story.until("submitted")
    story.advance(hours=1)
    return firing(story, "accept", "dispatcher")


CASES = (
    _opening("capture", "resident"),
    _opening("submit", "dispatcher"),
    *(ready.case() for ready in EVENTS),
    Case("fire merge", _merging),
    Case("fire absorb", _absorbing),
    Case("fire revisit_draw", _drawing),
    Case("fire arrive too late to be told", _late_arrival),
    Case("fire accept on an overdue order", _overdue),
)
