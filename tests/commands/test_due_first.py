"""What fell due happens before a person's event, whether a sweeper came by or not."""

from typing import Any

import pytest

from service.core.errors import IllegalTransition, VersionMismatch

pytestmark = pytest.mark.db

GRADED = {"grade": "immediate", "finding": "通道全部堵死", "vendor": "v-lotus"}


def graded(story: Any) -> None:
    """Open a hazard that must be cured within a day."""
    facts = {"found_by": "patrol"}
    story.open("hazard", "community_officer", category="hazard_fire", facts=facts)
    story.fire("grade", "community_officer", data=GRADED)


def warning(story: Any) -> dict[str, Any]:
    return {"photos": [story.photo("vendor_manager")]}


def test_at_the_due_time_nothing_has_fallen_due(story):
    graded(story)
    story.advance(hours=24)

    story.fire("warn", "vendor_manager", data=warning(story))

    assert story.state() == "warned"


def test_one_tick_later_the_service_came_first(story):
    graded(story)
    story.advance(hours=24, milliseconds=1)

    with pytest.raises(IllegalTransition):
        story.fire("warn", "vendor_manager", data=warning(story))

    story.sweep()
    assert story.state() == "overdue"


def test_an_event_that_is_legal_only_after_what_fell_due_is_taken(story):
    graded(story)
    story.advance(hours=24, milliseconds=1)
    evidence = {"report": "已清空", "photos": [story.photo("vendor_manager")]}

    story.fire("submit_evidence", "vendor_manager", data=evidence)

    assert story.state() == "evidence"
    assert story.history()[-2:] == ["expire", "submit_evidence"]


def test_a_version_from_before_is_stale(story):
    graded(story)
    version = story.row().version
    story.advance(hours=24, milliseconds=1)
    evidence = {"report": "已清空", "photos": [story.photo("vendor_manager")]}

    with pytest.raises(VersionMismatch):
        story.fire("submit_evidence", "vendor_manager", data=evidence, expected_version=version)
