"""What holds through every sequence of legal events of a rectification order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from service.core.actors import Actor, Role
from service.core.errors import ForbiddenEvent, GuardRefused
from service.core.shapes import stamp
from service.core.workflow import BIRTH, Assignee
from service.workflows.penalties import LADDERS
from service.workflows.rectification_order import RECTIFICATION_ORDER
from tests.support.bench import DAY, HOUR, OPENED, PHOTO, SUBJECT, Played, actor
from tests.support.repair import clock
from tests.support.samples.rectification_order import BENCH, DATA, OUTSIDE, short_of

# One account of each, and one person who holds a key of the desk and one of the community.
PEOPLE = [
    actor(role)
    for role in (
        Role.VENDOR_MANAGER, Role.DISPATCHER, Role.COMMITTEE, Role.COMMUNITY_OFFICER,
        Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.SYSTEM,
    )
]  # fmt: skip
TWICE = [replace(actor(role), id=UUID(int=3)) for role in (Role.DISPATCHER, Role.COMMUNITY_OFFICER)]
JUDGING = ("reinspect", "check_items", "flag_false_evidence", "pass", "fail")
GOING_ON = [e for e in RECTIFICATION_ORDER.events if e not in ("record", "amend", "add_note")]


@dataclass
class Order:
    """An order that takes events as they come and remembers what was true before each."""

    subject: str
    held: Assignee | None
    state: str = BIRTH
    now: datetime = OPENED
    facts: Mapping[str, Any] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)

    def take(self, event: str, who: Actor, data: Mapping[str, Any]) -> Played | None:
        """Take the event if the rules allow it; None when they do not."""
        ticket = BENCH.ticket(self.state, assignee=self.held)
        ticket = replace(ticket, facts=dict(self.facts))
        refs = {
            "clocks": tuple(clock(name, at) for name, at in self.due.items()),
            "deposit": short_of(1) if self.subject == "vendor" else None,
        }
        try:
            played = BENCH.play(event, who, ticket, data, refs=refs, at=self.now, now=self.now)
        except (GuardRefused, ForbiddenEvent):
            return None
        self.state = played.state
        self.facts = {**self.facts, **played.facts}
        self.due = {**self.due, **{k: at for k, at in played.due.items() if at is not None}}
        return played


def born(subject: str) -> Order:
    """Return an order with three items that a notice was issued for."""
    held = {"vendor": SUBJECT, "developer": OUTSIDE, "committee": None}[subject]
    items = [
        {"n": n, "what": "x", "where": None, "photo": None, "state": "open", "rounds": []}
        for n in (1, 2, 3)
    ]
    facts = {"subject": subject, "grade": "ordinary", "items": items, "cycle_no": 1}
    return Order(subject, held, state="found", facts=facts)


def wanted(draw: Any, order: Order, event: str) -> Mapping[str, Any]:
    """Return data that fits the event, with choices where the rules leave some."""
    numbers = [i["n"] for i in order.facts["items"] if i["state"] != "passed"]
    results = draw(st.lists(st.sampled_from(["passed", "failed"]), min_size=3, max_size=3))
    checks = [
        {"n": n, "result": result, "finding": "x"}
        for n, result in zip(numbers, results, strict=False)
    ]
    step = draw(st.integers(2, 7))
    until = {"until": stamp(order.due.get("cure", order.now) + DAY), "reason": "x"}
    return {
        "submit_evidence": {"items": [{"n": n, "files": [PHOTO]} for n in numbers]},
        "check_items": {"items": checks},
        "pass": {"items": [{"n": n, "result": "passed"} for n in numbers]},
        "fail": {"items": checks},
        "flag_false_evidence": {"items": numbers[:1], "reason": "x"},
        "approve": {"event": "pass" if order.state == "reinspecting" else "penalize"},
        "propose_penalty": {"step": step, "violation": "x"}
        | ({"amount_fen": 100} if step == 3 else {}),
        "request_extension": until,
        "extend": until,
    }.get(event, DATA.get(event, {}))


def sequence(data: st.DataObject, length: int = 60) -> Any:
    """Yield (event, actor, facts before, order) for each event that was legal."""
    order = born(data.draw(st.sampled_from(["vendor", "vendor", "developer", "committee"])))
    people = PEOPLE + TWICE
    for _ in range(length):
        order.now += data.draw(st.sampled_from([HOUR, DAY, 4 * DAY]))
        legal = [e for e in GOING_ON if (e, order.state) in RECTIFICATION_ORDER.rows]
        event, who = data.draw(st.sampled_from(legal)), data.draw(st.sampled_from(people))
        before, was = order.facts, order.state
        if order.take(event, who, wanted(data.draw, order, event)) is not None:
            note(f"{was} {event} by {who.role} -> {order.state}")
            yield event, who, before, order


ALWAYS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@ALWAYS
@given(st.data())
def test_nobody_who_filed_evidence_judges_the_cure(data):
    for event, who, before, _ in sequence(data):
        judged = event in JUDGING or (event == "approve" and "proposal" not in before)
        assert not judged or str(who.id) not in before.get("evidence_by", ())


@ALWAYS
@given(st.data())
def test_an_item_that_has_passed_is_in_no_later_round(data):
    for _, _, before, order in sequence(data):
        passed = {i["n"]: i for i in before["items"] if i["state"] == "passed"}
        now = {i["n"]: i for i in order.facts["items"]}
        assert all(now[n] == item for n, item in passed.items())
        assert all(len(i["rounds"]) <= order.facts["cycle_no"] for i in now.values())


@ALWAYS
@given(st.data())
def test_the_ladder_is_never_skipped_and_each_step_has_its_people(data):
    for event, _, _, order in sequence(data):
        steps = sorted({1, *(p["step"] for p in order.facts.get("penalties", ()))})
        assert steps == list(LADDERS[order.subject][: len(steps)])
        if event == "penalize":
            assert len(set(order.facts["penalties"][-1]["approved_by"])) >= 2


@ALWAYS
@given(st.data())
def test_a_later_notice_gives_at_most_half_of_the_first_time(data):
    for event, _, before, order in sequence(data):
        assert order.facts["cycle_no"] >= before["cycle_no"]
        if event == "reissue":
            assert order.facts["notice"]["span_ms"] <= order.facts["first_span_ms"] / 2
            assert order.facts["cycle_no"] >= 2
