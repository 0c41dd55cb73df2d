"""Who of a mediation body hears when a clock of its case speaks (RULINGS 25)."""

import pytest
from sqlalchemy import text

from service.core.errors import ValidationFailed
from tests.support.any_story import AnyStory
from tests.support.roads import made
from tests.support.roads.dispute_case import ROAD
from tests.support.story import Story

pytestmark = pytest.mark.db


def told(story: AnyStory, clock: str, level: int) -> list[dict[str, str]]:
    """Return the names and duties that a rung of a clock told."""
    found = story.conn.execute(
        text("SELECT told FROM escalation WHERE ticket_id = :id AND clock = :clock"
             " AND level = :level"),
        {"id": story.order, "clock": clock, "level": level},
    ).scalar_one()  # fmt: skip
    names = {str(actor.id): name for name, actor in story.house.actors.items()}
    return [{**one, "account": names[one["account"]]} for one in found]


def test_before_anybody_is_named_every_mediator_of_the_tier_is_warned(story: Story) -> None:
    ROAD.open(story)

    story.pass_time(days=2)

    assert {one["account"] for one in told(story, "screen", -1)} == {"mediator", "mediator_beside"}


def test_a_missed_duty_is_told_to_the_head_of_the_body_alone(story: Story) -> None:
    ROAD.open(story)

    story.pass_time(days=3, milliseconds=1)

    assert told(story, "screen", 0) == [{"role": "body_head", "account": "mediator"}]


def test_the_mediators_that_the_case_names_are_warned_not_their_colleagues(story: Story) -> None:
    ROAD.open(story)
    ROAD.walk(story, "screening")
    for leg in ROAD.legs[1:4]:
        ROAD.step(story, leg)
    named = {"mediators": [story.account("mediator_beside")], "class": "general", "grade": "low"}
    story.fire("accept", "mediator", data=named)

    story.pass_time(days=4)

    assert told(story, "tier_limit", -1) == [{"role": "mediator", "account": "mediator_beside"}]


def test_an_escalated_case_is_the_next_tiers_matter(story: Story) -> None:
    ROAD.open(story)
    ROAD.walk(story, "in_session")
    data = {"reason": "补证", "next_step": "鉴定", "next_at": story.after(days=1), "minutes": "x"}
    story.fire("adjourn", "mediator", data=data)
    story.fire("escalate", "resident", data={})

    story.pass_time(days=3, milliseconds=1)

    warned = {one["account"] for one in told(story, "take_over", -1)}
    assert warned == {"mediator_t2", "mediator_t2_beside"}
    assert [one["account"] for one in told(story, "take_over", 0)] == ["mediator_t2"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("is_lead = false", {"mediator", "mediator_beside"}),  # no head: the body itself
        ("active = false", {"street_officer"}),  # no body: who answers for the area
    ],
)
def test_a_duty_without_a_holder_falls_to_the_next(
    story: Story, change: str, expected: set[str]
) -> None:
    ROAD.open(story)
    story.conn.execute(text(f"UPDATE account SET {change} WHERE role = 'mediator'"))

    story.pass_time(days=3, milliseconds=1)

    found = told(story, "screen", 0)
    assert {one["account"] for one in found} == expected
    assert {one["instead_of"] for one in found} == {"body_head"}


def test_a_party_is_named_by_an_account_or_not_at_all(story: Story) -> None:
    resident, firm = made(ROAD.facts, story)["parties"]
    parties = [{**resident, "account": "张三"}, firm]

    with pytest.raises(ValidationFailed) as refused:
        ROAD.open(story, facts={"parties": parties, "request": "重做防水"})

    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/facts/parties/0/account", "not_a_uuid")
    ]
