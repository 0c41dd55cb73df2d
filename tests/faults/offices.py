"""Scenes of mediation and of the offices that judge vendors; see `scenes` for what a scene is.

Tickets set out on the plain road of their kind, over the API and with a journal, as clients do.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.core.ids import derived
from tests.faults.killing import disputes, follow_ups, vendors
from tests.faults.killing.ways import Go
from tests.faults.scenes import Scene, World
from tests.support.roads import Made, made, road_of

FEN = vendors.FEN


class Desk:
    """One ticket of a kind in a world, moved over the API."""

    def __init__(self, world: World, kind: str, ticket: str = "") -> None:
        self.world, self.road = world, road_of(kind)
        self.workflow = world.live.app.ports.registry[kind]
        self.ticket = ticket

    @property
    def path(self) -> str:
        return f"/v1/{self.workflow.collection}/{self.ticket}"

    def open(self) -> "Desk":
        """Open the ordinary ticket of the kind."""
        story, kind = self.world.live.story, self.workflow.kind
        body = {
            "title": kind, "category": story.ports.catalogue.of(kind).codes[0],
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "desk"},
        } | self.road.members(story)  # fmt: skip
        birth = next(step.event for step in self.workflow.steps if "" in step.source)
        answer = self.world.call("POST", f"/v1/{self.workflow.collection}", self.road.by,
                                 asks=birth, body=body)  # fmt: skip
        found = (answer.get_json(silent=True) or {}).get("id")
        self.ticket = str(found or derived("lost", self.world.turn))
        return self

    def walk(self, state: str) -> "Desk":
        """Take the ticket along its road until a leg reaches a state."""
        for leg in self.road.legs:
            if leg.before is not None:
                leg.before(self.world.live.story)
            self.fire(leg.event, leg.by, leg.data)
            if leg.state == state:
                break
        return self

    def go(self, *then: Go) -> "Desk":
        """Go further, by hand."""
        for event, by, *data in then:
            if event == "wait":
                self.world.pass_time(hours=float(by))
            elif by != "system":  # the sweep does it
                self.fire(event, by, data[0] if data else {})
        return self

    def fire(self, event: str, by: str, data: Made) -> None:
        """Fire one event."""
        world = self.world
        world.live.story.order = UUID(self.ticket)
        ident = str(derived("office", self.ticket, event, world.turn))
        body: Mapping[str, Any] = {
            "type": event, "id": ident, "data": made(data, world.live.story)
        }  # fmt: skip
        world.call("POST", f"{self.path}/events", by, asks=event, ticket=self.ticket,
                   event_id=ident, body=body)  # fmt: skip

    def note(self, by: str, **members: Any) -> None:
        """Write a note."""
        self.world.call("POST", f"{self.path}/notes", by, asks="add_note", ticket=self.ticket,
                        body={"text": "先分别谈话", **members})  # fmt: skip


def mediated(w: World) -> None:
    """A case with private notes that its tier does not settle in time; the next takes over."""
    case = Desk(w, "dispute_case").open().walk("in_session")
    case.note("mediator", level="private")
    case.note("mediator", level="shared", party=2)
    for who in ("mediator", "mediator_beside", "resident", "vendor_manager", "street_officer"):
        w.get(f"{case.path}/notes", who)
    case.go(disputes.ADJOURNED)
    w.pass_time(days=8)
    case.go(("receive_escalation", "mediator_t2", disputes.by_t2))
    w.get(case.path, "mediator_t2")
    w.get(case.path, "other_mediator")
    w.relay()


def promised(w: World) -> None:
    """An agreement with two dates: one waits, one passes; a tier has its time extended."""
    case = Desk(w, "dispute_case").open().walk("accepted")
    case.go(("extend_limit", "mediator", {"consents": [1, 2], "reason": "鉴定未出"}))
    case.go(("wait_for", "mediator", {"what": "survey", "reason": "入户"}), ("wait", "30"))
    case.go(("go_on", "mediator", {"reason": "已收到"}))
    for leg in case.road.legs[5:7]:
        case.fire(leg.event, leg.by, leg.data)
    case.go(*disputes.AGREED, disputes.PAUSED, ("wait", "73"))
    case.go(("resume_obligation", "mediator", {"number": 2}))
    w.relay()


def voted(w: World) -> None:
    """A vote in which one elector votes twice, and the cure that its result asks for."""
    assessment = Desk(w, "vendor_assessment").open()
    opened, vote, *counted = vendors.graded("basically_satisfied")
    assessment.go(opened, ("grade", "resident", {"grade": "satisfied"}), vote, *counted)
    assessment.go(("order_rectification", "committee", follow_ups.CURES))
    w.relay()


def penalised(w: World) -> None:
    """A cure that fails, a deduction, and money that fills the deposit again."""
    vendors.paid(w.live.story)
    order = Desk(w, "rectification_order").open().walk("reinspecting")
    order.go(*vendors.DEDUCTION, vendors.FINISH)
    order.go(("record_top_up", "street_officer", vendors.TOP_UP))
    w.relay()


def uncured(w: World) -> None:
    """Nobody acknowledges a notice, and nobody cures."""
    Desk(w, "rectification_order").open().walk("issued")
    w.pass_time(days=3)
    w.pass_time(days=9)
    w.relay()


SCENES: Mapping[str, Scene] = {
    scene.__name__: scene for scene in (mediated, promised, voted, penalised, uncured)
}
