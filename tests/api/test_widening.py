"""A note is widened by its author alone, never narrowed, and the history tells (S-56)."""

import pytest

from tests.support.http import Http
from tests.support.mediation import (
    PARTY_1,
    PARTY_2,
    SAME_BODY,
    SEES_ALL,
    faults,
    filed,
    readers,
    wrote,
)


@pytest.fixture
def case(http: Http) -> str:
    """A case before the community's mediators."""
    return filed(http)


def test_the_author_lets_more_people_read(http: Http, case: str) -> None:
    noted = wrote(http, case)
    path = f"{case}/notes/{noted['id']}/level"

    shared = http.post(path, {"level": "shared", "party": 1}, "mediator")
    assert readers(http, case) == {"mediator", SAME_BODY, *PARTY_1}
    recorded = http.post(path, {"level": "recorded"}, "mediator")

    assert shared.get_json() == {**noted, "level": "shared", "party": 1}
    assert recorded.get_json()["level"] == "recorded"
    assert readers(http, case) == {"mediator", SAME_BODY, *PARTY_1, *PARTY_2, *SEES_ALL}
    lines = http.get(f"{case}/events", "manager").get_json()["data"][-2:]
    assert [line["data"] for line in lines] == [
        {"note": noted["id"], "level": "shared", "widened": True},
        {"note": noted["id"], "level": "recorded", "widened": True},
    ]


@pytest.mark.parametrize(
    ("written", "asked", "allowed"),
    [
        ("shared", "private", ["recorded"]),
        ("shared", "shared", ["recorded"]),
        ("recorded", "shared", []),
        ("recorded", "recorded", []),
        ("private", "private", ["shared", "recorded"]),
    ],
)
def test_a_note_never_becomes_narrower(
    http: Http, case: str, written: str, asked: str, allowed: list[str]
) -> None:
    noted = wrote(http, case, level=written)

    refused = http.post(f"{case}/notes/{noted['id']}/level", {"level": asked}, "mediator")

    assert faults(refused) == [("/level", "not_allowed", allowed)]
    assert len(http.get(f"{case}/events", "mediator").get_json()["data"]) == 2


def test_the_party_must_be_one_there_is(http: Http, case: str) -> None:
    path = f"{case}/notes/{wrote(http, case)['id']}/level"

    unknown = http.post(path, {"level": "shared", "party": 9}, "mediator")
    senseless = http.post(path, {"level": "recorded", "party": 1}, "mediator")

    assert faults(unknown) == [("/party", "not_allowed", ["1", "2"])]
    assert faults(senseless) == [("/party", "not_allowed", [])]


@pytest.mark.attack
def test_nobody_but_the_author_does_it(http: Http, case: str) -> None:
    private = f"{case}/notes/{wrote(http, case)['id']}/level"
    shared = f"{case}/notes/{wrote(http, case, level='shared')['id']}/level"
    wider = {"level": "recorded"}

    assert http.post(shared, wider, SAME_BODY).status_code == 403
    for who in (SAME_BODY, "resident", "dispatcher"):
        unseen = http.post(private, wider, who)
        assert (unseen.status_code, unseen.get_json()["code"]) == (404, "not-found"), who
    assert http.post(private, {"zzz": 1}, SAME_BODY).status_code == 404
    assert http.post(private, wider, "other_dispatcher").status_code == 404
    assert readers(http, case) == {"mediator", SAME_BODY}


def test_a_note_that_is_none_is_absent(http: Http, case: str) -> None:
    other = filed(http)
    elsewhere = wrote(http, other, level="shared")["id"]

    for ident in ("nonsense", elsewhere, "00000000-0000-4000-8000-000000000001"):
        answer = http.post(f"{case}/notes/{ident}/level", {"level": "recorded"}, "mediator")
        assert answer.status_code == 404, ident


def test_a_repeated_call_is_answered_again(http: Http, case: str) -> None:
    path = f"{case}/notes/{wrote(http, case)['id']}/level"
    key = {"Idempotency-Key": "k"}

    first = http.post(path, {"level": "shared"}, "mediator", headers=key)
    again = http.post(path, {"level": "shared"}, "mediator", headers=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.data == again.data
