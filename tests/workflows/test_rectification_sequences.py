"""What holds through every sequence of legal events of a rectification order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.actors import Actor, Role
from service.core.errors import ForbiddenEvent, GuardRefused
from service.core.shapes import stamp
from service.core.workflow import BIRTH, SIDE_DOORS, Assignee
from service.workflows.penalties import LADDERS, next_step
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
GOING_ON = [e for e in RECTIFICATION_ORDER.events if e not in {"record"} | SIDE_DOORS]
SELDOM = ("withdraw_notice", "record_top_up", "pass")


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


def wanted(dice: Random, order: Order, event: str) -> Mapping[str, Any]:
    """Return data that fits the event, with choices where the rules leave some."""
    numbers = [i["n"] for i in order.facts["items"] if i["state"] != "passed"]
    checks = [
        {"n": n, "result": dice.choice(["passed", "passed", "failed"]), "finding": "x"}
        for n in numbers
    ]
    following = next_step([p["step"] for p in order.facts.get("penalties", ())], order.subject)
    step = dice.choice([following or 7] * 3 + [2, 3, 4, 5, 6, 7])
    until = {"until": stamp(order.due.get("cure", order.now) + DAY), "reason": "x"}
    return {
        "submit_evidence": {"items": [{"n": n, "files": [PHOTO]} for n in numbers]},
        "check_items": {"items": checks},
        "pass": {},
        "fail": {"items": checks},
        "flag_false_evidence": {"items": numbers[:1], "reason": "x"},
        "approve": {"event": "pass" if order.state == "reinspecting" else "penalize"},
        "propose_penalty": {"step": step, "violation": "x"}
        | ({"amount_fen": 100} if step == 3 else {}),
        "reissue": {"deadline": stamp(order.now + dice.choice([1, 2, 5]) * DAY)},
        "request_extension": until,
        "extend": until,
    }.get(event, DATA.get(event, {}))


@dataclass(frozen=True)
class Taken:
    """One legal event: who took it, and the facts before and after."""

    event: str
    who: Actor
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    state: str


def walk(seed: int, length: int = 80) -> Iterator[Taken]:
    """Yield a sequence of legal events; those that end an order early are tried seldom."""
    dice = Random(seed)  # noqa: S311 — a test's choices, not a secret
    order = born(dice.choice(["vendor", "vendor", "developer", "committee"]))
    for _ in range(length):
        order.now += dice.choice([HOUR, DAY, 4 * DAY])
        known = [e for e in GOING_ON if (e, order.state) in RECTIFICATION_ORDER.rows]
        seldom = (*SELDOM, "propose_penalty", "reissue") if order.facts.get("proposal") else SELDOM
        event = dice.choice(known + 6 * [e for e in known if e not in seldom])
        data = wanted(dice, order, event)
        for who in dice.sample(PEOPLE + TWICE, len(PEOPLE + TWICE)):
            before = order.facts
            if order.take(event, who, data) is not None:
                yield Taken(event, who, before, order.facts, order.state)
                break


def judged_by_no_filer(taken: Taken) -> bool:
    """Who filed evidence, in whatever round, neither re-inspects nor confirms."""
    approves = taken.event == "approve" and taken.state == "reinspecting"
    judges = taken.event in JUDGING or approves
    return not judges or str(taken.who.id) not in taken.before.get("evidence_by", ())


def passed_for_good(taken: Taken) -> bool:
    """An item that has passed is in no later round; no cycle has two rounds."""
    now = {item["n"]: item for item in taken.after["items"]}
    passed = [item for item in taken.before["items"] if item["state"] == "passed"]
    cycles = [[r["cycle"] for r in item["rounds"]] for item in now.values()]
    return all(now[i["n"]] == i for i in passed) and all(len(c) == len({*c}) for c in cycles)


def climbed_rung_by_rung(taken: Taken) -> bool:
    """The ladder is never skipped, and two people at least decide on each step."""
    penalties = taken.after.get("penalties", ())
    steps = sorted({1, *(p["step"] for p in penalties)})
    rungs = list(LADDERS[taken.after["subject"]][: len(steps)])
    return steps == rungs and all(len({*p["approved_by"]}) > 1 for p in penalties)


def shorter_each_time(taken: Taken) -> bool:
    """A later notice gives half of the first time at most, and cycles only grow."""
    grows = taken.after["cycle_no"] >= taken.before["cycle_no"]
    again = taken.event == "reissue"
    half = taken.after.get("first_span_ms", 0) / 2
    return grows and not (again and taken.after["notice"]["span_ms"] > half)


@pytest.mark.parametrize(
    "holds", [judged_by_no_filer, passed_for_good, climbed_rung_by_rung, shorter_each_time]
)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_it_holds_through_every_legal_sequence(holds, seed):
    for taken in walk(seed):
        assert holds(taken), f"{taken.event} by {taken.who.role}, then {taken.state}"


def test_the_sequences_reach_every_state_and_the_third_cycle():
    taken = [each for seed in range(40) for each in walk(seed)]

    assert {each.state for each in taken} >= {s.name for s in RECTIFICATION_ORDER.states} - {
        "found",
        "closed_withdrawn",
    }
    assert max(each.after["cycle_no"] for each in taken) >= 3
