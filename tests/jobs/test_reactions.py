"""What follows in another ticket."""

import re
from uuid import UUID

from service.jobs import reactions, rounds
from tests.support.live import Live
from tests.support.sources import ROOT


def merged(live: Live) -> tuple[UUID, UUID]:
    """Merge a second order into the first; return (master, follower)."""
    live.story.submit()
    master = live.story.order
    live.story.submit()
    follower = live.story.order
    live.story.fire("merge", "dispatcher", data={"into": str(master)})
    assert master
    assert follower
    return master, follower


def history(live: Live, ticket: UUID) -> list[str]:
    live.story.order = ticket
    return live.story.history()


def test_the_master_absorbs_its_follower_once(live: Live) -> None:
    master, _ = merged(live)

    rounds.relay_round(live.app)
    live.do("UPDATE outbox SET sent_at = NULL")
    live.do("UPDATE delivery SET sent_at = NULL, lease_until = NULL")
    rounds.relay_round(live.app)

    assert history(live, master) == ["submit", "absorb"]
    assert live.value("SELECT count(*) FROM delivery WHERE sent_at IS NULL") == 0


def test_a_master_that_was_merged_itself_hands_its_followers_on(live: Live) -> None:
    first, follower = merged(live)
    live.story.submit()
    second = live.story.order
    live.story.order = first
    live.story.fire("merge", "dispatcher", data={"into": str(second)})

    rounds.relay_round(live.app)

    assert history(live, first) == ["submit", "merge"]
    followers = live.rows("SELECT ticket_id, row->>'ticket' FROM ticket_child")
    assert set(followers) == {(second, str(first)), (second, str(follower))}


def test_an_absorbed_master_hands_its_followers_on(live: Live) -> None:
    first, follower = merged(live)
    rounds.relay_round(live.app)
    live.story.submit()
    second = live.story.order
    live.story.order = first
    live.story.fire("merge", "dispatcher", data={"into": str(second)})

    rounds.relay_round(live.app)

    followers = live.rows(
        "SELECT row->>'ticket' FROM ticket_child WHERE ticket_id = :id", id=second
    )
    assert {row[0] for row in followers} == {str(first), str(follower)}


def test_a_follow_up_the_rules_refuse_is_given_up(live: Live) -> None:
    master, _ = merged(live)
    live.story.order = master
    live.story.fire("cancel", "dispatcher")

    rounds.relay_round(live.app)

    assert history(live, master) == ["submit", "cancel"]
    assert live.value("SELECT last_error FROM delivery WHERE dead_at IS NOT NULL") == (
        "IllegalTransition"
    )


def test_every_reaction_has_a_topic_that_a_workflow_sends(live: Live) -> None:
    registry = live.app.ports.registry
    sent = {f"{kind}.{event}" for kind, workflow in registry.items() for event in workflow.events}
    files = (ROOT / "service/workflows").glob("*.py")
    source = "".join(path.read_text("utf-8") for path in files)
    notices = set(re.findall(r'^[A-Z_]+ = "([a-z_]+\.[a-z_]+)"$', source, re.MULTILINE))

    assert sent | notices | {"sla.breached", "sla.corrected"} >= reactions.TOPICS
