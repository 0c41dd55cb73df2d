"""Nobody judges their own cure: through every legal sequence of a hazard.

For rectification orders see `tests/workflows/test_rectification_sequences.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.actors import Actor, Role
from service.core.errors import ForbiddenEvent, GuardRefused
from service.core.workflow import SIDE_DOORS
from service.workflows.hazard import GRADES, HAZARD
from tests.support.bench import HOUR, OPENED, actor
from tests.support.samples.hazard import BENCH, DATA

JUDGING = ("reinspect", "pass", "fail")
GOING_ON = [e for e in HAZARD.events if e not in {"report", "hand_over"} | SIDE_DOORS]
SELDOM = ("dismiss", "hand_to_authority", "pass", "expire")
# One account of each role, and one person who is a committee member, an officer and the desk.
ALONE = [
    actor(role)
    for role in (
        Role.VENDOR_MANAGER, Role.CREW, Role.COMMITTEE, Role.COMMUNITY_OFFICER,
        Role.STREET_OFFICER, Role.DISTRICT_OFFICER, Role.DISPATCHER, Role.SYSTEM,
    )
]  # fmt: skip
SAME = [
    replace(actor(role), id=UUID(int=3))
    for role in (Role.COMMITTEE, Role.COMMUNITY_OFFICER, Role.DISPATCHER)
]


@dataclass(frozen=True)
class Taken:
    """One legal event: who took it, and who had filed evidence by then."""

    event: str
    who: Actor
    filers: frozenset[str]
    state: str


def walk(seed: int, length: int = 60) -> Iterator[Taken]:
    """Yield a sequence of legal events from the report of a hazard on."""
    dice = Random(seed)  # noqa: S311 — a test's choices, not a secret
    state, now = "reported", OPENED
    facts: Mapping[str, Any] = {"found_by": "patrol", "evidence_by": [], "rounds": []}
    for _ in range(length):
        now += HOUR
        known = [e for e in GOING_ON if (e, state) in HAZARD.rows]
        if not known:
            return
        event = dice.choice(known + 6 * [e for e in known if e not in SELDOM])
        data = {
            **DATA.get(event, {}),
            **({"grade": dice.choice(GRADES)} if event == "grade" else {}),
        }
        ticket = replace(BENCH.ticket(state), facts=dict(facts))
        for who in dice.sample(ALONE + SAME, len(ALONE + SAME)):
            try:
                played = BENCH.play(event, who, ticket, data, at=now, now=now)
            except (GuardRefused, ForbiddenEvent):
                continue
            yield Taken(event, who, frozenset(facts["evidence_by"]), played.state)
            state, facts = played.state, {**facts, **played.facts}
            break


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_who_filed_evidence_in_whatever_round_never_looks_again(seed: int) -> None:
    for taken in walk(seed):
        judges_own = taken.event in JUDGING and str(taken.who.id) in taken.filers
        assert not judges_own, f"{taken.event} by {taken.who.role}"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_hazard_is_struck_off_without_evidence_and_a_second_look(seed: int) -> None:
    taken = list(walk(seed))
    if taken[-1].event == "pass":
        last = [each.event for each in taken][-3:]
        assert last == ["submit_evidence", "reinspect", "pass"]


def test_the_sequences_come_back_for_more_rounds() -> None:
    walks = [[each.event for each in walk(seed)] for seed in range(60)]

    assert max(events.count("submit_evidence") for events in walks) >= 3
    assert any(events[-1] == "pass" for events in walks)
