"""Notes: private, shared with the body, or on record, as their author chose (S-56)."""

import pytest

from service.store import stake
from service.store.unit_of_work import Tx
from tests.support.http import Http
from tests.support.mediation import (
    NEXT_BODY,
    PARTY_1,
    PARTY_2,
    SAME_BODY,
    SECRET,
    SEES_ALL,
    faults,
    filed,
    readers,
    wrote,
)

REPAIRS = "/v1/repair-orders"


@pytest.fixture
def case(http: Http) -> str:
    """A case before the community's mediators."""
    return filed(http)


def test_the_level_is_chosen_before_writing_where_there_is_a_choice(http: Http, case: str) -> None:
    path, text = f"{case}/notes", {"text": "x"}
    levels = ["private", "shared", "recorded"]

    assert faults(http.post(path, text, "mediator")) == [("/level", "required", levels)]
    assert faults(http.post(path, text, "resident")) == [("/level", "required", ["recorded"])]
    odd = faults(http.post(path, {**text, "level": "secret"}, "mediator"))
    assert odd == [("/level", "not_allowed", levels)]


def test_where_there_is_no_choice_a_note_is_on_record(http: Http) -> None:
    path = f"{REPAIRS}/{http.open()['id']}/notes"

    plain = http.post(path, {"text": "x"}).get_json()
    said = http.post(path, {"text": "x", "level": "recorded"})
    refused = http.post(path, {"text": "x", "level": "private", "party": 1})

    assert (plain["level"], plain["party"], said.status_code) == ("recorded", None, 201)
    assert faults(refused) == [
        ("/level", "not_allowed", ["recorded"]), ("/party", "not_allowed", []),
    ]  # fmt: skip


@pytest.mark.attack
@pytest.mark.parametrize("level", ["private", "shared"])
@pytest.mark.parametrize("who", ["resident", "property_manager", "committee", "dispatcher"])
def test_only_a_mediator_keeps_notes_from_others(
    http: Http, case: str, who: str, level: str
) -> None:
    refused = http.post(f"{case}/notes", {"text": "x", "level": level}, who)

    assert faults(refused) == [("/level", "not_allowed", ["recorded"])]
    assert readers(http, case) == set()


def test_who_writes_no_notes_hears_that_before_anything_of_levels(http: Http, case: str) -> None:
    refused = http.post(f"{case}/notes", {"text": "x", "level": "private"}, "manager")

    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden-event")


@pytest.mark.parametrize(
    ("level", "party", "allowed"),
    [("private", 1, []), ("recorded", 1, []), ("shared", 3, ["1", "2"])],
)
def test_only_a_shared_note_is_for_a_party_and_only_for_one_there_is(
    http: Http, case: str, level: str, party: int, allowed: list[str]
) -> None:
    sent = {"text": "x", "level": level, "party": party}

    refused = http.post(f"{case}/notes", sent, "mediator")

    assert faults(refused) == [("/party", "not_allowed", allowed)]


def test_a_note_on_record_is_read_by_all_who_see_the_case(http: Http, case: str) -> None:
    noted = wrote(http, case, "resident", level="recorded")

    assert noted["level"] == "recorded"
    assert readers(http, case) == {"mediator", SAME_BODY, *PARTY_1, *PARTY_2, *SEES_ALL}


def test_a_shared_note_stays_in_the_body(http: Http, case: str) -> None:
    wrote(http, case, level="shared")

    assert readers(http, case) == {"mediator", SAME_BODY}


@pytest.mark.parametrize(("party", "more"), [(1, PARTY_1), (2, PARTY_2)])
def test_a_note_shared_with_a_party_is_read_by_that_one_too(
    http: Http, case: str, party: int, more: tuple[str, ...]
) -> None:
    noted = wrote(http, case, level="shared", party=party)

    assert noted["party"] == party
    assert readers(http, case) == {"mediator", SAME_BODY, *more}


@pytest.mark.attack
def test_a_private_note_has_one_reader_and_its_line_too(http: Http, case: str) -> None:
    wrote(http, case)

    assert readers(http, case) == {"mediator"}
    for who in (SAME_BODY, *PARTY_1, *PARTY_2, *SEES_ALL):
        body = http.get(f"{case}/events?count=exact", who).get_json()
        assert "add_note" not in {line["type"] for line in body["data"]}, who
        assert body["total"] == len(body["data"])
        assert http.post(f"{case}/events", {"type": "add_note"}, who).status_code == 422 or (
            who == "auditor"  # has no key that may move anything
        )
    own = http.get(f"{case}/events", "mediator").get_json()["data"][-1]
    assert own["type"] == "add_note"
    assert own["data"] == {"note": own["data"]["note"], "level": "private"}


def test_a_note_on_record_or_shared_leaves_a_line_without_its_words(http: Http, case: str) -> None:
    for level in ("shared", "recorded"):
        noted = wrote(http, case, level=level)
        line = http.get(f"{case}/events", "property_manager").get_json()["data"][-1]
        assert line["data"] == {"note": noted["id"], "level": level}
    assert SECRET not in http.get(f"{case}/events", "mediator").text


@pytest.mark.attack
def test_the_next_body_reads_what_is_on_record_not_what_the_one_before_shared(
    http: Http, case: str
) -> None:
    """The file goes up with an escalation; the talk of the body below does not."""
    wrote(http, case, level="shared")
    wrote(http, case, level="recorded", text="双方到场")
    _handed_up(http, case)

    notes = http.get(f"{case}/notes", NEXT_BODY).get_json()["data"]

    assert [note["text"] for note in notes] == ["双方到场"]


def _handed_up(http: Http, case: str) -> None:
    """Let the next tier see the case, as an escalation does."""
    holder = {"holder": "tier:2", "ticket_id": case.rpartition("/")[2]}
    stake.add(Tx(http.story.conn), [holder])
