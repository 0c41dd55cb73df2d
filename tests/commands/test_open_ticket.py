"""Opening an order: number, clocks, refusals, repeats."""

from uuid import UUID

import pytest
from sqlalchemy import text

from service.core.errors import AlreadyExists, ForbiddenEvent, ValidationFailed
from tests.support.story import Story


def test_an_order_gets_a_number_of_its_day_and_an_acknowledgement_clock(story: Story) -> None:
    opened = story.submit()

    assert opened.ticket["number"] == "RO-20261121-0001"
    assert opened.ticket["state"] == "submitted"
    assert opened.ticket["version"] == 1
    assert [c.name for c in opened.clocks] == ["ack"]
    assert story.clock("ack").due_at.isoformat() == "2026-11-21T00:15:00+00:00"


def test_the_second_order_of_a_day_gets_the_next_number(story: Story) -> None:
    story.submit()

    assert story.submit().ticket["number"] == "RO-20261121-0002"


def test_the_day_of_the_number_is_the_places_own(story: Story) -> None:
    story.advance(hours=16)  # midnight in Shanghai

    assert story.submit().ticket["number"] == "RO-20261122-0001"


def test_names_and_phones_stay_out_of_the_history(story: Story) -> None:
    story.submit()

    line = story.conn.execute(text("SELECT data::text || effects::text FROM event")).scalar_one()
    assert "张三" not in line
    assert "13800000001" not in line


@pytest.mark.parametrize("place", ["nowhere", "b5"], ids=["unknown", "other district"])
def test_an_unknown_place_and_a_foreign_one_are_refused_alike(story: Story, place: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        story.submit(place=place)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/place", "unknown_place")]


def test_an_order_sits_on_a_compound_or_below(story: Story) -> None:
    with pytest.raises(ValidationFailed):
        story.submit(place="dongjie")


def test_every_fault_is_told_at_once(story: Story) -> None:
    with pytest.raises(ValidationFailed) as refused:
        story.submit(category="castle", urgency="soon", facts={"origin": "moon", "colour": "red"})

    assert {e.pointer for e in refused.value.errors} == {
        "/category", "/urgency", "/facts/origin", "/facts/colour",
    }  # fmt: skip


def test_a_resident_reports_the_stairs_of_the_own_building(story: Story) -> None:
    opened = story.submit(by="resident", place="b2", category="public_lighting")

    assert opened.ticket["place_id"] == "b2"


def test_a_resident_does_not_report_for_the_neighbour(story: Story) -> None:
    with pytest.raises(ValidationFailed):
        story.submit(by="resident", place="h-2-102")


def test_an_auditor_opens_nothing(story: Story) -> None:
    with pytest.raises(ForbiddenEvent):
        story.submit(by="auditor")


def test_the_same_id_with_the_same_content_opens_once(story: Story) -> None:
    ident = UUID("018f0000-0000-7000-8000-000000000001")
    story.submit(id=ident, fingerprint=b"same")

    again = story.submit(id=ident, fingerprint=b"same")

    assert again.how == "duplicate"
    assert story.conn.execute(text("SELECT count(*) FROM ticket")).scalar_one() == 1


@pytest.mark.parametrize(("by", "content"), [("dispatcher", b"other"), ("crew", b"same")])
def test_a_taken_id_is_refused(story: Story, by: str, content: bytes) -> None:
    ident = UUID("018f0000-0000-7000-8000-000000000001")
    story.submit(id=ident, fingerprint=b"same")

    with pytest.raises(AlreadyExists):
        story.submit(by=by, id=ident, fingerprint=content)


def test_a_dry_run_names_no_attachment_that_is_missing(story: Story) -> None:
    with pytest.raises(ValidationFailed) as refused:
        story.submit(attachments=(UUID(int=7),))

    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/attachments/0", "attachment_missing")
    ]
