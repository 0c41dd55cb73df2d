"""Each row of the table of reactions: what it opens or fires, once, and shown from both sides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.jobs.reactions import TOPICS
from tests.commands.conftest import story
from tests.support.roads import Road, road_of
from tests.support.story import Story

__all__ = ["story"]

MINUTE = timedelta(minutes=1)
COUNTED = ("ticket", "event", "clock", "ticket_cause", "assignment", "credit_event", "ledger_entry")


# ── the causes ───────────────────────────────────────────────────────────────


def _merged(told: Story) -> None:
    told.submit()
    first = told.order
    told.submit()
    told.fire("merge", "dispatcher", data={"into": str(first)})


def _reworked(told: Story) -> None:
    told.until("awaiting_confirmation")
    for _ in range(3):
        told.fire("refuse_confirmation", "resident")
        told.until_again()


def _fund_refused(told: Story, urgency: str = "emergency") -> None:
    told.submit("committee", category="roof", place="b2", urgency=urgency)
    accepted = {"category": "roof", "urgency": urgency, "part": "common",
                "responsible": "company", "class": "major"}  # fmt: skip
    told.fire("accept", "dispatcher", data=accepted)
    for event, by in (("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
                      ("make_safe", "crew")):  # fmt: skip
        told.fire(event, by)
    finding = {**told.data("diagnose", "crew"), "class": "major", "responsible": "owners"}
    told.fire("diagnose", "crew", data=finding)
    told.fire("need_fund", "crew", data={"plan": "更换屋面", "estimate_fen": 3_000_000})
    refused = {"decision": "refused", "document": told.photo("committee")}
    told.fire("fund_decided", "committee", data=refused)


def _converted(to_kind: str) -> Callable[[Story], None]:
    def make(told: Story) -> None:
        told.submit()
        told.fire("convert", "dispatcher", data={"to_kind": to_kind, "reason": "要求物业赔偿"})

    return make


def _to_mediation(told: Story) -> None:
    _walked(told, "complaint", "accepted")
    told.fire("escalate_to_mediation", "resident", data={"request": "赔偿"})


def _promised(kind: str, who: int = 2) -> Callable[[Story], None]:
    def make(told: Story) -> None:
        _walked(told, "dispute_case", "in_session")
        owed = {"who": who, "what": "重做防水", "where": "2幢", "due_at": told.after(days=5),
                "kind": kind}  # fmt: skip
        told.fire("reach_terms", "mediator", data={"form": "oral", "obligations": [owed]})
        told.fire("sign", "mediator", data={"record": "口头同意"})

    return make


def _cure_ordered(told: Story) -> None:
    """Grade the repair firm basically satisfied and order a cure."""
    road = road_of("vendor_assessment")
    road.open(told)
    told.fire("open", "committee", data={"electors": _electors(told)})
    for voter, grade in (("resident", "satisfied"), ("neighbour", "basically_satisfied")):
        told.fire("grade", voter, data={"grade": grade})
    told.pass_time(days=14, milliseconds=1)
    told.advance(days=5, milliseconds=1)
    told.fire("approve", "committee", data={"event": "fix_grade"})
    told.fire("fix_grade", "street_officer", data={})
    data = {"items": [{"what": "到场不及时"}], "grade": "ordinary", "legal_basis": "合同4.2"}
    told.fire("order_rectification", "committee", data=data)


def _electors(told: Story) -> list[str]:
    return [told.account("resident"), told.account("neighbour")]


def _cure_issued(told: Story) -> None:
    _cure_ordered(told)
    told.relay()
    told.about(told.effect("rectification_order"))
    notice = {"legal_basis": "合同4.2", "penalty_warning": "扣保证金"}
    told.fire("issue_notice", "committee", data=notice)


def _inspected(told: Story) -> None:
    person = {"name": "李经理", "phone": "13800000002"}
    told.fire("acknowledge", "vendor_manager", data={"person": person, "plan": "增派人手"})
    told.fire("start", "vendor_manager", data={})
    filed = [{"n": 1, "files": [told.photo("vendor_manager")]}]
    told.fire("submit_evidence", "vendor_manager", data={"items": filed})
    told.fire("reinspect", "community_officer", data={})


def _cured(told: Story) -> None:
    _cure_issued(told)
    _inspected(told)
    seen = {"items": [{"n": 1, "result": "passed"}]}
    told.fire("check_items", "community_officer", data=seen)
    told.fire("approve", "community_officer", data={"event": "pass"})
    told.fire("pass", "committee", data={})


def _withdrawn(told: Story) -> None:
    _cure_issued(told)
    told.fire("withdraw_notice", "street_officer", data={"reason": "事实不清"})


def _failed(times: int) -> Callable[[Story], None]:
    def make(told: Story) -> None:
        _cure_issued(told)
        for n in range(times):
            if n:
                told.fire("reissue", "committee", data={})
            _inspected(told)
            still = [{"n": 1, "result": "failed", "finding": "仍不及时"}]
            told.fire("fail", "community_officer", data={"items": still})

    return make


def _exited(told: Story) -> None:
    """Give a vendor up after a serious violation, without an assessment behind it."""
    _black_listed(told, ground="serious_violation")
    told.relay()
    told.fire("to_exit", "street_officer", data={"reason": "情节严重"})


def _exited_of_assessment(told: Story) -> None:
    _failed(1)(told)
    told.relay()
    _penalized(told, ground="serious_violation")
    told.fire("to_exit", "street_officer", data={"reason": "情节严重"})


def _black_listed(told: Story, **more: str) -> None:
    _walked(told, "rectification_order", "reinspecting")
    still = [{"n": n, "result": "failed", "finding": "仍无"} for n in (1, 2)]
    told.fire("fail", "community_officer", data={"items": still})
    _penalized(told, **(more or {"ground": "serious_violation"}))


def _penalized(told: Story, **more: str) -> None:
    told.fire("propose_penalty", "committee", data={"step": 4, "violation": "屡教不改", **more})
    for who in ("committee", "street_officer"):
        told.fire("approve", who, data={"event": "penalize"})
    told.fire("penalize", "district_officer", data={})


def _succeeded(told: Story) -> None:
    told.until("en_route")
    _exited(told)
    told.relay()
    told.about(told.effect("vendor_assessment"))
    paper = {"document": told.photo("committee")}
    vote = {"committee": {"seats": 9, "present": 7, "in_favour": 6}, **paper}
    told.fire("vote_exit", "committee", data=vote)
    leaves = {"leaves_at": told.after(days=30), "contract_days": 30, **paper}
    told.fire("give_notice", "committee", data=leaves)
    told.fire("name_successor", "committee", data={"vendor": "v-pool1"})


def _listed(told: Story) -> None:
    _walked(told, "dispute_case", "accepted")
    facts = {"reason": "mediation", "case": str(told.order)}
    told.open("listed_supervision", "mediator", place="lotus", facts=facts)
    told.fire("list", "district_officer", data={"leader": told.account("street_officer")})


def _delisted(told: Story) -> None:
    _listed(told)
    told.relay()
    road = road_of("listed_supervision")
    for leg in road.legs[1:]:
        road.step(told, leg)


def _walked(told: Story, kind: str, state: str) -> None:
    road: Road = road_of(kind)
    road.open(told)
    road.walk(told, state)


# ── the rows ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Row:
    """A cause of a topic; the ticket it leads to: relation, kind, the event taken there."""

    topic: str
    make: Callable[[Story], None]
    relation: str
    kind: str
    event: str
    state: str

    def __str__(self) -> str:
        """Name the case."""
        return f"{self.topic}-{self.kind}-{self.event}"


ROWS = (
    Row("repair_order.merge", _merged, "merged", "repair_order", "absorb", "submitted"),
    Row("repair_order.rectification_request", _reworked, "rework", "rectification_order",
        "record", "found"),
    Row("repair_order.fund_decided", _fund_refused, "danger", "hazard", "report", "reported"),
    Row("repair_order.convert", _converted("complaint"), "converted", "complaint", "receive",
        "received"),
    Row("repair_order.convert", _converted("dispute_case"), "converted", "dispute_case", "file",
        "filed"),
    Row("repair_order.convert", _converted("hazard"), "converted", "hazard", "report",
        "reported"),
    Row("complaint.escalate_to_mediation", _to_mediation, "converted", "dispute_case", "file",
        "filed"),
    Row("dispute_case.repair_request", _promised("repair"), "obligation", "repair_order",
        "submit", "submitted"),
    Row("dispute_case.rectification_request", _promised("rectification"), "obligation",
        "rectification_order", "record", "found"),
    Row("vendor_assessment.order_rectification", _cure_ordered, "cure", "rectification_order",
        "record", "found"),
    Row("rectification_order.pass", _cured, "cured", "vendor_assessment", "cure_passed",
        "retained"),
    Row("rectification_order.withdraw_notice", _withdrawn, "cured", "vendor_assessment",
        "cure_passed", "retained"),
    Row("rectification_order.fail", _failed(3), "cure_failed", "vendor_assessment",
        "cure_failed", "exit_review"),
    Row("rectification_order.to_exit", _exited, "exit", "vendor_assessment", "open_exit",
        "exit_review"),
    Row("rectification_order.to_exit", _exited_of_assessment, "exit", "vendor_assessment",
        "cure_failed", "exit_review"),
    Row("rectification_order.black_list_due", _black_listed, "penalty", "list_decision",
        "propose", "proposed"),
    Row("vendor_assessment.name_successor", _succeeded, "hand_over", "repair_order", "hand_over",
        "assigned"),
    Row("listed_supervision.case_listed", _listed, "supervision", "dispute_case", "list",
        "accepted"),
    Row("listed_supervision.case_delisted", _delisted, "supervision", "dispute_case", "delist",
        "accepted"),
)  # fmt: skip
SCORES = {"sla.breached", "sla.corrected"}


def test_every_reaction_is_told_here() -> None:
    assert {row.topic for row in ROWS} | SCORES == TOPICS


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_follows_happens_once_and_is_seen_from_both_sides(story: Story, row: Row) -> None:
    row.make(story)
    cause = story.order
    story.relay()

    relation, kind, effect = story.effects(cause)[-1]
    assert (relation, kind) == (row.relation, row.kind)
    assert (story.history(effect)[-1], story.state(effect)) == (row.event, row.state)
    assert (relation, story.row(cause).kind, cause) in story.causes(effect)
    assert given_up(story) == []

    before = counted(story)
    again(story)
    assert counted(story) == before


# ── scores: no ticket follows, a vendor's points do ──────────────────────────


def late(told: Story) -> None:
    """Let an order fall due in the hands of the repair firm."""
    told.until("en_route")
    told.pass_time(hours=24, milliseconds=1)


def test_a_breach_costs_a_point_once(story: Story) -> None:
    late(story)

    assert story.points("v-lotus") == [(-1, "handling_breached")]
    again(story)
    assert story.points("v-lotus") == [(-1, "handling_breached")]


def test_a_late_report_gives_the_point_back_once(story: Story) -> None:
    story.until("in_progress")
    due = story.clock("handle").due_at
    story.pass_time(hours=25)
    story.fire("complete_work", "crew", occurred_at=due - MINUTE)
    story.relay()

    expected = [(-1, "handling_breached"), (1, "breach_withdrawn")]
    assert story.points("v-lotus") == expected
    again(story)
    assert story.points("v-lotus") == expected


# ── when nothing follows ─────────────────────────────────────────────────────


def _fund_refused_without_danger(told: Story) -> None:
    _fund_refused(told, "normal")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(_failed(1), id="cure-failed-once"),
        pytest.param(_fund_refused_without_danger, id="fund-refused-without-danger"),
        pytest.param(_promised("rectification", who=1), id="promised-by-a-household"),
    ],
)
def test_nothing_follows_and_nothing_is_given_up(
    story: Story, make: Callable[[Story], None]
) -> None:
    make(story)
    cause = story.order

    story.relay()

    assert story.effects(cause) == []
    assert given_up(story) == []


def test_a_cure_without_an_assessment_leads_to_nothing(story: Story) -> None:
    _walked(story, "rectification_order", "closed_passed")

    story.relay()

    assert story.effects() == []
    assert given_up(story) == []


# ── once more ────────────────────────────────────────────────────────────────


def again(told: Story) -> None:
    """Let every letter be read a second time, and everything that follows happen again."""
    told.conn.execute(text("UPDATE outbox SET sent_at = NULL"))
    told.conn.execute(
        text("UPDATE delivery SET sent_at = NULL, lease_until = NULL WHERE channel = 'reaction'")
    )
    told.relay()


def counted(told: Story) -> dict[str, int]:
    """Return how many rows there are of all that a follow-up may write."""
    return {
        table: told.conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        for table in COUNTED
    }


def given_up(told: Story) -> list[Any]:
    """Return the follow-ups that were refused for good."""
    return list(
        told.conn.execute(
            text("SELECT body->>'topic', last_error FROM delivery WHERE dead_at IS NOT NULL")
        )
    )
