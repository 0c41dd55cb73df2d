"""However often an elector votes, by whom and by which way: one vote, the last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.actors import Role
from service.core.errors import GuardRefused
from service.core.shapes import stamp
from service.workflows.grading import GRADES
from tests.support.bench import OPENED, TICK, TICKET, actor
from tests.support.samples.vendor_assessment import BENCH

HOUSEHOLDS = ("h-1", "h-2", "h-3", "h-4")
STRANGER = "h-9"


@dataclass(frozen=True)
class Ballot:
    """One call: a member of a household, by the own key or by the household's link."""

    household: str
    member: int
    by_link: bool
    grade: str


ballots = st.lists(
    st.builds(
        Ballot,
        st.sampled_from([*HOUSEHOLDS, STRANGER]),
        st.integers(0, 1),
        st.booleans(),
        st.sampled_from(GRADES),
    ),
    max_size=25,
)


def voter(ballot: Ballot, kind: str) -> Any:
    """Return who casts the ballot: a link is one of its own account, made for an elector."""
    n = [*HOUSEHOLDS, STRANGER].index(ballot.household)
    own = UUID(int=100 + 10 * n + (ballot.member if kind == "household" else 0))
    who = replace(actor(Role.RESIDENT), id=own, place_id=ballot.household)
    if not ballot.by_link:
        return who
    link = UUID(int=500 + 10 * n + ballot.member)
    return replace(who, id=link, place_id="lotus", link_ticket=TICKET, link_party=n + 1)


def electors(kind: str) -> list[Mapping[str, Any]]:
    """Return the four electors: households, or one delegate of each."""
    names = {
        "household": HOUSEHOLDS,
        "delegate": [str(UUID(int=100 + 10 * n)) for n in range(len(HOUSEHOLDS))],
    }[kind]
    return [{"n": n, "voter": name, "kind": kind} for n, name in enumerate(names, 1)]


@settings(deadline=None)
@given(st.sampled_from(["household", "delegate"]), ballots)
def test_an_elector_counts_once_with_the_last_vote(kind: str, cast: list[Ballot]) -> None:
    facts: dict[str, Any] = {
        "electorate_kind": kind, "electors": electors(kind), "ballots": {},
        "closes_at": stamp(OPENED + 60 * TICK),
    }  # fmt: skip
    sealed, expected, now = [], {}, OPENED
    for ballot in cast:
        now += TICK
        who = voter(ballot, kind)
        ticket = BENCH.ticket("collecting", facts=facts)
        try:
            played = BENCH.play("grade", who, ticket, {"grade": ballot.grade}, at=now, now=now)
        except GuardRefused:
            assert ballot.household == STRANGER
            continue
        facts |= played.facts
        sealed.append({"event": "grade", "actor": str(who.id), "at": now, "grade": ballot.grade})
        expected[ballot.household] = ballot.grade

    tallied = BENCH.play(
        "tally", Role.SYSTEM, BENCH.ticket("collecting", facts=facts), {},
        refs={"sealed": tuple(sealed)}, at=OPENED + 60 * TICK, now=OPENED + 60 * TICK,
    )  # fmt: skip

    assert facts["ballots"].keys() == {line["actor"] for line in sealed}
    if len(expected) < 3:  # two thirds of four electors
        assert "votes" not in tallied.facts
        return
    votes = {row["grade"]: row["votes"] for row in tallied.facts["votes"]}
    assert votes == {grade: list(expected.values()).count(grade) for grade in GRADES}
    assert tallied.facts["tally"]["turnout"] == {"electors": 4, "cast": len(expected)}
