"""A case climbs tier by tier: none is skipped, and only a redirect leads down."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.actors import Actor, Role
from service.core.errors import ForbiddenEvent, GuardRefused, IllegalTransition
from service.core.shapes import stamp
from service.core.workflow import BIRTH, SIDE_DOORS
from service.workflows.dispute_case import DISPUTE_CASE
from service.workflows.dispute_words import COURT_CHANNEL
from tests.support.bench import DAY, HOUR, OPENED, PHOTO, Bench, Played, account, account_id, actor
from tests.support.samples.dispute_case import BENCH, DATA, FILING, running

T = Role.MEDIATOR
NONE = timedelta()
BODIES = {tier: actor(T, tier, tier=tier, is_lead=True) for tier in (1, 2, 3)}
MEDIATORS = {
    account_id(T, tier + 10 * n): account(T, tier + 10 * n, tier=tier)
    for tier in BODIES
    for n in (0, 1)
}
PEOPLE = [
    *BODIES.values(), actor(Role.RESIDENT), actor(Role.VENDOR_MANAGER), actor(Role.COMMITTEE),
    actor(Role.STREET_OFFICER), actor(Role.DISTRICT_OFFICER), actor(Role.SYSTEM),
]  # fmt: skip
MOVING = (
    "screen", "redirect", "receive_redirect", "record_consent", "accept", "schedule",
    "identify_party", "open_session", "adjourn", "escalate", "receive_escalation", "reject_terms",
)  # fmt: skip
ENDING = ("withdraw", "exit_to_legal", "party_refuses", "refuse", "refer_court", "enforce", "close")
"""Tried far more often than the rest, and far less often."""
GOING_ON = [e for e in DISPUTE_CASE.events if e not in {"file"} | SIDE_DOORS]
_REFUSED = (GuardRefused, ForbiddenEvent, IllegalTransition)


@dataclass
class Case:
    """A case that takes events as they come, with the due times of its running clocks."""

    bench: Bench
    state: str = BIRTH
    now: datetime = OPENED
    facts: Mapping[str, Any] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)

    def take(self, event: str, who: Actor, data: Mapping[str, Any]) -> bool:
        """Take the event if the rules allow it; tell whether they did."""
        refs = {
            "clocks": tuple(running(name, at) for name, at in self.due.items()),
            "accounts": MEDIATORS,
        }
        on = BIRTH if self.state == BIRTH else replace(
            self.bench.ticket(self.state), facts=dict(self.facts)
        )  # fmt: skip
        try:
            played = self.bench.play(event, who, on, data, refs=refs, at=self.now, now=self.now)
        except _REFUSED:
            return False
        self.state, self.facts = played.state, {**self.facts, **played.facts}
        for word in played.clocks:
            self._clock(*word.split(" "), played)
        return True

    def _clock(self, verb: str, name: str, played: Played) -> None:
        if verb in ("start", "extend"):
            target = self.bench.policy.clocks[name.partition("-")[0]].target[f"t{self.tier}"]
            since = self.now if verb == "start" else self.due.get(name, self.now)
            self.due[name] = played.due[name] or since + target
        elif verb in ("stop", "end"):
            gone = list(self.due) if name == "*" else [name]
            self.due = {n: at for n, at in self.due.items() if n not in gone}

    @property
    def tier(self) -> int:
        """Where the case is."""
        return int(self.facts["tier"])


@dataclass(frozen=True)
class Taken:
    """One legal event, with the facts before and after it.

    `over` is how long the tier's time had been out, negative while it ran.
    """

    event: str
    who: Actor
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    over: timedelta
    state: str
    category: str


def filed(dice: Random) -> Case:
    """Return a case that somebody filed with some tier or none."""
    case = Case(replace(BENCH, category=dice.choice(["owner_company"] * 4 + [COURT_CHANNEL])))
    wanted = dice.choice([None, 1, 2, 3])
    facts = {**FILING, **({} if wanted is None else {"requested_tier": wanted})}
    people = [actor(Role.RESIDENT), actor(Role.DISPATCHER), actor(Role.DISTRICT_OFFICER)]
    assert case.take("file", dice.choice([*people, *people, *BODIES.values()]), facts)
    return case


def data_for(dice: Random, case: Case, event: str) -> Mapping[str, Any]:
    """Return data that fits the event now, with choices where the rules leave some."""
    named = [one["account"] for one in case.facts.get("mediators", ())]
    ours = [one for one, known in MEDIATORS.items() if known.tier == case.tier]
    someone = dice.choice(list(MEDIATORS))
    later = stamp(case.now + DAY)
    owed = {"who": 2, "what": "修复", "due_at": stamp(case.now + dice.choice([2, 20]) * DAY)}
    made: Mapping[str, Mapping[str, Any]] = {
        "accept": {**DATA["accept"], "mediators": [dice.choice([*ours, someone])]},
        "receive_escalation": {"mediators": [dice.choice([*ours, someone])]},
        "change_mediator": {
            **DATA["change_mediator"], "mediator": someone,
            "replaces": dice.choice(named or [someone]),
        },
        "record_consent": {"party": dice.choice([1, 2])},
        "identify_party": {**DATA["identify_party"], "party": dice.choice([1, 2])},
        "schedule": {**DATA["schedule"], "at": later},
        "adjourn": {**DATA["adjourn"], "next_at": later},
        "reach_terms": {"form": "oral", "obligations": [owed], "minutes": "x"},
        "sign": {"record": "口头同意"} if dice.random() < 0.3 else {"signature": PHOTO},
        "flag_escalation_risk": {"facts": "聚集", "households": dice.choice([1, 60])},
        "obligation_overdue": {},
        "reject_terms": {}, "escalate": {}, "start_performance": {}, "close_failed": {},
    }  # fmt: skip
    return made.get(event, DATA.get(event, {}))


def walk(seed: int, length: int = 90) -> Iterator[Taken]:
    """Yield a sequence of legal events from the filing of a case on."""
    dice = Random(seed)  # noqa: S311 — a test's choices, not a secret
    case = filed(dice)
    kind = case.bench.category
    yield Taken("file", actor(Role.RESIDENT), {}, case.facts, -DAY, case.state, kind)
    for _ in range(length):
        case.now += dice.choice([HOUR, HOUR, 12 * HOUR, 3 * DAY])
        known = [e for e in GOING_ON if (e, case.state) in DISPUTE_CASE.rows]
        if not known:
            return
        weights = [40 if e in MOVING else 1 if e in ENDING else 10 for e in known]
        (event,) = dice.choices(known, weights)
        data = data_for(dice, case, event)
        for who in dice.sample(PEOPLE, len(PEOPLE)):
            before, limit = case.facts, case.due.get("tier_limit")
            if case.take(event, who, _own(event, who, data)):
                over = -DAY if limit is None else case.now - limit
                yield Taken(event, who, before, case.facts, over, case.state, kind)
                break


def _own(event: str, who: Actor, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the data as this person sends them: a party names nobody but itself."""
    speaks_for_itself = event == "record_consent" and who.role is not T
    return {} if speaks_for_itself else data


# ── what holds ───────────────────────────────────────────────────────────────


def up_by_one_or_redirected_down(taken: Taken) -> bool:
    """The tier changes by escalation, one up, and by a redirect to where cases begin."""
    before, after = taken.before.get("tier", taken.after["tier"]), taken.after["tier"]
    if taken.event == "escalate":
        return bool(after == before + 1 <= 3)
    if taken.event == "redirect":
        return bool(after == taken.after["entry_tier"] < before)
    return bool(after == before)


def mediated_in_every_tier_below(taken: Taken) -> bool:
    """The tiers that accepted the case follow one another from the first that may."""
    accepted = [stay["tier"] for stay in taken.after["tiers"] if stay.get("accepted_at")]
    rising = accepted == list(range(accepted[0], accepted[0] + len(accepted))) if accepted else True
    begins = not accepted or accepted[0] == taken.after["entry_tier"]
    return rising and (begins or may_begin_above(taken))


def may_begin_above(taken: Taken) -> bool:
    """Fee arrears may go through the court's channel; a district leader may order a case."""
    return bool(taken.after["ordered"]) or taken.category == COURT_CHANNEL


def handed_up_after_a_session_or_its_time(taken: Taken) -> bool:
    """No tier hands over what it neither sat on nor let run out."""
    if taken.event != "escalate":
        return True
    return taken.after["tiers"][-2]["sessions"] > 0 or taken.over >= NONE


def by_itself_a_day_late_or_in_danger(taken: Taken) -> bool:
    """The service hands up a day after the limit, or at once when danger demands it."""
    by_itself = taken.event == "escalate" and taken.who.role is Role.SYSTEM
    return not by_itself or taken.over >= DAY or bool(taken.before.get("risk"))


def taken_over_by_that_tier_alone(taken: Taken) -> bool:
    """A mediator acts in the own tier; those named are of it once it has taken the case."""
    acts = taken.who.role is not T or taken.who.tier == taken.before.get("tier", taken.who.tier)
    named = [MEDIATORS[one["account"]].tier for one in taken.after.get("mediators", ())]
    seated = taken.state in ("accepted", "scheduled", "in_session", "adjourned")
    return acts and (not seated or {*named} == {taken.after["tier"]})


def dated_as_filed(taken: Taken) -> bool:
    """Whatever happens, the filing date stays."""
    return bool(taken.after["filed_at"] == stamp(OPENED))


RULES = (
    up_by_one_or_redirected_down, mediated_in_every_tier_below,
    handed_up_after_a_session_or_its_time, by_itself_a_day_late_or_in_danger,
    taken_over_by_that_tier_alone, dated_as_filed,
)  # fmt: skip


@pytest.mark.parametrize("holds", RULES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_it_holds_through_every_legal_sequence(holds, seed):
    for taken in walk(seed):
        assert holds(taken), f"{taken.event} by {taken.who.role}, then {taken.state}"


def test_the_sequences_climb_to_the_last_tier_and_are_redirected():
    taken = [each for seed in range(60) for each in walk(seed)]

    climbed = {each.after["tier"] for each in taken if each.event == "escalate"}
    assert climbed == {2, 3}
    assert {each.event for each in taken} >= {"redirect", "receive_redirect", "adjourn", "sign"}
    begun = {each.after["tier"] for each in taken if each.event == "accept"}
    assert begun == {1, 2, 3}
